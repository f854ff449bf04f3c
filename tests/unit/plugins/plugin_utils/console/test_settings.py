# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The router's `listen`: what is taken, what is refused, and that no message shows a token."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils import configuration
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.console.settings import LISTEN_SCHEMA, Listen, Token, read_listen

SECRET = "correct-horse-battery-staple"


def listen(given: dict, environment: dict | None = None) -> Listen:
    mistakes = Mistakes()
    values = mistakes.read(given, LISTEN_SCHEMA, "listen")
    made = values and read_listen(values, "listen", environment or {}, mistakes)
    mistakes.raise_if_any()
    return made


def said(given: dict, environment: dict | None = None) -> str:
    with pytest.raises(ConfigurationError) as error:
        listen(given, environment)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "host", "port", "local"),
    [
        ("127.0.0.1:5050", "127.0.0.1", 5050, True),
        ("127.8.0.1:1", "127.8.0.1", 1, True),
        ("localhost:65535", "localhost", 65535, True),
        ("[::1]:5050", "::1", 5050, True),
        (":5050", None, 5050, False),
        ("0.0.0.0:5050", "0.0.0.0", 5050, False),
        ("[::]:5050", "::", 5050, False),
        ("192.0.2.7:5050", "192.0.2.7", 5050, False),
        ("[::ffff:127.0.0.1]:5050", "::ffff:127.0.0.1", 5050, True),
    ],
)
def test_an_address_is_taken_apart(text, host, port, local):
    made = listen({"address": text, "tokens": [SECRET]})
    assert (made.host, made.port, made.is_local) == (host, port, local)


@pytest.mark.parametrize(
    "text", ["127.0.0.1", "5050", "::1:5050", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.256:80", "[1.2.3.4]:80", "[::g]:80", "example.com:80", " :80", ":80\n"]
)
def test_what_is_no_address_is_refused(text):
    assert said({"address": text}).startswith("listen.address: must be an address and a port such as 127.0.0.1:5050")


def test_there_is_no_console_unless_it_is_written():
    assert read_listen(None, "listen", {}, Mistakes()) is None


def test_without_tokens_only_this_machine_may_read():
    assert listen({"address": "127.0.0.1:5050"}).tokens == ()
    for address in (":5050", "0.0.0.0:5050", "192.0.2.7:5050"):
        assert said({"address": address}).startswith("listen.tokens: must name at least one token")
    behind_a_proxy = {"address": "127.0.0.1:5050", "url": "https://eventops.example.com"}
    assert said(behind_a_proxy).startswith("listen.tokens: must name at least one token, since url says")
    assert not listen({**behind_a_proxy, "tokens": [SECRET]}).is_read_freely and listen({"address": "127.0.0.1:5050"}).is_read_freely


def test_tokens_from_the_rulebook_the_environment_and_a_file(tmp_path):
    (tmp_path / "token").write_text("from-a-file-0123456789\n")
    tokens = [SECRET, {"name": "ann", "env": "TOKEN_OF_ANN"}, {"name": "bob", "file": str(tmp_path / "token")}, {"name": "cy", "token": SECRET[::-1]}]
    made = listen({"address": ":5050", "tokens": tokens}, {"TOKEN_OF_ANN": "from-the-environment"})
    assert [(token.name, token.secret) for token in made.tokens] == [
        ("console", SECRET),
        ("ann", "from-the-environment"),
        ("bob", "from-a-file-0123456789"),
        ("cy", SECRET[::-1]),
    ]


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("tooshort-1234", "must have at least 16 characters"),
        (1234567890123456, "must be a token, or a mapping"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "8 of them different"),
        ("with a space 12345", "no spaces"),
        ("not-ascii-äöü-12345", "no spaces"),
        ({"name": "ann"}, "must have one of token, env or file, got none"),
        ({"name": "ann", "token": SECRET, "env": "A"}, "must have only one of"),
        ({"name": "router", "token": SECRET}, "tokens[0].name: must be a name"),
        ({"name": "a\nb", "token": SECRET}, "tokens[0].name: must be a name"),
        ({"name": "ann", "env": "UNSET"}, "tokens[0].env: the environment variable UNSET is not set"),
        ({"name": "ann", "env": "SHORT"}, "tokens[0].env: must be at least 16"),
        ({"name": "ann", "file": "/no/such/file"}, "tokens[0].file: must be a file with a secret, but /no/such/file cannot be read: No such file"),
        ({"name": "ann", "file": "/"}, "cannot be read: Is a directory"),
    ],
)
def test_a_token_that_cannot_be_used_is_refused(token, expected):
    assert expected in said({"address": "127.0.0.1:5050", "tokens": [token]}, {"SHORT": "short"})


