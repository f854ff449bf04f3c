# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The HTTPS server: who asks is checked, what is allowed too, then the call is answered."""

from __future__ import annotations

import json
import secrets
import time

from aiohttp import web

from .answers import CALLS, Answer, error
from .azure import CLIENT, TENANT, Azure, Fault, Request

_LOGIN = "login.microsoftonline.com"


def application(azure: Azure) -> web.Application:
    """Return the server of both names."""

    async def answer(request: web.Request) -> web.Response:
        return await (_entra if request.host == _LOGIN else _manager)(azure, request)

    made = web.Application()
    made.router.add_route("*", "/{path:.*}", answer)
    return made


async def _manager(azure: Azure, request: web.Request) -> web.Response:
    text = await request.text()
    action, given = _answered(azure, request, text)
    azure.requests.append(Request(request.method, request.path, dict(request.query), dict(request.headers), json.loads(text or "null"), action, given.status))
    # Every answer has an id by which Microsoft's support finds it.
    return web.json_response(given.body, status=given.status, headers=given.headers | {"x-ms-request-id": secrets.token_hex(16)})


def _answered(azure: Azure, request: web.Request, text: str) -> tuple[str, Answer]:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not azure.is_good(token):
        return "", error(401, "ExpiredAuthenticationToken" if token in azure.tokens else "InvalidAuthenticationToken", "The access token is invalid.")
    fault = azure.fault(request.method, request.path, is_after=False)
    if fault:
        return "", _failed(fault)
    for call in CALLS:
        match = call.pattern.fullmatch(request.path)
        if match and call.method == request.method:
            return call.action, _checked(azure, request, text, call, match)
    return "", error(501, "NotInTheDouble", f"The double has no {request.method} {request.path}.")


def _checked(azure: Azure, request: web.Request, text: str, call, match) -> Answer:
    if match["subscription"] != azure.subscription:
        return error(404, "SubscriptionNotFound", f"The subscription '{match['subscription']}' could not be found.")
    if "api-version" not in request.query:
        return error(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.")
    if request.query["api-version"] != call.api:
        return error(400, "InvalidResourceType", f"The double has the API version {call.api} of this, not {request.query['api-version']}.")
    if call.action and not azure.allows(call.action):
        who = f"The client '{CLIENT}' with object id '{CLIENT}'"
        return error(403, "AuthorizationFailed", f"{who} does not have authorization to perform action '{call.action}' over scope '{request.path}'.")
    try:
        body = json.loads(text or "{}")
    except ValueError:
        return error(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized.")
    given = call.answer(azure, match, request.query, request.headers, body)
    fault = azure.fault(request.method, request.path, is_after=True)
    return _failed(fault) if fault else given


def _failed(fault: Fault) -> Answer:
    return error(fault.status, fault.code, fault.message, **({} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}))


async def _entra(azure: Azure, request: web.Request) -> web.Response:
    """Answer for Entra ID: discovery, and tokens for a service principal (OAuth 2.0 client credentials, RFC 6749, section 4.4)."""
    tenant = f"https://{_LOGIN}/{TENANT}"
    if request.path.endswith("/discovery/instance"):
        aliases = [{"preferred_network": _LOGIN, "preferred_cache": "login.windows.net", "aliases": [_LOGIN, "login.windows.net"]}]
        return web.json_response({"tenant_discovery_endpoint": f"{tenant}/v2.0/.well-known/openid-configuration", "metadata": aliases})
    if request.path == f"/{TENANT}/v2.0/.well-known/openid-configuration":
        there = {"token_endpoint": f"{tenant}/oauth2/v2.0/token", "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize", "issuer": f"{tenant}/v2.0"}
        return web.json_response(there)
    if request.path == f"/{TENANT}/oauth2/v2.0/token":
        return _token(azure, dict(await request.post()))
    return web.json_response({"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found."}, status=400)


def _token(azure: Azure, form: dict[str, object]) -> web.Response:
    wrong = ""
    if form.get("grant_type") != "client_credentials":
        wrong = "AADSTS70003: The app requested an unsupported grant type."
    elif form.get("scope") != "https://management.azure.com/.default" and form.get("scope") != "https://management.core.windows.net//.default":
        wrong = f"AADSTS70011: The scope {form.get('scope')} is not valid."
    elif form.get("client_id") != CLIENT:
        wrong = f"AADSTS700016: Application with identifier '{form.get('client_id')}' was not found in the directory."
    elif form.get("client_secret") != azure.secret:
        wrong = "AADSTS7000215: Invalid client secret provided."
    if wrong:
        return web.json_response({"error": "invalid_client", "error_description": wrong}, status=401)
    token = secrets.token_urlsafe(32)
    azure.tokens[token] = time.time() + azure.token_seconds
    return web.json_response({"token_type": "Bearer", "expires_in": azure.token_seconds, "ext_expires_in": azure.token_seconds, "access_token": token})
