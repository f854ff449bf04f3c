# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What this collection relies on about NetBox's API, asked of the double, and of a real NetBox where NETBOX_URL and NETBOX_TOKEN name one."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.tests.doubles.netbox import versions
from ansible_collections.eventops.infra.tests.integration.netbox import instances
from ansible_collections.eventops.infra.tests.integration.netbox.lab import ADDRESS, ADDRESSES, INTERFACE, JOURNAL, VM, VMS


def test_the_contract_is_asked_of_a_real_netbox():
    if not instances.URL:
        pytest.skip("asked of the double only: NETBOX_URL and NETBOX_TOKEN name a real NetBox, where these tests make objects and remove them")
    assert instances.TOKEN, "NETBOX_URL is set and NETBOX_TOKEN is not"


def test_the_status_says_version_and_workers(instance):
    status = instance.api.get("status/")
    assert status["netbox-version"][0].isdigit() and isinstance(status["rq-workers-running"], int)


def test_an_unknown_filter_is_ignored_and_everything_comes_back(instance):
    cluster = instance.cluster()
    instance.vm(cluster)
    whole = instance.api.get(f"{VMS}/?limit=1")["count"]
    assert instance.api.get(f"{VMS}/?limit=1&no_such_filter=1")["count"] == whole
    known, unknown = (instance.api.get(f"{instance.log}/?limit=1&{name}=2099-01-01T00:00:00Z")["count"] for name in ("time_after", "time__gt"))
    assert known == 0 < unknown


def test_a_wrong_value_of_a_known_filter_is_refused_by_name(instance):
    answer = instance.api.ask("GET", f"{VMS}/?status=no-such-status")
    assert answer.status == 400 and list(answer.body) == ["status"]


def test_the_schema_says_which_filters_there_are(instance):
    paths = instance.api.get("schema/?format=json")["paths"]
    wanted = {VMS: {"id", "site_id", "cluster_id", "role_id", "tag", "status"}, ADDRESSES: {"id", "virtual_machine_id"}, JOURNAL: {"assigned_object_id"},
              instance.log: {"id", "id__gt", "time_after", "time_before", "changed_object_type", "changed_object_id", "request_id", "action"}}  # fmt: skip
    for path, names in wanted.items():
        known = {parameter["name"] for parameter in paths[f"/api/{path}/"]["get"]["parameters"]}
        assert names <= known and "time__gt" not in known, path


def test_objects_are_read_in_batches_by_repeated_ids(instance):
    cluster = instance.cluster()
    numbers = [instance.vm(cluster, f"vm{number}")["id"] for number in range(3)]
    query = "&".join(f"id={number}" for number in [numbers[0], numbers[2], 2**31 - 1])
    assert {vm["id"] for vm in instance.api.results(f"{VMS}/?{query}")} == {numbers[0], numbers[2]}
    assert [vm["id"] for vm in instance.api.results(f"{VMS}/?cluster_id={cluster}&id__gt={numbers[0]}&ordering=id")] == numbers[1:]


def test_pages_have_a_count_and_a_link_to_the_next(instance):
    cluster = instance.cluster()
    numbers = [instance.vm(cluster, f"vm{number}")["id"] for number in range(3)]
    first = instance.api.get(f"{VMS}/?cluster_id={cluster}&limit=2&ordering=id")
    assert (first["count"], [vm["id"] for vm in first["results"]]) == (3, numbers[:2])
    second = instance.api.get(first["next"].partition("/api/")[2])
    assert ([vm["id"] for vm in second["results"]], second["next"]) == (numbers[2:], None)
    assert instance.api.get(f"{VMS}/?cluster_id={cluster}&limit=3")["next"] is None


def test_times_of_the_change_log_are_inclusive_on_both_sides(instance):
    vm = instance.vm(instance.cluster())["id"]
    instance.patch(f"{VMS}/{vm}/", comments="x")
    first, last = instance.rows(changed_object_type=VM, changed_object_id=vm)
    of_vm = {"changed_object_type": VM, "changed_object_id": vm}
    assert [row["id"] for row in instance.rows(time_after=first["time"], **of_vm)] == [first["id"], last["id"]]
    assert [row["id"] for row in instance.rows(time_after=last["time"], **of_vm)] == [last["id"]]
    assert [row["id"] for row in instance.rows(time_before=first["time"], **of_vm)] == [first["id"]]


