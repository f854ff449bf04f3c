# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How hard to guess a secret must be: the one place that says so, for all that a rulebook may hold. No message shows any of one."""

from __future__ import annotations

import logging
import re

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes

logger = logging.getLogger(__name__)

MIN_TOKEN_LENGTH = 16
_MIN_DIFFERENT_CHARACTERS = 8  # of a token: a guess at a time gets nowhere against chance, but "aaaa..." is no chance
_PRINTABLE = re.compile(r"[\x21-\x7e]+")  # what an Authorization header can carry: RFC 6750 section 2.1 allows less

# What somebody else may have chosen, a person or another system: whoever sees one signed body can try short ones at home, by the billion.
_MIN_SECRET_LENGTH = 6
_GOOD_SECRET_LENGTH = 16
_REMEDY = "openssl rand -hex 24 makes one that nobody guesses"


def require_token(secret: str, place: str, mistakes: Mistakes) -> bool:
    """Tell whether a secret can be sent as it is and will not be guessed; what it lacks goes to `mistakes`."""
    if len(secret) >= MIN_TOKEN_LENGTH and len(set(secret)) >= _MIN_DIFFERENT_CHARACTERS and _PRINTABLE.fullmatch(secret):
        return True
    wanted = f"at least {MIN_TOKEN_LENGTH} letters, digits and signs, {_MIN_DIFFERENT_CHARACTERS} of them different, no spaces"
    mistakes.add(place, f"must be {wanted}; {_REMEDY}")
    return False


def require_length(secret: str | bytes, place: str, mistakes: Mistakes) -> bool:
    """Tell whether a password, or a secret that signs, is of any use; one that is short all the same is warned of in the log."""
    if len(secret) < _MIN_SECRET_LENGTH:
        mistakes.add(place, f"must be at least {_MIN_SECRET_LENGTH} characters, better {_GOOD_SECRET_LENGTH}; {_REMEDY}")
        return False
    if len(secret) < _GOOD_SECRET_LENGTH:
        logger.warning("%s has fewer than %d characters and may be guessed; %s", place, _GOOD_SECRET_LENGTH, _REMEDY)
    return True
