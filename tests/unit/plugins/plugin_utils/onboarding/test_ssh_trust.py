# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ssh is told about a host key, what it says when that is another, and what counts as a key."""

from __future__ import annotations

import base64
import shlex
import stat
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.known_hosts import known_hosts_of
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.public_keys import NotAKey, fingerprint, public_keys
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.ssh_failure import failure_of
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.ssh_trust import (
    CA,
    FIRST_CONTACT,
    KNOWN_HOSTS,
    NETBOX,
    Trust,
    UnusablePath,
    before,
    ssh_arguments,
)
from hypothesis import given
from hypothesis import strategies as st


def key(kind: str = "ssh-ed25519", more: bytes = b"\0\0\0\x20" + b"k" * 32) -> str:
    return f"{kind} {base64.b64encode(len(kind).to_bytes(4, 'big') + kind.encode() + more).decode()}"


def test_keys_lose_their_comments_and_come_once():
    text = f"# of vm-01\r\n{key()} root@vm-01\r\n\r\n{key('ssh-rsa')}\n{key()}\n"
    assert public_keys(text, "here") == (key(), key("ssh-rsa"))
    assert public_keys([key()], "here") == (key(),)


@pytest.mark.parametrize(
    "given_",
    [
        "",
        "\n",
        [],
        None,
        7,
        [7],
        "ssh-ed25519",
        f"* {key()}",
        f"@cert-authority * {key()}",
        key("ssh-dss"),
        key().replace("ed25519", "rsa", 1),
        key() + "\nx",
        key() * 400,
    ],
)
def test_what_is_no_key_is_refused(given_):
    with pytest.raises(NotAKey, match="^here: "):
        public_keys(given_, "here")


@given(st.text(max_size=300) | st.builds(lambda before, after: before + key() + after, st.text(max_size=20), st.text(max_size=20)))
def test_whatever_comes_a_line_of_known_hosts_is_one_key(text):
    try:
        keys = public_keys(text, "here")
    except NotAKey:
        return
    for line in Trust(NETBOX, "vm-01", keys).lines:
        name, kind, encoded = line.split()
        assert (name, line) == ("vm-01", f"vm-01 {kind} {encoded}")
        assert base64.b64decode(encoded, validate=True)


