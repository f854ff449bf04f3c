# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The version of this collection: an installed one has MANIFEST.json, a checkout galaxy.yml."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import yaml

_ROOT = Path(__file__).absolute().parents[4]


@cache
def collection_version(root: Path = _ROOT) -> str:
    """Return the collection's version; `unknown` where neither file can be read."""
    try:
        return str(json.loads((root / "MANIFEST.json").read_text(encoding="utf-8"))["collection_info"]["version"])
    except (OSError, ValueError, KeyError):
        pass
    try:
        return str(yaml.safe_load((root / "galaxy.yml").read_text(encoding="utf-8"))["version"])
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return "unknown"
