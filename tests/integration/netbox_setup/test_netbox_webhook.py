# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module netbox_webhook, run by the real ansible-playbook: above all, that it shows no secret."""

from __future__ import annotations

from ansible_collections.eventops.infra.tests.doubles.netbox import Running
from ansible_collections.eventops.infra.tests.integration.netbox_setup.operator import Operator

WEBHOOK = "extras.webhook"
URL = "https://eventops.example.com:5001/netbox"


def webhook(state: str = "present", **data: object) -> dict:
    """Return a task about the webhook "events"."""
    return {"netbox_webhook": {"state": state, "data": {"name": "events"} | data}}


def test_a_webhook_is_created_mended_and_deleted_and_shows_no_secret(operator: Operator, netbox: Running) -> None:
    first = webhook(payload_url=URL, secret="the-first-secret", additional_headers="Authorization: Bearer of-the-receiver", ca_file_path="/etc/ca.pem")

    run, (created, same, changed, system_ca, deleted, absent) = operator.do(
        first,
        first,
        webhook(secret="the-second-secret"),
        webhook(ca_file_path=""),
        webhook("absent"),
        webhook("absent"),
        options=["--diff", "-vvv"],
    )

    assert run.rc == 0, run.output
    assert [result["changed"] for result in (created, same, changed, system_ca, deleted, absent)] == [True, False, True, True, True, False]
    assert changed["diff"] == {"before": {"secret": "another one"}, "after": {"secret": "as given"}}
    assert system_ca["diff"] == {"before": {"ca_file_path": "/etc/ca.pem"}, "after": {"ca_file_path": None}}
    assert created["webhook"]["payload_url"] == URL
    assert [word in run.output for word in ("the-first-secret", "the-second-secret", "of-the-receiver")] == [False] * 3
    assert netbox.all(WEBHOOK) == []


def test_what_netbox_has_is_not_shown_where_no_secret_was_given(operator: Operator, netbox: Running) -> None:
    netbox.create(WEBHOOK, name="events", payload_url=URL, secret="of-somebody-else")

    run, (described, unsigned) = operator.do(webhook(description="for the receiver"), webhook(secret=""), options=["--diff", "-vvv"])

    assert "of-somebody-else" not in run.output
    assert described["diff"] == {"before": {"description": ""}, "after": {"description": "for the receiver"}}
    assert unsigned["diff"] == {"before": {"secret": "another one"}, "after": {"secret": "none"}}


def test_check_mode_changes_nothing(operator: Operator, netbox: Running) -> None:
    netbox.create(WEBHOOK, name="events", payload_url=URL, secret="the-secret")
    before = netbox.all(WEBHOOK)

    _run, (same, changed, deleted) = operator.do(
        webhook(payload_url=URL, secret="the-secret"), webhook(payload_url=URL + "2"), webhook("absent"), options=["--check", "--diff"]
    )

    assert [result["changed"] for result in (same, changed, deleted)] == [False, True, True]
    assert netbox.all(WEBHOOK) == before


def test_a_new_webhook_needs_a_url(operator: Operator) -> None:
    _run, (result,) = operator.do(webhook(secret="the-secret"))

    assert result["msg"] == "the webhook events does not exist, and a new one needs data.payload_url"
