# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the rules of a ruleset read of an event, so that only cases that are the same to every rule share a dispatch.

Conditions and templates see the most urgent of the merged events alone. What they might read counts, be it too much: an event that agrees in
less would ride along to an action that was never meant for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import EventRow
from jinja2 import Environment, TemplateSyntaxError, nodes

from .conditions import Condition, met_by, read_by, steps_of
from .ruleset import ACCUMULATE_WITHIN, Action, Rule, Ruleset, var_roots

Path = tuple[str, ...]

# What the router itself puts into every dispatch, for all of its cases together, and what ansible-rulebook adds to each event.
_OF_THE_DISPATCH: frozenset[Path] = frozenset(
    {
        ("events",),
        ("left_out",),
        ("meta", "hosts"),
        ("meta", "uuid"),
        ("meta", "received_at"),
        ("meta", "source", "name"),
        ("meta", "source", "type"),
        ("meta", "source", "generation"),
    }
)
_NEUTRALIZED: Path = ("neutralized",)
_META, _SOURCE = "meta", "source"

_EVENT, _EVENTS = "event", "events"
_PREFIX = re.compile(r"(event|fact)s?(?=[.\[])\.?")

# A key that an event's own key may become when it is neutralised: another event may have it without having it.
_MAY_BE_MADE = re.compile("__?[0-9]*|.*[\uff03\uff04\uff3c\uff5b\ufffd].*", re.DOTALL)
# `event.data.items` is the method in Jinja, which sees all of `event.data`.
_METHODS = frozenset(dir(dict))
_PATTERN = re.compile(r"[*?\[\]!]")  # of dpath, which reads `debug`'s `var` and `var_root`
_JINJA = Environment()  # to read templates with; it renders none


@dataclass(frozen=True)
class RuleReads:
    """The paths that rules read, none of them inside another; `everything`: some rule reads whole events.

    Events that meet one of the conditions in `counted` are counted by a rule (`accumulate_within`), and several in one would count as one.
    """

    paths: frozenset[Path]
    everything: bool
    counted: tuple[Condition, ...] = ()

    def key_of(self, mapping: Mapping, extra_keys: Iterable[str]) -> tuple[str, ...] | None:
        """Return what the rules read of an event, to be compared; None: it may not be merged with any other.

        :param mapping: the event as a dispatch of it alone would put it, with `case` and `meta.source.child`, not neutralised yet.
        :param extra_keys: the keys in it that a stock child put beside the envelope.
        """
        if self.everything:
            return None
        extra = frozenset(extra_keys)
        if any(_is_extra(path, extra) for path in self.paths) or any(met_by(condition, mapping) is not False for condition in self.counted):
            return None
        return tuple(_value(mapping, path) for path in sorted(self.paths))

    def are_alike(self, one: EventRow, other: EventRow) -> bool:
        """Tell whether rules would do the same with two events of a case; when an event happened is nothing that they do."""
        fixed = {"case": {}, "time": ""}
        before, after = (
            self.key_of({**each.event.to_mapping(), **fixed, "meta": {"source": {"child": each.child}}}, each.event.extra) for each in (one, other)
        )
        if before is None or after is None:
            return (one.event.data, one.event.extra) == (other.event.data, other.event.extra)
        return before == after


def reads_of(ruleset: Ruleset) -> RuleReads:
    """Find what the rules of a ruleset read of events."""
    found = _Found()
    for rule in ruleset.rules:
        _read_conditions(rule, found)
        for root in var_roots(rule):
            # With it, `event.x` is the root's x or, where there is nothing in the root, the event's.
            _read_variable(f"{_EVENT}.{root}", found)
        for action in rule.actions:
            _read_action(action, found)
    paths = {path for path in found.paths if not any(path[:length] in _OF_THE_DISPATCH for length in range(1, len(path) + 1))}
    shortest = frozenset(path for path in paths if not any(path[:length] in paths for length in range(1, len(path))))
    counting = [rule for rule in ruleset.rules if rule.throttle and rule.throttle.kind == ACCUMULATE_WITHIN]
    counted = tuple(condition for rule in counting for condition in rule.conditions)
    return RuleReads(frozenset() if found.everything else shortest, found.everything, counted)


