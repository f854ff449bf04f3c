# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import asyncio
import importlib.util
import socket
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils import alone
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.settings import SCHEMA, read_settings


def plugin_at(path):
    """Load it by its path, as ansible-rulebook does (by runpy, which Ansible's own import of collections takes over)."""
    spec = importlib.util.spec_from_file_location("probe_source", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PLUGIN = plugin_at(Path(alone.__file__).parents[2] / "extensions/eda/plugins/event_source/probe.py")
OPTIONS = yaml.safe_load(PLUGIN.DOCUMENTATION)["options"]


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.2", 0)) as server:
        return server.getsockname()[1]


def test_alone_a_failing_service_reaches_the_rules_with_the_host_that_the_inventory_knows(tmp_path, closed_port):
    (tmp_path / "inventory.yml").write_text(
        yaml.safe_dump(
            {"all": {"hosts": {"web-01": {"ansible_host": "127.0.0.2", "services": [{"name": "{{ 'db' }}", "check": {"tcp": {"port": closed_port}}}]}}}}
        )
    )
    args = {"inventory": str(tmp_path / "inventory.yml"), "inventory_checks": "services", "interval": 0.1, "fall": 2}

    async def run():
        queue = asyncio.Queue(1)
        task = asyncio.create_task(PLUGIN.main(queue, args))
        getting = asyncio.create_task(queue.get())
        await asyncio.wait((task, getting), timeout=20, return_when=asyncio.FIRST_COMPLETED)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return getting.result()

    event = asyncio.run(run())
    assert (event["type"], event["meta"]["hosts"]) == ("alert.firing", ["web-01"])
    assert event["data"]["value"] == f"connection refused (127.0.0.2 port {closed_port})"


def test_a_mistake_ends_the_source_before_anything_is_checked():
    with pytest.raises(ConfigurationError, match="intervall: unknown key, did you mean interval?"):
        asyncio.run(PLUGIN.main(asyncio.Queue(), {"intervall": 1, "checks": []}))


def documented(options):
    return {name: (option.get("default"), option.get("choices"), documented(option.get("suboptions", {}))) for name, option in options.items()}


def accepted(schema):
    found = {}
    for name, option in schema.get("properties", {}).items():
        children = option.get("items", option) if option.get("type") == "array" else option
        found[name] = (option.get("default"), option.get("enum"), accepted(children))
    return found


def test_the_documentation_names_every_option_with_its_default_and_choices():
    expected = accepted(SCHEMA)
    expected["checks"][2]["name"] = ("host", None, {})  # the default depends on nothing, but decides the alert's name too
    assert documented(OPTIONS) == expected


def test_the_examples_are_valid():
    sources = [source for ruleset in yaml.safe_load(PLUGIN.EXAMPLES) for source in ruleset["sources"]]
    children = [child for source in sources for child in source.get("eventops.infra.router", {}).get("sources", [])]
    probes = [source["eventops.infra.probe"] for source in sources + children if "eventops.infra.probe" in source]
    assert len(probes) == 2
    for args in probes:
        try:
            read_settings(args)
        except ConfigurationError as error:
            # the programs of the examples need not be on this machine
            assert all("must be a program that the probe can run" in text for _path, text in error.mistakes)
