# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Say what is created, changed and deleted in NetBox, and when a machine that is documented there can be worked on."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: netbox
short_description: Every change in NetBox, and the moment at which a documented machine is ready
version_added: 0.1.0
author:
  - eventops.infra contributors
description:
  - 'Raises C(netbox.<model>.created), C(.updated) and C(.deleted) for the changes in NetBox''s change log, each once, with the object as it is now.'
  - 'C(netbox.<model>.ready) is raised once, when the fields are there that the object needs (O(ready)), by default the primary IP of virtual machines and
    devices. Before that nothing is told of updates of the object, nor of the one that made it ready.'
  - NetBox's change log is the authority. It is read at intervals, so what happened while NetBox, the network or this source was down is found. A webhook
    only says where to look at once. What it says itself is not believed.
  - How far the change log has been read, and which objects are not ready yet, is kept in the router's store together with the events, in one step.
  - Rows of the change log can appear up to the length of a transaction late, so an overlap is read again (O(catch_up.overlap)).
  - The token needs the permission to view what O(models) names, C(ipam.ipaddress), C(extras.configcontext), C(extras.tag), C(virtualization.cluster) and
    C(core.objectchange), and to view and add C(extras.journalentry) for O(feedback). The playbook P(eventops.infra.netbox_events#playbook) grants that.
  - docs/netbox.md in the collection shows the whole of it.
requirements:
  - pynetbox >= 7.6
options:
  url:
    description:
      - The address of NetBox, such as V(https://netbox.example.com).
    type: str
    required: true
  token:
    description:
      - An API token of version 1 or 2. A value, or a mapping with C(env) or C(file).
    type: raw
    required: true
  timeout:
    description:
      - Seconds that NetBox has for an answer.
    type: float
    default: 30
  verify:
    description:
      - Whether NetBox's TLS certificate must be valid.
    type: bool
    default: true
  cafile:
    description:
      - A PEM file of the certificates that sign NetBox's, instead of the system's.
    type: path
  certfile:
    description:
      - A PEM file of our own certificate, where NetBox asks for one.
    type: path
  keyfile:
    description:
      - A PEM file of its key, when O(certfile) does not have it.
    type: path
  webhook:
    description:
      - A listener for NetBox's webhooks, by which a change is known at once rather than at the next reading.
      - It takes them as C(eventops.infra.http) does with C(auth) C(netbox), and answers when what they hint at is kept.
    type: dict
    suboptions:
      listen:
        description:
          - The address and port to listen on.
        type: str
        default: 127.0.0.1:5001
      path:
        description:
          - The path that NetBox posts to.
        type: str
        default: /netbox
      secrets:
        description:
          - The webhook's secret, and while it is changed the old one beside it. Each is a value, or a mapping with C(env) or C(file).
        type: list
        elements: raw
        required: true
      certfile:
        description:
          - Like that of C(eventops.infra.http).
        type: path
      keyfile:
        description:
          - Like that of C(eventops.infra.http).
        type: path
      cafile:
        description:
          - Like that of C(eventops.infra.http).
        type: path
      senders:
        description:
          - The networks that may send.
        type: list
        elements: str
  catch_up:
    description:
      - How the change log is read. V(false) leaves it at the webhooks, and what comes while nobody listens is lost then.
    type: raw
    suboptions:
      interval:
        description:
          - Seconds between two readings.
        type: float
        default: 30
      overlap:
        description:
          - How many seconds before the newest row the next reading begins. Longer than the longest transaction in NetBox, such as a large import.
        type: float
        default: 60
      from:
        description:
          - Where the first start begins. V(now), V(all) for all that the change log has, or a time such as V(2026-01-31T12:00:00Z).
        type: str
        default: now
  models:
    description:
      - The types of objects that events are about, such as V(ipam.prefix). For a plugin's type, a mapping of it to its path.
      - 'Such as V({netbox_bgp.bgpsession: plugins/bgp/session}).'
      - A changed primary address, and a changed config context, are told as updates of the machines that they are about.
    type: list
    elements: raw
    default: [virtualization.virtualmachine, dcim.device]
  filters:
    description:
      - 'NetBox''s own query parameters, such as V({site: ams, tag: managed}), for all models. Under a type''s name, for that alone.'
      - NetBox ignores parameters that it does not know, and returns everything. Such a parameter is refused at the start, by NetBox's schema.
    type: dict
    default: {}
  ready:
    description:
      - What an object needs before it can be worked on.
    type: dict
    suboptions:
      within:
        description:
          - Seconds after which C(netbox.<model>.not_ready) says that it still lacks something. They begin when it is created, or when its status is planned or
            decommissioning no longer.
        type: float
        default: 3600
      fields:
        description:
          - A mapping of types to lists of fields, such as C(custom_fields.login_user). An empty list means that nothing is needed.
          - Absent, C(primary_ip) for virtual machines and devices.
        type: dict
  include:
    description:
      - Which parts objects have in events. C(interfaces) and C(ip_addresses) take further requests. What O(ready) and O(connection) name is read anyway.
    type: list
    elements: str
    choices: [config_context, interfaces, ip_addresses, custom_fields, tags]
    default: [config_context, custom_fields, tags]
  connection:
    description:
      - In which field each connection variable of a host stands. They reach playbooks by the inventory P(eventops.infra.cases#inventory).
      - An address loses its mask.
    type: dict
    suboptions:
      ansible_host:
        description:
          - The address to connect to.
        type: str
        default: primary_ip
      ansible_user:
        description:
          - The user to log in as.
        type: str
        default: custom_fields.login_user
      ansible_port:
        description:
          - The port of SSH.
        type: str
  feedback:
    description:
      - What is written to the object in NetBox when a case about it is over, under the router. V(false) for nothing.
    type: raw
    suboptions:
      journal:
        description:
          - Whether a journal entry says how it ended, after how many attempts, and how long it took.
        type: bool
        default: true
      console:
        description:
          - The address that people reach the console at. The entry has a link to the case then.
        type: str
      custom_field:
        description:
          - A custom field of type text that has the state of the newest case. Our own change of it raises no event.
        type: str
      tags:
        description:
          - A mapping of C(resolved), C(exhausted) and C(suppressed) to names of tags, of which the object has that of its newest case.
        type: dict
  inventory:
    description:
      - The inventory to find hosts in, when the source is used without the router. Under the router, the router's is used.
    type: path
  state:
    description:
      - A file to remember in what was read, when the source is used without the router. Without it each start begins anew.
    type: path
"""

EXAMPLES = r"""
- name: Configure what is documented
  hosts: all
  execution_strategy: parallel
  sources:
    - name: router
      eventops.infra.router:
        sources:
          - name: netbox
            eventops.infra.netbox:
              url: https://netbox.example.com
              token: {file: /etc/eventops/netbox.token}
              webhook:
                listen: 0.0.0.0:5001
                certfile: /etc/eventops/tls.crt
                keyfile: /etc/eventops/tls.key
                secrets: [{file: /etc/eventops/netbox.secret}]
              filters: {tag: managed}
  rules:
    - name: A virtual machine can be configured
      condition: event.type == "netbox.virtualmachine.ready" and event.data.object.status.value == "active"
      action:
        run_playbook:
          name: eventops.infra.onboard_vm

# Alone, without the router, by the change log only
- name: Say what changes
  hosts: all
  sources:
    - eventops.infra.netbox:
        url: https://netbox.example.com
        token: {env: NETBOX_TOKEN}
        state: /var/lib/eventops/netbox.state
        models: [ipam.prefix, dcim.site]
        catch_up: {interval: 60}
  rules:
    - name: Something was changed
      condition: event.type is defined
      action:
        debug:
          msg: "{{ event.type }} {{ event.subject }} by {{ event.data.username }}"
"""

import os
import sys
from pathlib import Path
from typing import Any

# ansible-rulebook runs this file by its path, so the collection is not importable yet. Not `resolve()`: a checkout may be a symlink.
_COLLECTIONS_ROOT = str(Path(__file__).absolute().parents[7])
if _COLLECTIONS_ROOT not in sys.path:
    sys.path.insert(0, _COLLECTIONS_ROOT)

from ansible_collections.eventops.infra.plugins.plugin_utils.alone import for_rules
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.settings import read_settings
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.source import run


async def main(queue: Any, args: dict[str, Any]) -> None:
    """Follow NetBox until cancelled."""
    settings = read_settings(args, os.environ)
    keeper = await for_rules(queue, inventory=settings.inventory, state=settings.state)
    try:
        await run(settings, keeper)
    finally:
        keeper.close()
