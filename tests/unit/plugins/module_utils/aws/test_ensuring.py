# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A thing is created, changed or deleted only by its owner, and in check mode not at all."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws.ensuring import ensure
from ansible_collections.eventops.infra.plugins.module_utils.aws.ownership import TAG, NotOurs

OWNER = "aws_events/eventops"
WANTED = {"size": 2, "colour": "red"}


class Box:
    """A thing that lives in memory."""

    what = "box x"

    def __init__(self, fields=None, tags=None):
        self.fields, self.has_tags, self.done = fields, dict(tags or {}), []

    def find(self):
        return None if self.fields is None else dict(self.fields)

    def tags(self):
        return dict(self.has_tags)

    def comparable(self, name, value):
        return str(value)

    def create(self, wanted, tags):
        self.done.append("create")
        self.fields, self.has_tags = dict(wanted), dict(tags)

    def change(self, wanted, differing):
        self.done.append(f"change {sorted(differing)}")
        self.fields.update(differing)

    def tag(self, tags):
        self.done.append(f"tag {sorted(tags)}")
        self.has_tags.update(tags)

    def delete(self):
        self.done.append("delete")
        self.fields = None


def bring(box, absent=False, check=False, tags=None):
    return ensure(box, WANTED, OWNER, tags or {}, absent, check)


def test_it_is_created_with_its_owner_and_left_alone_afterwards():
    box = Box()
    assert bring(box, tags={"team": 5}).done == "created"
    assert (box.fields, box.has_tags) == (WANTED, {TAG: OWNER, "team": "5"})
    assert bring(box, tags={"team": 5}).done == ""
    assert box.done == ["create"]


def test_only_what_differs_is_changed_and_what_means_the_same_does_not():
    box = Box({"size": "2", "colour": "blue", "other": 1}, {TAG: OWNER, "kept": "yes"})
    outcome = bring(box, tags={"team": "x"})
    assert (outcome.done, outcome.before, outcome.after) == (
        "changed",
        {"colour": "blue", "tags": {"team": None}},
        {"colour": "red", "tags": {"team": "x"}},
    )
    assert box.done == ["change ['colour']", "tag ['team']"]
    assert box.has_tags == {TAG: OWNER, "kept": "yes", "team": "x"}


@pytest.mark.parametrize("absent", [False, True])
@pytest.mark.parametrize("tags", [{}, {TAG: "aws_events/other"}, {TAG: ""}, {"owner": OWNER}])
@pytest.mark.parametrize("check", [False, True])
def test_what_another_made_is_never_touched(absent, tags, check):
    box = Box({"size": 1}, tags)
    with pytest.raises(NotOurs, match="the box x exists and was not made here, so it is left alone: its tag eventops:managed-by should be"):
        bring(box, absent, check)
    assert (box.done, box.fields) == ([], {"size": 1})


def test_it_is_deleted_once():
    box = Box(WANTED, {TAG: OWNER})
    assert bring(box, absent=True).done == "deleted"
    assert bring(box, absent=True).done == ""
    assert box.done == ["delete"]


@pytest.mark.parametrize(
    ("box", "absent", "predicted"),
    [
        (Box(), False, "created"),
        (Box({"size": 1, "colour": "red"}, {TAG: OWNER}), False, "changed"),
        (Box(WANTED, {TAG: OWNER}), False, ""),
        (Box(WANTED, {TAG: OWNER}), True, "deleted"),
        (Box(), True, ""),
    ],
)
def test_check_mode_says_what_would_be_and_does_nothing(box, absent, predicted):
    outcome = bring(box, absent, check=True)
    assert (outcome.done, box.done) == (predicted, [])
    if predicted in ("created", "changed"):
        assert outcome.now["size"] == 2
