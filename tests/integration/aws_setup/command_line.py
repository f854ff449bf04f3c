# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Commands of AWS's command line as pages show them, carried out by boto3: the command line is made of the same descriptions of the services."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import boto3
from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws
from botocore import xform_name

# Options of the command line itself, which no service knows.
_ITS_OWN = {"--cli-binary-format"}


def call_of(command: str) -> tuple[str, str, dict[str, Any]]:
    """Return the service, the method of boto3 and the arguments that a command stands for.

    Raises:
        AssertionError: the service does not know the operation or one of the options, or wants another.
    """
    program, service, operation, *options = shlex.split(command)
    assert program == "aws", command
    model = boto3.client(service, region_name="eu-central-1").meta.service_model
    names = {xform_name(name, "-"): name for name in model.operation_names}
    assert operation in names, f"{service} has no {operation}"
    shape = model.operation_model(names[operation]).input_shape
    members = {f"--{xform_name(name, '-')}": name for name in shape.members} | {"--zip-file": "Code"}
    given: dict[str, Any] = {}
    while options:
        option = options.pop(0)
        if not option.startswith("--"):
            break  # the file that an answer goes to
        if option in _ITS_OWN:
            options.pop(0)
            continue
        assert option in members, f"{service} {operation} has no option {option}"
        name = members[option]
        given[name] = _value(shape.members[name].type_name, options.pop(0))
    assert set(shape.required_members) <= set(given), (command, shape.required_members)
    return service, xform_name(names[operation]), given


def _value(kind: str, text: str) -> Any:
    if kind == "list":
        return [text]
    if kind != "structure" or text.startswith("fileb://"):
        return text
    if text.startswith("{"):
        return json.loads(text)
    name, inner = re.fullmatch(r"(\w+)=\{(.*)\}", text).groups()
    return {name: dict([inner.split("=", 1)])}


def run(aws: RunningAws, command: str) -> dict[str, Any]:
    """Carry out a command in the double, and return the answer."""
    service, method, given = call_of(command)
    return getattr(aws.client(service), method)(**given)
