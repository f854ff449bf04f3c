# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Clients of CloudWatch in each of its protocols; which one a client takes by itself depends on its version."""

from __future__ import annotations

from typing import Any

import botocore.session
from botocore.config import Config


def client_with(protocol: str, url: str) -> Any:
    """Return a client of CloudWatch that speaks one of its protocols."""
    session = botocore.session.get_session()
    model = session.get_component("data_loader").load_service_model("cloudwatch", "service-2", api_version=None)  # kept by the loader
    model["metadata"].update(protocol=protocol, protocols=[protocol])
    keys = {"aws_access_key_id": "AKIAEVENTOPSTESTS000", "aws_secret_access_key": "none"}
    settings = Config(retries={"mode": "standard", "total_max_attempts": 1})
    return session.create_client("cloudwatch", "eu-central-1", endpoint_url=url, config=settings, **keys)
