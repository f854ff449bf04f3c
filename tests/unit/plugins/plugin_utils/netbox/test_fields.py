# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fields by their path, in the two shapes that NetBox writes objects in."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.fields import field_at, is_set_flat, missing_fields
from hypothesis import given
from hypothesis import strategies as st

from .making import address, addressed, flat, vm

PLAIN = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "x"])
ADDRESSES = st.none() | st.integers(1, 3)


@pytest.mark.parametrize("path", ["nothing", "name.first", "custom_fields.nothing", "tags.0", "primary_ip.address"])
def test_what_is_not_there_is_none(path):
    assert field_at(vm(), path) is None
    assert missing_fields(vm(), [path]) == (path,)


def test_a_path_goes_as_deep_as_it_says():
    assert field_at(addressed(), "primary_ip.address") == "10.0.0.11/24"
    assert missing_fields(addressed(), ["primary_ip", "custom_fields.login_user", "status.value"]) == ()


@pytest.mark.parametrize(("value", "is_missing"), [(0, False), (False, False), ("0", False), (None, True), ("", True), ([], True), ({}, True)])
def test_zero_and_false_are_values(value, is_missing):
    assert bool(missing_fields(vm(vcpus=value), ["vcpus"])) is is_missing
    assert is_set_flat(flat(vcpus=value), ["vcpus"]) is not is_missing


@pytest.mark.parametrize("field", ["primary_ip4", "primary_ip6"])
def test_one_primary_address_is_enough(field):
    assert is_set_flat(flat(**{field: 1}), ["primary_ip"]) is True
    assert is_set_flat(flat(), ["primary_ip"]) is False


def test_what_the_change_log_does_not_have_is_not_known():
    assert is_set_flat(flat(), ["config_context.ansible_roles"]) is None
    assert is_set_flat({}, ["primary_ip"]) is None
    assert is_set_flat(flat(), ["config_context", "name"]) is None
    assert is_set_flat(flat(), ["config_context", "role"]) is None


def test_what_is_known_to_be_missing_outweighs_what_is_not_known():
    assert is_set_flat(flat(), ["config_context", "primary_ip"]) is False


@given(four=ADDRESSES, six=ADDRESSES, user=PLAIN, comments=st.sampled_from(["", "x"]), paths=st.lists(st.sampled_from(
    ["primary_ip", "primary_ip4", "primary_ip6", "custom_fields.login_user", "comments", "status"]), unique=True))  # fmt: skip
def test_both_shapes_agree_where_both_can_say(four, six, user, comments, paths):
    nested = {number: None if number is None else address(f"10.0.0.{number}/24", number) for number in (four, six)}
    fields = {"custom_fields": {"login_user": user}, "comments": comments}
    thing = vm(primary_ip=nested[six] or nested[four], primary_ip4=nested[four], primary_ip6=nested[six], **fields)
    assert is_set_flat(flat(primary_ip4=four, primary_ip6=six, **fields), paths) is (not missing_fields(thing, paths))
