# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run everything that CI runs, or the steps named on the command line: check.py [STEP...]

Steps do not stop at the first failure. Each writes .build/reports/<step>.log; what failed is shown. The last line is
the sum: the tests of all pytest runs, and every other step as one. The exit code is 0 only if nothing failed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import collection
import peers
from environment import PYTHON, REPORTS, ROOT, environment
from results import Result, read_junit
from staged import staged_copy

STEP_TIMEOUT_SECONDS = 3600  # a machine that is busy with something else takes several times as long
SHOWN_LINES = 120  # of the log of a step that failed
BY_NAME_ONLY = {"unit"}  # ansible-test-units runs the same tests; by pytest alone they begin at once

running: set[subprocess.Popen] = set()
stopping = threading.Event()
printing = threading.Lock()


def pytest(step: str, *arguments: str) -> Result:
    """Run pytest on one part of the tests."""
    report = REPORTS / f"{step}.xml"
    code = run(step, [PYTHON, "-m", "pytest", "--continue-on-collection-errors", f"--junit-xml={report}", *arguments], environment())
    return believed(read_junit(report) if report.is_file() else Result(), code)


def believed(result: Result, code: int) -> Result:
    """Return what pytest's report says, which counts as a failure where nothing ran, or where the exit code says otherwise."""
    if result.passed + result.failed == 0 or (code != 0 and result.failed == 0):
        result.failed += 1
        result.remark = f"pytest ended with {code} and ran {result.passed} tests"
    return result


def tool(step: str, *command: str) -> Result:
    """Run a tool that finds nothing when all is well."""
    code = run(step, command, environment(collections=collection.CHECKOUT_COLLECTIONS))
    return Result.of_one(code == 0)


def ansible_test(step: str, copy: Path, env: dict[str, str], *arguments: str) -> tuple[int, Result]:
    """Run ansible-test on the staged copy and return its exit code and what its JUnit files say."""
    junit = copy / "tests" / "output" / "junit"
    shutil.rmtree(junit, ignore_errors=True)
    version = "{}.{}".format(*sys.version_info)
    code = run(step, ["ansible-test", *arguments, "--venv", "--python", version, "--color", "no"], env, cwd=copy)
    return code, read_junit(*junit.glob("*.xml"))


def sanity(step: str, copy: Path, env: dict[str, str]) -> Result:
    """Run ansible-test's own checks; one that finds nothing to check is told, and one that cannot run counts as skipped."""
    code, found = ansible_test(step, copy, env, "sanity", "--junit")
    skipped = [(what.split("::")[-1].split("-python-")[0], why) for what, why in found.skipped]
    idle = sorted(name for name, why in skipped if why == "No tests applicable.")
    not_run = [(f"sanity: {name}", why) for name, why in skipped if why != "No tests applicable."]
    ran = found.passed + found.failed
    remark = f"{ran} checks ran; nothing to look at for {len(idle)}: {', '.join(idle)}"
    return Result.of_one(code == 0 and found.passed > 0 and found.failed == 0, remark, not_run)


def units(step: str, copy: Path, env: dict[str, str]) -> Result:
    """Run the unit tests as ansible-test runs them, which loads the collection as Ansible does."""
    code, found = ansible_test(step, copy, env, "units")
    return believed(found, code)


def steps(copy: Path, env: dict[str, str]) -> tuple[dict[str, Callable[[str], Result]], ...]:
    """Return all steps, in rows that run beside each other and take about as long: three for two cores, because tests from end to end mostly wait.

    `BY_NAME_ONLY` are not run unless they are asked for.
    """
    of_playbooks = [f"tests/integration/{name}" for name in ("roles", "netbox_setup", "aws_setup", "scaling")]
    return (
        {
            "unit": lambda step: pytest(step, "tests/unit"),
            "e2e": lambda step: pytest(step, "tests/e2e"),
        },
        {
            "playbooks": lambda step: pytest(step, *of_playbooks),
        },
        {
            "ruff": lambda step: tool(step, "ruff", "check", "--no-cache", "--output-format", "concise", "."),
            "sanity-ignores": lambda step: tool(step, str(PYTHON), "scripts/sanity_ignores.py", "--check"),
            "changelog": lambda step: tool(step, "antsibull-changelog", "lint"),
            "ansible-lint": lambda step: tool(step, "ansible-lint", "--offline", "--nocolor", "--project-dir", "."),
            "ansible-test-sanity": lambda step: sanity(step, copy, env),
            "ansible-test-units": lambda step: units(step, copy, env),
            "integration": lambda step: pytest(step, "tests/integration", *(f"--ignore={folder}" for folder in of_playbooks)),
        },
    )


def run(step: str, command: Sequence[str | Path], env: dict[str, str], cwd: Path = ROOT) -> int:
    """Run a command, its output going to the step's log, and return its exit code."""
    with open(REPORTS / f"{step}.log", "ab") as log:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    running.add(process)
    try:
        return process.wait(STEP_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        interrupt(process)
        return process.wait()
    finally:
        running.discard(process)


def interrupt(process: subprocess.Popen) -> None:
    """End a command as Ctrl-C would: pytest then still ends what its tests have started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)


def stop(*_: object) -> None:
    """End the commands that are running, and start no more."""
    stopping.set()
    for process in list(running):
        interrupt(process)


def carry_out(row: dict[str, Callable[[str], Result]]) -> Result:
    """Run the steps of one row in order, tell of each, and return the sum."""
    total = Result()
    for step, check in row.items():
        if stopping.is_set():
            break
        started = time.monotonic()
        try:
            result = check(step)
        except Exception as error:
            result = Result(failed=1, remark=f"could not run: {error!r}")
        tell(step, result, time.monotonic() - started)
        total += result
    return total


def tell(step: str, result: Result, seconds: float) -> None:
    """Print a step's line and, when it failed, the end of its log."""
    log = REPORTS / f"{step}.log"
    with printing:
        said = f"{result}; {result.remark}" if result.remark else str(result)
        print(f"{'FAILED' if result.failed else 'ok':<7}{step:<20}{seconds:6.1f} s  {said}", flush=True)
        if result.failed and log.is_file():
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            print(*(f"       | {line}" for line in lines[-SHOWN_LINES:]), f"       (all of it: {log.relative_to(ROOT)})", sep="\n", flush=True)


def main(wanted: Sequence[str]) -> int:
    """Run the steps and print the sum."""
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir(parents=True)
    started = time.monotonic()
    peers.install()
    with staged_copy() as (copy, env):
        rows = steps(copy, env)
        known = [step for row in rows for step in row]
        unknown = set(wanted) - set(known)
        if unknown:
            print(f"no such step: {', '.join(sorted(unknown))}; there are {', '.join(known)}", file=sys.stderr)
            return 2
        chosen_steps = set(wanted) or set(known) - BY_NAME_ONLY
        chosen = [{step: check for step, check in row.items() if step in chosen_steps} for row in rows]
        with ThreadPoolExecutor(len(rows)) as pool:
            total = sum(pool.map(carry_out, chosen), Result())
    print(f"\nall steps took {time.monotonic() - started:.0f} s")
    if total.skipped:
        print("skipped:", *(f"  {what}: {why}" for what, why in total.skipped), sep="\n")
    print(total, flush=True)
    if stopping.is_set():
        print("stopped before the end", file=sys.stderr)
    return int(total.failed > 0 or stopping.is_set())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
