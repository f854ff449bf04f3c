# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The router's arguments: their schema, and the frozen values that the rest of the router reads."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import ADAPTER_SCHEMA, read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.console.settings import LISTEN_SCHEMA, Listen, read_listen
from ansible_collections.eventops.infra.plugins.plugin_utils.duration import duration_schema, seconds
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import DEFAULT_WORDS

from .policy.settings import MODES, OBSERVE, POLICY_SCHEMA, Policy, read_policy
from .signals import log_output

REPLACE, REJECT = "replace", "reject"
_DEFAULT_STORE = Path("~/.local/state/eventops/store.db")
_SHORTEST_RETENTION = 3600
_CHILD_KEYS = ("name", "adapter", "filters")  # every other key of a child is its plugin

SCHEMA: Mapping = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "store": {"type": "string", "minLength": 1, "expected": "the path of a file in a directory that exists"},
        "inventory": {"type": "string", "minLength": 1, "expected": "the path of an inventory file or directory"},
        "mode": {"enum": list(MODES), "default": OBSERVE},
        "sources": {"type": "array", "items": {"type": "object"}, "default": []},
        "neutralize": {"enum": [REPLACE, REJECT], "default": REPLACE},
        "redact": {"type": "array", "items": {"type": "string", "minLength": 1}, "default": list(DEFAULT_WORDS)},
        "max_event_bytes": {"type": "integer", "minimum": 1024, "maximum": 67_108_864, "default": 1_048_576},
        "retention": duration_schema(minimum=_SHORTEST_RETENTION, default="90d"),
        "policy": POLICY_SCHEMA,
        "listen": LISTEN_SCHEMA,
        "log": {"type": "string", "minLength": 1, "expected": "stdout, or the path of a file in a directory that exists"},
    },
}
_CHILD_SCHEMA: Mapping = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$", "expected": "a name of letters, digits, . _ -"},
        "adapter": ADAPTER_SCHEMA,
        "filters": {"type": "array", "items": {"type": "object", "minProperties": 1, "maxProperties": 1}, "default": []},
    },
}


@dataclass(frozen=True)
class ChildConfig:
    """A source that the router hosts: `plugin` with its `args`, how its payload is read, and stock event filters."""

    name: str
    plugin: str
    args: Mapping
    adapter: str | None
    adapter_settings: Mapping
    filters: tuple[tuple[str, Mapping], ...]
    where: str


@dataclass(frozen=True)
class RouterConfig:
    """The router's arguments, validated; `retention` is in seconds.

    `inventory` None: ansible-rulebook was started without one; `listen` None: no console; `log` None: none is written, else `stdout` or an absolute path.
    """

    store: Path
    inventory: Path | None
    children: tuple[ChildConfig, ...]
    neutralize: str
    redact: tuple[str, ...]
    max_event_bytes: int
    retention: float
    policy: Policy
    listen: Listen | None = None
    log: str | None = None


def read_children(args: Mapping, where: str, mistakes: Mistakes) -> tuple[ChildConfig, ...]:
    """Read the router's `sources`, as far as they can be read; what is wrong with them goes to `mistakes`."""
    listed = args.get("sources") if isinstance(args.get("sources"), list) else []
    children = [_child(each, f"{where}.sources[{number}]", mistakes) for number, each in enumerate(listed)]
    read = tuple(child for child in children if child)
    _refuse_equal_names(read, mistakes)
    return read


def read_config(
    args: Mapping,
    children: tuple[ChildConfig, ...],
    *,
    where: str,
    inventory: str | None,
    environment: Mapping[str, str],
    mistakes: Mistakes,
) -> RouterConfig:
    """Read the router's arguments.

    :param args: as written in the rulebook, variables substituted; a null counts as absent.
    :param children: the sources among them, see `read_children`.
    :param where: the path of the arguments in the rulebook, for the messages.
    :param inventory: the inventory that ansible-rulebook was started with.
    :param environment: where `EVENTOPS_STORE` and the console's tokens are looked for.
    :param mistakes: what was found wrong before; raised with the rest.
    :raises ConfigurationError: with every mistake.
    """
    given = _without_nulls(args)
    values = mistakes.read(given, SCHEMA, where)
    store = _store(given.get("store"), environment, f"{where}.store", mistakes)
    path = _inventory(given.get("inventory", inventory), f"{where}.inventory", mistakes)
    if values and seconds(values["retention"]) < _SHORTEST_RETENTION:
        mistakes.add(f"{where}.retention", f"must be at least 1h, got {values['retention']}: what is deleted cannot be known again when it is delivered twice")
    policy = values and read_policy(values["policy"], values["mode"], f"{where}.policy", mistakes)
    log = values and _log(values.get("log"), store, f"{where}.log", mistakes)
    listen = values and read_listen(values.get("listen"), f"{where}.listen", environment, mistakes)
    mistakes.raise_if_any()
    return RouterConfig(
        store=store,
        inventory=path,
        children=children,
        neutralize=values["neutralize"],
        redact=tuple(values["redact"]),
        max_event_bytes=values["max_event_bytes"],
        retention=seconds(values["retention"]),
        policy=policy,
        listen=listen,
        log=log,
    )


