# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A service dies, Prometheus notices, Alertmanager sends, alertmanager_heal heals, and Prometheus confirms: as docs/alertmanager.md shows it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml
from ansible_collections.eventops.infra.tests.e2e import prometheus
from ansible_collections.eventops.infra.tests.e2e.documents import block, changed
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.prometheus import ALERTMANAGER, PROMETHEUS, Peer
from ansible_collections.eventops.infra.tests.e2e.services import free_port, wait_until_it_listens

pytestmark = prometheus.needed

PAGE = "alertmanager.md"


class Site:
    """The page's site with one service, as quick as it can be made: Prometheus looks every second, and Alertmanager waits for nothing.

    `group_interval` is how long Alertmanager holds back what happens to a group that it has told of.
    """

    def __init__(self, rulebook, directory: Path, env: dict[str, str], service, *, group_interval: str, **variables) -> None:
        self.rulebook = rulebook
        self.port = free_port()
        self.web = service("web")
        self.token_file = directory / "alertmanager.token"
        self.token_file.write_text("a-token-of-the-test\n", encoding="ascii")
        self.alertmanager = Peer(ALERTMANAGER, directory / "alertmanager", env)
        self.prometheus = Peer(PROMETHEUS, directory / "prometheus", env)
        self.ledger = Ledger(directory / "store.db")
        self._group_interval = group_interval
        self._variables = {
            "eventops_mode": "enforce",
            "eventops_store": str(self.ledger.store),
            "eventops_listen": f"127.0.0.1:{self.port}",
            "eventops_token_file": str(self.token_file),
            "eventops_alertmanager_url": self.alertmanager.url,
            "eventops_alertmanager_settled": 0,  # it was started a moment ago
            "eventops_backoff": 1,
            **variables,
        }

    def start(self) -> None:
        """Start all three, and wait until Prometheus has seen the service well."""
        inventory = shown("inventory/hosts.yml", {"192.0.2.11:8080": f"{self.web.address}:{self.web.port}"})
        hosts = inventory["all"]["hosts"]
        [entry] = hosts["web-01"]["eventops_services"]
        assert entry.pop("start") == {"systemd": "nginx.service"}  # there is no systemd where tests run
        entry["start"] = {"command": self.web.start_command}
        self.rulebook.write("eventops.infra.alertmanager_heal", hosts, self._variables)
        self.rulebook.start()
        self.alertmanager.start(self._alertmanager_configuration())
        self.prometheus.start(self._prometheus_configuration(), **{"eventops.rules": self._alerts()})
        wait_until_it_listens(self.rulebook, self.port)

    def _alertmanager_configuration(self) -> dict:
        places = {"http://127.0.0.1:5001/": f"http://127.0.0.1:{self.port}/", "/etc/prometheus/eventops.token": str(self.token_file)}
        configuration = shown("alertmanager.yml", places)
        configuration["route"] |= {"group_wait": "0s", "group_interval": self._group_interval}
        return configuration

    def _prometheus_configuration(self) -> dict:
        places = {"192.0.2.11:8080": f"{self.web.address}:{self.web.port}", "127.0.0.1:9093": self.alertmanager.address}
        return {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, **shown("prometheus.yml", places)}

    def _alerts(self) -> dict:
        alerts = shown("eventops.rules.yml", {})
        for alert in alerts["groups"][0]["rules"]:
            alert["for"] = "0s"
        return alerts


def shown(name: str, replacements: Mapping[str, str]) -> dict:
    """Read the file that the page shows under a name."""
    return yaml.safe_load(changed(block(PAGE, "yaml", f"# {name}"), replacements))


def resolved(ledger: Ledger) -> dict | None:
    return next(iter(ledger.cases(type="alert.firing", state="resolved")), None)


def test_a_service_that_died_is_healed_and_prometheus_confirms_it(rulebook, directory, env, service):
    site = Site(rulebook, directory, env, service, group_interval="1s")
    site.start()
    assert site.web.number_of_starts == 1
    site.web.kill()
    case = site.ledger.wait_for(resolved, "the alert healed and confirmed", 60)
    assert (case["name"], case["hosts"], case["attempt"]) == ("ServiceDown", ["web-01"], 1)
    # Prometheus may be quicker to see the service well than the playbook is to end.
    assert [state for state in site.ledger.states(case["id"]) if state != "verifying"] == ["open", "dispatched", "running", "resolved"]
    assert site.ledger.history(case["id"])[-1]["why"] == "the monitor says that it is over"
    assert site.web.is_up and site.web.number_of_starts == 2
    [confirmed] = site.ledger.events(type="alert.resolved")
    assert confirmed["body"]["dedup_key"] == case["dedup_key"]
    assert "a-token-of-the-test" not in rulebook.output
    assert rulebook.stop() == 0


def test_where_alertmanager_holds_back_that_it_is_over_it_is_asked(rulebook, directory, env, service):
    site = Site(rulebook, directory, env, service, group_interval="1h", eventops_confirm_within=5)
    site.start()
    site.web.kill()
    case = site.ledger.wait_for(resolved, "the alert healed and asked for", 60)
    assert case["reason"] == "the monitor, asked, says that it is over"
    assert site.ledger.states(case["id"])[:4] == ["open", "dispatched", "running", "verifying"]
    assert site.web.is_up and site.web.number_of_starts == 2
    assert not site.ledger.events(type="alert.resolved"), "Alertmanager still holds it back"
