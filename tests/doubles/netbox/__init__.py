# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A double of NetBox: a small real server that answers as NetBox 4.6.8 was recorded to, and as other versions differ.

    from ansible_collections.eventops.infra.tests.doubles.netbox import running_netbox

    with running_netbox(version="4.6.8") as netbox:      # in a thread of its own: for tests with an event loop, without one, and with subprocesses
        netbox.url, netbox.token, netbox.header()        # of the superuser admin; token_v1 is of version 1
        token = netbox.add_user("events", {"virtualization.virtualmachine": ["view"], "core.objectchange": ["view"]})

Objects, without HTTP. Fields and their checks are those of the REST API; what comes back is the object as it is kept, flat and with its id:

    vm = netbox.create("virtualization.virtualmachine", name="web01", cluster=1)          # a model, or the path of its endpoint
    netbox.update("virtualization.virtualmachine", vm["id"], status="staged")
    netbox.delete("virtualization.virtualmachine", vm["id"])
    netbox.get(model, id), netbox.all(model), netbox.find(model, name="web01"), netbox.virtual_machines, netbox.journal_entries, netbox.changes(action="create")

Transactions: ids and times of the change log are those of the write, rows appear at the commit.

    with netbox.transaction(user="admin") as changes:    # or changes = netbox.begin() ... changes.commit() / changes.rollback()
        changes.create(...), changes.update(...), changes.delete(...)
    netbox.write_pause = 0.01                            # seconds after each object of a request to the API: bulk requests take their time
    netbox.commit_delay = 0.5                            # seconds, or a function from the Request to seconds, before each commit of the API
    with netbox.hold_commits(): ...                      # no commit of the API until the end of the block
    netbox.prune_before(time)                            # retention of the change log

Webhooks: one worker, one try, no timeout.

    netbox.add_webhook("http://127.0.0.1:5000/netbox", ["virtualization.virtualmachine"], secret="s3cret")   # a webhook and its event rule
    netbox.deliveries                                    # body, headers, status, error, seconds that the worker waited, is_lost
    netbox.redeliver(*netbox.deliveries[-2:])            # the same bodies again
    netbox.workers = 4; netbox.worker.pause = lambda delivery: random() / 10      # out of order; 0 workers keep all in the queue
    netbox.queue_is_down = True                          # writers get 500, the object is committed, its webhook is lost
    netbox.wait_for_webhooks()                           # until the queue is empty; in a thread when the receiver is in the test's loop

What goes wrong on purpose (faults.Fault):

    netbox.fail(503, times=3), netbox.fail(403), netbox.fail(drop=True), netbox.fail(hang=60), netbox.fail(delay=2), netbox.fail(500, after=True)
    netbox.fail(503, methods=["GET"], path="object-changes"), netbox.heal()
    with netbox.down(): ...                              # connections are refused
    netbox.version = "4.7.0"                             # an upgrade; netbox.now = a clock
    netbox.requests, netbox.counted()["GET", "/api/status/"]

A query parameter that NetBox does not know is ignored, as NetBox does; one that NetBox knows and the double does not is answered by 501.
What is not in the recorded schema (users, tokens, permissions, config contexts and a few more) follows NetBox's documentation, and says so.
"""

from __future__ import annotations

from .changes import Changes
from .faults import Fault
from .netbox import Asked, NetBox
from .running import Running, running_netbox
from .webhooks import Delivery

__all__ = ["Asked", "Changes", "Delivery", "Fault", "NetBox", "Running", "running_netbox"]