def test_the_change_log_is_filtered_by_what_was_changed_and_how(instance):
    cluster = instance.cluster()
    one, other = (instance.vm(cluster, name)["id"] for name in ("one", "other"))
    instance.make("virtualization/interfaces", virtual_machine=one, name="eth0")
    instance.patch(f"{VMS}/{one}/", comments="x")
    rows = instance.rows(changed_object_type=VM, changed_object_id=[one, other])
    assert [row["changed_object_id"] for row in rows] == [one, other, one]
    rows = instance.rows(changed_object_type=[VM, INTERFACE], id__gte=rows[0]["id"], user=rows[0]["user_name"])
    # A list of types since 4.5.3; before that the last one counts.
    wanted = {INTERFACE} if versions.is_before(instance.version, "4.5.3") else {VM, INTERFACE}
    assert {row["changed_object_type"] for row in rows} == wanted
    updated = instance.rows(changed_object_type=VM, changed_object_id=[one, other], action="update")
    assert [(row["changed_object_id"], row["action"]["value"]) for row in updated] == [(one, "update")]
    assert [row["id"] for row in instance.rows(id__gt=updated[0]["id"] - 1, id__lte=updated[0]["id"])] == [updated[0]["id"]]


def test_the_change_log_has_an_order_and_shows_the_fields_that_are_asked_for(instance):
    vm = instance.vm(instance.cluster())["id"]
    instance.patch(f"{VMS}/{vm}/", comments="x")
    query = f"changed_object_type={VM}&changed_object_id={vm}&fields=id,time"
    oldest, newest = (instance.api.results(f"{instance.log}/?{query}&ordering={order}&limit=1")[0] for order in ("time", "-time"))
    assert oldest["time"] < newest["time"]
    # Before 4.5 it shows all.
    assert list(oldest) == ["id", "time"] if not versions.is_before(instance.version, "4.5") else {"id", "time", "action"} <= oldest.keys()


def test_a_change_is_told_flat_with_what_was_and_what_is(instance):
    cluster = instance.cluster()
    tag = instance.make("extras/tags", name=instance.name("tag"), slug=instance.name("tag"))
    vm = instance.vm(cluster, tags=[tag["id"]])["id"]
    answer = instance.patch(f"{VMS}/{vm}/", status="staged")
    created, updated = instance.rows(changed_object_type=VM, changed_object_id=vm)
    assert not created["prechange_data"] and created["action"]["value"] == "create"
    before, after = updated["prechange_data"], updated["postchange_data"]
    assert {name: (before[name], after[name]) for name in before if before[name] != after[name]} == {"status": ("active", "staged")}
    assert (after["cluster"], after["tags"], after["primary_ip4"]) == (cluster, [tag["name"]], None)
    assert "last_updated" not in after
    assert updated["request_id"] == answer.request_id and updated["user_name"] == updated["user"]["username"]
    assert updated["changed_object"]["name"] == updated["object_repr"] == instance.name("vm")


def test_the_header_of_the_answer_names_the_request_of_the_change_log(instance):
    cluster = instance.cluster()
    answer = instance.api.ask("POST", f"{VMS}/", [{"name": instance.name(f"bulk{number}"), "cluster": cluster} for number in range(2)])
    assert answer.status == 201
    numbers = [vm["id"] for vm in answer.body]
    assert [row["changed_object_id"] for row in instance.rows(request_id=answer.request_id)] == numbers
    assert instance.api.ask("DELETE", f"{VMS}/", [{"id": number} for number in numbers]).status == 204


def test_a_patch_that_changes_nothing_writes_no_row(instance):
    vm = instance.vm(instance.cluster(), comments="x")["id"]
    answer = instance.patch(f"{VMS}/{vm}/", comments="x")
    assert instance.rows(request_id=answer.request_id) == []


def test_a_bulk_request_is_all_or_nothing(instance):
    cluster, name = instance.cluster(), instance.name("phantom")
    answer = instance.api.ask("POST", f"{VMS}/", [{"name": name, "cluster": cluster}, {"name": instance.name("bad"), "cluster": 2**31 - 1}])
    assert answer.status == 400
    assert instance.api.results(f"{VMS}/?name={name}") == [] and instance.rows(request_id=answer.request_id) == []


