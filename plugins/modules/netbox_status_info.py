#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: netbox_status_info
short_description: Say which NetBox it is, and whether its workers run
version_added: 0.1.0
description:
  - Asks NetBox for its version and for the number of its background workers. Without a worker NetBox sends no webhook.
  - Warns when no worker runs, and when NetBox is older than what this collection was made for.
extends_documentation_fragment:
  - eventops.infra.netbox
attributes:
  check_mode:
    description: It changes nothing.
    support: full
"""

EXAMPLES = r"""
- name: Look at NetBox
  eventops.infra.netbox_status_info:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_token }}"
  register: looked

- name: Insist on a worker
  ansible.builtin.assert:
    that: looked.workers > 0
"""

RETURN = r"""
version:
  description: The version of NetBox.
  returned: success
  type: str
  sample: 4.6.8
workers:
  description: How many background workers run. The process is called C(netbox-rq) in most installations.
  returned: success
  type: int
  sample: 1
status:
  description: All that NetBox says of itself.
  returned: success
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.netbox.arguments import CONNECTION, connect
from ansible_collections.eventops.infra.plugins.module_utils.netbox.client import NetBoxError
from ansible_collections.eventops.infra.plugins.module_utils.netbox.release import OLDEST, release


def main():
    module = AnsibleModule(argument_spec=CONNECTION, supports_check_mode=True)
    netbox = connect(module)
    try:
        status = netbox.status()
        version = status["netbox-version"]
        is_old = release(version) < OLDEST
    except (NetBoxError, ValueError) as error:
        module.fail_json(msg=str(error))
    workers = int(status.get("rq-workers-running") or 0)
    if is_old:
        module.warn(f"NetBox {version} is older than {'.'.join(map(str, OLDEST))}: its webhooks and its API differ from what this collection was made for")
    if not workers:
        module.warn("no background worker of NetBox runs, so it sends no webhook: start netbox-rq")
    module.exit_json(changed=False, version=version, workers=workers, status=status)


if __name__ == "__main__":
    main()
