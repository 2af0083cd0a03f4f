"""The mails as people see them: phone and desktop, light and dark, both directions of writing.

With ``FIRSTLINE_PICTURES=folder`` every mail's picture is written there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firstline.outward.mailtext import DigestMail, HandoffMail
from tests.unit.mailtext.builders import (
    LINKS,
    a_customer,
    a_digest,
    a_handoff,
    an_open_one,
    at,
    html_of,
    received,
    some_branches,
    some_words,
)

from .conftest import DESKTOP, PHONE

WIDTHS = {"phone": PHONE, "desktop": DESKTOP}
REACHABLE = a_customer(
    name="Maria Hughes",
    handle="@mariah",
    channel="X",
    phone="+44 20 7946 0123",
    email="maria.hughes@example.org",
    post_url="https://social.example/p/1",
)
HANDLE_ONLY = a_customer(name=None, handle="@mariah_in_leeds", channel="X", post_url="https://social.example/p/1")
POLISH = some_words(
    "Drzwi piekarnika odpadły, a technik znowu nie przyjechał!",
    language="pl",
    translation="The oven door fell off, and the technician did not come again!",
    attachments=2,
)
LONG = some_words("I took two days off for nothing. " * 20 + "https://social.example/" + "very-long-address" * 12)
MAILS: dict[str, HandoffMail | DigestMail] = {
    "handoff": a_handoff(
        customer=REACHABLE, links=LINKS, accept_by=at("2026-11-24T11:00"), reason="onsite",
        posts=(some_words("@acme Technician never came, second time! I'm in Leeds and my oven door fell off."),),
    ),
    "handle-only": a_handoff(customer=HANDLE_ONLY, links=LINKS, posts=(POLISH,), reason="safety"),
    "note-and-long": a_handoff(
        customer=REACHABLE, links=LINKS, posts=(LONG, some_words("Hello??")), older_posts=3, reason="agent",
        note="She is in only after five.\nPlease bring the hinge kit.", team_zone="Europe/Berlin",
    ),
    "update": a_handoff(kind="update", customer=REACHABLE, links=LINKS, posts=(POLISH, some_words("Anybody?")), new=1),
    "reminder": a_handoff(
        kind="reminder", customer=REACHABLE, links=LINKS, accept_by=at("2026-11-24T11:00"), waits_for="accept"
    ),
    "escalation": a_handoff(
        kind="escalation", customer=HANDLE_ONLY, links=LINKS, late=True, waits_for="contact", recipient="The North"
    ),
    "fallback": a_handoff(kind="fallback", customer=REACHABLE, links=LINKS, recipient="The North"),
    "german": a_handoff(
        language="de", time_zone="Europe/Berlin", branch="Lumora Berlin", customer=REACHABLE, links=LINKS,
        accept_by=at("2026-11-24T11:00"), reason="region",
        posts=(some_words("Drzwi odpadły.", language="pl", untranslated=True),),
    ),
    "arabic": a_handoff(
        language="ar", time_zone="Africa/Cairo", branch="فرع القاهرة", customer=REACHABLE, links=LINKS,
        posts=(some_words("My oven door fell off.", language="en", translation="سقط باب الفرن الخاص بي."),),
        accept_by=at("2026-11-24T11:00"), team_zone="Europe/Berlin",
    ),
    "arabic-handle-only": a_handoff(
        language="ar", time_zone="Africa/Cairo", branch="فرع القاهرة", customer=HANDLE_ONLY, links=LINKS,
        posts=(some_words("الغسالة لا تعمل منذ يومين ولم يأتِ أحد", language="ar"),), kind="reminder", late=True,
    ),
    "digest": a_digest(),
    "region-digest": a_digest(
        branch="The North", branches=some_branches(), open=(an_open_one("Maria", "Nobody came", branch="Hull", late=True),)
    ),
    "arabic-digest": a_digest(language="ar", time_zone="Africa/Cairo", branch="فرع القاهرة"),
    "hostile": a_handoff(
        customer=a_customer(name="W" * 60, handle="@" + "w" * 59, channel="</td><script>alert(1)</script>"),
        posts=(some_words("\u202e<img src=x onerror=alert(1)>" + "M" * 400),), note="<style>*{display:none}</style>",
        links=LINKS, branch="<b>" + "B" * 50,
    ),
}  # fmt: skip
# What is painted behind a text, and the text's own colour, as WCAG's contrast ratio: at least 4.5 for text (1.4.3).
CONTRASTS = """() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const part = (v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !element.getClientRects().length) continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${node.textContent.trim().slice(0, 30)}: ${ratio.toFixed(1)}`);
  }
  return poor;
}"""


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=WIDTHS)
def screen(request: pytest.FixtureRequest, chromium: Any, scheme: str) -> Iterator[Any]:
    """A page that loads nothing, runs nothing and fails on any attempt to."""
    size = WIDTHS[request.param]
    context = chromium.new_context(
        viewport=size, color_scheme=scheme, java_script_enabled=True, is_mobile=request.param == "phone", locale="en-GB"
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    page.kind = f"{request.param}-{scheme}"
    yield page
    context.close()
    assert asked == []


def show(screen: Any, name: str) -> None:
    screen.set_content(html_of(received(MAILS[name])))
    if folder := os.environ.get("FIRSTLINE_PICTURES"):
        screen.screenshot(path=Path(folder) / f"{name}-{screen.kind}.png", full_page=True)


@pytest.mark.parametrize("name", MAILS)
def test_every_mail_fits_its_screen_can_be_read_and_tapped(screen: Any, name: str) -> None:
    show(screen, name)
    width = screen.viewport_size["width"]
    assert screen.evaluate("document.documentElement.scrollWidth") <= width
    assert screen.evaluate(CONTRASTS) == []
    buttons = screen.locator(".main a, .side a")
    for number in range(buttons.count()):
        box = buttons.nth(number).bounding_box()
        assert box["height"] >= 44 and box["width"] >= 100
        assert box["x"] >= 0 and box["x"] + box["width"] <= width


@pytest.mark.parametrize("name", ["handoff", "handle-only", "german", "arabic"])
def test_the_deadline_and_a_way_to_the_customer_are_on_a_phones_first_screen(screen: Any, name: str) -> None:
    show(screen, name)
    first = screen.locator(".main a").first.bounding_box()
    assert first["y"] + first["height"] < PHONE["height"]
    due = screen.locator(".due").bounding_box()
    assert due["y"] + due["height"] < 400


@pytest.mark.parametrize("name", ["arabic", "arabic-digest"])
def test_a_mail_from_right_to_left_begins_at_the_right(screen: Any, name: str) -> None:
    show(screen, name)
    card, headline = (screen.locator(each).bounding_box() for each in (".card", "h1"))
    assert screen.locator("h1").evaluate("e => getComputedStyle(e).direction") == "rtl"
    right_margin = card["x"] + card["width"] - headline["x"] - headline["width"]
    assert right_margin < 40


def test_a_phone_number_reads_from_left_to_right_in_a_mail_from_right_to_left(screen: Any) -> None:
    show(screen, "arabic")
    first, last = screen.locator(".main a bdi").first.evaluate("""e => {
      const text = e.firstChild;
      const left = (at) => {
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        return range.getBoundingClientRect().left;
      };
      return [left(0), left(text.length - 1)];
    }""")
    assert first < last