def test_a_vm_gets_its_primary_address_after_it_is_created(instance):
    vm = instance.vm(instance.cluster())
    assert (vm["primary_ip"], vm["primary_ip4"], vm["primary_ip6"]) == (None, None, None)
    address = instance.address(vm["id"])
    assert address["assigned_object"]["virtual_machine"]["id"] == vm["id"]
    answer = instance.patch(f"{VMS}/{vm['id']}/", primary_ip4=address["id"])
    row = instance.rows(request_id=answer.request_id)[0]
    assert (row["prechange_data"]["primary_ip4"], row["postchange_data"]["primary_ip4"]) == (None, address["id"])
    # With its mask: whoever connects takes that off.
    assert answer.body["primary_ip"]["address"] == address["address"] and "/" in address["address"]
    assert [found["id"] for found in instance.api.results(f"{ADDRESSES}/?virtual_machine_id={vm['id']}")] == [address["id"]]


def test_another_address_of_a_primary_ip_writes_no_row_for_the_vm(instance):
    vm, address = instance.ready_vm(instance.cluster())
    old = instance.api.get(f"{ADDRESSES}/{address}/")["address"]
    answer = instance.patch(f"{ADDRESSES}/{address}/", address=old.replace("/15", "/16"))
    assert [(row["changed_object_type"], row["changed_object_id"]) for row in instance.rows(request_id=answer.request_id)] == [(ADDRESS, address)]
    assert [found["id"] for found in instance.api.results(f"{VMS}/?primary_ip4_id={address}")] == [vm]


def test_a_primary_address_that_is_deleted_writes_a_row_for_the_vm(instance):
    vm, address = instance.ready_vm(instance.cluster())
    rows = instance.rows(request_id=instance.delete(f"{ADDRESSES}/{address}/").request_id)
    assert {(row["changed_object_type"], row["action"]["value"]) for row in rows} == {(ADDRESS, "delete"), (VM, "update")}
    row = next(row for row in rows if row["changed_object_type"] == VM)
    assert (row["changed_object_id"], row["prechange_data"]["primary_ip4"], row["postchange_data"]["primary_ip4"]) == (vm, address, None)


def test_a_vm_that_is_deleted_takes_all_with_it_and_leaves_its_last_data(instance):
    vm, address = instance.ready_vm(instance.cluster())
    rows = instance.rows(request_id=instance.delete(f"{VMS}/{vm}/").request_id)
    deleted = {row["changed_object_type"]: row for row in rows if row["action"]["value"] == "delete"}
    assert deleted.keys() == {VM, INTERFACE, ADDRESS} and deleted[ADDRESS]["changed_object_id"] == address
    assert deleted[VM]["changed_object"] is None and not deleted[VM]["postchange_data"]
    assert deleted[VM]["prechange_data"]["name"] == deleted[VM]["object_repr"] == instance.name("vm")
    assert [instance.api.ask("GET", path).status for path in (f"{VMS}/{vm}/", f"{ADDRESSES}/{address}/")] == [404, 404]


def test_a_journal_entry_writes_a_row_of_its_own_and_none_for_the_vm(instance):
    vm = instance.vm(instance.cluster())["id"]
    answer = instance.api.ask("POST", f"{JOURNAL}/", {"assigned_object_type": VM, "assigned_object_id": vm, "kind": "success", "comments": "applied"})
    assert answer.status == 201 and answer.body["kind"]["value"] == "success"
    assert [row["changed_object_type"] for row in instance.rows(request_id=answer.request_id)] == ["extras.journalentry"]
    found = instance.api.results(f"{JOURNAL}/?assigned_object_type={VM}&assigned_object_id={vm}")
    assert [(entry["id"], entry["comments"]) for entry in found] == [(answer.body["id"], "applied")]


