# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose a process is: the systemd unit or the container that its control group is named after."""

from __future__ import annotations

import re

from ansible_collections.eventops.infra.plugins.module_utils.host.text import printable

# docker-<id>.scope, libpod-<id>.scope, /docker/<id>: the id is 64 hexadecimal digits with every runtime.
_CONTAINER = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
# The outermost service is the one that the system's manager knows; what a user's own manager runs is within user@UID.service.
_SERVICE = re.compile(r"[^/]+\.service(?=/|$)")
# What is below it is named as its user likes, after the container of somebody else, too.
_OF_A_USER = re.compile(r"(^|/)user@[^/]+\.service(?=/|$)")


def owner_of(cgroup: str) -> tuple:
    """Return the unit and the id of the container, each empty where there is none. All that a user's own manager runs is that manager's.

    Args:
        cgroup: what /proc/PID/cgroup says (cgroups(7)).
    """
    paths = {}
    # At nothing but line feeds: other ends of lines may be in a name, and what follows one would be read as a hierarchy of its own.
    for line in cgroup.rstrip("\n").split("\n"):
        _number, _colon, rest = line.partition(":")
        controllers, _colon, path = rest.partition(":")
        paths[controllers] = path
    # The unified hierarchy, else systemd's own of version 1, else whatever is not the root.
    order = [paths.get(""), paths.get("name=systemd"), *paths.values()]
    for path in (each for each in order if each and each != "/"):
        of_a_user = _OF_A_USER.search(path)
        container = _CONTAINER.search(path[: of_a_user.start()] if of_a_user else path)
        service = _SERVICE.search(path)
        if container or service:
            return (printable(service[0], 255) if service and not container else ""), (container[0] if container else "")
    return "", ""
