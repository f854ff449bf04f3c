# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which roots are trusted."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.roots import read_roots
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.aws.sns import amazon

BROKEN = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
SUBJECTS = frozenset([amazon.ROOT.subject.public_bytes()])


def test_those_of_a_file_each_once_and_without_what_is_broken(tmp_path):
    path = tmp_path / "roots.pem"
    path.write_bytes(b"# Root 1\n" + amazon.pem(amazon.ROOT, amazon.ROOT) + BROKEN)
    assert read_roots(str(path)).subjects == SUBJECTS


@pytest.mark.parametrize("content", [b"", BROKEN, b"\xff\x00"])
def test_a_file_without_any_is_a_mistake(tmp_path, content):
    path = tmp_path / "roots.pem"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="no certificate in it"):
        read_roots(str(path))


def test_those_of_the_system_in_a_folder(tmp_path, monkeypatch):
    folder = tmp_path / "certs"
    folder.mkdir()
    (folder / f"{hashlib.md5(b'x').hexdigest()[:8]}.0").write_bytes(amazon.pem(amazon.ROOT))
    (folder / "README").write_bytes(amazon.pem(amazon.ISSUER))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    assert read_roots(None).subjects == SUBJECTS


def test_a_system_that_trusts_none_is_a_mistake(tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with pytest.raises(ValueError, match="the system trusts no certificate"):
        read_roots(None)
