# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Benchmarks run on what end-to-end tests run on: the built collection and the real ansible-rulebook."""

from ansible_collections.eventops.infra.tests.e2e.conftest import collections, directory, env

__all__ = ["collections", "directory", "env"]
