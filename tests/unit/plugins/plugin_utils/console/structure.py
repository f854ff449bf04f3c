# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take a page apart as a browser would: its elements, and the text that a reader sees."""

from __future__ import annotations

from html.parser import HTMLParser

_EMPTY = frozenset({"meta", "link", "img", "input", "br", "hr", "wbr"})


class Structure(HTMLParser):
    """The elements of a page, each as its name and the names of its attributes, with `href` and the like in full; and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.addresses: set[str] = set()
        self.attributes: list[str] = []
        self._words: list[str] = []
        self.feed(page)
        self.close()

    @property
    def text(self) -> str:
        """All text, with its white space."""
        return "".join(self._words)

    def part(self, tag: str) -> list[tuple[str, ...]]:
        """Return the attributes' names of each element with this name."""
        return [names for name, names in self.elements if name == tag]

    def handle_starttag(self, tag, attrs) -> None:
        self.elements.append((tag, tuple(name for name, _value in attrs)))
        self.attributes += [value for _name, value in attrs if value]
        self.addresses |= {value for name, value in attrs if name in ("href", "src", "action", "formaction", "data-live")}

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def handle_comment(self, data: str) -> None:
        self.elements.append(("!--", ()))

    def unknown_decl(self, data: str) -> None:
        self.elements.append(("![", ()))
