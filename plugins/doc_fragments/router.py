# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the documentation of the modules that talk to a router has in common."""

from __future__ import annotations


class ModuleDocFragment:
    """The option by which the router is found, and where these modules run."""

    DOCUMENTATION = r"""
options:
  store:
    description:
      - The path of the router's store, by which the router is found. It must run on the controller, and as the user that runs this.
      - By default E(EVENTOPS_STORE), which is set in every playbook that a rule of the router's ansible-rulebook starts, else the
        router's own default, C(~/.local/state/eventops/store.db).
    type: path
attributes:
  action:
    description: Runs on the controller, whatever the host of the play is, and needs no connection to it.
    support: full
  async:
    description: Supports being run in the background.
    support: none
requirements:
  - python >= 3.11 on the controller
notes:
  - It runs once for each host of the play, like any module. C(run_once) makes it once for all.
  - Text of events in what it returns is neutralised. No template can come from it, and a C({) that could begin one is a fullwidth one.
author:
  - eventops.infra contributors (@eventops)
"""
