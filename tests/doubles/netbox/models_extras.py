# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tags, custom fields, webhooks, event rules, journal entries and config contexts."""

from __future__ import annotations

from . import config_contexts
from .fields import Computed, Json
from .kinds import Choice, Flag, ObjectType, ObjectTypes, Slug, Strings, Text, Whole
from .model import Model, Unique, by_name, owned, stamped, tagged
from .relations import CASCADE, NULL, Generic, Many, Ref, Slugs

EVENT_TYPES = ("object_created", "object_updated", "object_deleted", "job_started", "job_completed", "job_failed", "job_errored")
# Before 4.1 a rule had a flag for each.
FLAGS = {
    "type_create": "object_created", "type_update": "object_updated", "type_delete": "object_deleted",
    "type_job_start": "job_started", "type_job_end": "job_completed",
}  # fmt: skip
KINDS = {"info": "Info", "success": "Success", "warning": "Warning", "danger": "Danger"}
_DATA_TYPES = {"integer": "integer", "decimal": "decimal", "boolean": "boolean", "date": "string", "object": "object", "multiselect": "array", "json": "any"}
_CUSTOM = {
    "text": "Text", "longtext": "Text (long)", "integer": "Integer", "decimal": "Decimal", "boolean": "Boolean (true/false)", "date": "Date",
    "datetime": "Date & time", "url": "URL", "json": "JSON", "select": "Selection", "multiselect": "Multiple selection", "object": "Object",
    "multiobject": "Multiple objects",
}  # fmt: skip
_METHODS = {name: name for name in ("GET", "POST", "PUT", "PATCH", "DELETE")}


def _check_rule(new, _old, reader):
    wrong = [name for name in new["event_types"] if name not in EVENT_TYPES]
    if wrong:
        return {"event_types": [f'"{wrong[0]}" is not a valid choice.']}
    if not new["object_types"]:
        return {"object_types": ["This list may not be empty."]}
    if reader.get(new["action_object_type"], new["action_object_id"]) is None:
        return {"action_object_id": [f"Invalid object ID: {new['action_object_id']}"]}
    conditions = new["conditions"]
    if conditions is not None and (not isinstance(conditions, dict) or not ({"and", "or"} & conditions.keys() or "attr" in conditions)):
        return {"conditions": ["Ruleset must have exactly one logical operator (and/or) or be a condition."]}
    return {}


def _check_journal(new, _old, reader):
    if reader.get(new["assigned_object_type"], new["assigned_object_id"]) is None:
        return {"__all__": [f"Invalid object: {new['assigned_object_type']} ID {new['assigned_object_id']}"]}
    return {}


def _event_types(record, _view):
    return list(record["event_types"])


