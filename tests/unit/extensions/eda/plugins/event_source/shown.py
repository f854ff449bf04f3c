# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Configurations as the documentation shows them, made such that a test can read them."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from ansible_collections.eventops.infra.plugins.plugin_utils import alone

ROOT = Path(alone.__file__).parents[2]
TOKEN = "0123456789abcdef0123456789abcdef"


def plugin(name: str) -> ModuleType:
    """Load a source by its path, as ansible-rulebook does (by runpy, which Ansible's own import of collections takes over)."""
    spec = importlib.util.spec_from_file_location(f"{name}_source", ROOT / f"extensions/eda/plugins/event_source/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def found_in(value: object, plugin: str) -> Iterator[dict]:
    """Yield the arguments of a plugin wherever it stands in a rulebook."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == plugin:
                yield item
            else:
                yield from found_in(item, plugin)
    elif isinstance(value, list):
        for item in value:
            yield from found_in(item, plugin)


def at_hand(value: object, directory: Path) -> object:
    """Return a configuration whose files are there; those of a certificate are left out."""
    if isinstance(value, dict):
        kept = {key: at_hand(item, directory) for key, item in value.items() if key not in ("certfile", "keyfile", "cafile")}
        if set(kept) == {"file"}:
            (directory / "secret").write_text(TOKEN)
            kept["file"] = str(directory / "secret")
        return kept
    return [at_hand(item, directory) for item in value] if isinstance(value, list) else value
