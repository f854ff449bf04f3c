# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A line of a log restarts the service that the log belongs to, on the host that wrote it: as docs/log_incident.md shows it."""

from __future__ import annotations

import time

import pytest
from ansible_collections.eventops.infra.tests.e2e.aws_site import AwsSite

PAGE = "log_incident.md"
GROUP = "/shop/production"
INSTANCE = "i-12345678901234567"
QUICK = {"eventops_log_interval": 1, "eventops_log_window": 2}


class Shop(AwsSite):
    """The page's site, with a real service in the place of the page's."""

    def __init__(self, rulebook, directory, aws, service) -> None:
        super().__init__(rulebook, directory, aws, PAGE, "eventops.infra.log_incident")
        self.shop = service("shop")
        (entry,) = self.hosts["web-01"]["eventops_services"]
        assert entry["name"] == "shop" and entry["start"] == {"systemd": "shop.service"}  # there is no systemd where tests run
        self.hosts["web-01"].pop("ansible_host")
        entry["check"] = {"http": {"url": self.shop.url}}
        entry["start"] = {"command": self.shop.restart_command}
        aws.add_log_lines(GROUP, INSTANCE, [(time.time(), "the shop opens")])
        self.start("FilterLogEvents", **QUICK)

    def write(self, *lines: str, stream: str = INSTANCE) -> None:
        """Let the service write to its log."""
        self.aws.add_log_lines(GROUP, stream, [(time.time(), line) for line in lines])


@pytest.fixture
def site(rulebook, directory, aws, service) -> Shop:
    return Shop(rulebook, directory, aws, service)


def test_a_service_whose_log_tells_of_trouble_is_restarted_once_and_verified(site):
    assert site.shop.number_of_starts == 1
    site.write("all is well", *[f"CRITICAL no connection to the database, {number}" for number in range(50)])

    case = site.wait_for_case("resolved", type="log.matched")

    assert (case["hosts"], case["attempt"], case["name"]) == (["web-01"], 1, GROUP)
    assert site.shop.number_of_starts == 2 and site.shop.is_up
    assert {(row["host"], row["status"]) for row in site.ledger.executions()} == {("web-01", "ok")}
    (event,) = site.ledger.events(type="log.matched")
    assert event["body"]["data"]["count"] == 50
    assert site.rulebook.stop() == 0


def test_a_service_that_is_down_is_started_again(site):
    site.shop.kill()
    site.write("CRITICAL out of memory")
    site.wait_for_case("resolved", type="log.matched")
    assert site.shop.is_up
    assert site.rulebook.stop() == 0


def test_a_service_that_goes_on_complaining_is_left_alone_within_the_cooldown(site):
    site.write("CRITICAL once")
    site.wait_for_case("resolved", type="log.matched")
    time.sleep(2.5)  # the next window
    site.write("CRITICAL twice")
    case = site.wait_for_case("waiting", type="log.matched")
    assert "cooldown" in case["reason"]
    assert site.shop.number_of_starts == 2
    assert site.rulebook.stop() == 0


def test_a_service_that_does_not_come_back_calls_a_person(rulebook, directory, aws, service):
    site = Shop(rulebook, directory, aws, service)
    site.shop.cannot_start()
    site.shop.kill()
    site.write("CRITICAL broken for good")
    case = site.wait_for_case("exhausted", 120, type="log.matched")
    assert case["attempt"] == 3
    site.wait_for_case("resolved", type="case.exhausted")
    assert site.rulebook.stop() == 0


def test_a_line_of_an_instance_that_the_inventory_lacks_restarts_nothing_and_calls_a_person(site):
    site.write("CRITICAL from nowhere", stream="i-00000000000000000")
    case = site.wait_for_case("suppressed", type="log.matched")
    site.wait_for_case("resolved", type="case.unresolved")
    assert "i-00000000000000000" in case["reason"]
    assert {row["host"] for row in site.ledger.executions()} == {"localhost"}
    assert site.shop.number_of_starts == 1
    assert site.rulebook.stop() == 0


def test_a_line_that_says_nothing_of_a_host_restarts_nothing(site):
    site.write("CRITICAL from somewhere", stream="web-01 or so")
    site.wait_for_case("suppressed", type="event.received")
    assert site.ledger.executions() == []
    assert site.rulebook.stop() == 0
