# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a message may not be taken for one that Amazon SNS sent."""

from __future__ import annotations


class NotGenuine(ValueError):
    """The message is not what SNS signs, or not signed by it. The message says why, for its sender."""


class CertificateUnavailable(Exception):
    """The certificate that tells cannot be had just now; the message may be genuine all the same."""
