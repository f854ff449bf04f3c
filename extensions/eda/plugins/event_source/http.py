# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take in what monitors, clouds and portals send by HTTP, each by its own protocol, and none of it as a way in."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: http
short_description: One hardened HTTP listener for every sender of webhooks
version_added: 0.1.0
author:
  - eventops.infra contributors
description:
  - Listens on one address. Each endpoint, a path, says who may send there and how what they send is read.
  - A delivery is checked as the bytes that came, before anything reads them. It is answered with 202 when its events are kept, and not before.
  - Under the router they are safe on disk then, and a delivery that is repeated is known for good. Alone, they have been handed to the rules,
    and the last 100,000 are known until ansible-rulebook ends.
  - 'What is refused says why, as C(application/problem+json): 400 for what is no JSON, 401 and 403 for senders that may not, 404 and 405, 408 for
    those that take too long, 413 and 415 for bodies that are too large or of another type, 422 for what the adapter cannot read, 429 past the
    rate, and 503 with C(Retry-After) when the store cannot take it.'
  - docs/http.md in the collection shows how each sender is pointed here.
options:
  address:
    description:
      - The address and port to listen on, such as V(127.0.0.1:5000), V([::1]:5000), or V(:5000) for all addresses.
    type: str
    default: 127.0.0.1:5000
  certfile:
    description:
      - A PEM file of the certificate and those that lead to its root. Without it nothing is encrypted.
      - It is loaded again when the file changes. Connections that are open keep the old one.
    type: path
  keyfile:
    description:
      - A PEM file of the certificate's key, when O(certfile) does not have it.
    type: path
  cafile:
    description:
      - A PEM file of the certificates that sign those of the senders. With it, senders are asked for a certificate.
    type: path
  client_certificates:
    description:
      - With O(cafile), whether who has no valid certificate is refused at once. With V(optional) only the endpoints whose O(endpoints.auth) is
        C(client_certificate) need one.
    type: str
    choices: [required, optional]
    default: required
  senders:
    description:
      - The networks that may send, such as V(10.0.0.0/8) or V(2001:db8::/32). From everywhere when absent.
      - It looks at the address that connects. Behind a proxy that is the proxy's.
    type: list
    elements: str
  max_body_bytes:
    description:
      - A larger body is refused.
    type: int
    default: 1048576
  request_seconds:
    description:
      - Seconds within which a request, once begun, must have come in whole.
    type: float
    default: 10
  max_connections:
    description:
      - How many connections there may be. When there are as many, the one that has been idle for longest makes room.
      - At most half of the files that the process may open.
    type: int
    default: 1000
  max_in_flight:
    description:
      - How many deliveries may wait at once for being kept. Further ones are answered with 503.
    type: int
    default: 200
  inventory:
    description:
      - The inventory to find hosts in, when the source is used without the router. Under the router, the router's is used.
    type: path
  endpoints:
    description:
      - What is taken at which path, a mapping of paths to these settings.
    type: dict
    required: true
    suboptions:
      adapter:
        description:
          - How the payload is read. The name of an adapter, or a mapping of its name to its settings.
          - Without one, what comes is an C(event.received), with the body as C(data.payload).
        type: raw
      auth:
        description:
          - How senders are known. A mapping of one scheme to its settings, or a list of such, of which any suffices.
          - The schemes are C(bearer), C(basic), C(key), C(hmac), C(netbox), C(github), C(gitlab), C(standard_webhooks), C(sns) and
            C(client_certificate).
          - Needed, unless O(endpoints.insecure) is written.
        type: raw
      insecure:
        description:
          - Anybody who reaches it may send. It stands instead of O(endpoints.auth).
        type: bool
        default: false
      unread:
        description:
          - What becomes of a payload that the adapter cannot read. V(refuse) answers with 422. V(keep) keeps it as an C(event.received) that no rule acts upon.
        type: str
        choices: [refuse, keep]
        default: refuse
      keep_payload:
        description:
          - Whether the body stays beside the envelope as C(event.payload), for rules that were written for another webhook source.
        type: bool
        default: false
      headers:
        description:
          - Headers that events keep, in C(data.headers) with their names in lower case. No others are kept.
        type: list
        elements: str
        default: []
      senders:
        description:
          - Like O(senders), for this endpoint.
        type: list
        elements: str
      rate:
        description:
          - How often senders that are known may deliver. Past it, they are told when to come again (429).
        type: dict
        suboptions:
          per_second:
            description:
              - Deliveries in a second, in the long run.
            type: float
            required: true
          burst:
            description:
              - Deliveries at once. As many as in a second when absent.
            type: int
      max_body_bytes:
        description:
          - Like O(max_body_bytes), for this endpoint.
        type: int
      cloudevents_origins:
        description:
          - Who may ask, by the OPTIONS request of the CloudEvents webhook specification, whether events may be sent here. Such as V(eventgrid.azure.net).
        type: list
        elements: str
        default: []
      confirm:
        description:
          - A monitor that can be asked whether the problem of a case that nobody confirmed is over. A mapping of its kind, C(alertmanager), to its settings.
          - It is always asked at the address that stands here, never at one that an event names.
        type: raw
"""

EXAMPLES = r"""
- name: Heal what Prometheus reports
  hosts: all
  execution_strategy: parallel
  sources:
    - name: router
      eventops.infra.router:
        sources:
          - name: door
            eventops.infra.http:
              address: 0.0.0.0:5443
              certfile: /etc/eventops/tls.crt
              keyfile: /etc/eventops/tls.key
              endpoints:
                /alertmanager:
                  adapter:
                    alertmanager:
                      hosts: [{label: host}, {label: instance, strip_port: true}]
                  auth:
                    bearer:
                      secrets: [{file: /etc/eventops/alertmanager.token}]
                /netbox:
                  adapter: netbox
                  auth:
                    netbox:
                      secrets: [{env: NETBOX_WEBHOOK_SECRET}]
                  senders: [10.20.0.0/16]
  rules:
    - name: A service is down
      condition: event.type == "alert.firing" and event.data.name == "ServiceDown"
      action:
        run_playbook:
          name: eventops.infra.remediate
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
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.deliveries import Remembered
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.serving import serve
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.settings import read_settings


async def main(queue: Any, args: dict[str, Any]) -> None:
    """Take deliveries in until cancelled."""
    settings = read_settings(args, os.environ)
    keeper = await for_rules(queue, inventory=settings.inventory)
    await serve(settings, keeper, remembered=None if keeper is queue else Remembered())