def test_config_contexts_are_merged_by_weight_and_tell_nothing_of_the_vms(instance):
    cluster = instance.cluster()
    vm = instance.vm(cluster, local_context_data={"own": 1, "both": {"b": 3}})["id"]
    context = instance.make("extras/config-contexts", name=instance.name("late"), weight=2000, clusters=[cluster], data={"both": {"a": 2, "b": 2}, "list": [2]})
    instance.make("extras/config-contexts", name=instance.name("early"), weight=1000, clusters=[cluster], data={"both": {"a": 1, "c": 1}, "list": [1, 1]})
    rendered = instance.api.get(f"{VMS}/{vm}/")["config_context"]
    assert (rendered["both"], rendered["list"], rendered["own"]) == ({"a": 2, "b": 3, "c": 1}, [2], 1)
    tag = instance.make("extras/tags", name=instance.name("tag"), slug=instance.name("tag"))
    tagged = instance.make("extras/config-contexts", name=instance.name("tagged"), tags=[tag["slug"]], data={"list": [3]}, weight=3000)
    # By its slug there, and by its id in the change log.
    assert tagged["tags"] == [tag["slug"]] and instance.api.get(f"{VMS}/{vm}/")["config_context"]["list"] == [2]
    assert instance.rows(changed_object_type="extras.configcontext", changed_object_id=tagged["id"])[0]["postchange_data"]["tags"] == [tag["id"]]
    answer = instance.patch(f"extras/config-contexts/{context['id']}/", data={"both": {"a": 9}})
    rows = instance.rows(request_id=answer.request_id)
    assert [row["changed_object_type"] for row in rows] == ["extras.configcontext"] and rows[0]["postchange_data"]["clusters"] == [cluster]
    assert instance.api.get(f"{VMS}/{vm}/")["config_context"]["both"]["a"] == 9
    # 4.7 keeps it rendered, and always shows it.
    is_left_out = "config_context" not in instance.api.results(f"{VMS}/?id={vm}&exclude=config_context")[0]
    assert is_left_out == versions.is_before(instance.version, "4.7")


def test_what_is_below_a_region_is_in_it(instance):
    above = instance.make("dcim/regions", name=instance.name("above"), slug=instance.name("above"))["id"]
    below = instance.make("dcim/regions", name=instance.name("below"), slug=instance.name("below"), parent=above)["id"]
    site = instance.make("dcim/sites", name=instance.name("site"), slug=instance.name("site"), region=below)["id"]
    vm = instance.make(VMS, name=instance.name("vm"), site=site)["id"]
    assert [found["id"] for found in instance.api.results(f"{VMS}/?region_id={above}")] == [vm]
    assert [found["id"] for found in instance.api.results(f"{VMS}/?site_id={site}")] == [vm]


def test_custom_fields_are_there_also_where_nobody_set_them(instance):
    field = instance.name("user").replace("-", "_")
    instance.make("extras/custom-fields", name=field, type="text", object_types=[VM], default="debian")
    cluster = instance.cluster()
    vm = instance.vm(cluster)
    assert vm["custom_fields"][field] == "debian"
    answer = instance.patch(f"{VMS}/{vm['id']}/", custom_fields={field: None})
    row = instance.rows(request_id=answer.request_id)[0]
    assert (row["prechange_data"]["custom_fields"][field], row["postchange_data"]["custom_fields"][field]) == ("debian", None)


def test_all_tags_that_are_asked_for_must_be_there(instance):
    cluster = instance.cluster()
    tags = [instance.make("extras/tags", name=instance.name(name), slug=instance.name(name)) for name in ("one", "two")]
    both = instance.vm(cluster, "both", tags=[tag["id"] for tag in tags])["id"]
    instance.vm(cluster, "first", tags=[tags[0]["id"]])
    query = "&".join(f"tag={tag['slug']}" for tag in tags)
    assert [vm["id"] for vm in instance.api.results(f"{VMS}/?{query}")] == [both]


def test_ids_and_times_are_given_before_the_commit(instance):
    if instance.double is None:
        pytest.skip("no test can hold a transaction of a real NetBox open")
    cluster = instance.cluster()
    with instance.double.transaction() as early:
        vm = early.create(VM, name=instance.name("early"), cluster=cluster)
        late = instance.vm(cluster, "late")
        assert instance.api.ask("GET", f"{VMS}/{vm['id']}/").status == 404
        seen = [row["changed_object_id"] for row in instance.rows(changed_object_type=VM, changed_object_id=[vm["id"], late["id"]])]
        assert seen == [late["id"]]
    rows = instance.rows(changed_object_type=VM, changed_object_id=[vm["id"], late["id"]])
    assert [row["changed_object_id"] for row in rows] == [vm["id"], late["id"]] and rows[0]["time"] < rows[1]["time"]
    instance.delete(f"{VMS}/{vm['id']}/")


def test_the_change_log_is_where_the_version_has_it(instance):
    other = "extras/object-changes" if instance.log.startswith("core") else "core/object-changes"
    assert instance.api.ask("GET", f"{other}/").status == 404
    assert not versions.is_before(instance.version, "4.0"), "the double knows nothing older"
