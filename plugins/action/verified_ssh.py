# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait for a host's SSH, and let only the expected host key in: the module eventops.infra.verified_ssh, which runs on the controller."""

from __future__ import annotations

import os
import time

from ansible import constants
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.common.text.converters import to_text
from ansible.plugins.action import ActionBase
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import is_host_name
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.known_hosts import KnownHosts, known_hosts_of
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.public_keys import NotAKey, fingerprint, public_keys
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.ssh_failure import failure_of
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.ssh_trust import (
    CA,
    FIRST_CONTACT,
    KNOWN_HOSTS,
    NETBOX,
    WAYS,
    Trust,
    UnusablePath,
    before,
    ssh_arguments,
)

ARGUMENTS = {
    "host_key": {"type": "str", "choices": list(WAYS), "default": KNOWN_HOSTS},
    "keys": {"type": "list", "elements": "str", "default": []},
    "known_hosts_file": {"type": "path"},
    "directory": {"type": "path", "default": "~/.local/state/eventops/known_hosts"},
    "timeout": {"type": "int", "default": 300},
    "interval": {"type": "int", "default": 2},
}
NEEDS_KEYS = {NETBOX: "the public keys of the host as NetBox has them", CA: "the public key of the authority that signs the keys of hosts"}


class ActionModule(ActionBase):
    """Open the first connection to a host."""

    TRANSFERS_FILES = False
    _requires_connection = True
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        del tmp
        _validation, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        if arguments["timeout"] < 1 or arguments["interval"] < 1:
            raise AnsibleActionFail("timeout and interval must be at least 1 second")
        kind = self._connection.transport
        if kind == "local":
            return {**result, "changed": False, "ssh_args": "", "verified": False, "msg": "The host is reached without a network: it has no host key."}
        if kind != "ssh":
            raise AnsibleActionFail(f"ansible_connection: must be ssh, or local for the controller itself, got {kind}: its host key cannot be verified here")
        try:
            trust = _trust(arguments, task_vars["inventory_hostname"])
            known_hosts = known_hosts_of(
                trust, arguments["known_hosts_file"], temporary=constants.DEFAULT_LOCAL_TMP, lasting=arguments["directory"], keep=not self._task.check_mode
            )
            ssh_args = self._arguments(trust, known_hosts)
        except (NotAKey, UnusablePath, OSError) as error:
            raise AnsibleActionFail(f"host_key {arguments['host_key']}: {error}") from error
        known_before = known_hosts.content
        failure, seconds = self._wait(ssh_args, arguments)
        if failure is not None:
            address, port, user = self._option("host"), self._option("port"), self._option("remote_user")
            waited = "" if failure.is_final else f" Waited {seconds:.0f} s for it."
            advice = f" {_advice(trust, known_hosts)}" if failure.is_final else ""
            text = f"{failure.explain(str(address), port, user)}.{waited}{advice} ssh says: {failure.said}"
            return {**result, "failed": True, "what": failure.kind, "msg": neutralize(text[0].upper() + text[1:])[0]}
        is_new = trust.way == FIRST_CONTACT and not known_before
        return {**result, "changed": is_new, "ssh_args": ssh_args, "verified": True, "host_key": trust.way, "new_host_key": is_new}

    def _arguments(self, trust: Trust, known_hosts: KnownHosts) -> str:
        directory = os.path.expanduser(self._option("control_path_dir") or "~/.ansible/cp")
        # Ansible makes it only where it names the socket itself.
        os.makedirs(directory, mode=0o700, exist_ok=True)
        place = "/".join(str(part) for part in (known_hosts.name, self._option("host"), self._option("port")))
        return before(ssh_arguments(trust, place, known_hosts.path, directory), self._option("ssh_args"))

    def _wait(self, ssh_args, arguments):
        """Connect until it works, time is up or waiting cannot help; return the failure, and how long it took."""
        self._connection.set_option("ssh_args", ssh_args)
        started = time.monotonic()
        deadline = started + arguments["timeout"]
        longest = int(self._option("timeout") or 10)
        while True:
            left = deadline - time.monotonic()
            self._connection.set_option("timeout", max(1, min(longest, int(left) + 1)))
            failure = self._try()
            left = deadline - time.monotonic()
            if failure is None or failure.is_final or left <= 0:
                return failure, time.monotonic() - started
            time.sleep(min(arguments["interval"], left))

    def _try(self):
        """Log in once; whatever the command there comes to, it was reached."""
        try:
            self._connection.exec_command("exit 0", sudoable=False)
        except AnsibleError as error:
            return failure_of(to_text(error.message))
        return None

    def _option(self, name):
        return self._connection.get_option(name)


def _trust(arguments, host):
    way = arguments["host_key"]
    if not is_host_name(host):
        raise UnusablePath(f"{host!r} is no name of a host that a file could have: expected letters, digits, dots, underscores and hyphens")
    if way in NEEDS_KEYS and not arguments["keys"]:
        raise NotAKey(f"keys: must be {NEEDS_KEYS[way]}, and is empty")
    keys = public_keys(arguments["keys"], "keys") if way in NEEDS_KEYS else ()
    # ssh compares names in lower case.
    return Trust(way, host.lower(), keys)


def _advice(trust, known_hosts):
    if trust.way == KNOWN_HOSTS:
        return f"Expected is what {known_hosts.path or 'the known_hosts file of the user'} has. Verify the key on the host itself, then put it there."
    if trust.way == NETBOX:
        return f"Expected is what NetBox has: {_fingerprints(trust.keys)}. Verify the key on the host itself, then put it into NetBox."
    if trust.way == CA:
        return f"Expected is a certificate for the name {trust.name}, signed by the configured authority: {_fingerprints(trust.keys)}."
    return f"Expected is the key of the first contact{_remembered(known_hosts)}. Where the host was made anew, verify its key and delete {known_hosts.path}."


def _fingerprints(keys):
    return ", ".join(fingerprint(key) for key in keys)


def _remembered(known_hosts):
    """Return the fingerprints of what was remembered, where it can be read: a person may have changed the file."""
    try:
        keys = public_keys([line.partition(" ")[2] for line in known_hosts.content.splitlines() if line.strip()], "known_hosts")
    except NotAKey:
        return ""
    return f", {_fingerprints(keys)}"
