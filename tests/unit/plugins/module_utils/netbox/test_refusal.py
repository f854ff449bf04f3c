# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What NetBox says when it refuses, in one line."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.netbox.refusal import refusal


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"object_types": ["Invalid content type: virtualization.vm"]}, "object_types: Invalid content type: virtualization.vm"),
        ({"detail": "Invalid token"}, "Invalid token"),
        ({"name": ["May not be blank.", "Too short."], "secret": ["Too long."]}, "name: May not be blank.; name: Too short.; secret: Too long."),
        ({"non_field_errors": ["The fields user, name must make a unique set."]}, "The fields user, name must make a unique set."),
        ({"tags": [{}, {"slug": ["Unknown."]}]}, "tags[1].slug: Unknown."),
        ([{"name": ["Taken."]}], "[0].name: Taken."),
        ("Bad Gateway\n  try later", "Bad Gateway try later"),
        ({}, "without a word"),
        (None, "without a word"),
    ],
)
def test_each_error_has_its_field(body: object, said: str) -> None:
    assert refusal(body) == said


def test_a_long_story_is_cut() -> None:
    assert len(refusal({"detail": "x" * 5000})) == 1000
