# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A process belongs to the unit or the container that its control group is named after, whichever hierarchy says so."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.host.pressure.owner import owner_of
from hypothesis import given
from hypothesis import strategies as st

ID = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("cgroup", "unit", "container"),
    [
        ("0::/system.slice/nginx.service", "nginx.service", ""),
        ("0::/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", ""),
        ("0::/system.slice/app.service/workers", "app.service", ""),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/editor.service", "user@1000.service", ""),
        ("0::/user.slice/user-1000.slice/session-2.scope", "", ""),
        (f"0::/system.slice/docker-{ID}.scope", "", ID),
        (f"0::/machine.slice/libpod-{ID}.scope/container", "", ID),
        (f"12:memory:/docker/{ID}\n1:name=systemd:/docker/{ID}\n0::/", "", ID),
        ("9:name=systemd:/system.slice/cron.service\n4:memory:/other\n0::/", "cron.service", ""),
        ("0::/", "", ""),
        ("", "", ""),
        (f"0::/system.slice/a{ID}.service", f"a{ID}.service", ""),
        # Whoever has a manager of their own names what is below it as they like.
        (f"0::/user.slice/user-1000.slice/user@1000.service/app.slice/{ID}", "user@1000.service", ""),
        (f"0::/user.slice/user-1000.slice/user@1000.service/docker-{ID}.scope", "user@1000.service", ""),
        (f"1:name=systemd:/user.slice/user-1000.slice/user@1000.service/{ID}/nginx.service\n0::/", "user@1000.service", ""),
        # A container may have a systemd with users of its own.
        (f"0::/system.slice/docker-{ID}.scope/user.slice/user@1000.service/app.slice", "", ID),
    ],
)
def test_whose_a_process_is(cgroup, unit, container):
    assert owner_of(cgroup) == (unit, container)


@pytest.mark.parametrize("end", ["\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_no_name_of_a_user_begins_a_hierarchy_of_its_own(end):
    """A control group may have any character in its name but a line feed, and others within it, which look like a path."""
    of_a_user = f"0::/user.slice/user-1000.slice/user@1000.service/x{end}0::/system.slice/postgresql.service"

    assert owner_of(f"{of_a_user}\n") == ("user@1000.service", "")


@given(st.text())
def test_whatever_it_says_is_read(cgroup):
    unit, container = owner_of(cgroup)

    assert unit == "" or container == ""
    assert "\n" not in unit
