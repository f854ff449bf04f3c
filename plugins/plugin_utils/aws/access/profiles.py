# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What AWS's own configuration files say of a profile."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes


def region_of(profile: str | None, environment: Mapping[str, str], where: str, mistakes: Mistakes) -> str | None:
    """Return the region that AWS's usual chain gives; a profile that does not exist goes to `mistakes`."""
    from botocore.exceptions import BotoCoreError  # whose absence is a mistake that is said with the others
    from botocore.session import Session

    try:
        session = Session(profile=profile)
        session.get_scoped_config()
        of_profile = session.get_config_variable("region")
    except BotoCoreError as error:
        mistakes.add(where, " ".join(str(error).split()))
        return None
    # botocore does not read AWS_REGION, which AWS's own services set.
    return environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or of_profile or None
