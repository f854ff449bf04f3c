# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Users, groups, tokens and permissions. They are not in the recorded schema; their fields follow NetBox's documentation."""

from __future__ import annotations

from .fields import Computed, Json
from .kinds import Flag, ObjectTypes, Strings, Text, Time, Whole
from .model import Model, by_name
from .relations import CASCADE, Many, Ref

_KEY_LENGTH = 12  # of the public part of a token of version 2
_OLD = 40  # of a token of version 1


def _display_token(record, _reader):
    return record["key"] if record["version"] == 2 else f"**********{record['secret'][-6:]}"


MODELS = (
    Model(
        "users.user", "users/users", "user", "User",
        [Text("username", required=True, max_length=150), Text("password", required=True, hidden=True), Text("first_name"), Text("last_name"), Text("email"),
         Flag("is_staff", until="4.5"), Flag("is_active", True), Flag("is_superuser", hidden=True), Time("date_joined", writable=False),
         Time("last_login", writable=False),
         Many("groups", target="users.group"), Many("permissions", target="users.objectpermission")],
        ("username",), display=lambda record, _reader: record["username"], sort=lambda record: (record["username"], record["id"]),
        unique=(by_name("user", "username"),), is_logged=False, recorded=False,
    ),
    Model(
        "users.group", "users/groups", "group", "Group",
        [Text("name", required=True, max_length=150), Text("description"), Many("permissions", target="users.objectpermission"),
         Computed("user_count",
         value=lambda record, view: sum(1 for found in view.reader.referring(("users.group", record["id"])) if found[0] == "users.user"))],
        ("name", "description"), unique=(by_name("group"),), is_logged=False, recorded=False,
    ),
    Model(
        "users.token", "users/tokens", "token", "Token",
        [Whole("version", 2, minimum=1, maximum=2, since="4.5"), Text("key", None, nullable=True, writable=False),
         Ref("user", required=True, nullable=False, target="users.user", on_delete=CASCADE),
         Text("description"), Time("created", writable=False), Time("expires"), Time("last_used", writable=False), Flag("enabled", True, since="4.5"),
         Flag("write_enabled", True), Whole("pepper_id", None, writable=False, since="4.5"), Strings("allowed_ips"),
         # The plain text is shown in the answer to its creation only; the double keeps it to compare.
         Text("secret", "", hidden=True)],
        ("version", "key", "enabled", "write_enabled", "description"), display=_display_token, sort=lambda record: record["id"], is_logged=False,
        recorded=False,
    ),
    Model(
        "users.objectpermission", "users/permissions", "permission", "ObjectPermission",
        [Text("name", required=True, max_length=100), Text("description"), Flag("enabled", True), ObjectTypes("object_types", required=True),
         Strings("actions", required=True), Json("constraints"), Many("groups", target="users.group"), Many("users", target="users.user")],
        ("name", "description", "enabled", "object_types", "actions"), is_logged=False, recorded=False,
    ),
)  # fmt: skip
