# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The templates: everything that they print is escaped and made visible, whether they ask for it or not."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .offers import offered
from .text import clock, iso, some_hosts, span, visible

_HERE = Path(__file__).parent


@cache
def templates() -> Environment:
    """Return the environment; each template is compiled once."""
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,  # for every name, not only for those that end in .html
        auto_reload=False,
        undefined=StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(iso=iso, clock=clock, span=span, some_hosts=some_hosts, visible=visible)
    environment.globals.clear()  # no range, lipsum, cycler...: templates print what they are given
    environment.globals["offered"] = offered
    return environment


def compile_templates() -> None:
    """Compile every template, which takes some tens of milliseconds once."""
    for name in templates().list_templates():
        templates().get_template(name)


def render(template: str, **values: Any) -> Markup:
    """Render a template of this package. What it returns is safe to be printed by another one."""
    return Markup(templates().get_template(template).render(**values))


def _printed(value: Any) -> Any:
    """What a template prints: markup that a template has made as it is, everything else as text in which nothing is hidden."""
    if isinstance(value, Markup):
        return value
    return "" if value is None else visible(str(value))
