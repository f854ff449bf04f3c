# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The arguments of the NetBox source: what is taken, and what is told of what is not."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.schema import ALL, NOW, SCHEMA
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.settings import read_settings

VM, DEVICE = "virtualization.virtualmachine", "dcim.device"
TOKEN = "nbt_abcdefghijkl.0123456789012345678901234567890123456789"
SECRET = "a secret that is long enough"
LEAST = {"url": "https://netbox.example.com", "token": TOKEN}
HOOK = {"secrets": [SECRET]}


def read(**args):
    return read_settings({**LEAST, **args}, {})


def mistakes(args, environment=None):
    with pytest.raises(ConfigurationError) as caught:
        read_settings(args, environment or {})
    assert TOKEN not in str(caught.value) and SECRET not in str(caught.value)
    return str(caught.value)


def test_what_nobody_says_is_of_use():
    settings = read()
    assert settings.access.url == "https://netbox.example.com"
    assert (settings.access.timeout_seconds, settings.access.verify, settings.access.cafile) == (30, True, None)
    assert settings.door is None
    assert (settings.reads_on, settings.interval_seconds, settings.overlap_seconds, settings.start) == (True, 30, 60, NOW)
    assert settings.object_types == (VM, DEVICE)
    assert settings.ready == {VM: ("primary_ip",), DEVICE: ("primary_ip",)}
    assert settings.ready_within_seconds == 3600
    assert settings.filters == {}
    assert settings.include == ("config_context", "custom_fields", "tags")
    assert settings.connection == {"ansible_host": "primary_ip", "ansible_user": "custom_fields.login_user"}
    assert (settings.feedback.journal, settings.feedback.console, settings.feedback.custom_field) == (True, None, None)
    assert (settings.inventory, settings.state, settings.remembered_seconds) == (None, None, 60)


@pytest.mark.parametrize("name", [name for name in SCHEMA["properties"] if name not in SCHEMA["required"]])
def test_none_is_nothing_said(name):
    assert read(**{name: None}) == read()


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ({}, "url: is missing"),
        ({"url": "https://netbox.example.com"}, "token: is missing"),
        ({**LEAST, "urll": "x"}, "urll: unknown key, did you mean url?"),
        ({**LEAST, "url": "netbox.example.com"}, "url: must be the address of NetBox"),
        ({**LEAST, "url": "https://admin:secret@netbox.example.com"}, "without a user or a password"),
        ({**LEAST, "url": "https://netbox.example.com/?token=x"}, "url: must be"),
        ({**LEAST, "token": {"file": "/no/such/file"}}, "token.file: must be a file with a secret"),
        ({**LEAST, "token": {"env": "NO_SUCH"}}, "token.env: the environment variable NO_SUCH is not set"),
        ({**LEAST, "token": {"env": "A", "file": "B"}}, "token: must"),
        ({**LEAST, "timeout": 0}, "timeout: must be at least 1"),
        ({**LEAST, "verify": "no"}, "verify: must"),
        ({**LEAST, "cafile": "/no/such/file"}, "cafile: must be a file, but /no/such/file is none"),
        ({**LEAST, "certfile": "/no/such/file"}, "certfile: must be a file"),
        ({**LEAST, "keyfile": "/no/such/file"}, "certfile"),
        ({**LEAST, "webhook": {}}, "webhook.secrets: is missing"),
        ({**LEAST, "webhook": {**HOOK, "adress": "x"}}, "webhook.adress: unknown key"),
        ({**LEAST, "webhook": {**HOOK, "listen": "nowhere"}}, "webhook.listen: must"),
        ({**LEAST, "webhook": {**HOOK, "path": "netbox"}}, "webhook.path"),
        ({**LEAST, "webhook": {"secrets": ["short"]}}, "webhook.secrets[0]: must be at least"),
        ({**LEAST, "webhook": {"secrets": [SECRET, SECRET]}}, "webhook.secrets[1]: is the same as another"),
        ({**LEAST, "webhook": {"secrets": [{"env": "NO_SUCH"}]}}, "webhook.secrets[0].env: the environment variable NO_SUCH is not set"),
        ({**LEAST, "webhook": {**HOOK, "certfile": "/no/such/file"}}, "webhook.certfile"),
        ({**LEAST, "webhook": {**HOOK, "senders": ["everybody"]}}, "webhook.senders"),
        ({**LEAST, "catch_up": True}, "catch_up: must be a mapping with interval, overlap and from, or false"),
        ({**LEAST, "catch_up": False}, "catch_up: is false, and there is no webhook"),
        ({**LEAST, "catch_up": {"interval": 0.5}}, "catch_up.interval: must be at least 1"),
        ({**LEAST, "catch_up": {"overlap": 0}}, "catch_up.overlap: must be at least 1"),
        ({**LEAST, "catch_up": {"from": "yesterday"}}, "catch_up.from: must be now, all, or a time such as 2026-01-31T12:00:00Z, got 'yesterday'"),
        ({**LEAST, "models": []}, "models: must"),
        ({**LEAST, "models": ["virtualmachine"]}, "models[0]: must be a type such as virtualization.virtualmachine"),
        ({**LEAST, "models": ["netbox_bgp.session"]}, "models[0]: netbox_bgp.session is no type whose path in the API is known; write it with its path"),
        ({**LEAST, "models": ["dcim.site", {"other.site": "plugins/other/sites"}]}, "models[1]: other.site has the same model as another"),
        ({**LEAST, "models": [{"netbox_bgp.session": "../secrets"}]}, "models[0]"),
        ({**LEAST, "filters": {"Site": "ams"}}, "filters"),
        ({**LEAST, "filters": {"site": {"name": "ams"}}}, "filters.site: must be a value, or a list of values of which any fits"),
        ({**LEAST, "filters": {"dcim.site": {"region": "eu"}}}, "filters.dcim.site: is none of the models"),
        ({**LEAST, "ready": {"within": 0}}, "ready.within: must be at least 1"),
        ({**LEAST, "ready": {"fields": {"dcim.site": ["name"]}}}, "ready.fields.dcim.site: is none of the models"),
        ({**LEAST, "ready": {"fields": {VM: ["primary ip"]}}}, "must be a field of the object, such as primary_ip"),
        ({**LEAST, "include": ["everything"]}, "include[0]: must be one of"),
        ({**LEAST, "connection": {"ansible_password": "x"}}, "connection.ansible_password: unknown key"),
        ({**LEAST, "connection": {"ansible_host": "{{ x }}"}}, "connection.ansible_host: must be a field"),
        ({**LEAST, "feedback": True}, "feedback: must be a mapping with journal, console, custom_field and tags, or false"),
        ({**LEAST, "feedback": {"console": "javascript:alert(1)"}}, "feedback.console: must be the address that people reach the console at"),
        ({**LEAST, "feedback": {"tags": {"done": "x"}}}, "feedback.tags.done: unknown key"),
        ({**LEAST, "feedback": {"tags": {"resolved": "a\nb"}}}, "feedback.tags.resolved: must be a name of 1 to 100 characters"),
        ({**LEAST, "state": ""}, "state: must"),
    ],
)
def test_mistakes_are_told_with_their_place(args, text):
    assert text in mistakes(args)


