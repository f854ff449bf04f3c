# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters of the role remediate: what the inventory says of a host, read and checked as a whole."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError
from ansible_collections.eventops.infra.plugins.plugin_utils.remediation import filesystems, restartable


def filesystem_plan(written, mount, where, clean_timeout, grow_timeout):
    """Read what may be done about one full filesystem: mistakes, entry, steps."""
    return filesystems.filesystem_plan(written, str(mount or ""), where, _seconds(clean_timeout), _seconds(grow_timeout))


def restart_plan(written, resource, where, timeout, wait):
    """Read what may be restarted where memory or cpu is exhausted: mistakes, candidates, steps."""
    if resource not in (restartable.MEMORY, restartable.CPU):
        raise AnsibleFilterError(f"restart_plan: the resource must be memory or cpu, got {str(resource)[:60]}")
    return restartable.restart_plan(written, resource, where, _seconds(timeout), _seconds(wait))


def _seconds(value):
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise AnsibleFilterError(f"seconds must be a whole number, got {str(value)[:60]}") from error


class FilterModule:
    """The filters."""

    def filters(self):
        return {"filesystem_plan": filesystem_plan, "restart_plan": restart_plan}
