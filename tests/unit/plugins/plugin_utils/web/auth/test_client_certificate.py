# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The scheme `client_certificate`."""

from __future__ import annotations

from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.auth.sender import (
    assert_not_allowed,
    assert_stranger,
    delivery,
    mistakes_of,
    verifier,
)

# As ssl.SSLSocket.getpeercert returns it.
SUBJECT = ((("countryName", "DE"),), (("organizationName", "Example"),), (("commonName", "prometheus"),))
NAMES = (("DNS", "Alerts.example.com"), ("URI", "spiffe://example.com/Alerts"), ("IP Address", "192.0.2.1"), ("email", "ops@example.com"))


def shown(subject=SUBJECT, names=NAMES):
    return delivery(subject=subject, subjectAltName=names)


def test_any_certificate_of_the_authority_is_taken():
    made = verifier("client_certificate")
    assert made.verify(shown()) is None
    assert made.verify(delivery(subject=())) is None
    assert_stranger(made, delivery(), why="no client certificate")
    assert not made.reads_body


def test_only_the_subjects_that_are_named_are_taken():
    for subject in ("prometheus", "alerts.example.com", "ALERTS.example.com", "spiffe://example.com/Alerts"):
        assert verifier("client_certificate", subjects=["other", subject]).verify(shown()) is None
    for subject in ("Prometheus", "DE", "Example", "192.0.2.1", "ops@example.com", "*", "example.com", "spiffe://example.com/alerts", "*.example.com"):
        assert_not_allowed(verifier("client_certificate", subjects=[subject]), shown())
    named = verifier("client_certificate", subjects=["prometheus"])
    longer, elsewhere = (("commonName", "prometheus.evil.example"),), (("email", "prometheus"),)
    assert_not_allowed(named, delivery(subject=()), shown(subject=(longer,)), shown(subject=(), names=elsewhere))
    assert_stranger(named, delivery())


def test_an_empty_list_of_subjects_is_a_mistake():
    assert "auth.client_certificate.subjects" in mistakes_of({"client_certificate": {"subjects": []}})
