# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the host of an event is."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import (
    HOSTS_SCHEMA,
    MOST_LOOKED_UP,
    NamesNoHost,
    NoHost,
    Sought,
    hosts_by,
    seek_hosts,
    without_port,
)
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Answer, Lost, Origin, Question
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot, snapshot_of
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

INVENTORY = snapshot_of(
    {
        "_meta": {
            "hostvars": {
                "web-01": {"prometheus_instance": "10.0.0.1:9100", "instance_id": "i-1"},
                "web-02": {"ansible_host": "2001:db8::2", "instance_id": "i-2", "rack": 7},
                "web-03": {"instance_id": "i-2"},
            }
        },
        "all": {"hosts": ["web-01", "web-02", "web-03"]},
        "web": {"hosts": ["web-01"]},
    }
)


def hosts(*rules, inventory=INVENTORY, content=None, **labels):
    context = AdapterContext(source="s", received_at="2026-01-31T12:00:00Z", new_id=lambda: "n", inventory=inventory)
    return hosts_by(rules, labels=labels, content=content or {}, context=context)


def test_the_first_rule_that_leads_to_a_known_host_is_taken():
    rules = ({"label": "host"}, {"label": "instance", "strip_port": True}, {"hostvar": "prometheus_instance"})
    assert hosts(*rules, host="web-02", instance="web-01:9100") == ("web-02",)
    assert hosts(*rules, host="job", instance="web-01:9100") == ("web-01",)
    assert hosts(*rules, host="job", instance="10.0.0.1:9100") == ("web-01",), "by the variable"
    assert hosts(*rules, instance="[2001:db8:0::2]:9100") == ("2001:db8:0::2",), "its address is known"


def test_what_nobody_knows_is_still_named():
    assert hosts({"label": "host"}, {"label": "instance", "strip_port": True}, host="gone", instance="lost:1") == ("gone",)
    assert hosts({"label": "host"}, "none", host="gone") == ("gone",), "it is about a host, only not about one of ours"


def test_a_value_that_two_hosts_share_or_that_is_a_groups_name_leads_nowhere():
    assert hosts({"hostvar": "instance_id", "label": "id"}, "none", id="i-2") == ()
    assert hosts({"label": "host"}, {"label": "instance"}, host="web", instance="web-01") == ("web-01",)
    assert hosts({"hostvar": "rack", "label": "rack"}, rack="7") == ("web-02",)


def test_what_is_meant_for_a_host_that_is_not_named_is_about_nobody_knows_which():
    with pytest.raises(NoHost, match="the label host, the variable instance_id by the path detail.id leads to a host"):
        hosts({"label": "host"}, {"hostvar": "instance_id", "path": "detail.id"}, instance="web-01")
    assert hosts({"label": "host"}, "none") == ()


@pytest.mark.parametrize(
    "rule",
    [
        {"label": "host"},
        {"label": "empty"},
        {"label": "instance", "only": "instance"},
        {"label": "instance", "from_url": True},
        {"hostvar": "instance_id", "label": "absent"},
        {"label": "absent", "by": "tag:Name"},
        {"path": "detail.host"},
    ],
)
def test_what_names_no_host_will_name_none_later_either(rule):
    with pytest.raises(NamesNoHost):
        hosts(rule, instance="web-01", empty="")
    with pytest.raises(NoHost) as not_yet:
        hosts(rule, {"hostvar": "instance_id", "label": "id"}, instance="web-01", empty="", id="i-99")
    assert not isinstance(not_yet.value, NamesNoHost), "the inventory may learn of it"


def test_what_a_directory_has_no_answer_for_may_have_one_later():
    with pytest.raises(NoHost) as not_yet:
        sought(Register(), {"label": "AutoScalingGroupName", "by": "tag:Name", "instances": True}, AutoScalingGroupName="web")
    assert not isinstance(not_yet.value, NamesNoHost), "a group without instances gets some"


