# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Instances of Amazon EC2 in what others say: an id, or an ARN that ends in one."""

from __future__ import annotations

import re

# Ids have 17 hexadecimal digits; those of instances from before 2016 have 8 ("Amazon EC2 User Guide", "Resource IDs").
_INSTANCE = re.compile(r"(?:arn:aws[a-z-]{0,20}:ec2:[a-z0-9-]{1,40}:[0-9]{12}:instance/)?(i-(?:[0-9a-f]{17}|[0-9a-f]{8}))", re.ASCII)


def instance_in(text: str) -> str | None:
    """Return the id of the instance that a text is about; None when it is something else."""
    found = _INSTANCE.fullmatch(text)
    return found and found[1]
