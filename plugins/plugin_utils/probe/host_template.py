# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Render the templates that host variables are written with.

The inventory states variables as they were written (`http://{{ ansible_host }}:8081/`). They are the operator's own, so rendering them is no
risk; it happens in Jinja's sandbox because no check needs more than values and Jinja's own filters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
_DEEPEST = 10  # variables may be made of others; one that is made of itself ends here


class TemplateMistake(ValueError):
    """A template that cannot be rendered: the message says which, and why."""


def render(value: Any, variables: Mapping[str, Any]) -> Any:
    """Render every template in a value with a host's variables; a template that is one expression keeps the type of its result.

    :raises TemplateMistake: for a variable that is missing, or a filter that Jinja does not have.
    """
    return _rendered(value, variables, 0)


def _rendered(value: Any, variables: Mapping[str, Any], depth: int) -> Any:
    if isinstance(value, Mapping):
        return {key: _rendered(item, variables, depth) for key, item in value.items()}
    if isinstance(value, list):
        return [_rendered(item, variables, depth) for item in value]
    if not isinstance(value, str) or ("{{" not in value and "{%" not in value):
        return value
    if depth == _DEEPEST:
        raise TemplateMistake(f"{value!r} is made of too many variables, or of itself")
    try:
        names, evaluate = _compiled(value)
        return evaluate({name: _rendered(variables[name], variables, depth + 1) for name in names if name in variables})
    except TemplateMistake:
        raise
    except Exception as error:  # an expression can fail in any way that Python can
        raise TemplateMistake(f"{value!r} cannot be rendered: {error}") from error


@lru_cache(maxsize=4096)  # hosts of one group share their templates
def _compiled(text: str) -> tuple[frozenset[str], Callable[[dict], Any]]:
    names = frozenset(meta.find_undeclared_variables(_ENVIRONMENT.parse(text)))
    inner = text.strip().removeprefix("{{").removesuffix("}}")
    if len(inner) == len(text.strip()) - 4 and not inner.startswith(("-", "+")) and not inner.endswith(("-", "+")):
        try:
            expression = _ENVIRONMENT.compile_expression(inner, undefined_to_none=False)
        except TemplateSyntaxError:
            pass  # several expressions in a row: `{{ a }}{{ b }}`
        else:
            return names, lambda context: _defined(expression(context))
    template = _ENVIRONMENT.from_string(text)
    return names, template.render


def _defined(value: Any) -> Any:
    if isinstance(value, StrictUndefined):
        str(value)  # raises, and says which variable it is
    return value
