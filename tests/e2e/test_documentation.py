# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the README shows works as printed, and what the sources' documentation says is what they take."""

from __future__ import annotations

import importlib
import json
import re
import urllib.request
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import SCHEMA, read_children, read_config
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.services import free_port
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

ROOT = Path(__file__).absolute().parents[2]
PLUGINS = "ansible_collections.eventops.infra.extensions.eda.plugins"


def readme_blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_smallest_useful_rulebook_heals_and_confirms(rulebook, directory):
    """The rulebook and the payload of the README; only the port is another."""
    port = free_port()
    store = directory / "store.db"
    rulebook.write(readme_blocks("yaml")[0].replace("port: 5000", f"port: {port}"), {"web-01": {}, "web-02": {}})
    play = [{"hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.shell": "echo {{ inventory_hostname }} >> " + f"'{directory}/trace'"}]}]
    rulebook.write_playbook("restart.yml", play)
    rulebook.start(EVENTOPS_STORE=str(store))
    payload = json.loads(re.search(r"curl -d '(.*?)'", "".join(readme_blocks("console")))[1])

    def post(**changes) -> bool:
        body = json.dumps({**payload, **changes}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{port}/", body, {"Content-Type": "application/json"})
        try:
            return urllib.request.urlopen(request, timeout=30).status == 200
        except OSError:
            return False

    wait_until(post, "the webhook", 60, lambda: rulebook.output)
    ledger = Ledger(store)
    ledger.wait_for(lambda ledger: ledger.cases(state="verifying"), "the alert healed")
    assert (directory / "trace").read_text() == "web-01\n"
    assert post(status="ok")
    ledger.wait_for(lambda ledger: ledger.cases(state="resolved"), "the alert confirmed")


@pytest.mark.parametrize("plugin", ["event_source.router", "event_filter.intake"])
def test_the_examples_of_the_documentation_are_valid(plugin, tmp_path):
    (ruleset,) = yaml.safe_load(importlib.import_module(f"{PLUGINS}.{plugin}").EXAMPLES)
    (router,) = [source["eventops.infra.router"] for source in ruleset["sources"] if "eventops.infra.router" in source]
    mistakes = Mistakes()
    children = read_children(router, "router", mistakes)
    args = {**router, "store": str(tmp_path / "store.db")}
    read_config(args, children, where="router", inventory=None, environment={}, mistakes=mistakes)


def test_the_routers_documentation_has_every_option():
    documented = yaml.safe_load(importlib.import_module(f"{PLUGINS}.event_source.router").DOCUMENTATION)["options"]
    assert set(documented) == set(SCHEMA["properties"])
    for name, schema in SCHEMA["properties"].items():
        if "default" in schema and name != "sources":
            assert documented[name]["default"] == schema["default"], name
