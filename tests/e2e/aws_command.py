# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the AWS CLI does with the commands that docs/ shows: `python aws_command.py SERVICE OPERATION --OPTION VALUE`.

On botocore, because its own package would bring another version of that along.
Options are named and typed by botocore's model of the call, so that one which AWS does not have, or a value of another type, is an error here, too.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.model import Shape


def main(arguments: list[str]) -> None:
    """Make a call, and print what is answered."""
    service, operation, *options = arguments
    client = botocore.session.get_session().create_client(service)
    (name,) = [each for each in client.meta.service_model.operation_names if xform_name(each, "-") == operation]
    shape = client.meta.service_model.operation_model(name).input_shape
    answer = getattr(client, xform_name(name))(**_parameters(options, shape))
    print(json.dumps(answer, default=str))


def _parameters(options: list[str], shape: Shape) -> dict[str, Any]:
    members = {"--" + xform_name(name, "-"): (name, member) for name, member in shape.members.items()}
    found: dict[str, Any] = {}
    while options:
        option = options.pop(0)
        name, member = members[option]
        values = []
        while options and not options[0].startswith("--"):
            values.append(options.pop(0))
        found[name] = _value(values, member)
    return found


def _value(values: list[str], shape: Shape) -> Any:
    if shape.type_name == "list":
        return [_value([value], shape.member) for value in values]
    (value,) = values
    if shape.type_name in ("structure", "map"):
        return json.loads(value) if value.startswith("{") else _shorthand(value, shape)
    return {"integer": int, "long": int, "double": float, "float": float}.get(shape.type_name, str)(value)


def _shorthand(value: str, shape: Shape) -> dict[str, Any]:
    """Read Name=InstanceId,Value=i-12345678901234567."""
    pairs = dict(part.split("=", 1) for part in value.split(","))
    return {name: _value([text], shape.members[name]) if shape.type_name == "structure" else text for name, text in pairs.items()}


if __name__ == "__main__":
    main(sys.argv[1:])