@dataclass
class _Found:
    paths: set[Path] = field(default_factory=set)
    everything: bool = False

    def add(self, steps: Iterable[str | None]) -> None:
        """Add a path; it ends before the first step that is None: what is there is read as a whole."""
        path = []
        for step in steps:
            if step is None or _MAY_BE_MADE.fullmatch(step):
                break
            path.append(step)
        if path:
            self.paths.add(tuple(path))
        else:
            self.everything = True


def _read_conditions(rule: Rule, found: _Found) -> None:
    for condition in rule.conditions:
        for steps in read_by(condition):
            found.add(steps or [])
    for attribute in rule.throttle.group_by if rule.throttle else ():
        found.add(steps_of(_PREFIX.sub("", attribute, count=1)) or [])


def _read_action(action: Action, found: _Found) -> None:
    if action.name == "debug" and not {"msg", "var"} & action.arguments.keys():
        found.everything = True  # it prints all there is
    if action.name == "debug" and "var" in action.arguments:
        _read_variable(action.arguments["var"], found)
    _read_templates(action.arguments, found)


def _read_variable(name: object, found: _Found) -> None:
    """Take in a variable that is named by its path, with dots between the steps."""
    root, *steps = str(name).split(".")
    if _PATTERN.search(str(name)) or "{{" in str(name):
        found.everything = True
    elif root in (_EVENT, _EVENTS):
        found.add(steps if root == _EVENT else steps[1:])


def _read_templates(value: object, found: _Found) -> None:
    if isinstance(value, str):
        # ansible-rulebook renders only what has both.
        if "{{" in value and "}}" in value:
            _read_template(value, found)
    elif isinstance(value, Mapping):
        for item in value.values():
            _read_templates(item, found)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _read_templates(item, found)


def _read_template(text: str, found: _Found) -> None:
    try:
        _visit(_JINJA.parse(text), found)
    except TemplateSyntaxError:
        found.everything = True


def _visit(node: nodes.Node, found: _Found) -> None:
    chain: list[nodes.Getattr | nodes.Getitem] = []
    root = node
    while isinstance(root, (nodes.Getattr, nodes.Getitem)):
        chain.insert(0, root)
        root = root.node
    if not isinstance(root, nodes.Name) or root.name not in (_EVENT, _EVENTS):
        for child in node.iter_child_nodes():
            _visit(child, found)
        return
    steps = [_step(each) for each in chain]
    if root.name == _EVENTS and steps[:1] != [None]:
        steps = steps[1:]
    found.add(steps)
    for each in chain:
        if isinstance(each, nodes.Getitem):
            _visit(each.arg, found)


def _step(node: nodes.Getattr | nodes.Getitem) -> str | None:
    if isinstance(node, nodes.Getattr):
        name = node.attr
    else:
        name = node.arg.value if isinstance(node.arg, nodes.Const) else None
    return name if isinstance(name, str) and name not in _METHODS else None


def _is_extra(path: Path, extra: frozenset[str]) -> bool:
    if path[0] == _META and path[1:2] == (_SOURCE,):
        return False  # a child's own is never put
    return path[0] in extra


def _value(mapping: Mapping, path: Path) -> str:
    """Write the value at a path as JSON; where there is none, say where the path ends."""
    if path == _NEUTRALIZED:
        return str(neutralize(mapping)[1])
    value: object = mapping
    for depth, step in enumerate(path):
        if not isinstance(value, Mapping):
            # A text's method, or nothing: what is there is read as a whole.
            return f"{depth}:{_json(value)}"
        if step not in value:
            return f"{depth}:"
        value = value[step]
    return _json(value)


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True)
