# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What NetBox asks for is done as it is asked and allowed, or not at all, with every reason."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.by_hand import documented_by
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.documented import Documented
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.role_names import allowed_roles
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.role_variables import allowed_variables, prefixes_of
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.work import NotAllowed, Rules, work_for
from hypothesis import given
from hypothesis import strategies as st

RULES = Rules(roles=("nginx", "acme.base.my-app"), on_update={"tags": ["roles"], "primary_ip4": ["roles", "baseline"]})
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["nginx", "nginx_port", "ansible_host"]),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10) | st.sampled_from(["nginx_port", "ansible_host", "vars"]), inner, max_size=5)
    ),
    max_leaves=20,
)


def asked(changed: tuple[str, ...] | None = None, **context: object) -> Documented:
    return Documented({"config_context": context}, changed)


def test_roles_and_variables_are_taken_as_they_are():
    work = work_for(asked(ansible_roles=["nginx", "nginx"], ansible_vars={"nginx_port": 1, "my_app_x": []}), RULES, needs_host_key=False)
    assert (work.steps, work.roles, work.variables) == (("baseline", "roles"), ("nginx",), {"nginx_port": 1, "my_app_x": []})


@pytest.mark.parametrize("changed,steps", [(("tags",), ("roles",)), (("comments", "primary_ip4"), ("baseline", "roles")), (("comments",), ()), ((), ())])
def test_an_update_asks_for_what_its_fields_do(changed, steps):
    work = work_for(asked(changed, ansible_roles=["nginx"]), RULES, needs_host_key=False)
    assert (work.steps, work.roles) == (steps, ("nginx",) if steps else ())


def test_a_context_that_names_nothing_asks_for_the_baseline_alone():
    assert work_for(asked(), RULES, needs_host_key=False).roles == ()


def test_roles_by_hand_go_before_those_of_the_context_and_must_be_allowed_too():
    assert work_for(Documented({}), RULES, roles=["nginx"], needs_host_key=False).roles == ("nginx",)
    assert work_for(asked(ansible_roles=["miner"]), RULES, roles=[], needs_host_key=False).roles == ()
    with pytest.raises(NotAllowed, match="onboard_vm_roles: 'miner' may not be run"):
        work_for(asked(ansible_roles=["nginx"]), RULES, roles=["miner"], needs_host_key=False)


def test_nothing_is_allowed_by_default():
    with pytest.raises(NotAllowed, match="allows no role"):
        work_for(asked(ansible_roles=["nginx"]), Rules(), needs_host_key=False)


@given(ANYTHING)
def test_whatever_comes_only_allowed_names_are_run(value):
    names, mistakes = allowed_roles(value, ("nginx",), "here")
    assert mistakes or set(names) <= {"nginx"}
    assert all(text.startswith("here") and len(text) < 2000 for text in mistakes)


@given(ANYTHING)
def test_whatever_comes_only_allowed_variables_are_set(value):
    variables, mistakes = allowed_variables(value, ("nginx_*",), "here")
    assert mistakes or all(name.startswith("nginx_") for name in variables)


@pytest.mark.parametrize(
    "name", ["ansible_host", "ansible_become_password", "become", "hostvars", "vars", "inventory_hostname", "onboard_vm_verify", "eventops_mode", "__x", "omit"]
)
def test_some_variables_are_never_allowed(name):
    assert "may never come from NetBox" in allowed_variables({name: 1}, ("*",), "here")[1][0]


@pytest.mark.parametrize("name", ["", "1a", "A", "a-b", "a b", "a.b", "for", "a\n", "é", 7, None])
def test_what_is_no_name_of_a_variable_is_none(name):
    assert "must be a name" in allowed_variables({name: 1}, ("*",), "here")[1][0]


def test_patterns_of_variables_are_those_of_roles_by_custom():
    assert prefixes_of(("nginx", "acme.base.my-app", "/opt/roles/Web", "nginx")) == ("nginx_*", "my_app_*", "web_*")


def test_too_much_is_refused_without_being_listed():
    assert allowed_roles(["nginx"] * 101, ("nginx",), "here")[1] == ["here: must have at most 100 names of roles, got 101"]
    assert "at most 1000" in allowed_variables({f"nginx_{number}": 1 for number in range(1001)}, ("nginx_*",), "here")[1][0]


def test_by_hand_variables_stand_for_the_object():
    variables = {"config_context": [{"ansible_roles": ["nginx"]}], "custom_fields": {"ssh_host_key": "x"}, "ansible_host": "192.0.2.1"}
    assert documented_by(variables, RULES).thing == {"config_context": variables["config_context"], "custom_fields": variables["custom_fields"]}
    assert documented_by({"ansible_roles": ["nginx"]}, RULES).thing == {"config_context": {"ansible_roles": ["nginx"]}}
