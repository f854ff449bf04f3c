# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all tests share: the collection made importable, and the options for tests that take long."""

from __future__ import annotations

import sys
from pathlib import Path

import hypothesis
import pytest

CHECKOUT = Path(__file__).absolute().parents[1]


def importable_from() -> Path:
    """Return the directory to import `ansible_collections` from: where this is installed, or a link to the checkout."""
    if CHECKOUT.parts[-3:] == ("ansible_collections", "eventops", "infra"):
        return CHECKOUT.parents[2]
    sys.path.insert(0, str(CHECKOUT / "scripts"))
    import collection

    return collection.link_checkout()


sys.path.insert(0, str(importable_from()))

# No deadline: a machine that is busy with something else is no failure. `make fuzz` takes the second profile.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.register_profile("fuzz", deadline=None, max_examples=20_000)
hypothesis.settings.load_profile("tests")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that `make soak` and `make fuzz` give."""
    parser.addoption("--slow", action="store_true", help="run the tests that take minutes, too")
    parser.addoption("--soak-rounds", type=int, default=5, metavar="N", help="how often a soak test repeats (default: 5)")
    parser.addoption("--fuzz-inputs", type=int, default=3000, metavar="N", help="how many broken requests a listener gets (default: 3000)")
    parser.addoption("--soak-seed", type=int, default=1, metavar="N", help="of the random numbers of a soak test (default: 1)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip slow tests, visibly, unless they are asked for."""
    if not config.getoption("--slow"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="takes minutes: make soak, or --slow"))


@pytest.fixture(scope="session")
def soak_rounds(pytestconfig: pytest.Config) -> int:
    """Return how often a soak test repeats."""
    return pytestconfig.getoption("--soak-rounds")


@pytest.fixture(scope="session")
def soak_seed(pytestconfig: pytest.Config) -> int:
    """Return the seed of a soak test's random numbers."""
    return pytestconfig.getoption("--soak-seed")
