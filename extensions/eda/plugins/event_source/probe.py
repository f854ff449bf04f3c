# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check the health of services and hosts, and say when one fails and when it is back."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: probe
short_description: Check the health of services and hosts by HTTP, TCP or a command
version_added: 0.1.0
author:
  - eventops.infra contributors
description:
  - Checks many targets (thousands) at their intervals, a bounded number at once.
  - A target that fails O(fall) times in a row is down. C(alert.firing) says so once, and again every O(repeat) seconds while it stays down.
  - A target that passes O(rise) times in a row is up again, and C(alert.resolved) says so.
  - A check that cannot be made, because this machine ran out of sockets or its name server does not answer, says nothing about its target.
    The log says so.
  - Under the router, the probe also answers whether the problem of a case that nobody confirmed is over.
options:
  checks:
    description:
      - What to check. O(checks), O(inventory_checks) or both are needed.
    type: list
    elements: dict
    suboptions:
      host:
        description:
          - The host of the inventory that the events are about.
        type: str
        required: true
      name:
        description:
          - The service that is checked.
          - A check without a name is about the host itself. It is named C(host).
        type: str
        default: host
      http:
        description:
          - One request. Exactly one of O(checks[].http), O(checks[].tcp) and O(checks[].command) is needed.
        type: dict
        suboptions:
          url:
            description:
              - An C(http://) or C(https://) URL.
            type: str
            required: true
          method:
            description:
              - The method of the request.
            type: str
            choices: [GET, HEAD]
            default: GET
          status:
            description:
              - The codes of a healthy answer. Any 2xx when absent.
            type: list
            elements: int
          contains:
            description:
              - A text that the first mebibyte of a healthy answer contains.
            type: str
          headers:
            description:
              - Headers of the request. They never appear in an event or a message.
            type: dict
          verify:
            description:
              - Whether the server's TLS certificate must be valid.
            type: bool
            default: true
          cafile:
            description:
              - A file of the certificates that sign the server's, instead of the system's.
            type: path
          follow_redirects:
            description:
              - Whether a redirect is followed. A redirect that is not is an answer like any other, with a status of 3xx.
            type: bool
            default: false
      tcp:
        description:
          - One connection.
        type: dict
        suboptions:
          port:
            description:
              - The port to connect to.
            type: int
            required: true
          address:
            description:
              - The address or name to connect to. The host's C(ansible_host) when absent, else the host's name.
            type: str
      command:
        description:
          - A program and its arguments, which runs on the machine of the probe without a shell. Exit code 0 is healthy.
          - What it prints first is in the event. When time is up it is killed, with everything that it started in its process group.
        type: list
        elements: str
      interval:
        description:
          - Like O(interval), for this check.
        type: float
      timeout:
        description:
          - Like O(timeout), for this check.
        type: float
      rise:
        description:
          - Like O(rise), for this check.
        type: int
      fall:
        description:
          - Like O(fall), for this check.
        type: int
      severity:
        description:
          - Like O(severity), for this check.
        type: str
        choices: [critical, error, warning, info]
      alert:
        description:
          - The name of the alert, in C(data.name). V(ServiceDown) when absent, V(HostDown) for a check of the host itself.
        type: str
      description:
        description:
          - A text for the people who read the alert.
        type: str
  inventory_checks:
    description:
      - The name of a host variable. In every host that has it, it is a list of services, each with a C(name) and a C(check).
        A C(check) takes what an entry of O(checks) takes, except for C(host) and C(name). Other keys are left to others.
      - Variables may be templates with Jinja's own filters.
      - When the inventory changes, so does what is checked. A problem of a target that is gone is called resolved.
      - An entry of O(checks) with the same host and name wins.
    type: str
  interval:
    description:
      - Seconds from the start of a check to the start of the next of the same target, and between two looks at the inventory.
    type: float
    default: 10
  timeout:
    description:
      - Seconds after which a check without a result has failed.
    type: float
    default: 5
  rise:
    description:
      - Healthy results in a row that make a target up.
    type: int
    default: 2
  fall:
    description:
      - Failed results in a row that make a target down.
    type: int
    default: 3
  severity:
    description:
      - The severity of the alerts.
    type: str
    choices: [critical, error, warning, info]
    default: critical
  repeat:
    description:
      - Seconds between two C(alert.firing) of a target that stays down.
    type: float
    default: 300
  max_concurrent:
    description:
      - How many checks run at once.
    type: int
    default: 200
  resolve_at_start:
    description:
      - Whether C(alert.resolved) is also said of a target that is up when it is first known after a start.
        It closes the case of a service that recovered while the probe was not running. Where there is no case it changes nothing.
    type: bool
    default: true
  inventory:
    description:
      - The inventory to find hosts in, when the probe is used without the router. Under the router, the router's is used.
    type: path
"""

EXAMPLES = r"""
# Under the router, with services from the inventory (see below) and two more checks
- name: Heal what is down
  hosts: all
  execution_strategy: parallel
  sources:
    - name: router
      eventops.infra.router:
        sources:
          - name: health
            eventops.infra.probe:
              interval: 10
              inventory_checks: eventops_services
              checks:
                - host: web-01
                  tcp: {port: 22}
                - name: orders
                  host: queue-01
                  command: [/usr/lib/nagios/plugins/check_procs, -c, "1:", -C, orders]
                  interval: 60
                  severity: error
  rules:
    - name: A service is down
      condition: event.type == "alert.firing" and event.data.name == "ServiceDown"
      action:
        run_playbook:
          name: eventops.infra.remediate

# Host variables, in group_vars/web.yml
# eventops_services:
#   - name: web
#     check:
#       http: {url: "https://{{ inventory_hostname }}/health", contains: ok}
#       fall: 2
#     start: {systemd: nginx.service}

# Alone, without the router
- name: Say what is down
  hosts: all
  sources:
    - eventops.infra.probe:
        inventory: /etc/eventops/inventory
        checks:
          - name: web
            host: web-01
            http: {url: "http://192.0.2.10:8081/", status: [200]}
  rules:
    - name: A service is down
      condition: event.type == "alert.firing"
      action:
        debug:
          msg: "{{ event.data.summary }}"
"""

import socket
import sys
from pathlib import Path
from typing import Any

# ansible-rulebook runs this file by its path, so the collection is not importable yet. Not `resolve()`: a checkout may be a symlink.
_COLLECTIONS_ROOT = str(Path(__file__).absolute().parents[7])
if _COLLECTIONS_ROOT not in sys.path:
    sys.path.insert(0, _COLLECTIONS_ROOT)

from ansible_collections.eventops.infra.plugins.plugin_utils.alone import for_rules
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.monitor import Monitor
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.settings import read_settings


async def main(queue: Any, args: dict[str, Any]) -> None:
    """Watch the targets until cancelled."""
    settings = read_settings(args)
    queue = await for_rules(queue, inventory=settings.inventory)
    await Monitor(settings, queue, source=f"probe:{socket.gethostname()}").run()
