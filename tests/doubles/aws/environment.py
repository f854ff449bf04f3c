# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The environment in which clients of AWS find the double and nothing else: no account of the person who runs the tests is ever asked."""

from __future__ import annotations

import os

REGION = "eu-central-1"
ACCOUNT = "123456789012"
KEY_ID = "AKIAEVENTOPSTESTS000"  # the form that moto knows a key by
SECRET = "no-secret-of-anybody"


def environment_of(url: str, region: str = REGION) -> dict[str, str]:
    """Return the variables that lead any AWS client to a URL; for subprocesses, beside what they need otherwise."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
