# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a body holds: JSON, or the data alone of a CloudEvent whose attributes are in the headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.delivery import Delivery
from ansible_collections.eventops.infra.plugins.plugin_utils.web.strict_json import MalformedJson, parse

from .endpoint import Endpoint

# HTTP Protocol Binding for CloudEvents 1.0.2, section 3.1: binary mode is what has this header, or any ce- header, and no cloudevents media type.
_BINARY = "ce-specversion"
_READ_BINARY = ("cloudevents", "eventgrid")


def is_binary(headers: Mapping[str, str], endpoint: Endpoint) -> bool:
    """Tell whether the body is a CloudEvent's data, which may be of any media type, or absent.

    :raises InvalidEvent: where the attributes in the headers would be believed that no signature covers.
    """
    if endpoint.adapter_name not in _READ_BINARY or _BINARY not in headers:
        return False
    if not endpoint.trusts_headers:
        raise InvalidEvent("binary mode has its attributes in headers, which the signature of this endpoint does not cover; send it in structured mode")
    return True


def payload_of(delivery: Delivery, endpoint: Endpoint, content_type: str) -> Any:
    """Return what the adapter reads. Raises MalformedJson."""
    if not is_binary(delivery.headers, endpoint):
        payload = parse(delivery.body)
        if isinstance(payload, str):  # JSON within it would be read by nobody as strictly
            raise MalformedJson("the body must be an object or a list, got a text")
        return payload
    if not delivery.body:
        return None
    if content_type.endswith(("/json", "+json")):
        return parse(delivery.body)
    try:
        return delivery.body.decode()
    except UnicodeDecodeError as error:
        raise MalformedJson(f"data that is no text is taken in structured mode alone, as data_base64: byte {error.start} is no UTF-8") from None
