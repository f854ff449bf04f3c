# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.settings import read_settings
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.target import CommandCheck, HttpCheck, Target, TcpCheck

TCP = {"host": "db-01", "name": "db", "tcp": {"port": 5432}}


def mistakes_of(**args):
    with pytest.raises(ConfigurationError) as caught:
        read_settings(args)
    return str(caught.value).splitlines()


def test_a_check_takes_from_the_source_what_it_does_not_say_itself():
    settings = read_settings(
        {
            "interval": 7,
            "fall": 4,
            "checks": [
                TCP,
                {"host": "web-01", "name": "web", "http": {"url": "http://a/", "status": [200, 204], "headers": {"X-A": "b"}}, "interval": 1, "timeout": 0.5},
                {"host": "web-01", "command": ["true", 1], "rise": 1, "fall": 1, "severity": "info", "description": "x"},
                {"host": "web-02", "name": "disk", "alert": "DiskFull", "command": ["true"]},
            ],
        }
    )
    assert settings.targets == (
        Target("db-01", "db", TcpCheck(5432), 7, 5, 2, 4, "critical", "ServiceDown"),
        Target("web-01", "web", HttpCheck("http://a/", status=(200, 204), headers=(("X-A", "b"),)), 1, 0.5, 2, 4, "critical", "ServiceDown"),
        Target("web-01", "host", CommandCheck(("true", "1")), 7, 5, 1, 1, "info", "HostDown", "x"),
        Target("web-02", "disk", CommandCheck(("true",)), 7, 5, 2, 4, "critical", "DiskFull"),
    )
    assert (settings.repeat_seconds, settings.max_concurrent, settings.resolve_at_start) == (300, 200, True)


@pytest.mark.parametrize(
    ("args", "needs"),
    [
        ({"checks": [TCP]}, True),
        ({"checks": [{**TCP, "tcp": {"port": 1, "address": "a"}}]}, False),
        ({"checks": [{"host": "a", "http": {"url": "http://a"}}]}, False),
        ({"inventory_checks": "eventops_services"}, True),
    ],
)
def test_the_inventory_is_read_only_when_something_in_it_is_needed(args, needs):
    assert read_settings(args).needs_inventory is needs


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ({"tcp": {"port": 0}}, ".tcp.port: must be at least 1, got 0"),
        ({"htpp": {}}, ".htpp: unknown key, did you mean http?"),
        ({}, ": must have one of http, tcp or command, got none of them"),
        ({"command": "true; id"}, ".command: must be a list of the program and its arguments, for no shell reads it, got the string 'true; id'"),
        ({"command": ["no-such-program"]}, ".command[0]: must be a program that the probe can run, but 'no-such-program' is none; give its full path"),
        ({"http": {"url": "ftp://a"}}, ".http.url: must be an http:// or https:// URL, got the string 'ftp://a'"),
        ({"http": {"url": "http://a:99999/"}}, ".http.url: must be an http:// or https:// URL, but "),
        ({"http": {"url": "http://a", "cafile": "/none"}}, ".http.cafile: must be a file of certificates, but '/none' cannot be read as one: No such"),
        ({"http": {"url": "http://a", "cafile": __file__}}, ".http.cafile: must be a file of certificates, but "),
        (
            {"http": {"url": "http://a", "headers": {"Authorization": "hunter2\r\nX: y"}}},
            ".http.headers.Authorization: must be a text of one line, got a string that is not shown here",
        ),
        ({"tcp": {"port": 1}, "severity": "crit"}, ".severity: must be one of critical, error, warning or info, got the string 'crit'; did you mean"),
        ({"tcp": {"port": 1}, "interval": 0}, ".interval: must be at least 0.1, got 0"),
        ({"tcp": {"port": 1}, "fall": 0}, ".fall: must be at least 1, got 0"),
        ({"tcp": {"port": 1}, "host": "all,web"}, ".host: must be the name of a host in the inventory, got the string 'all,web'"),
    ],
)
def test_mistakes_in_a_check(check, expected):
    found = mistakes_of(checks=[{"host": "web-01", **check}])
    assert any(line.startswith(f"checks[0]{expected}") for line in found), found


def test_without_anything_to_check_the_source_does_not_start():
    assert mistakes_of() == ["must have at least one of checks or inventory_checks, got none of them"]


def test_two_checks_of_one_name_on_one_host():
    assert mistakes_of(checks=[TCP, TCP]) == ["checks[1]: db on db-01 is checked already; give this check another name"]


def test_mistakes_that_no_schema_can_tell_are_reported_at_once_too():
    bad = {"host": "a", "command": ["no-such-program"]}
    assert len(mistakes_of(checks=[{**bad, "name": "x"}, {**bad, "name": "y"}])) == 2
