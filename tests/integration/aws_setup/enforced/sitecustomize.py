# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Python reads this at its start where its directory is in PYTHONPATH: from then on boto3 does only what the policies in a file allow.

Modules run in processes of their own, to which nothing else leads. botocore is not imported before somebody else does, which would take long.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import json
import os
import sys
from pathlib import Path

VARIABLE = "EVENTOPS_TEST_POLICIES"


class WhenImported(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Changes botocore's client as soon as it is there."""

    def find_spec(self, name, path, target=None):
        """Find the module with the other finders, and load it with this."""
        if name != "botocore.client":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        self.loader, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec):
        """Leave it to Python."""
        return None

    def exec_module(self, module):
        """Load it, and change it."""
        module.__loader__ = module.__spec__.loader = self.loader
        self.loader.exec_module(module)
        from iam_enforcing import Enforcing

        told = json.loads(Path(os.environ[VARIABLE]).read_text(encoding="utf-8"))
        enforcing = Enforcing(told["policies"], told["tags"], Path(told["log"]))
        module.BaseClient._make_api_call = enforcing.around(module.BaseClient._make_api_call)


if os.environ.get(VARIABLE):
    sys.meta_path.insert(0, WhenImported())
