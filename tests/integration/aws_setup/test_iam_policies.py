# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every policy in docs/ has the form that IAM wants, and grants as little as an action lets one say."""

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws import group, ownership
from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2 import mark
from ansible_collections.eventops.infra.tests.e2e.documents import DOCS
from ansible_collections.eventops.infra.tests.integration.aws_setup.documented_policies import PAGE, actions_of, sections
from iam_policy import Request, as_list, granting
from iam_requests import ON_EVERYTHING

POLICIES = [(page.name, heading, policy) for page in sorted(DOCS.glob("*.md")) for heading, found in sections(page.name).items() for policy in found]
NAMED = [pytest.param(policy, id=f"{page} {heading}") for page, heading, policy in POLICIES]
DENIED = "Tags that count"
OF_IDENTITIES = [
    pytest.param(policy, id=f"{heading} {number}") for number, (page, heading, policy) in enumerate(POLICIES) if page == PAGE and heading != DENIED
]


def test_the_page_has_a_policy_for_each_part() -> None:
    assert list(sections()) == [
        "Quick start",
        "Queues",
        "Alarms",
        "Logs",
        "Hosts",
        "Feedback",
        "Several accounts",
        "Set up",
        "Scale",
        "Remediate",
        "Growing volumes",
        "invoke_function",
        "A function that sends events",
        DENIED,
    ]


def test_the_tags_that_roles_believe_are_denied_to_everybody_but_them() -> None:
    (policy,) = sections()[DENIED]
    (statement,) = policy["Statement"]
    assert (statement["Effect"], statement["Resource"]) == ("Deny", "*")
    # Of any value: with ForAllValues one more key would let a request through.
    assert statement["Condition"]["ForAnyValue:StringEquals"] == {"aws:TagKeys": [mark.TAG, group.RECORD_TAG, ownership.TAG]}
    granted = {action for heading, found in sections().items() if heading != DENIED for _sid, action in actions_of(found)}
    writing = {action for action in granted if re.search(r":(Create|Delete|Tag|Put)", action) and "Tag" in action}
    assert writing - {"tag:TagResources", "ecs:TagResource", "elasticloadbalancing:AddTags", "rds:AddTagsToResource"} <= set(statement["Action"])
    assert {"ec2:CreateTags", "autoscaling:CreateOrUpdateTags", "sqs:TagQueue"} <= writing


@pytest.mark.parametrize("policy", NAMED)
def test_a_policy_has_its_version_and_nothing_that_iam_does_not_know(policy: dict) -> None:
    assert policy["Version"] == "2012-10-17"
    assert set(policy) == {"Version", "Statement"}
    for statement in policy["Statement"]:
        assert set(statement) <= {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
        assert statement["Effect"] == ("Deny" if policy in sections()[DENIED] else "Allow")
        assert all(re.fullmatch(r"[a-z0-9]+:[A-Za-z]+\*?", action) for action in as_list(statement["Action"])), statement["Action"]


@pytest.mark.parametrize("policy", OF_IDENTITIES)
def test_statements_have_names_that_are_there_once(policy: dict) -> None:
    names = [statement["Sid"] for statement in policy["Statement"]]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9]+", name) for name in names)


@pytest.mark.parametrize("policy", OF_IDENTITIES)
def test_no_action_is_granted_on_more_than_it_must_be(policy: dict) -> None:
    for statement in policy["Statement"]:
        if "Principal" in statement:  # a trust policy is at the role
            assert "Resource" not in statement
            assert statement["Principal"] == {"AWS": "arn:aws:iam::123456789012:role/eventops"}
            continue
        actions = as_list(statement["Action"])
        assert not any("*" in action for action in actions)
        everywhere = as_list(statement["Resource"]) == ["*"]
        assert [action for action in actions if (action in ON_EVERYTHING) != everywhere] == []
        arns = [] if everywhere else as_list(statement["Resource"])
        assert all(re.fullmatch(r"arn:aws:[a-z]+[0-9]?:([a-z]+-[a-z]+-[0-9])?:[0-9]{12}:[^*].*", arn) for arn in arns), arns


def test_quick_start_needs_one_right() -> None:
    ((policy,),) = [found for heading, found in sections().items() if heading == "Quick start"]
    assert [statement["Action"] for statement in policy["Statement"]] == ["cloudwatch:DescribeAlarms"]


@pytest.mark.parametrize(
    ("request_", "allowed"),
    [
        (Request("sqs:SendMessage", "arn:aws:sqs:eu-central-1:123456789012:eventops"), True),
        (Request("sqs:SendMessage", "arn:aws:sqs:eu-central-1:123456789012:eventops2"), False),
        (Request("sqs:ReceiveMessage", "arn:aws:sqs:eu-central-1:123456789012:eventops"), False),
        (Request("ec2:CreateTags", "i-1", {"aws:TagKeys": ["a"]}), True),
        (Request("ec2:CreateTags", "i-1", {"aws:TagKeys": ["a", "b"]}), False),
        (Request("ec2:CreateTags", "i-1"), False),
        (Request("ec2:StopInstances", "i-1", {"aws:ResourceTag/x": ["y"]}), True),
        (Request("ec2:StopInstances", "i-1"), False),
    ],
)
def test_what_enforces_the_policies_in_these_tests_denies_what_they_do_not_allow(request_: Request, allowed: bool) -> None:
    policy = {
        "Statement": [
            {"Sid": "a", "Action": "sqs:SendMessage", "Resource": ["arn:aws:sqs:eu-central-1:123456789012:eventops"]},
            {
                "Sid": "b",
                "Action": ["ec2:CreateTags"],
                "Resource": "i-*",
                "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}, "Null": {"aws:TagKeys": "false"}},
            },
            {"Sid": "c", "Action": "ec2:StopInstances", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/x": "y"}}},
        ]
    }
    assert bool(granting([policy], request_)) == allowed


def test_policies_in_the_readme_of_the_role_are_json() -> None:
    readme = (DOCS.parent / "roles/aws_events/README.md").read_text(encoding="utf-8")
    (policy,) = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)]
    # "*" is the key itself in its own policy. AWS documents no condition for SNS there.
    without = [statement["Principal"]["Service"] for statement in policy["Statement"] if "Condition" not in statement]
    assert without == ["sns.amazonaws.com"]