def options(trust: Trust, known_hosts: str | None = "/tmp/a directory/known", sockets: str = "/tmp/cp") -> dict[str, str]:
    arguments = ssh_arguments(trust, "place", known_hosts, sockets)
    assert arguments[::2] == ["-o"] * (len(arguments) // 2)
    return dict(argument.split("=", 1) for argument in arguments[1::2])


@pytest.mark.parametrize("way", [KNOWN_HOSTS, NETBOX, CA, FIRST_CONTACT])
def test_only_the_file_of_the_host_counts(way):
    given_ = options(Trust(way, "vm-01", (key(),)))
    assert given_["StrictHostKeyChecking"] == ("accept-new" if way == FIRST_CONTACT else "yes")
    assert (given_["UserKnownHostsFile"], given_["GlobalKnownHostsFile"]) == ('"/tmp/a directory/known"', "/dev/null")
    assert given_.get("HostKeyAlias") == (None if way == KNOWN_HOSTS else "vm-01")


def test_where_no_file_is_named_ssh_looks_where_it_does():
    assert not {"UserKnownHostsFile", "GlobalKnownHostsFile"} & options(Trust(KNOWN_HOSTS, "vm-01"), None).keys()


def test_a_connection_is_kept_open_for_what_was_verified_alone():
    trusts = [Trust(NETBOX, "vm-01", (key(),)), Trust(NETBOX, "vm-02", (key(),)), Trust(NETBOX, "vm-01", (key("ssh-rsa"),)), Trust(CA, "vm-01", (key(),))]
    assert len({options(trust)["ControlPath"] for trust in trusts}) == 4
    assert options(trusts[0], "/tmp/one")["ControlPath"] == options(trusts[0], "/tmp/another")["ControlPath"]
    assert options(trusts[0], sockets="/tmp/" + "x" * 100)["ControlPath"] == options(trusts[0], sockets="/tmp/100%")["ControlPath"] == "none"


@pytest.mark.parametrize("path", ['/tmp/"', "/tmp/%h", "/tmp/$HOME", "/tmp/a\\b", "/tmp/a\nb"])
def test_a_path_that_ssh_would_read_otherwise_is_refused(path):
    with pytest.raises(UnusablePath):
        options(Trust(KNOWN_HOSTS, "vm-01"), path)


def test_what_the_user_configured_stands_behind():
    arguments = ssh_arguments(Trust(KNOWN_HOSTS, "vm-01"), "place", "/tmp/a directory/known", "/tmp/cp")
    assert shlex.split(before(arguments, " -C -o ControlMaster=auto ")) == [*arguments, "-C", "-o", "ControlMaster=auto"]
    assert shlex.split(before(arguments, None)) == arguments


@pytest.mark.parametrize(
    "said,kind",
    [
        ("Failed to connect to the host via ssh: Host key verification failed.", "host key"),
        ("No ED25519 host key is known for vm-01 and you have requested strict checking.", "host key"),
        ("@@@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\n@@@@@", "host key"),
        ("Using a SSH password instead of a key is not possible because Host Key checking is enabled.", "host key"),
        ("root@192.0.2.1: Permission denied (publickey).", "authentication"),
        ("Invalid/incorrect password: Permission denied, please try again.", "authentication"),
        ("ssh: Could not resolve hostname vm-01: Name or service not known", "address"),
        ("ssh: connect to host 192.0.2.1 port 22: Connection refused", "refused"),
        ("ssh: connect to host 192.0.2.1 port 22: No route to host", "route"),
        ("ssh: connect to host 192.0.2.1 port 22: Connection timed out", "time"),
        ("Connection timed out during banner exchange", "time"),
        ("kex_exchange_identification: Connection closed by remote host", "closed"),
        ("something new", "other"),
    ],
)
def test_what_ssh_says_is_understood(said, kind):
    failure = failure_of(said)
    assert (failure.kind, failure.is_final) == (kind, kind == "host key")
    assert "192.0.2.1" in failure.explain("192.0.2.1", None, None)


def test_of_a_changed_key_its_fingerprint_is_told_and_not_the_banner():
    offered = f"SHA256:{'a/b+' * 10}xyz"
    lines = [
        "Failed to connect to the host via ssh: @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@",
        "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @",
        "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@",
        "IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!",
        "Someone could be eavesdropping on you right now (man-in-the-middle attack)!",
        "It is also possible that a host key has just been changed.",
        "The fingerprint for the ED25519 key sent by the remote host is",
        f"{offered}.",
        "Please contact your system administrator.",
        "Add correct host key in /home/jane/.ssh/known_hosts to get rid of this message.",
        "Offending ED25519 key in /home/jane/.ssh/known_hosts:3",
        "  remove with:",
        "  ssh-keygen -f '/home/jane/.ssh/known_hosts' -R 'vm-01'",
        "Host key for vm-01 has changed and you have requested strict checking.",
        "Host key verification failed.",
    ]
    said = "\r\n".join(lines)

    failure = failure_of(said)

    assert failure.explain("192.0.2.1", None, None) == f"the host key of 192.0.2.1 port 22 is not the expected one: it is {offered} (ED25519)"
    assert failure.said == (
        "Offending ED25519 key in /home/jane/.ssh/known_hosts:3 Host key for vm-01 has changed and you have requested strict checking."
        " Host key verification failed."
    )


def test_a_fingerprint_is_written_as_ssh_writes_it():
    assert fingerprint(key()) == "SHA256:sArVyTbDlP2ByuRNM59Xf/iwOUmdy69sxylyNl3iUQQ (ED25519)"
    assert fingerprint(key("ecdsa-sha2-nistp256")).endswith(" (ECDSA)")
    assert fingerprint(key("sk-ssh-ed25519@openssh.com")).endswith(" (ED25519-SK)")


@given(st.text(max_size=2000))
def test_whatever_ssh_says_is_a_short_line(said):
    assert len(failure_of(said).said) <= 403 and failure_of(said).said.isprintable()


def test_the_file_of_a_host(tmp_path: Path):
    lasting = tmp_path / "state" / "known_hosts"

    def of(trust: Trust, keep: bool = True):
        return known_hosts_of(trust, "/named", temporary=str(tmp_path), lasting=str(lasting), keep=keep)

    assert of(Trust(KNOWN_HOSTS, "vm-01")).path == "/named"
    of_netbox = Path(of(Trust(NETBOX, "vm-01", (key(),))).path)
    assert (of_netbox.parent, of_netbox.read_text(), stat.S_IMODE(of_netbox.stat().st_mode)) == (tmp_path, f"vm-01 {key()}\n", 0o600)
    assert Path(of(Trust(CA, "vm-01", (key(),))).path).read_text() == f"@cert-authority vm-01 {key()}\n"
    assert Path(of(Trust(FIRST_CONTACT, "vm-01"), keep=False).path).parent == tmp_path and not lasting.exists()
    first = of(Trust(FIRST_CONTACT, "vm-01"))
    assert (Path(first.path), first.content) == (lasting / "vm-01", "")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (lasting.parent, lasting, lasting / "vm-01")]
    assert modes == [0o700, 0o700, 0o600]
    Path(first.path).write_text("vm-01 key\n")
    assert of(Trust(FIRST_CONTACT, "vm-01")).content == "vm-01 key\n"
    assert Path(of(Trust(FIRST_CONTACT, "vm-01"), keep=False).path).read_text() == "vm-01 key\n"
