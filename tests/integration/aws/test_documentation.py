# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What docs/ shows of the source cloudwatch can be read, and all pages lead to one another."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.cloudwatch.settings import read_settings
from ansible_collections.eventops.infra.tests.e2e.documents import DOCS, blocks
from ansible_rulebook.validators import Validate

SOURCE = "eventops.infra.cloudwatch"
PAGES = sorted(page.name for page in DOCS.glob("*.md"))


def arguments_in(content):
    """Find the arguments of the source, however deep they are in what is written."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield from [value] if key == SOURCE else arguments_in(value)
    elif isinstance(content, list):
        for each in content:
            yield from arguments_in(each)


@pytest.mark.parametrize("page", ["aws.md", "cloudwatch.md"])
def test_every_configuration_of_a_page_can_be_read(page, tmp_path, monkeypatch):
    profiles = tmp_path / "config"
    profiles.write_text("[profile test]\nregion = eu-central-1\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(profiles))
    found = [arguments for block in blocks(page, "yaml") for arguments in arguments_in(yaml.safe_load(block))]
    assert found
    for arguments in found:
        read_settings(arguments, {"EVENTOPS_EXTERNAL_ID": "an external id of the test"})


@pytest.mark.parametrize(("page", "name"), [("aws.md", "alarms.yml"), ("cloudwatch.md", "rulebook.yml")])
def test_every_rulebook_of_a_page_keeps_to_the_schema(page, name):
    (shown,) = [block for block in blocks(page, "yaml") if block.startswith(f"# {name}")]
    Validate.rulebook(yaml.safe_load(shown))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_leads_to_what_is_there(page):
    text = re.sub(r"^```.*?^```", "", (DOCS / page).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        path, _mark, anchor = target.partition("#")
        file = DOCS / path if path else DOCS / page
        assert file.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in [re.sub(r"[^a-z0-9 _-]", "", title.lower()).replace(" ", "-") for title in titles], target
