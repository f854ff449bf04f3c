# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The receiver was down for an hour, by NetBox's clock, with ten thousand changes: how long until all events are in the store, at how many requests?"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from ansible_collections.eventops.infra.tests.doubles.netbox import running_netbox
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

from .netbox_followed import VM, Followed, Lab
from .processors import Busy
from .results import Table, publish, seconds

CHANGES, MACHINES, NEW_MACHINES = 10_000, 500, 1000
LOOK_SECONDS = 0.25
RULES = [{"name": "Take", "condition": 'event.type == "netbox.virtualmachine.updated"', "action": {"none": {}}}]


def test_netbox_backlog(directory, env):
    clock = datetime.now(UTC) - timedelta(hours=1)
    with running_netbox(now=lambda: clock) as netbox:
        lab = Lab(netbox)
        machines = [lab.ready_vm(f"vm-{number}") for number in range(MACHINES)]
        followed = Followed(directory / "netbox", env, netbox, RULES, playbooks={})
        try:
            followed.start()
            followed.wait_until_quiet()
            followed.rulebook.stop()
            for number in range(CHANGES):
                clock += timedelta(hours=1) / CHANGES
                if number % (CHANGES // NEW_MACHINES):
                    netbox.update(VM, machines[number * 7 % MACHINES], comments=f"change {number}")
                else:
                    machines.append(lab.vm(f"new-{number}"))
            before = len(netbox.requests)
            with Busy() as busy:
                began = time.monotonic()
                followed.rulebook.start()
                wait_until(lambda: len(netbox.requests) > before, "the first request", 60, lambda: followed.rulebook.output[-3000:])
                asked_first = time.monotonic()
                while followed.accepted() < CHANGES:  # which asks the one that is measured, too
                    assert followed.rulebook.is_running, followed.rulebook.output[-3000:]
                    time.sleep(LOOK_SECONDS)
                told = time.monotonic()
            followed.wait_until_quiet()
            # What is written back to the objects, one after another, is no part of it.
            requests = sum("journal" not in asked.path for asked in netbox.requests[before:])
        finally:
            followed.close()
    table = Table(f"{CHANGES:,} changes of {len(machines):,} machines while the receiver was down", ["", ""])
    table.rows.append(["all events in the store, after the first request to NetBox", seconds(told - asked_first)])
    table.rows.append(["... after the start of ansible-rulebook", seconds(told - began)])
    table.rows.append(["requests to NetBox, without those for journal entries", f"{requests:,}"])
    table.rows.append(["a request for 100 changes and one for 50 machines would be", f"{CHANGES / 100 + len(machines) / 50:,.0f}"])
    table.rows.append(["processors in use", f"{busy.share:.0%}"])
    table.notes.append("The double, which answers, has a share of the processors, too.")
    figures = {"after_first_request": told - asked_first, "after_start": told - began, "requests": requests, "busy": busy.share}
    publish("netbox_backlog", {"changes": CHANGES, "machines": len(machines), **figures}, table)
