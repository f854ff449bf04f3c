# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every implementation of the store promises.

A test class for one inherits from this and provides the fixtures `store` and `changes`, a list to which the store's
`committed` adds.
"""

from __future__ import annotations

from .promises.of_brakes import PromisesOfBrakes
from .promises.of_cases import PromisesOfCases
from .promises.of_dispatches import PromisesOfDispatches
from .promises.of_endings import PromisesOfEndings
from .promises.of_events import PromisesOfEvents
from .promises.of_memory import PromisesOfMemory
from .promises.of_retention import PromisesOfRetention
from .promises.of_search import PromisesOfSearch
from .promises.of_the_agenda import PromisesOfTheAgenda
from .promises.of_transactions import PromisesOfTransactions


class StoreContract(
    PromisesOfEvents,
    PromisesOfCases,
    PromisesOfTheAgenda,
    PromisesOfSearch,
    PromisesOfDispatches,
    PromisesOfBrakes,
    PromisesOfMemory,
    PromisesOfEndings,
    PromisesOfRetention,
    PromisesOfTransactions,
):
    """All of it."""