def test_two_people_have_two_tokens():
    assert "tokens[1]: is the same as another" in said({"address": ":5050", "tokens": [SECRET, {"name": "ann", "token": SECRET}]})


@pytest.mark.parametrize(
    "tokens",
    [
        ["s3cr3t", "s3cr3t s3cr3t s3cr3t"],
        [{"token": "s3cr3t"}, {"token": "s3cr3t-s3cr3t-s3cr3t", "nam": "ann"}],
        [{"token": ["s3cr3t"]}],
        [["s3cr3t"]],
        {"token": "s3cr3t"},
        "s3cr3t",
        ["s3cr3t-s3cr3t-s3cr3t-1234", {"token": "s3cr3t-s3cr3t-s3cr3t-1234"}],
        [{"env": "OTHER"}],
    ],
)
def test_no_mistake_shows_a_token(tokens):
    assert "s3cr3t" not in said({"address": "127.0.0.1:5050", "tokens": tokens}, {"OTHER": "s3cr3t s3cr3t s3cr3t"})


def test_the_settings_can_be_printed_without_a_token():
    made = listen({"address": "127.0.0.1:5050", "tokens": [{"name": "ann", "token": SECRET}]})
    assert "ann" in repr(made) and SECRET not in repr(made) and SECRET not in str(Token("ann", SECRET))


@pytest.mark.parametrize(
    ("url", "kept"), [("https://eventops.example.com", "https://eventops.example.com"), ("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080")]
)
def test_the_url_is_an_origin(url, kept):
    assert listen({"address": "127.0.0.1:5050", "tokens": [SECRET], "url": url}).url == kept


@pytest.mark.parametrize("url", ["eventops.example.com", "https://example.com/path", "https://user@example.com", "ftp://example.com", "https://a b"])
def test_what_is_no_origin_is_refused(url):
    assert "listen.url: must be what browsers call the console" in said({"address": "127.0.0.1:5050", "url": url})


@pytest.fixture(scope="module", name="certificate")
def _certificate(tmp_path_factory):
    path = tmp_path_factory.mktemp("tls")
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*make, "-nodes", "-keyout", path / "key.pem", "-out", path / "cert.pem"], check=True, capture_output=True)
    subprocess.run([*make, "-passout", "pass:abcd", "-keyout", path / "locked.pem", "-out", path / "other.pem"], check=True, capture_output=True)
    (path / "both.pem").write_text((path / "cert.pem").read_text() + (path / "key.pem").read_text())
    return path


def test_a_certificate_makes_it_tls(certificate):
    for files in ({"certfile": "cert.pem", "keyfile": "key.pem"}, {"certfile": "both.pem"}):
        made = listen({"address": "127.0.0.1:5050", **{key: str(certificate / name) for key, name in files.items()}})
        assert made.tls is not None and made.tls.minimum_version.name == "TLSv1_2"


@pytest.mark.parametrize(
    ("certfile", "keyfile", "expected"),
    [
        ("missing.pem", "key.pem", "No such file"),
        ("cert.pem", "other.pem", "cannot be used"),
        ("other.pem", "locked.pem", "the key has a passphrase"),
        ("cert.pem", "locked.pem", "cannot be used"),
        ("key.pem", None, "cannot be used"),
    ],
)
def test_files_that_are_no_certificate_are_refused(certificate, certfile, keyfile, expected):
    files = {"certfile": str(certificate / certfile), **({"keyfile": str(certificate / keyfile)} if keyfile else {})}
    message = said({"address": "127.0.0.1:5050", **files})
    assert message.startswith("listen.certfile: must be a certificate with its key") and expected in message


def test_a_key_needs_its_certificate():
    assert said({"address": "127.0.0.1:5050", "keyfile": "key.pem"}) == "listen.certfile: is missing; keyfile needs it"


def test_what_the_documentation_shows_is_taken():
    text = (Path(__file__).absolute().parents[5] / "docs" / "console.md").read_text(encoding="utf-8")
    shown = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "address:" in block]
    assert len(shown) == 3
    for each in shown:
        # A rulebook of the collection takes the same from a variable.
        listen = each["eventops_console"] if "eventops_console" in each else each.get("eventops.infra.router", each)["listen"]
        configuration.read(listen, LISTEN_SCHEMA)
    table = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", text, re.MULTILINE)[: len(LISTEN_SCHEMA["properties"])]
    documented = {word for cell in table for word in re.findall(r"\w+", cell)}
    assert set(LISTEN_SCHEMA["properties"]) <= documented