def test_all_mistakes_are_told_at_once():
    said = mistakes({**LEAST, "cafile": "/no", "models": ["x.y"], "catch_up": {"from": "x"}, "webhook": {"secrets": ["short"]}})
    assert [line.partition(":")[0] for line in said.splitlines()] == ["models[0]", "catch_up.from", "cafile", "webhook.secrets[0]"]


def test_what_is_written_is_taken(tmp_path):
    file = tmp_path / "ca.pem"
    file.write_text("x", encoding="utf-8")
    settings = read(url="https://netbox.example.com/base/", cafile=str(file), certfile=str(file), keyfile=str(file), timeout=5, verify=False)
    assert settings.access.url == "https://netbox.example.com/base"
    assert {settings.access.cafile, settings.access.certfile, settings.access.keyfile} == {str(file)}
    assert (settings.access.timeout_seconds, settings.access.verify) == (5, False)


@pytest.mark.parametrize("start", [NOW, ALL, "2026-01-31T12:00:00Z", "2026-01-31T12:00:00+02:00"])
def test_the_first_start_can_be_anywhere(start):
    assert read(catch_up={"from": start}).start == start


def test_webhooks_alone_are_remembered_for_a_day_and_held_objects_looked_at():
    settings = read(webhook=HOOK, catch_up=False)
    assert (settings.reads_on, settings.remembered_seconds, settings.start) == (False, 86_400, NOW)
    assert (settings.door.host, settings.door.port, list(settings.door.endpoints)) == ("127.0.0.1", 5001, ["/netbox"])


def test_filters_are_for_all_models_or_for_one():
    settings = read(filters={"tag": ["a", "b"], "cf_managed": True, VM: {"site_id": 4}})
    of_all = [("tag", "a"), ("tag", "b"), ("cf_managed", "true")]
    assert settings.filters == {VM: [*of_all, ("site_id", 4)], DEVICE: of_all}


def test_what_an_object_needs_is_by_its_type():
    settings = read(models=[VM, "dcim.site"], ready={"fields": {VM: [], "dcim.site": ["asns"]}})
    assert settings.ready == {VM: (), "dcim.site": ("asns",)}
    assert read(models=["dcim.site"]).ready == {}


def test_a_plugins_type_has_its_path():
    assert read(models=[{"netbox_bgp.session": "plugins/bgp/session"}]).paths == {"netbox_bgp.session": "plugins/bgp/session"}


@pytest.mark.parametrize("feedback", [False, {"journal": False}, {"journal": False, "tags": {}}])
def test_no_feedback_where_nothing_is_to_be_written(feedback):
    assert read(feedback=feedback).feedback is None
    assert read(feedback={"journal": False, "custom_field": "state"}).feedback.custom_field == "state"


def test_the_token_is_shown_nowhere():
    settings = read(webhook=HOOK)
    assert TOKEN not in repr(settings) and SECRET not in repr(settings)
    assert settings.access.token == TOKEN
    assert read_settings({**LEAST, "token": {"env": "NETBOX_TOKEN"}}, {"NETBOX_TOKEN": f"{TOKEN}\n"}).access.token == TOKEN


def test_what_readiness_and_the_connection_are_found_in_is_read_though_events_do_not_have_it():
    assert read(include=["interfaces"]).parts_read == ("interfaces", "custom_fields")
    assert read(include=[], connection={"ansible_user": "name"}).parts_read == ()
    assert read(include=[], ready={"fields": {VM: ["config_context.ansible_roles"]}}).parts_read == ("config_context", "custom_fields")
