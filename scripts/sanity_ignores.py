# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write tests/sanity/ignore-*.txt, or with --check say whether it is up to date.

ansible-test's import check runs where nothing but ansible-core's own requirements is installed. Files that import what
ansible-rulebook brings, directly or through another file, cannot be imported there; the unit tests import them instead.
All others are checked: the callback and the inventory plugin must load where only Ansible is installed.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "ansible_collections.eventops.infra."
ANSIBLE_CORE = "2.19"
PYTHONS = ("3.11", "3.12", "3.13")  # the controller's, for this ansible-core
# Lines that have nothing to do with imports.
OTHERS = ("extensions/eda/plugins/event_source/http.py pylint:unused-import # pylint reads the standard library's http, which has the same name",)
INSTALLED = {"ansible", "ansible_collections", "jinja2", "markupsafe", "yaml"}


def ignore_lines() -> list[str]:
    """Return a line per file that cannot be imported and Python version."""
    lines = []
    for file in sorted((ROOT / "plugins").rglob("*.py")):
        missing = ", ".join(sorted(needed_by(file)))
        if missing:
            path = file.relative_to(ROOT)
            lines += [f"{path} import-{python}!skip # needs {missing}, which ansible-rulebook brings" for python in PYTHONS]
    return sorted([*lines, *OTHERS])


def needed_by(file: Path) -> frozenset[str]:
    """Return the third-party packages that importing a file imports."""
    reached, waiting = set(), [file]
    needed: set[str] = set()
    while waiting:
        current = waiting.pop()
        if current not in reached:
            reached.add(current)
            packages, files = imports_of(current)
            needed |= packages
            waiting.extend(files)
    return frozenset(needed)


@cache
def imports_of(file: Path) -> tuple[frozenset[str], frozenset[Path]]:
    """Return the third-party packages and the collection's files that a file imports at its top level."""
    names = set()
    for node in ast.parse(file.read_text(encoding="utf-8"), str(file)).body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    candidates = (ROOT / f"{name.removeprefix(PACKAGE).replace('.', '/')}.py" for name in names if name.startswith(PACKAGE))
    packages = {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - INSTALLED
    return frozenset(packages), frozenset(path for path in candidates if path.is_file())


def main() -> int:
    """Write or check the file."""
    target = ROOT / "tests" / "sanity" / f"ignore-{ANSIBLE_CORE}.txt"
    wanted = "".join(f"{line}\n" for line in ignore_lines())
    current = target.read_text(encoding="utf-8") if target.is_file() else ""
    if current == wanted:
        return 0
    if "--check" in sys.argv[1:]:
        print(f"{target.relative_to(ROOT)} is out of date; run: make ignores")
        return 1
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(wanted, encoding="utf-8")
    print(f"wrote {target.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
