# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An account of the double of AWS, and the real ansible-playbook that sets it up. Every path has a space in it."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiobotocore.client import AioBaseClient
from ansible_collections.eventops.infra.scripts.environment import environment
from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws, fixtures
from ansible_collections.eventops.infra.tests.e2e import processes
from ansible_collections.eventops.infra.tests.integration.aws_setup.documented_policies import ENFORCED, Calls, sections
from ansible_collections.eventops.infra.tests.integration.aws_setup.operator import EVERYTHING, Operator
from iam_enforcing import Enforcing

started_aws, aws = fixtures.started_aws, fixtures.aws

COLLECTIONS = Path(processes.__file__).absolute().parents[5]

if not sys.platform.startswith("linux"):
    collect_ignore_glob = ["test_*.py"]


@contextmanager
def operator_of(tmp_path: Path, aws: RunningAws) -> Iterator[Operator]:
    """Let somebody set AWS up; end whatever is left of their processes afterwards."""
    directory = tmp_path / "a directory"
    directory.mkdir()
    word = str(uuid.uuid4())
    own = {"HOME": str(directory), "EVENTOPS_STORE": str(directory / "store.db"), processes.VARIABLE: word}
    try:
        yield Operator(directory / "site", environment(collections=COLLECTIONS, state=directory / "ansible") | aws.environment | own, aws)
    finally:
        processes.end_all(word)


@pytest.fixture
def operator(tmp_path: Path, aws: RunningAws) -> Iterator[Operator]:
    """Return who sets AWS up."""
    with operator_of(tmp_path, aws) as somebody:
        yield somebody


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory, started_aws: RunningAws) -> RunningAws:
    """Return an AWS that was set up with everything, for all tests of a file: they only look, and take messages."""
    started_aws.reset()
    with operator_of(tmp_path_factory.mktemp("complete"), started_aws) as somebody:
        run = somebody.set_up(**EVERYTHING)
    assert run.rc == 0, run.output
    return started_aws


@pytest.fixture
def under(tmp_path: Path, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Calls]:
    """Return a function by which the source, and the operator's playbooks, may do only what the page allows under some headings."""

    def hold(*headings: str, tags: Mapping[str, str] | None = None, queue: str = "eventops") -> Calls:
        # What says whom a role trusts is not a policy of whoever calls.
        policies = [policy for heading in headings for policy in sections()[heading] if all("Resource" in each for each in policy["Statement"])]
        # The page's policies are for the queue eventops.
        policies = json.loads(json.dumps(policies).replace(':eventops"', f':{queue}"'))
        calls = Calls(tmp_path / "calls.jsonl")
        told = {"policies": policies, "tags": dict(tags or {}), "log": str(calls.log)}
        # A playbook's modules run in processes of their own.
        operator.env["EVENTOPS_TEST_POLICIES"] = str(operator.write("policies.json", json.dumps(told)))
        operator.env["PYTHONPATH"] = str(ENFORCED)
        # The source is in this process, and the tests' own clients are others than its.
        enforcing = Enforcing(policies, told["tags"], calls.log)
        monkeypatch.setattr(AioBaseClient, "_make_api_call", enforcing.around(AioBaseClient._make_api_call))
        for name, value in operator.aws.environment.items():
            monkeypatch.setenv(name, value)
        return calls

    return hold
