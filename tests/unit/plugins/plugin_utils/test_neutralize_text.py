# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import re
import time

import jinja2
import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize_text import neutralize_text
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2.nativetypes import NativeEnvironment

MARKERS = ("{{", "{%", "{#")


def ansible_renders(text):
    """Return what Ansible makes of an extra var with this text, which it trusts as a template."""
    return Templar(loader=DataLoader(), variables={}).template(trust_as_template(text))


def rulebook_renders(*texts):
    """Return what an action's argument `{{ event.a }}{{ event.b }}...` arrives as; ansible-rulebook renders it in this environment."""
    names = [f"t{number}" for number in range(len(texts))]
    template = "".join(f"{{{{ {name} }}}}" for name in names)
    return NativeEnvironment(undefined=jinja2.StrictUndefined).from_string(template).render(dict(zip(names, texts)))


def texts_in(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts_in(key)
            yield from texts_in(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from texts_in(item)


def assert_harmless(text):
    assert not any(marker in text for marker in MARKERS), text
    assert not text.lower().lstrip().startswith("#jinja2:"), text
    assert "$ANSIBLE_VAULT" not in text.upper(), text
    assert all(ord(character) <= 0xFFFF and not 0xD800 <= ord(character) <= 0xDFFF for character in text), text


# Harmless text is not touched.


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Service nginx.service is down on web-01",
        "{a: 1}",
        "{}",
        '{"a": {"b": [1, "#c"]}, "": {"d": "$e"}}',
        '{\n  "a": {\n    "b": "C:\\\\Users"\n  }\n}',
        "100%",
        "{ 50% }",
        "a # b",
        "issue #12, C# or $5",
        "a }} b",
        "$AUD 5 in $HOME or ${HOME}",
        "ansible vault",
        r"C:\Windows\System32\xampp\new\temp\Users\u1\10",
        r"D:\2024\logs\9",
        r"caf\u00e9 \x41",
        "äöü ｛｛ 日本語 \ufffd",
        "a\x00b\x1b\x85\u2028\ufeff",
    ],
)
def test_harmless_text_is_the_very_same(text):
    assert neutralize_text(text) is text


# What each rule does, one by one. The second column is the whole text afterwards.


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("{{ x }}", "｛{ x }}"),
        ("{% x %}", "｛% x %}"),
        ("{# x #}", "｛# x #}"),
        ("{{{", "｛｛｛"),
        ("a{", "a｛"),
        ("a { \t\n", "a ｛ \t\n"),
        ("{ { x", "｛ { x"),
        ("{ % x", "｛ % x"),
        ("#", "＃"),
        (" \n#jinja2:x", " \n＃jinja2:x"),
        ("##", "＃＃"),
        ("# a #b", "＃ a #b"),
        ("x\n#jinja2: y", "x\n＃jinja2: y"),
        ("# JINJA2 :", "＃ JINJA2 :"),
        ("x # jinja2: y", "x ＃ jinja2: y"),
        ("x #", "x ＃"),
        ("x #jin", "x ＃jin"),
        ("$ANSIBLE_VAULT;1.1;AES256", "＄ANSIBLE_VAULT;1.1;AES256"),
        ("a $ansible_vault", "a ＄ansible_vault"),
        ("$ ANSIBLE _VAULT", "＄ ANSIBLE _VAULT"),
        ("$ANSIBLE_", "＄ANSIBLE_"),
        ("5 $", "5 ＄"),
        ("a\U0001f600b\ud800", "a\ufffdb\ufffd"),
        # as a Python literal
        (r"'\x7b{ x }}'", r"'＼x7b{ x }}'"),
        (r"'\u007B{'", r"'＼u007B｛'"),
        (r"'\U0000007b'", r"'＼U0000007b'"),
        (r"'\173 \44 \043'", r"'＼173 ＼44 ＼043'"),
        (r"'\N{LEFT CURLY BRACKET}'", r"'＼N{LEFT CURLY BRACKET}'"),
        (r"'{\x7b'", r"'｛＼x7b'"),
        (r"'{\x25'", r"'｛\x25'"),
        ("'{' '{'", "'｛' '｛'"),
        ("'{' u'% x'", "'｛' u'% x'"),
        ("'{' # c\n'% x'", "'｛' # c\n'% x'"),
        ("'{\\\n{ x'", "'｛\\\n{ x'"),
        (r"'#\x6ainja2:'", r"'＃\x6ainja2:'"),
        (r"'$ANSIBLE\x5fVAULT'", r"'＄ANSIBLE\x5fVAULT'"),
        ("C:\\", "C:＼"),
        (r"C:\x7", r"C:＼x7"),
    ],
)
def test_what_is_dangerous_is_broken(text, broken):
    assert neutralize_text(text) == broken