def _child(given: object, where: str, mistakes: Mistakes) -> ChildConfig | None:
    if not isinstance(given, Mapping):
        return None  # the schema has said so
    values = mistakes.read({key: given[key] for key in _CHILD_KEYS if key in given}, _CHILD_SCHEMA, where)
    plugins = [key for key in given if key not in _CHILD_KEYS]
    if len(plugins) != 1:
        came = ", ".join(map(str, plugins)) or "none"
        mistakes.add(where, f"must name exactly one source plugin beside {', '.join(_CHILD_KEYS)}, got {came}")
        return None
    plugin = str(plugins[0])
    if given[plugin] is not None and not isinstance(given[plugin], Mapping):
        mistakes.add(f"{where}.{plugin}", f"must be a mapping of the plugin's arguments, got {given[plugin]!r}")
        return None
    adapter, settings = read_adapter((values or {}).get("adapter"), f"{where}.adapter", mistakes)
    filters = tuple((next(iter(each)), each[next(iter(each))] or {}) for each in (values or {}).get("filters", ()))
    return ChildConfig(str(given.get("name", plugin)), plugin, dict(given[plugin] or {}), adapter, settings, filters, where)


def _refuse_equal_names(children: tuple[ChildConfig, ...], mistakes: Mistakes) -> None:
    first: dict[str, str] = {}
    for child in children:
        if child.name in first:
            mistakes.add(
                f"{child.where}.name",
                f"the name {child.name!r} is taken by {first[child.name]}; give each source a name of its own",
            )
        first.setdefault(child.name, child.where)


def _store(given: object, environment: Mapping[str, str], where: str, mistakes: Mistakes) -> Path | None:
    if given is not None and not isinstance(given, str):
        return None  # the schema has said so
    text = given or environment.get("EVENTOPS_STORE")
    if not text:
        return _default_store(where, mistakes)
    if "://" in text:
        mistakes.add(where, f"must be the path of a file, got {text.partition('://')[0]}://...; this version keeps its store in SQLite")
        return None
    path = Path(text).expanduser().absolute()
    if not path.parent.is_dir():
        mistakes.add(where, f"the directory {path.parent} does not exist; create it, owned by the user that runs ansible-rulebook, mode 0700")
    elif path.is_dir():
        mistakes.add(where, f"{path} is a directory; name a file in it, such as {path / 'store.db'}")
    elif not os.access(path.parent, os.W_OK | os.X_OK):
        mistakes.add(where, f"the directory {path.parent} is not writable for this user; SQLite writes beside the store")
    return path


def _default_store(where: str, mistakes: Mistakes) -> Path | None:
    try:
        path = _DEFAULT_STORE.expanduser().absolute()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:  # RuntimeError: there is no home directory
        mistakes.add(where, f"the default {_DEFAULT_STORE} cannot be used: {error}; name a file in a directory that this user may write to")
        return None
    return path


def _log(given: str | None, store: Path | None, where: str, mistakes: Mistakes) -> str | None:
    if given is None:
        return None
    if given == log_output.STDOUT:
        if mistake := log_output.mistake(given):
            mistakes.add(where, mistake)
        return given
    path = Path(given).expanduser().absolute()
    if store is not None and path.resolve() in (store.resolve(), store.resolve().with_name(f"{store.name}-wal")):
        mistakes.add(where, f"{path} is the store; name another file")
    elif mistake := log_output.mistake(str(path)):
        mistakes.add(where, mistake)
    return str(path)


def _inventory(given: object, where: str, mistakes: Mistakes) -> Path | None:
    if not given or not isinstance(given, str):
        return None
    path = Path(given).expanduser().absolute()
    if not path.exists():
        mistakes.add(where, f"the inventory {path} does not exist; create it or name another, here or with -i")
    return path


def _without_nulls(value: object) -> object:
    """Leave out what is null: a rulebook's variable has no other way of saying "not set"."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return value
