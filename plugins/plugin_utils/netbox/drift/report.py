# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report on all hosts: lines for a terminal, Markdown, HTML and JSON. What hosts and NetBox say is text in it, never markup."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.values import DIFFERS, UNKNOWN

_HEAD = ("host", "field", "NetBox", "host's facts", "")
_LONGEST = 300
_STYLE = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem}table{border-collapse:collapse}th,td{border:1px solid #999;padding:.3rem .6rem;text-align:left}"


def lines(result: Mapping[str, Any], check_mode: bool = False) -> list[str]:
    """Say in a line each what is to be known of one host.

    :param check_mode: nothing was corrected, but would have been.
    """
    if not result["documented"]:
        return ["not documented in NetBox"]
    return [": ".join(filter(None, (row[1], f"NetBox has {row[2]}, the host {row[3]}", row[4]))) for row in _rows(result, check_mode)] or ["as documented"]


def render(results: Sequence[Mapping[str, Any]], form: str) -> str:
    """Write the report on hosts as json, md or html."""
    return {"json": _json, "md": _markdown, "html": _html}[form](results)


def summary(results: Sequence[Mapping[str, Any]], check_mode: bool = False) -> str:
    """Say how many hosts are as documented.

    :param check_mode: nothing was corrected, but would have been.
    """
    drifted = sum(1 for each in results if each["drift"])
    corrected = sum(1 for each in results if each["corrected"])
    done = "would be corrected" if check_mode else "corrected"
    tail = f", {done} in NetBox: {corrected}" if corrected else ""
    return f"hosts compared: {len(results)}, as documented: {len(results) - drifted}, not: {drifted}{tail}"


def _json(results: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps({"summary": summary(results), "hosts": results}, indent=2, sort_keys=True) + "\n"


def _markdown(results: Sequence[Mapping[str, Any]]) -> str:
    rows = [_HEAD, ("---",) * len(_HEAD), *(tuple(_as_markdown(cell) for cell in row) for row in _all_rows(results))]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return f"# NetBox and reality\n\n{summary(results)}.\n\n{table}"


def _html(results: Sequence[Mapping[str, Any]]) -> str:
    rows = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>\n" for row in _all_rows(results))
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in _HEAD)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>NetBox and reality</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n<h1>NetBox and reality</h1>\n<p>{html.escape(summary(results))}.</p>\n"
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</body>\n</html>\n"
    )


def _all_rows(results: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for result in results:
        if not result["documented"]:
            yield (result["host"], "", "not documented", "", "")
        else:
            yield from _rows(result) or [(result["host"], "", "as documented", "", "")]


def _rows(result: Mapping[str, Any], check_mode: bool = False) -> list[tuple[str, ...]]:
    return [
        (result["host"], each["field"], _shown(each["documented"], each["field"]), _shown(each["measured"], each["field"]), _note(each, result, check_mode))
        for each in result["fields"]
        if each["state"] in (DIFFERS, UNKNOWN)
    ]


def _note(finding: Mapping[str, Any], result: Mapping[str, Any], check_mode: bool) -> str:
    name = finding["field"]
    done = "would be corrected" if check_mode else "corrected"
    corrected = f"{done} in NetBox to {_shown(result['corrected'][name], name)}" if name in result["corrected"] else ""
    left = result["left"].get(name, "")
    return "; ".join(dict.fromkeys(_short(each) for each in (finding["note"], corrected, left and f"not corrected: {left}") if each))


def _shown(value: Any, field: str) -> str:
    if value is None or value == []:
        return "nothing"
    if isinstance(value, (list, tuple)):
        return _short(", ".join(str(each) for each in value))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _short(f"{value} MB" if field in ("memory", "disk") else str(value))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _as_markdown(text: str) -> str:
    """Write text so that a cell of Markdown shows it as it is: no cell, link, image or HTML begins in it."""
    escaped = re.sub(r"([\\`*_\[\]|~])", r"\\\1", html.escape(" ".join(text.split()), quote=False))
    return escaped.replace("://", "&#58;//").replace("www.", "www&#46;")
