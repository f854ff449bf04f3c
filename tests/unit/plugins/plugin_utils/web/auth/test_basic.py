# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The scheme `basic`."""

from __future__ import annotations

import base64

from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.auth.sender import (
    OTHER_TOKEN,
    TOKEN,
    assert_stranger,
    delivery,
    mistakes_of,
    verifier,
)

USERS = [
    {"name": "alertmanager", "password": TOKEN},
    {"name": "jürgen", "password": "pass:wörd with spaces"},
    {"name": "alertmanager", "password": OTHER_TOKEN},
]


def basic(user, password, scheme="Basic", charset="utf-8"):
    return delivery(("Authorization", f"{scheme} {base64.b64encode(f'{user}:{password}'.encode(charset)).decode()}"))


def test_each_user_is_known_by_the_password():
    made = verifier("basic", users=USERS)
    for user in USERS:
        assert made.verify(basic(user["name"], user["password"])) is None
    assert made.verify(basic("alertmanager", TOKEN, scheme="basic")) is None
    assert not made.reads_body


def test_anybody_else_is_a_stranger():
    made = verifier("basic", users=USERS)
    assert_stranger(
        made,
        basic("alertmanager", "pass:wörd with spaces"),
        basic("jürgen", TOKEN),
        basic("Alertmanager", TOKEN),
        basic("", TOKEN),
        basic("alertmanager", ""),
        basic("alertmanager", f"{TOKEN}\0"),
        basic("jürgen", "pass:wörd with spaces", charset="latin-1"),
        basic("alertmanager", TOKEN, scheme="Bearer"),
        delivery(),
        delivery(("Authorization", f"Basic alertmanager:{TOKEN}")),
        delivery(("Authorization", "Basic")),
        delivery(("Authorization", "Basic \udcff===")),
    )
    twice = basic("alertmanager", TOKEN).headers["Authorization"]
    assert_stranger(made, delivery(("Authorization", twice), ("Authorization", twice)), why="several headers")


def test_what_a_name_may_not_be_is_a_mistake():
    assert "auth.basic.users[0].name: must be a user's name" in mistakes_of({"basic": {"users": [{"name": "a:b", "password": TOKEN}]}})
    assert "auth.basic.users[1]: is the same as another" in mistakes_of({"basic": {"users": [USERS[0], USERS[0]]}})
    assert "users[0].password.env: the environment variable NOT_SET is not set" in mistakes_of(
        {"basic": {"users": [{"name": "a", "password": {"env": "NOT_SET"}}]}}
    )


def test_nothing_shows_the_password():
    assert TOKEN not in repr(verifier("basic", users=USERS))