def test_paths_lists_and_urls():
    content = {"detail": {"ids": ["i-1", "web-02", 5, None, {"a": 1}]}}
    assert hosts({"path": "detail.ids"}, content=content) == ("i-1", "web-02", "5")
    assert hosts({"label": "instance", "from_url": True}, instance="https://web-01:8443/health") == ("web-01",)
    assert hosts({"label": "instance", "from_url": True}, "none", instance="http://[::1") == ()


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("web-01:9100", "web-01"),
        ("web-01", "web-01"),
        ("192.0.2.1:80", "192.0.2.1"),
        ("[2001:db8::1]:9100", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("web-01:http", "web-01:http"),
        (":80", ""),
        ("web-01:٣", "web-01:٣"),
    ],
)
def test_the_port_is_taken_off(text, host):
    assert without_port(text) == host


@pytest.mark.parametrize("rules", [[], [{}], [{"label": "a", "path": "b"}], [{"label": ""}], ["localhost"], [{"hostvar": "a b"}], [{"label": "a", "port": 1}]])
def test_rules_that_mean_nothing_are_refused(rules):
    assert not Draft202012Validator(HOSTS_SCHEMA).is_valid(rules)


def test_without_an_inventory_the_first_name_is_taken():
    assert hosts({"hostvar": "x"}, {"label": "instance", "strip_port": True}, inventory=Snapshot(), instance="a:1") == ("a",)


def test_only_instances_are_taken_by_their_look():
    arn = "arn:aws:ec2:eu-central-1:123456789012:instance/i-0123456789abcdef0"
    content = {"resources": ["arn:aws:s3:::bucket", arn, "i-abcd1111", "vol-0123456789abcdef0", "i-abcd1111\n"], "log_stream": "2026/11/26/[$LATEST]0"}
    assert hosts({"path": "resources", "only": "instance"}, content=content) == ("i-0123456789abcdef0", "i-abcd1111")
    assert hosts({"path": "log_stream", "only": "instance"}, "none", content=content) == ()


