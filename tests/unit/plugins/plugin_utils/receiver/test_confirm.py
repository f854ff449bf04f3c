# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import base64

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.alertmanager_api import AlertmanagerApi
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.confirm import SCHEMA, read_confirm

URL = "http://127.0.0.1:9093"


def read(settings: object, **environment: str) -> AlertmanagerApi | None:
    mistakes = Mistakes()
    given = mistakes.read({"alertmanager": settings}, SCHEMA, "confirm")
    found = None if given is None else read_confirm(given, "confirm", environment, mistakes)
    mistakes.raise_if_any()
    return found


def test_a_url_is_enough():
    assert read({"url": URL}) == AlertmanagerApi(url=URL, timeout_seconds=10, settled_after_seconds=120)


def test_a_token_comes_from_where_it_stands():
    assert read({"url": URL, "bearer": {"env": "ALERTMANAGER_TOKEN"}}, ALERTMANAGER_TOKEN="s3cret").authorization == "Bearer s3cret"


def test_a_name_and_a_password(tmp_path):
    (tmp_path / "password").write_text("grün\n", encoding="utf-8")
    authorization = read({"url": URL, "basic": {"username": "eventops", "password": {"file": str(tmp_path / "password")}}}).authorization
    assert base64.b64decode(authorization.removeprefix("Basic ")).decode() == "eventops:grün"


@pytest.mark.parametrize(
    ("settings", "path", "said"),
    [
        ({}, "confirm.alertmanager.url", "is missing"),
        ({"url": "127.0.0.1:9093"}, "confirm.alertmanager.url", "must be the http:// or https:// URL of Alertmanager"),
        ({"url": "file:///etc/passwd"}, "confirm.alertmanager.url", "must be the http:// or https:// URL"),
        ({"url": "http://am:s3cret@127.0.0.1:9093"}, "confirm.alertmanager.url", "name them with `basic`"),
        ({"url": f"{URL}/?a=b"}, "confirm.alertmanager.url", "nothing from ? or # on"),
        ({"url": "http://127.0.0.1:port"}, "confirm.alertmanager.url", "must be the URL of Alertmanager, but"),
        ({"url": URL, "bearer": "two words"}, "confirm.alertmanager.bearer", "must be a token"),
        ({"url": URL, "bearer": {"env": "NOT_SET"}}, "confirm.alertmanager.bearer.env", "NOT_SET is not set"),
        ({"url": URL, "bearer": "a", "basic": {"username": "a", "password": "b"}}, "confirm.alertmanager", "one of bearer and basic at most"),
        ({"url": URL, "basic": {"username": "a:b", "password": "b"}}, "confirm.alertmanager.basic.username", "a name without a colon"),
        ({"url": URL, "cafile": "/no/such/file"}, "confirm.alertmanager.cafile", "cannot be read"),
        ({"url": URL, "timeout": 60}, "confirm.alertmanager.timeout", "at most 25"),
    ],
)
def test_mistakes_say_where_and_show_no_secret(settings, path, said):
    with pytest.raises(ConfigurationError) as raised:
        read(settings)
    [(where, text)] = raised.value.mistakes
    assert where == path and said in text
    assert "s3cret" not in text and "two words" not in text
