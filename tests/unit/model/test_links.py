"""What leads out of a conversation, however it is written, and what only looks so at first."""

from __future__ import annotations

import pytest

from firstline.model.links import foreign

DOMAINS = ("lumora.example", "bücher.example")
HANDLES = ("LumoraHome", "lumora.home")
AWAY = (
    "evil.com",
    "Visit EVIL.COM now",
    "http://evil.com",
    "https://lumora.example@evil.com/",
    "https://lumora.example.evil.com",
    "https://evil.com/lumora.example",
    "https://lumora.example\\@evil.com",
    "lumora.example/?u=https://evil.com",
    "evil.com/lumora.example",
    "www.evil",
    "evil\u3002com",
    "evil\uff0ecom",
    "evil\u2024com",
    "evil\uff61com",
    "e\u200bvil.c\u200bom",
    "evil\u2060.com",
    "evil\xad.com",
    "ev\u202eil.com",
    "example . com",
    "example .com",
    "example. com",
    "example [.] com",
    "example(dot)com",
    "example dot com",
    "example[punkt]de",
    "hxxp://evil.com",
    "hxxps:// evil",
    "mailto:a@evil.com",
    "write to a@evil.com",
    "a@evil.com",
    "@evil_help",
    "\uff20evil_help",
    "DM @LumoraHomes",
    "t.me/abc",
    "x.com/evil",
    "bit.ly/a",
    "\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444",
    "bücher.example.evil.de",
    "xn--evil-abc.com",
    "evil.xn--p1ai",
    "lum\u043era.example",
    "192.168.0.1",
    "evil.com.",
    "(evil.com)",
    "see evil.com, ok",
    "\u24d4\u24e5\u24d8\u24db.\u24d2\u24de\u24dc",
    "\U0001d41e\U0001d42f\U0001d422\U0001d425.\U0001d41c\U0001d428\U0001d426",
    "evil\u034f.com",
    "//evil.com/x",
    "https:/evil.com",
    "https:evil.com",
    "https://[::1]/",
    "tg://resolve?domain=evil",
    "javascript:alert(1)",
    "https://lumora.example evil.com",
    "https://lumora.example\u200bevil.com",
    "evil·com",
    "@lumora.home.evil",
)
STAYS = (
    "We come on Tuesday at ten.",
    "See lumora.example/help",
    "https://lumora.example/a?b=c",
    "https://www.lumora.example",
    "write to care@lumora.example",
    "LUMORA.EXAMPLE",
    "bücher.example",
    "xn--bcher-kva.example",
    "@LumoraHome",
    "ask @lumora.home, please",
    "24.11.2026 um 10.30 Uhr",
    "z.B. morgen, p.ej. mañana, u.a. i.d.R.",
    "1.5 kg, 10.000 Euro. Com prazer voltamos amanhã.",
    "Model WX-200, No. 5",
    "Wir sind dran. Es tut uns leid. In 2 Tagen.",
    "C'est noté . Merci",
    "\u660e\u65e5\u4f3a\u3044\u307e\u3059\u3002\u3088\u308d\u3057\u304f\u304a\u9858\u3044\u3057\u307e\u3059\u3002",
    "e.g. a new door; a/b",
    "Tel: we call. Data: none",
    "Uhr: 10:30-12:00",
    "We are sorry...really",
    "Olá. com prazer",
    "lumora.example.",
)


@pytest.mark.parametrize("text", AWAY, ids=ascii)
def test_every_way_to_another_page_is_found(text: str) -> None:
    assert foreign(text, DOMAINS, HANDLES)
    assert foreign(f"We are sorry. Please see this: {text}", DOMAINS, HANDLES)


@pytest.mark.parametrize("text", STAYS, ids=ascii)
def test_words_and_the_brands_own_pages_are_none(text: str) -> None:
    assert foreign(text, DOMAINS, HANDLES) == ()


def test_without_a_list_no_page_is_the_brands() -> None:
    assert foreign("see lumora.example/help", ()) == ("lumora.example/help",)
    assert foreign("ask @LumoraHome", ()) == ("@LumoraHome",)


def test_what_was_found_is_named_as_it_is_read_and_not_at_any_length() -> None:
    assert foreign("see ev\u200bil.com and evil.com", DOMAINS) == ("evil.com",)
    (shown,) = foreign("https://evil.com/" + "x" * 4000, DOMAINS)
    assert len(shown) == 80