MODELS = (
    Model(
        "extras.tag", "extras/tags", "tag", "Tag",
        [Text("name", required=True, max_length=100), Slug("slug"), Text("color", "9e9e9e"), Text("description"), Whole("weight", 1000),
         ObjectTypes("object_types"),
         Computed("tagged_items", value=lambda record, view: sum(1 for _found in view.reader.referring(("extras.tag", record["id"])))),
         *stamped()],
        ("display_url", "name", "slug", "color"), unique=(by_name("tag"), by_name("tag", "slug")),
    ),
    Model(
        "extras.customfield", "extras/custom-fields", "custom field", "CustomField",
        [ObjectTypes("object_types", required=True), Choice("type", "text", required=True, choices=_CUSTOM), Text("related_object_type", None, nullable=True),
         Computed("data_type", value=lambda record, _view: _DATA_TYPES.get(record["type"], "string")), Text("name", required=True, max_length=50),
         Text("label"), Text("group_name"), Text("description"), Flag("required"), Flag("unique", since="4.1"), Whole("search_weight", 1000),
         Choice("filter_logic", "loose", choices={"disabled": "Disabled", "loose": "Loose", "exact": "Exact"}),
         Choice("ui_visible", "always", choices={"always": "Always", "if-set": "If set", "hidden": "Hidden"}),
         Choice("ui_editable", "yes", choices={"yes": "Yes", "no": "No", "hidden": "Hidden"}), Flag("is_cloneable"), Json("default"),
         Json("related_object_filter", since="4.2"), Whole("weight", 100), Json("validation_minimum"), Json("validation_maximum"), Text("validation_regex"),
         Json("validation_schema", since="4.6"), Json("choice_set"), Json("owner", since="4.5"), Text("comments"), *stamped()],
        ("name", "description"), display=lambda record, _reader: record["label"] or record["name"].replace("_", " ").capitalize(),
        unique=(by_name("custom field"),),
    ),
    Model(
        "extras.webhook", "extras/webhooks", "webhook", "Webhook",
        [Text("name", required=True, max_length=150), Text("description"), Text("payload_url", required=True, max_length=500),
         Choice("http_method", "POST", choices=_METHODS, plain=True), Text("http_content_type", "application/json"), Text("additional_headers"),
         Text("body_template"), Text("secret", max_length=255), Flag("ssl_verification", True), Text("ca_file_path", None, nullable=True),
         tagged("extras.webhook")[1], Json("owner", since="4.5"), tagged("extras.webhook")[0], *stamped()],
        ("name", "description"), unique=(by_name("webhook"),),
    ),
    Model(
        "extras.eventrule", "extras/event-rules", "event rule", "EventRule",
        [ObjectTypes("object_types", required=True), Text("name", required=True, max_length=150), Flag("enabled", True),
         *(Flag(name, until="4.1") for name in FLAGS), Strings("event_types", since="4.1", required=True), Json("conditions"),
         Choice("action_type", "webhook", required=True, choices={"webhook": "Webhook", "script": "Script", "notification": "Notification"}),
         ObjectType("action_object_type", required=True, nullable=False), Whole("action_object_id"),
         Generic("action_object", type_field="action_object_type", id_field="action_object_id", on_delete=CASCADE), Text("description"),
         tagged("extras.eventrule")[1], Json("owner", since="4.5"), tagged("extras.eventrule")[0], *stamped()],
        ("name", "description"), unique=(by_name("event rule"),), check=_check_rule,
    ),
    Model(
        "extras.journalentry", "extras/journal-entries", "journal entry", "JournalEntry",
        [ObjectType("assigned_object_type", required=True, nullable=False), Whole("assigned_object_id", required=True, nullable=False),
         Generic("assigned_object", type_field="assigned_object_type", id_field="assigned_object_id", on_delete=CASCADE), stamped()[0],
         Ref("created_by", target="users.user", on_delete=NULL, bare=True), Choice("kind", "info", choices=KINDS), Text("comments", required=True),
         *tagged("extras.journalentry")[:2], stamped()[1]],
        ("created",), display=lambda record, _reader: f"{record['created']:%Y-%m-%d %H:%M} ({KINDS[record['kind']]})",
        sort=lambda record: (-record["created"].timestamp(), -record["id"]), check=_check_journal,
    ),
    # Config contexts are not in the recorded schema; their fields follow NetBox's documentation.
    Model(
        "extras.configcontext", "extras/config-contexts", "config context", "ConfigContext",
        [Text("name", required=True, max_length=100), Whole("weight", 1000), Json("profile", since="4.5"), Text("description"), Flag("is_active", True),
         *((Slugs if name == "tags" else Many)(name, target=target) for name, target in config_contexts.SCOPES.items()),
         Json("data_source"), Json("data_path"), Json("data_file"),
         Json("data_synced"),
         Json("data", required=True), Json("owner", since="4.5"), *stamped()],
        ("name", "description"), sort=lambda record: (record["weight"], record["name"]), recorded=False,
        unique=(Unique("config context with this name already exists.", lambda record, _reader: record["name"], "name"),),
        check=lambda new, _old, _reader: {} if isinstance(new["data"], dict) else {"data": ['JSON data must be in object form. Example: {"foo": 123}']},
    ),
    Model(
        "extras.configtemplate", "extras/config-templates", "config template", "ConfigTemplate",
        [Text("name", required=True), *owned("extras.configtemplate")], ("name", "description"), recorded=False,
    ),
)  # fmt: skip
