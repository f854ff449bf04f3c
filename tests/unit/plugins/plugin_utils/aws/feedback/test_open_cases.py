# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Access, Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.resource import INSTANCE, Resource
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.open_cases import OpenCases
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.targets import Target

PLACE = Place("production", "eu-central-1", Access())
WEB, DB = (Target(PLACE, Resource(INSTANCE, name)) for name in ("i-1", "i-2"))


def test_of_each_thing_the_newest_that_is_open_is_known():
    cases = OpenCases()
    cases.add([18, 17], WEB)
    cases.add([5], DB)
    cases.add([20], None)
    assert (cases.newest(WEB), cases.newest(DB), set(cases.ids)) == (18, 5, {5, 17, 18, 20})
    cases.end(18)
    assert cases.newest(WEB) == 17
    cases.end(17)
    cases.end(20)
    cases.end(99)
    assert (cases.newest(WEB), set(cases.ids)) == (None, {5})


def test_what_is_over_without_a_word_is_forgotten():
    cases = OpenCases()
    cases.add([17, 18], WEB)
    cases.add([5], DB)
    cases.only({17, 30})
    assert (cases.newest(WEB), cases.newest(DB), set(cases.ids)) == (17, None, {17})
