"""Pages as a person without scripts uses them: the words on them, their forms, filled in and posted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

TIMEOUT = 30
SILENT = {"script", "style", "title"}


@dataclass
class Form:
    """Where it goes and what its fields hold, hidden ones included."""

    action: str
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)

    def post(self, **filled: str) -> requests.Response:
        """What the server answers to the form with these fields filled in."""
        data = {**self.fields, **filled}
        return requests.post(self.action, data=data, timeout=TIMEOUT, allow_redirects=False)


class _Page(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.words: list[str] = []
        self.forms: list[Form] = []
        self._silent = 0
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told: Mapping[str, str] = {name: value or "" for name, value in attrs}
        self._silent += tag in SILENT
        if tag == "form":
            self.forms.append(Form(urljoin(self.url, told.get("action", "")), told.get("method", "get").lower()))
            self._inside = True
        elif self._inside and "name" in told and tag in ("input", "textarea", "select", "button"):
            chosen = told.get("type") not in ("radio", "checkbox") or "checked" in told
            if chosen:
                self.forms[-1].fields.setdefault(told["name"], told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT
        self._inside = self._inside and tag != "form"

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.words.append(" ".join(data.split()))


def words_of(html: str) -> str:
    """All that a page says, without its markup and hidden fields."""
    page = _Page("")
    page.feed(html)
    return "\n".join(page.words)


def forms_of(html: str, url: str) -> list[Form]:
    """The forms of the page at ``url``."""
    page = _Page(url)
    page.feed(html)
    return page.forms


def opened(url: str) -> requests.Response:
    """A page by its link."""
    return requests.get(url, timeout=TIMEOUT)
