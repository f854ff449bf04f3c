# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook scale on a fleet that programs measure and set."""

from __future__ import annotations

import sys

from ansible_collections.eventops.infra.tests.integration.roles.refusals import refusals
from ansible_collections.eventops.infra.tests.integration.scaling.fleet import Fleet


def test_a_fleet_grows_by_one_is_verified_and_is_left_alone_within_the_cooldown(site):
    fleet = Fleet(site, 2, takes=2)
    fleet.inventory()

    run = fleet.scale(scale_direction="out")

    assert run.rc == 0, run.output
    assert run.of("changed") == {"localhost": 1}
    assert fleet.sets == ["set size=3"]
    assert fleet.state()["desired"] == 3
    assert "fleet has been scaled from 2 to 3 instances. Came: node-3. Went: none" in run.text
    assert fleet.record.stat().st_mode & 0o777 == 0o600

    again = fleet.scale(scale_direction="out")

    assert again.rc == 0, again.output
    assert again.of("changed") == {"localhost": 0}
    assert fleet.sets == ["set size=3"]
    assert "fleet is left as it is: it was last changed at" in again.text


def test_it_shrinks_later_and_by_as_many_as_are_asked_for(site):
    fleet = Fleet(site, 2)
    fleet.inventory(cooldown="10m", cooldown_in="20m", step=2)

    grown = fleet.scale(scale_direction="out")
    fleet.age_the_record(700)
    too_early = fleet.scale(scale_direction="in")
    fleet.age_the_record(1300)
    shrunk = fleet.scale(scale_direction="in", scale_by=3)

    assert grown.rc == too_early.rc == shrunk.rc == 0, shrunk.output
    assert fleet.sets == ["set size=4", "set size=1"]
    assert "1200 s must pass before it is scaled in" in too_early.text
    assert "Went: node-2, node-3, node-4." in shrunk.text


def test_check_mode_measures_and_sets_nothing(site):
    fleet = Fleet(site, 2)
    fleet.inventory()

    run = fleet.scale("--check", scale_to=4)

    assert run.rc == 0, run.output
    assert run.of("changed") == {"localhost": 1}
    assert "check mode, so this is neither done nor verified: scaling fleet from 2 to 4 instances." in run.text
    assert fleet.calls == ["measure"]
    assert not fleet.record.exists()


def test_programs_may_keep_the_record_themselves(site):
    fleet = Fleet(site, 2)
    entry = fleet.entry()
    fleet.inventory(set=[*entry["set"], "{record}", "was={from}", "as {to} it is"])

    run = fleet.scale(scale_direction="out")
    (called,) = fleet.sets
    record = called.removeprefix("set size=3 ").removesuffix(" was=2 as 3 it is")
    fleet.state({"others": {"record": record}})
    again = fleet.scale(scale_direction="out")

    assert run.rc == again.rc == 0, again.output
    assert record.startswith("time=") and record.endswith("direction=out from=2 to=3")
    assert len(fleet.sets) == 1
    assert "it was last changed at" in again.text
    assert not fleet.record.exists()


def test_a_program_that_fails_leaves_no_cooldown_behind(site):
    fleet = Fleet(site, 2, fails="no such pool")
    fleet.inventory(set=[*fleet.entry()["set"], "--token=hunter2"])

    failed = fleet.scale("-v", scale_direction="out")
    fleet.state({"fails": ""})
    run = fleet.scale(scale_direction="out")

    assert failed.rc == 2
    assert "fleet was not set to 3 instances, because" in failed.text and "failed: exit code 1: no such pool" in failed.text
    assert "hunter2" not in failed.output
    assert run.rc == 0, run.output
    assert fleet.state()["desired"] == 3


def test_a_program_that_sets_and_does_not_end_in_time_leaves_its_cooldown(site):
    fleet = Fleet(site, 2, says_so_in=30)
    fleet.inventory(timeout=2)

    ended, again = fleet.scale(scale_direction="out"), fleet.scale(scale_direction="out")

    assert ended.rc == 2 and "fleet was not set to 3 instances, because" in ended.text
    assert again.rc == 0, again.output
    assert fleet.state()["desired"] == 3 and len(fleet.sets) == 1, "it was set after all, and may not be set again at once"


def test_what_is_not_reached_in_time_fails_and_says_what_is_there(site):
    fleet = Fleet(site, 2, takes=300)
    fleet.inventory(wait=2)

    run = fleet.scale(scale_direction="out")

    assert run.rc == 2
    assert "fleet was set from 2 to 3 instances, which were not reached within 2 s: 2 instances are in service and healthy, and 3 were expected" in run.text


# An inventory is full of templates itself, and what a program prints is none.
PRINTS = "import sys; print(sys.argv[1].replace('<', '{' * 2).replace('>', '}' * 2))"


def test_what_does_not_measure_scales_nothing(site, tmp_path):
    fleet = Fleet(site, 3)
    fleet.inventory()
    mark = tmp_path / "pwned"  # in a folder without a space: the shell of the attack would see two words
    attack = f'{{"desired": 3, "serving": 3, "in_progress": "< lookup(\'pipe\', \'touch {mark}\') >"}}'
    measures = {
        "no JSON": (["-c", PRINTS, "three"], "expected JSON such as"),
        "a text": (["-c", PRINTS, '{"desired": "3", "serving": 3}'], "desired: must be a whole number"),
        "an unknown key": (["-c", PRINTS, '{"desired": 3, "serving": 3, "nodes": 3}'], "'nodes': is none of"),
        "a template": (["-c", PRINTS, attack], "while this goes on: "),
        "a failure": (["-c", "import sys; sys.exit('no credentials')", "hunter2"], "it cannot be measured: exit code 1: no credentials"),
        "a hang": (["-c", "import time; time.sleep(60)"], "it did not return within 2 s"),
        "nothing": (["-c", ""], "cannot be measured: it said nothing"),
    }

    asked = {name: fleet.asked(measure=[sys.executable, *words], timeout=2) for name, (words, _expected) in measures.items()}
    said, output = refusals(site, "scale", asked)

    for name, (_words, expected) in measures.items():
        assert expected in said[name]
    assert "hunter2" not in output
    assert fleet.sets == []
    assert not mark.exists()


def test_what_is_wrong_in_the_inventory_is_said_before_anything_runs(site):
    fleet = Fleet(site, 2)
    fleet.inventory()
    entries = {
        "no measure": ({"measure": None}, "measure of fleet must be a list of a program and its arguments"),
        "a set without a number": ({"set": ["resize", "3"]}, "set of fleet must have {to} in an argument"),
        "an empty set": ({"set": []}, "set of fleet must be a list of a program and its arguments"),
        "a short timeout": ({"timeout": 0}, "must be from 1 to 600 seconds, got 0"),
        "a long wait": ({"wait": 4000}, "must be from 1 to 3600 seconds, got 4000"),
        "no bound": ({"min": None}, "min of fleet in scale_groups, or scale_min: must be given"),
        "no cooldown": ({"cooldown": None}, "cooldown of fleet in scale_groups, or scale_cooldown: must be given"),
        "an unknown key": ({"size": 3}, "size"),
        "a strange provider": ({"provider": "shell"}, "provider"),
        "a name that is a path": ({"name": "../fleet"}, "must begin with a letter or a digit"),
    }

    asked = {name: fleet.asked(**entry) for name, (entry, _expected) in entries.items()}
    said, _output = refusals(site, "scale", asked)

    for name, (_entry, expected) in entries.items():
        assert expected in said[name]
    assert fleet.calls == []