class Register:
    """Answers questions: a name, a reason, or nothing yet."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def __call__(self, question):
        self.asked.append(question)
        answer = self.answers.get(question.value)
        if isinstance(answer, tuple):
            return Answer(names=tuple((name, question.value) for name in answer))
        return Answer(lost=(Lost(question.value, answer),)) if answer else Answer()


def sought(register, *rules, content=None, **labels):
    context = AdapterContext(source="s", received_at="2026-01-31T12:00:00Z", new_id=lambda: "n", inventory=INVENTORY, names=register)
    return seek_hosts(rules, labels=labels, content=content or {}, context=context, origin=Origin("eu-central-1", "123456789012"))


BY_NAME = {"label": "InstanceId", "by": "tag:Name"}
I_6, I_7, I_8, I_9 = (f"i-{number:017}" for number in (6, 7, 8, 9))


def test_a_directory_is_asked_how_a_host_is_called():
    register = Register(**{I_7: ("web-01",), I_8: ("192.0.2.9",), I_9: ("2001:db8:0::2",)})
    assert sought(register, BY_NAME, "none", InstanceId=I_7, path="/var") == Sought(("web-01",))
    assert register.asked == [
        Question("tag:Name", I_7, "InstanceId", {"InstanceId": I_7, "path": "/var"}, False, Origin("eu-central-1", "123456789012")),
    ]
    assert sought(register, BY_NAME, InstanceId=I_8) == Sought(("192.0.2.9",)), "as somebody is to hear what the inventory lacks"
    assert sought(register, BY_NAME, InstanceId=I_9) == Sought(("web-02",)), "by its address, as the inventory calls it"


def test_what_stands_at_a_path_is_asked_for_as_the_last_key():
    register = Register(web=("web-01", "web-02"))
    rule = {"path": "detail.AutoScalingGroupName", "by": "tag:Name", "instances": True}
    assert sought(register, rule, content={"detail": {"AutoScalingGroupName": "web"}}) == Sought(("web-01", "web-02"))
    assert (register.asked[0].of, register.asked[0].instances) == ("AutoScalingGroupName", True)


def test_a_host_variable_may_have_what_was_looked_up():
    register = Register(**{I_7: ("10.0.0.1:9100",), I_8: ("elsewhere",)})
    rule = {**BY_NAME, "hostvar": "prometheus_instance"}
    assert sought(register, rule, InstanceId=I_7) == Sought(("web-01",))
    assert sought(register, rule, "none", InstanceId=I_8) == Sought(
        (I_8,), f"{I_8}: no host, or not only one, has 'elsewhere' as its variable prometheus_instance"
    )


def test_what_the_directory_knows_no_name_for_is_never_about_no_host():
    register = Register(**{I_7: "two have that name", I_8: ("web-01",), I_6: ("Web server (blue)",)})
    assert sought(register, BY_NAME, "none", InstanceId=I_7) == Sought((I_7,), f"{I_7}: two have that name")
    assert sought(register, BY_NAME, "none", InstanceId=[I_7, I_8]) == Sought(("web-01", I_7), f"{I_7}: two have that name")
    assert sought(register, BY_NAME, {"label": "host"}, InstanceId=I_7, host="web-02") == Sought((I_7,), f"{I_7}: two have that name"), "whatever else is said"
    assert sought(register, BY_NAME, "none", InstanceId=I_6) == Sought((I_6,), f"{I_6}: is called 'Web server (blue)', which is no host's name")
    assert sought(register, BY_NAME, "none") == Sought()


def test_the_directory_is_not_asked_for_what_the_inventory_knows():
    register = Register()
    assert sought(register, {"hostvar": "instance_id", "label": "InstanceId"}, BY_NAME, InstanceId="i-1") == Sought(("web-01",))
    assert register.asked == []


@pytest.mark.parametrize(
    "rule",
    [
        {"by": "tag:Name"},
        {"label": "a", "path": "b", "by": "tag:Name"},
        {"label": "a", "by": "tag:"},
        {"label": "a", "by": "public_ip"},
        {"label": "a", "instances": True},
        {"label": "a", "only": "volume"},
    ],
)
def test_a_lookup_that_means_nothing_is_refused(rule):
    assert not Draft202012Validator(HOSTS_SCHEMA).is_valid([rule])


OF_INSTANCE = ({"hostvar": "instance_id", "label": "InstanceId"}, {"label": "InstanceId", "only": "instance"})


@pytest.mark.parametrize("rules", [OF_INSTANCE, OF_INSTANCE[:1], OF_INSTANCE[1:], [BY_NAME], [*OF_INSTANCE, BY_NAME]])
@pytest.mark.parametrize("after", [[], ["none"], [{"label": "host"}], [{"path": "detail.name"}, "none"], [{"label": "host", "by": "tag:Name"}, "none"]])
def test_an_instance_whose_host_is_not_known_is_about_no_other_host(rules, after):
    register = Register(**{I_7: "there is none", "web-02": ("web-02",)})
    content = {"detail": {"name": "web-02"}}
    assert sought(register, *rules, *after, content=content, InstanceId=I_7, host="web-02").hosts == (I_7,)
    assert sought(register, *after, *rules, content=content, InstanceId=I_7, host="web-02").hosts in {(I_7,), ("web-02",), ()}, "the rulebook's own order"


@pytest.mark.parametrize("rules", [OF_INSTANCE, OF_INSTANCE[:1], OF_INSTANCE[1:], [BY_NAME]])
@pytest.mark.parametrize("value", ["web-02", "2001:db8::2", "localhost", "mi-0123456789abcdef0", "i-1 ", "I-00000000000000007"])
def test_what_stands_for_an_instance_and_is_none_is_never_a_hosts_name(rules, value):
    register = Register(**{value: "is no instance"})
    found = sought(register, *rules, "none", {"label": "host"}, InstanceId=value, host="web-02")
    assert found.hosts == (f"InstanceId={value}",) and found.unresolved
    assert INVENTORY.resolve(found.hosts[0]) is None


def test_the_same_place_is_looked_at_by_all_rules():
    register = Register(**{I_7: ("web-01",)})
    assert sought(register, *OF_INSTANCE, BY_NAME, "none", InstanceId=I_7) == Sought(("web-01",))


def test_what_is_found_among_other_things_is_an_instance_by_its_look():
    rules = ({"path": "resources", "only": "instance"}, {"label": "host"}, "none")
    assert sought(Register(), *rules, content={"resources": ["arn:aws:s3:::bucket", I_7]}, host="web-02") == Sought((I_7,))
    assert sought(Register(), *rules, content={"resources": ["arn:aws:s3:::bucket"]}, host="web-02") == Sought(("web-02",))


@pytest.mark.parametrize("value", ["web-02", "2001:db8::2"])
def test_what_has_no_name_is_not_the_host_that_is_called_as_it_is(value):
    register = Register(**{value: "has no tag Name"})
    rule = {"label": "AutoScalingGroupName", "by": "tag:Name"}
    assert sought(register, rule, "none", AutoScalingGroupName=value) == Sought((f"AutoScalingGroupName={value}",), f"{value}: has no tag Name")


@pytest.mark.parametrize(
    "variables",
    [{"instance_id": I_8}, {"aws_instance_id_ec2": I_8}, {"ec2_id": I_8}, {"ansible_host": I_8}, {"ansible_aws_ssm_instance_id": I_8, "instance_id": "other"}],
)
@pytest.mark.parametrize("rule", [BY_NAME, {**BY_NAME, "hostvar": "nick"}])
def test_a_host_that_is_another_instance_in_the_inventory_is_not_meant(variables, rule):
    inventory = snapshot_of({"_meta": {"hostvars": {"db-01": {"nick": "db-01", **variables}}}})
    register = Register(**{I_7: ("db-01",), I_8: ("db-01",)})

    def about(instance):
        context = AdapterContext("s", "2026-01-31T12:00:00Z", lambda: "n", inventory, names=register)
        return seek_hosts([rule, "none"], labels={"InstanceId": instance}, content={}, context=context)

    assert about(I_8) == Sought(("db-01",))
    assert about(I_7) == Sought((I_7,), f"{I_7}: is called 'db-01', but the inventory's db-01 is {I_8}")


def test_a_host_may_have_ids_of_others_beside_its_own():
    inventory = snapshot_of({"_meta": {"hostvars": {"web-01": {"instance_id": I_7, "nat_instance_id": I_8}}}})
    context = AdapterContext("s", "2026-01-31T12:00:00Z", lambda: "n", inventory, names=Register(**{I_7: ("web-01",)}))
    assert seek_hosts([BY_NAME], labels={"InstanceId": I_7}, content={}, context=context) == Sought(("web-01",))


def test_so_many_are_looked_up_for_one_event_and_the_rest_is_said():
    ids = [f"i-{number:017}" for number in range(MOST_LOOKED_UP + 10)]
    register = Register(**{each: (f"host-{each}",) for each in ids})
    found = sought(register, {"path": "detail.ids", "by": "tag:Name"}, "none", content={"detail": {"ids": ids}})
    assert len(register.asked) == MOST_LOOKED_UP
    assert set(found.hosts) == {f"host-{each}" for each in ids[:MOST_LOOKED_UP]} | set(ids[MOST_LOOKED_UP:])
    assert f"{ids[MOST_LOOKED_UP]}: is not looked up, as at most {MOST_LOOKED_UP} of one event are, and not {len(ids)}" in found.unresolved
    assert found.unresolved.endswith("; and 5 more")


def test_each_reason_is_said_before_one_comes_again():
    ids = [f"i-{number:017}" for number in range(8)]
    register = Register(**{each: "two have its name" if each == ids[-1] else "has no tag Name" for each in ids})
    found = sought(register, {"path": "detail.ids", "by": "tag:Name"}, content={"detail": {"ids": ids}})
    assert found.unresolved.startswith(f"{ids[0]}: has no tag Name; {ids[-1]}: two have its name; {ids[1]}: has no tag Name; ")


@given(st.text(max_size=300), st.text(max_size=20))
def test_what_is_said_of_what_a_sender_wrote_is_one_line(value, name):
    found = sought(Register(**{value: (name,)}), BY_NAME, "none", InstanceId=value)
    assert (found.unresolved or "").isprintable() and len(found.unresolved or "") < 5000
