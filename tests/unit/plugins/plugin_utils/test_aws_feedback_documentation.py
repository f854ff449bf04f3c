# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What docs/aws_feedback.md says is so: its settings, its metrics and its rights."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.bounded_names import MOST
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.metrics import ALERT, CASES, STATE, TIME_TO_RESOLVE
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.settings import Feedback, read
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import FINAL

DOCUMENT = (Path(__file__).absolute().parents[4] / "docs" / "aws_feedback.md").read_text(encoding="utf-8")


def written():
    source = yaml.safe_load(re.search(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)[1])
    return source["eventops.infra.cloudwatch"]["feedback"]


def test_the_settings_are_settings():
    assert read(written(), "feedback", Mistakes()) == Feedback("eventops", "eventops:case")


def test_the_metrics_are_the_metrics():
    assert f"| `{CASES}` | `{STATE}`: " in DOCUMENT
    assert f"| `{TIME_TO_RESOLVE}` | `{ALERT}`: " in DOCUMENT
    row = next(line for line in DOCUMENT.splitlines() if line.startswith(f"| `{CASES}`"))
    assert all(f"`{state}`" in row for state in FINAL)
    assert f"At most {MOST} names have a metric of their own" in DOCUMENT


def test_the_rights_are_for_this_namespace_and_this_tag_only():
    policy = json.loads(re.search(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)[1])
    by_name = {each["Sid"]: each for each in policy["Statement"]}
    assert by_name["Metrics"]["Condition"] == {"StringEquals": {"cloudwatch:namespace": written()["metrics"]}}
    for name, statement in by_name.items():
        if name not in ("Metrics", "TagsByArn"):
            assert statement["Condition"]["ForAllValues:StringEquals"] == {"aws:TagKeys": [written()["tag"]]}