# Against the real thing: each attack works as it is, and does not when neutralised.

ATTACKS_ON_ANSIBLE = [
    "{{ 6 * 7 }}",
    "{% if 1 %}42{% endif %}",
    "#jinja2:variable_start_string:'[%', variable_end_string:'%]'\n[% 6 * 7 %]",
]


@pytest.mark.parametrize("attack", ATTACKS_ON_ANSIBLE)
def test_ansible_evaluates_an_attack_and_not_a_neutralised_one(attack):
    assert "42" in str(ansible_renders(attack))
    harmless = neutralize_text(attack)
    assert ansible_renders(harmless) == harmless


ATTACKS_BY_LITERAL = [
    (r"'\x7b{ 6 * 7 }}'",),
    (r"'\x7B{ 6 * 7 }}'",),
    (r"'\173{ 6 * 7 }}'",),
    (r"'{\x25 for n in [6 * 7] %}{\x25 print(n) %}{\x25 endfor %}'",),
    (r"'\N{LEFT CURLY BRACKET}{ 6 * 7 }}'",),
    ("'{' '{ 6 * 7 }}'",),
    ("('{' # comment\n '{ 6 * 7 }}')",),
    ("'{\\\n{ 6 * 7 }}'",),
    ("['{' u'{ 6 * 7 }}']",),
    ("{'k': '{' '{ 6 * 7 }}'}",),
    ("'{", "{ 6 * 7 }}'"),
    ("'\\", "x7b{ 6 * 7 }}'"),
    ("'\\x7", "b{ 6 * 7 }}'"),
    ("'{'", "'{ 6 * 7 }}'"),
    ("'{' u", "'{ 6 * 7 }}'"),
    ("'#", 'jinja2:variable_start_string:"[%", variable_end_string:"%]"\\n[% 6 * 7 %]\''),
    (r"'\043jinja2:variable_start_string:", '"[%", variable_end_string:"%]"\\n[% 6 * 7 %]\''),
    (r"'#\x6ainja2:variable_start_string:", '"[%", variable_end_string:"%]"\\n[% 6 * 7 %]\''),
    (r"'\43jinja2:variable_start_string:", '"[%", variable_end_string:"%]"\\n[% 6 * 7 %]\''),
]


@pytest.mark.parametrize("texts", ATTACKS_BY_LITERAL)
def test_an_attack_by_a_python_literal_works_and_does_not_when_neutralised(texts):
    assert any("42" in str(ansible_renders(text)) for text in texts_in(rulebook_renders(*texts)))
    for text in texts_in(rulebook_renders(*map(neutralize_text, texts))):
        assert_harmless(text)
        assert "42" not in str(ansible_renders(text))


def test_ansible_rulebook_itself_resolves_the_escapes_of_an_argument():
    util = pytest.importorskip("ansible_rulebook.util")
    attack = r"'\x7b{ 6 * 7 }}'"
    assert util.render_string("{{ event.a }}", {"event": {"a": attack}}) == "{{ 6 * 7 }}"
    assert_harmless(util.render_string("{{ event.a }}", {"event": {"a": neutralize_text(attack)}}))


def test_ansible_rulebook_tries_to_decrypt_and_does_not_when_neutralised():
    util = pytest.importorskip("ansible_rulebook.util")
    attack = ("$ANSIBLE_", "VAULT;1.1;AES256")
    with pytest.raises(Exception, match="vault"):
        util.render_string("{{ a }}{{ b }}", dict(zip("ab", attack)))
    harmless = tuple(map(neutralize_text, attack))
    assert util.render_string("{{ a }}{{ b }}", dict(zip("ab", harmless))) == "".join(harmless)


