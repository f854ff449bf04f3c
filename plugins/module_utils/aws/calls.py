# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Requests to AWS, whose errors are told in one line."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import told_in_one_line


def ask(client: object, method: str, about: str, **arguments: object) -> dict:
    """Make one request and return its answer.

    Args:
        client: of boto3.
        method: of the client, such as set_desired_capacity.
        about: what it is for, to say in an error: "the group web was scaled".
        arguments: of the method.

    Raises:
        AWSError: it was refused, or AWS could not be asked.
    """
    with told_in_one_line(about):
        return getattr(client, method)(**arguments)


def ask_all(client: object, method: str, rows: str, about: str, **arguments: object) -> list[dict]:
    """Return the rows of all pages of an answer.

    Args:
        rows: the key of the list that an answer has, such as AutoScalingGroups.
    """
    with told_in_one_line(about):
        return [row for page in client.get_paginator(method).paginate(**arguments) for row in page.get(rows, ())]
