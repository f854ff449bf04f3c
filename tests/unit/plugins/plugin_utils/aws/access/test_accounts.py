# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which accounts and regions a source works with."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.accounts import ONLY, PROPERTIES, read_accounts
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Access, Place
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, Mistakes, read

ROLE = "arn:aws:iam::123456789012:role/eventops"
TWO = {"accounts": [{"name": "production", "regions": ["eu-central-1", "us-east-1"], "role_arn": ROLE}, {"name": "test", "regions": ["eu-west-1"]}]}


@pytest.fixture(name="files", autouse=True)
def _files(tmp_path, monkeypatch):
    """Only the test's own files of AWS are there."""
    (tmp_path / "config").write_text("[profile ops]\nregion = ap-south-1\n[profile bare]\n")
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))


def accounts(given, environment=None):
    mistakes = Mistakes()
    schema = {"type": "object", "additionalProperties": False, "properties": PROPERTIES}
    found = read_accounts(read(given, schema), environment or {}, mistakes)
    mistakes.raise_if_any()
    return found


def asked(function, *args):
    mistakes = Mistakes()
    found = function(*args, "queues[0]", mistakes)
    return found, dict(mistakes.found)


@pytest.mark.parametrize(
    ("given", "environment", "region"),
    [
        ({"region": "eu-central-1"}, {"AWS_REGION": "us-east-1"}, "eu-central-1"),
        ({}, {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-west-2"}, "us-east-1"),
        ({}, {"AWS_DEFAULT_REGION": "us-west-2"}, "us-west-2"),
        ({"profile": "ops"}, {}, "ap-south-1"),
    ],
)
def test_the_region_comes_as_the_usual_chain_of_aws_gives_it(given, environment, region):
    assert accounts(given, environment).places == (Place(ONLY, region, Access(profile=given.get("profile"))),)


def test_where_nothing_says_a_region_it_must_be_given_unless_a_queue_names_its_own():
    found = accounts({"profile": "bare"})
    assert found.places == ()
    assert asked(found.place, None, "eu-central-1") == (Place(ONLY, "eu-central-1", Access(profile="bare")), {})
    assert "queues[0].region" in asked(found.place, None, None)[1]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"profile": "bare"}, "region"),
        ({"accounts": [TWO["accounts"][1], {"name": ONLY, "profile": "bare"}]}, "accounts[1].regions"),
    ],
)
def test_a_region_that_an_entry_lacks_is_asked_for_where_it_is_to_be_written(given, place):
    assert list(asked(accounts(given).chosen, (), ())[1]) == [place]
    assert asked(accounts(given).chosen, (), ("eu-west-1",))[1] == {}


def test_a_place_must_be_the_only_one_or_be_named():
    found = accounts(TWO)
    assert asked(found.place, "test", None)[0] == Place("test", "eu-west-1", Access())
    assert asked(found.place, "production", "us-east-1")[0] == Place("production", "us-east-1", Access(role_arn=ROLE))
    assert asked(found.place, "production", None)[1] == {"queues[0].region": "must be one of eu-central-1, us-east-1"}
    assert asked(found.place, None, None)[1] == {"queues[0].account": "must be one of production, test"}
    assert asked(found.place, "prod", None)[1] == {"queues[0].account": "must be one of production, test, got prod"}


def test_none_named_means_all():
    found = accounts(TWO)
    assert [str(place) for place in asked(found.chosen, (), ())[0]] == ["production/eu-central-1", "production/us-east-1", "test/eu-west-1"]
    assert [str(place) for place in asked(found.chosen, ("production",), ("eu-west-3",))[0]] == ["production/eu-west-3"]
    assert asked(found.chosen, ("nowhere",), ()) == ((), {"queues[0].accounts": "must be among production, test, got nowhere"})


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"region": "Frankfurt"}, "region"),
        ({"role_arn": "eventops"}, "role_arn"),
        ({"endpoint_url": "https://me:secret@sqs.example.com"}, "endpoint_url"),
        ({"profile": "nowhere", "region": "eu-central-1"}, "profile"),
        ({"external_id": "x", "region": "eu-central-1"}, "external_id"),
        ({"web_identity_token_file": "/nowhere", "role_arn": ROLE, "region": "eu-central-1"}, "web_identity_token_file"),
        ({**TWO, "region": "eu-central-1"}, "region"),
        ({"accounts": [{"name": "a", "regions": ["eu-west-1"]}, {"name": "a", "regions": ["eu-west-2"]}]}, "accounts[1].name"),
        ({"accounts": [{"name": "a", "external_id": {"env": "NOT_SET"}, "role_arn": ROLE, "regions": ["eu-west-1"]}]}, "accounts[0].external_id.env"),
    ],
)
def test_what_cannot_be_is_said_with_its_place(given, path):
    with pytest.raises(ConfigurationError) as refused:
        accounts(given)
    assert [where for where, _text in refused.value.mistakes] == [path] and "secret" not in str(refused.value)
