# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox's OpenAPI schema: the recorded part, and for what was not recorded the names of the filters that the double knows."""

from __future__ import annotations

import copy
import functools
import gzip
import json
from pathlib import Path

from . import filters, versions
from .registry import BY_PATH

RECORDED = Path(__file__).absolute().parents[2] / "fixtures" / "netbox" / "openapi-4.6.8-subset.json.gz"


@functools.cache
def recorded() -> dict:
    """Return the recorded part."""
    return json.loads(gzip.decompress(RECORDED.read_bytes()))


@functools.cache
def of_version(version: str) -> dict:
    """Return the schema that the double answers with."""
    found = copy.deepcopy({name: part for name, part in recorded().items() if name != "components"}) | {"components": recorded()["components"]}
    found["info"]["version"] = f"{version} ({versions.minor(version)})"
    log = versions.change_log_path(version)
    for name in [name for name in found["paths"] if name.startswith("/api/core/object-changes/")]:
        found["paths"][name.replace("core/object-changes", log)] = found["paths"].pop(name)
    for path, model in BY_PATH.items():
        if not model.recorded:
            parameters = [{"in": "query", "name": name, "schema": {"type": "string"}} for name in filters.names(model, version)]
            description = "Not recorded: it follows NetBox's documentation."
            found["paths"][f"/api/{path}/"] = {"get": {"description": description, "parameters": parameters, "responses": {"200": {"description": ""}}}}
    return found


@functools.cache
def parameters(version: str, path: str) -> frozenset[str]:
    """Return the query parameters that NetBox knows for a list."""
    operation = of_version(version)["paths"].get(f"/api/{path}/", {}).get("get", {})
    return frozenset(parameter["name"] for parameter in operation.get("parameters", ()))