# The property, for every text: whatever a playbook does to neutralised texts, no marker comes out.

PIECES = [
    *"{%#$}'\"\\ \n\t\u00a0",
    *(
        "x7b",
        "x",
        "7",
        "b",
        "u007b",
        "U0000007b",
        "173",
        "43",
        "044",
        "0",
        "N{",
        "LEFT CURLY BRACKET}",
        "x20",
        "n",
        "t",
        "u",
        "r",
        "R",
        "b'",
        "[",
        "]",
        "(",
        ")",
    ),
    *("'''", '"""', "\\\n", "{{", "{ {", "x}}"),
    *("#jinja2:", "jin", "ja2:", "$ANSIBLE_VAULT", "$ANSI", "BLE_", "VAULT", "ansible_", "\U0001f600", "\ud83d", "\ude00", ", ", "a"),
]
TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=2), max_size=9).map("".join)
# Half of the texts are built to be literals, or random pieces would seldom parse as one.
QUOTED = st.builds(lambda quote, inner: quote + inner + quote, st.sampled_from(["'", '"', "'''"]), TEXT)
TREATMENTS = st.sampled_from(
    [
        lambda text: text,
        str.strip,
        str.lstrip,
        str.rstrip,
        str.lower,
        str.upper,
        lambda text: text.replace(" ", ""),
        lambda text: "".join(text.split()),
        lambda text: re.sub(r"\s+", "", text).strip("'\""),
    ]
)


@given(st.lists(st.tuples(TEXT | QUOTED, TREATMENTS), max_size=4), TREATMENTS)
@example([("'{' u", str), ("'{'", str)], str)
@example([("$ANSIBLE_", str.strip), ("VAULT", str)], str)
@example([("x $ansible_vault", str.upper)], str)
@example([("x\n#JINJA2:", lambda text: text.splitlines()[1])], str.lower)
@example([(" {\t", str), (" { x", str.lstrip)], str.strip)
def test_no_joining_trimming_or_squeezing_makes_a_marker(parts, treatment):
    treated = [treat(neutralize_text(text)) for text, treat in parts]
    assert_harmless(treatment("".join(treated)))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::SyntaxWarning")  # of Python, about escapes that it does not know
@given(st.lists(st.tuples(TEXT | QUOTED, TREATMENTS), min_size=1, max_size=3), TREATMENTS)
@example([("'{' u", str), ("'{'", str)], str)
@example([("'\\x7", str), ("b{'", str)], str)
@example([("'{\\x20{ x'", str)], lambda text: text.replace(" ", ""))
@example([("'{\\n{ x'", str)], lambda text: "".join(text.split()))
@example([("'\\x24ANSIBLE_VAULT'", str)], str)
@example([("'$ANSIBLE\\x5fVAULT'", str)], str)
def test_no_evaluation_as_a_literal_makes_a_marker(parts, treatment):
    treated = [treat(neutralize_text(text)) for text, treat in parts]
    for text in texts_in(rulebook_renders(*treated)):
        # A literal may spell an emoji by an escape; the engine, which can't read one, is behind it by then.
        assert_harmless(treatment(re.sub("[\ud800-\udfff\U00010000-\U0010ffff]", "", text)))


@given(TEXT | QUOTED | st.text())
def test_neutralising_twice_changes_nothing_more(text):
    once = neutralize_text(text)
    assert neutralize_text(once) is once


@given(TEXT | st.text())
def test_length_and_place_of_everything_else_stay(text):
    once = neutralize_text(text)
    assert len(once) == len(text)
    assert all(new == old or new in "｛＃＄＼\ufffd" for old, new in zip(text, once))


@pytest.mark.parametrize("unit", ["{ ", "'", "\\", "{u'", "$A", " #", "\\u00", "\\ ", "#jinja2", "$ANSIBLE_VAUL"])
def test_the_time_grows_with_the_length_and_not_with_its_square(unit):
    text = "{" + unit * (400_000 // len(unit)) + "x"
    started = time.monotonic()
    neutralize_text(text)
    assert time.monotonic() - started < 20  # a second on a slow machine; with the square it would be an hour
