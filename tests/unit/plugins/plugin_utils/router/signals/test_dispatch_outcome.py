# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The outcome of a dispatch in one word, from the text that the store keeps."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.signals.dispatch_outcome import OUTCOMES, outcome_of


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("succeeded", "succeeded"),
        ("failed: web-01 failed: no space", "failed"),
        ("no rule took it", "untaken"),
        ("50 of 50 succeeded", "succeeded"),
        ("47 of 50 succeeded; 3 of 50 failed: nothing ran on web-07", "partly_failed"),
        ("1 of 2 failed: a; 1 of 2 failed: b", "failed"),
        ("failed: web-01 failed: cannot stop; succeeded", "failed"),
        ("failed: a; 1 of 2 succeeded", "failed"),
        ("1 of 2 failed: cannot stop; succeeded; 1 of 2 no rule took it", "failed"),
        ("its text holds template markers; 1 of 2 succeeds", "other"),
        ("its text holds template markers", "other"),
        ("", "other"),
    ],
)
def test_the_word(text, word):
    assert outcome_of(text) == word
    assert word in OUTCOMES
