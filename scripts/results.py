# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a check found, and how JUnit files say it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree


@dataclass
class Result:
    """What one or more checks found."""

    passed: int = 0
    failed: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)  # what, why
    remark: str = ""

    def __add__(self, other: Result) -> Result:
        return Result(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {len(self.skipped)} skipped"

    @classmethod
    def of_one(cls, succeeded: bool, remark: str = "", skipped: Iterable[tuple[str, str]] = ()) -> Result:
        """Return the result of a check that counts as one."""
        return cls(passed=int(succeeded), failed=int(not succeeded), skipped=list(skipped), remark=remark)


def read_junit(*files: Path) -> Result:
    """Count the test cases in JUnit files; one that failed and then also broke in its teardown has failed once."""
    result = Result()
    failed, passed = set(), set()
    for case in (case for file in files for case in ElementTree.parse(file).iter("testcase")):
        name = f"{case.get('classname')}::{case.get('name')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed.add(name)
        elif skipped is not None:
            result.skipped.append((name, skipped.get("message") or (skipped.text or "").strip()))
        else:
            passed.add(name)
    result.passed, result.failed = len(passed - failed), len(failed)
    return result
