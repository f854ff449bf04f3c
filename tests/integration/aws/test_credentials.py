# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who AWS is asked as: what the usual chain finds, and roles that are assumed with it."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.clients import Clients
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import AWS_ERRORS, CREDENTIALS, failure_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Access, Place
from ansible_collections.eventops.infra.tests.doubles.aws import ACCOUNT

ROLE = f"arn:aws:iam::{ACCOUNT}:role/eventops"


@pytest.fixture(name="files")
def _files(tmp_path, monkeypatch):
    """AWS's configuration files of a user, and nothing in the environment."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path


def keys(files, name: str, profile: str = "default") -> None:
    (files / "credentials").write_text(f"[{profile}]\naws_access_key_id = {name}\naws_secret_access_key = s3cr3t\n")


def use(access: Access, *then):
    """Ask STS who asks, once, and again after each of some steps; return the clients' answers."""

    async def scenario():
        clients, place = Clients(), Place("production", "eu-central-1", access)
        answers = []
        try:
            for step in (None, *then):
                if step is not None:
                    step(clients, place)
                client = await clients.get(place, "sts")
                credentials = await client._request_signer._credentials.get_frozen_credentials()
                answers.append((credentials.access_key, (await client.get_caller_identity())["Arn"]))
        finally:
            await clients.close()
        return answers

    return asyncio.run(scenario())


def test_a_profile_is_used(aws, files):
    keys(files, "AKIAOPS", profile="ops")
    assert use(Access(profile="ops", endpoint_url=aws.url))[0][0] == "AKIAOPS"


def test_a_role_is_assumed(aws, files):
    keys(files, "AKIAFIRST")
    ((key, arn),) = use(Access(role_arn=ROLE, external_id="us", endpoint_url=aws.url))
    assert key != "AKIAFIRST" and arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/eventops/eventops"


def test_a_role_is_assumed_by_a_web_identity_without_any_keys(aws, files):
    (files / "token").write_text("eyJ.a.b")
    ((_key, arn),) = use(Access(role_arn=ROLE, web_identity_token_file=str(files / "token"), endpoint_url=aws.url))
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/eventops/eventops"


def test_credentials_that_were_renewed_in_a_file_are_found_when_the_old_ones_are_refused(aws, files):
    keys(files, "AKIAOLD")

    def only_the_file(clients, place):
        keys(files, "AKIANEW")

    def refused(clients, place):
        clients.renew(place)

    answers = use(Access(endpoint_url=aws.url), only_the_file, refused)
    assert [key for key, _arn in answers] == ["AKIAOLD", "AKIAOLD", "AKIANEW"]


def test_without_any_credentials_the_failure_says_so(aws, files):
    with pytest.raises(AWS_ERRORS) as failed:
        use(Access(endpoint_url=aws.url))
    failure = failure_of(failed.value)
    assert failure.kind == CREDENTIALS and "AWS's usual chain" in failure.text
