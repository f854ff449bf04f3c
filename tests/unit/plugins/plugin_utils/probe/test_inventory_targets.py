# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import time

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.inventory_targets import all_targets
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.settings import read_settings
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.target import HttpCheck, TcpCheck


def read(hostvars, **args):
    mistakes = Mistakes()
    targets = all_targets(read_settings({"inventory_checks": "eventops_services", **args}), hostvars, mistakes)
    return targets, mistakes


def test_the_services_of_every_host_become_targets():
    services = [
        {"name": "web", "check": {"http": {"url": "http://{{ ansible_host }}:{{ web_port }}/", "status": [200]}}, "start": {"systemd": "nginx.service"}},
        {"name": "db", "check": {"tcp": {"port": "{{ web_port + 1 }}"}, "interval": 3, "alert": "DatabaseDown"}},
        {"name": "batch", "start": {"command": ["/opt/batch"]}},
        {"check": {"command": ["true", "{{ inventory_hostname }}"]}},
    ]
    targets, mistakes = read(
        {
            "web-01": {"ansible_host": "127.0.0.2", "web_port": 8081, "eventops_services": services},
            "db-01": {"eventops_services": [{"name": "db", "check": {"tcp": {"port": 5432}}}]},
            "other": {},
        }
    )
    assert not mistakes
    assert list(targets) == [
        "alert/ServiceDown/web-01/web",
        "alert/DatabaseDown/web-01/db",
        "alert/HostDown/web-01/host",
        "alert/ServiceDown/db-01/db",
    ]
    web, db, host, plain = targets.values()
    assert web.check == HttpCheck("http://127.0.0.2:8081/", status=(200,))
    assert (db.check, db.interval) == (TcpCheck(8082, "127.0.0.2"), 3)
    assert host.check.argv == ("true", "web-01")
    assert plain.check == TcpCheck(5432, "db-01")


def test_the_rulebook_wins_over_the_inventory_and_takes_the_address_of_its_host():
    hostvars = {"db-01": {"ansible_host": "{{ a }}", "a": "127.0.0.9", "eventops_services": [{"name": "db", "check": {"tcp": {"port": 1}}}]}}
    targets, _mistakes = read(hostvars, checks=[{"host": "db-01", "name": "db", "alert": "MyAlert", "tcp": {"port": 2}}])
    (target,) = targets.values()
    assert (target.alert, target.check) == ("MyAlert", TcpCheck(2, "127.0.0.9"))


def test_mistakes_name_the_host_and_leave_the_others_alone():
    check = {"tcp": {"port": 1}}
    targets, mistakes = read(
        {
            "good": {"eventops_services": [{"name": "a", "check": check}]},
            "bad-1": {"eventops_services": [{"name": "a", "check": {"tpc": {}}}]},
            "bad-2": {"eventops_services": {"name": "a"}},
            "bad-3": {"eventops_services": [{"name": "a", "check": check}, {"name": "a", "check": check}]},
            "bad-4": {"eventops_services": [{"name": "{{ nothing }}", "check": check}]},
            "~bad.*": {"eventops_services": [{"name": "a", "check": check}]},
        }
    )
    assert {target.host for target in targets.values()} == {"good", "bad-3"}
    with pytest.raises(ConfigurationError) as caught:
        mistakes.raise_if_any()
    text = str(caught.value)
    assert "bad-1.eventops_services[0].check.tpc: unknown key, did you mean tcp?" in text
    assert "bad-2.eventops_services: must be a list of services" in text
    assert "bad-3.eventops_services[1]: a is checked already" in text
    assert "bad-4.eventops_services: '{{ nothing }}' cannot be rendered: 'nothing' is undefined" in text
    assert "inventory.host: must be the name of a host in the inventory, got the string '~bad.*'" in text


def test_thousands_of_hosts_are_read_in_seconds():
    services = [{"name": "web", "check": {"http": {"url": "http://{{ ansible_host }}/"}}}]
    hostvars = {f"web-{number}": {"ansible_host": f"10.0.{number // 250}.{number % 250}", "eventops_services": services} for number in range(2000)}
    began = time.process_time()
    targets, _mistakes = read(hostvars)
    assert len(targets) == 2000
    assert time.process_time() - began < 5
