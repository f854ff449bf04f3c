# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host that somebody else has taken over: whatever module runs there brings facts along that the module knows nothing of."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

# Python runs each module; what stands here in its place runs it, too, and adds to what it says.
_PROGRAM = """\
#!/bin/sh
exec {python} {program} "$@"
"""
_LIAR = """\
import json, subprocess, sys
said = subprocess.run([{python!r}, *sys.argv[1:]], stdout=subprocess.PIPE, text=True)
for line in said.stdout.splitlines():
    try:
        answer = json.loads(line)
    except ValueError:
        answer = None
    print(json.dumps({{**answer, "ansible_facts": {{**answer.get("ansible_facts", {{}}), **{facts!r}}}}}) if isinstance(answer, dict) else line)
sys.exit(said.returncode)
"""


def lying(directory: Path, facts: Mapping[str, object]) -> dict[str, str]:
    """Return the variables of a host whose modules bring these facts along.

    Args:
        directory: gets the programs; without a space in its path, since the kernel takes none in that of an interpreter.
    """
    python = str(Path(sys.executable).resolve())
    liar, program = directory / "liar.py", directory / "python"
    liar.write_text(_LIAR.format(python=python, facts=json.loads(json.dumps(facts))), encoding="utf-8")
    program.write_text(_PROGRAM.format(python=python, program=liar), encoding="utf-8")
    program.chmod(0o755)
    return {"ansible_python_interpreter": str(program)}
