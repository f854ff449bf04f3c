# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module netbox_token, run by the real ansible-playbook: the token is in its file, and nowhere else."""

from __future__ import annotations

import stat

import pytest
from ansible_collections.eventops.infra.tests.doubles.netbox import Running
from ansible_collections.eventops.infra.tests.integration.netbox_setup.operator import Operator

TOKEN = "users.token"


@pytest.fixture(autouse=True)
def account(netbox: Running) -> None:
    """Make the user whose tokens these are."""
    netbox.create("users.user", username="events", password="a password of a user")


def token(operator: Operator, state: str = "present", renew: bool = False, **data: object) -> dict:
    """Return a task about the token "here" of the user."""
    return {"netbox_token": {"state": state, "renew": renew, "path": str(operator.token_path), "data": {"user": "events", "description": "here"} | data}}


def of_the_account(netbox: Running) -> list[dict]:
    """Return the tokens of the user, as NetBox goes on showing them."""
    return [one for one in netbox.all(TOKEN) if one["user"]["username"] == "events"]


def test_a_token_is_made_changed_and_deleted_and_is_only_in_its_file(operator: Operator, netbox: Running) -> None:
    run, (created, same, changed) = operator.do(
        token(operator), token(operator), token(operator, write_enabled=False, allowed_ips=["127.0.0.0/8"]), options=["--diff", "-vvv"]
    )

    assert run.rc == 0, run.output
    assert [result["changed"] for result in (created, same, changed)] == [True, False, True]
    assert stat.S_IMODE(operator.token_path.stat().st_mode) == 0o600
    assert operator.token not in run.output
    assert operator.token.partition(".")[2] not in run.output
    assert changed["diff"]["after"] == {"allowed_ips": ["127.0.0.0/8"], "write_enabled": False}
    assert operator.ask("GET", "status", operator.token) == 200

    _run, results = operator.do(token(operator, "absent"), token(operator, "absent"))

    assert [result["changed"] for result in results] == [True, False]
    assert not operator.token_path.exists()
    assert of_the_account(netbox) == []


def test_a_token_of_version_1_is_made_where_that_was_said(operator: Operator, netbox: Running) -> None:
    _run, results = operator.do(token(operator, version=1), token(operator, version=1))

    assert [result["changed"] for result in results] == [True, False]
    assert len(operator.token) == 40
    assert operator.ask("GET", "status", operator.token) == 200


def test_a_token_whose_file_cannot_be_written_is_not_made(operator: Operator, netbox: Running) -> None:
    operator.token_path = operator.directory / "missing" / "token"

    _run, (result,) = operator.do(token(operator))

    assert "No such file or directory" in result["msg"]
    assert of_the_account(netbox) == []


def test_a_file_with_another_token_is_replaced_only_when_that_was_said(operator: Operator, netbox: Running) -> None:
    operator.do(token(operator))
    operator.write("netbox token", "nbt_000000000000.of-another\n")

    _run, (refused, would_renew) = operator.do(token(operator), token(operator, renew=True), options=["--check"])

    assert "NetBox has the token here of events, and" in refused["msg"]
    assert would_renew["changed"]
    assert operator.token == "nbt_000000000000.of-another"

    _run, (renewed, same) = operator.do(token(operator, renew=True), token(operator, renew=True))

    assert [renewed["changed"], same["changed"]] == [True, False]
    assert len(of_the_account(netbox)) == 1
    assert operator.ask("GET", "status", operator.token) == 200


def test_tokens_of_other_descriptions_are_left_alone(operator: Operator, netbox: Running) -> None:
    netbox.add_token("events", description="elsewhere")

    operator.do(token(operator), token(operator, "absent"))

    assert [one["description"] for one in of_the_account(netbox)] == ["elsewhere"]


def test_a_user_that_does_not_exist_is_told_and_in_check_mode_expected(operator: Operator) -> None:
    _run, (refused,) = operator.do(token(operator, user="nobody"))
    run, (expected,) = operator.do(token(operator, user="nobody"), options=["--check"])

    assert refused["msg"] == "data.user: NetBox has no user nobody; make it first"
    assert expected["changed"]
    assert "NetBox has no user nobody yet; the token needs one" in run.text
