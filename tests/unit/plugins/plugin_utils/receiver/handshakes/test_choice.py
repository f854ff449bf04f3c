# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which handshakes an endpoint takes part in."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.verifier import SnsSignature
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.handshakes.choice import handshakes_of
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.handshakes.cloudevents_options import CloudEventsOptions
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.handshakes.event_grid_validation import EventGridValidation
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.handshakes.sns_subscription import SnsSubscription
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.bearer import Bearer


async def fetch(url, max_bytes):
    raise AssertionError("nothing is fetched")


def test_each_by_what_the_endpoint_says():
    sns, bearer = SnsSignature(frozenset(), None), Bearer(())
    assert handshakes_of("alertmanager", {}, [bearer], fetch=fetch) == ()
    assert handshakes_of("sns", {}, [bearer], fetch=fetch) == (SnsSubscription(None, fetch),)
    assert handshakes_of("sns", {}, [bearer, sns], fetch=fetch) == (SnsSubscription(sns, fetch),)
    assert handshakes_of("generic", {}, [sns], fetch=fetch) == (SnsSubscription(sns, fetch),)
    assert handshakes_of("eventgrid", {"topics": ["t"]}, [bearer], origins=["o"], rate=5) == (EventGridValidation(["t"]), CloudEventsOptions(["o"], 5))
    assert handshakes_of("cloudevents", {}, [bearer]) == (CloudEventsOptions(),)
    assert handshakes_of("generic", {}, [bearer], origins=["o"]) == (CloudEventsOptions(["o"]),)
    assert handshakes_of(None, {}, []) == ()
