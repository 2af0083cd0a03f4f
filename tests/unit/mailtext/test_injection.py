"""Nothing that a stranger writes becomes a header, markup, a link, or an order of words that is not theirs."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstline.outward.mailtext import BranchFigures, handoff_mail, plain

from .builders import (
    LINKS,
    a_customer,
    a_digest,
    a_handoff,
    an_open_one,
    html_of,
    page_of,
    received,
    some_words,
    text_of,
)

EVIL = [
    "\r\nBcc: victim@example.org",
    "\n\n<script>alert(1)</script>",
    "\u2028Subject: other",
    "\x85X-Evil: 1",
    "</td></tr></table><img src=x onerror=alert(1)>",
    "\"' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}{customer}{0}",
    "=?utf-8?q?=0D=0ABcc:_victim@example.org?=",
    "\u202egnp.exe\u202c \u2066x",
    "\ud800",
    "<!-- ]]> --> <style>*{display:none}</style>",
    "\x00\x0b\x0c\x1b[2J",
    "--===============0==--\r\n",
    "> quoted\nBY: never",
]
hostile = st.lists(st.one_of(st.sampled_from(EVIL), st.text(max_size=40)), max_size=6).map("".join)


def an_attack(text: str):
    return a_handoff(
        customer=a_customer(name=text, handle=text, channel=text, phone=text, email=text, post_url=text),
        posts=(some_words(text, language=text, translation=text), some_words(text)),
        note=text,
        links=dict.fromkeys(LINKS, text),
        case_ref=text,
        handoff_tag=text,
        branch=text,
        brand=text,
        recipient=text,
        reply_to="case+token@care.example.com",
    )


def an_attack_on_the_week(text: str):
    line = an_open_one(text, text, case_ref=text, url=text, branch=text)
    return a_digest(
        branch=text, brand=text, open=(line, line), said=(some_words(text, language=text),),
        branches=(BranchFigures(name=text, open=1),), page_url=text, unsubscribe_url=text,
    )  # fmt: skip


HEADERS = {
    "from",
    "to",
    "reply-to",
    "subject",
    "in-reply-to",
    "references",
    "auto-submitted",
    "x-auto-response-suppress",
    "x-firstline-case",
    "x-firstline-handoff",
    "mime-version",
    "content-type",
    "content-language",
}
MARKUP = {"html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr", "td", "h1", "h2"} | {
    "span", "br", "strong", "bdi", "p", "a"
}  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(hostile)
def test_strangers_words_add_no_header_and_no_recipient(text):
    mail = received(an_attack(text))
    assert {name.lower() for name in mail} == HEADERS
    assert len(mail.keys()) == len(HEADERS)
    assert [a.addr_spec for name in ("From", "To", "Reply-To") for a in mail[name].addresses] == [
        "handoff@care.example.com",
        "leeds@example.com",
        "case+token@care.example.com",
    ]
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in mail["Subject"])
    assert not set(mail["Subject"]) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u2028\u2029"
    )


@settings(max_examples=60, deadline=None)
@given(hostile)
def test_strangers_words_add_no_markup_and_no_script(text):
    page = page_of(received(an_attack(text)))
    assert {tag for tag, _ in page.tags} <= MARKUP
    assert not any(name.startswith("on") for _, attributes in page.tags for name, _ in attributes)
    assert sum(tag == "style" for tag, _ in page.tags) == 1
    assert all(re.match(r"(https?://|tel:\+?\d|mailto:)", url) for url in page.links)


@settings(max_examples=40, deadline=None)
@given(hostile)
def test_strangers_words_change_neither_header_nor_markup_of_a_digest(text):
    mail = received(an_attack_on_the_week(text))
    threading = {"reply-to", "in-reply-to", "references", "x-firstline-case", "x-firstline-handoff"}
    assert {name.lower() for name in mail} - {"list-unsubscribe"} == HEADERS - threading
    assert [a.addr_spec for name in ("From", "To") for a in mail[name].addresses] == [
        "handoff@care.example.com",
        "leeds@example.com",
    ]
    page = page_of(mail)
    assert {tag for tag, _ in page.tags} <= MARKUP
    assert not any(name.startswith("on") for _, attributes in page.tags for name, _ in attributes)
    assert all(re.match(r"https?://", url) for url in page.links)


@settings(max_examples=60, deadline=None)
@given(hostile)
def test_every_line_of_a_post_is_quoted_so_that_it_cannot_pose_as_the_mail(text):
    mail = text_of(received(a_handoff(posts=(some_words(text),), customer=a_customer(name="Maria"))))
    words = plain.block(text, 1500)
    assert "\n".join(f"> {row}" for row in words.split("\n")) in mail


@settings(max_examples=100, deadline=None)
@given(hostile)
def test_what_comes_off_the_wire_is_the_subject_that_was_set(text):
    view = a_handoff(posts=(some_words(text),))
    # Where the library folds between encoded words it may leave a second blank, or lose one.
    assert "".join(received(view)["Subject"].split()) == "".join(handoff_mail(view)["Subject"].split())


@given(st.text(alphabet=st.characters(), max_size=200))
def test_a_cleaned_line_is_one_line_without_hidden_characters(text):
    cleaned = plain.line(text, 50)
    assert len(cleaned) <= 50
    assert len(cleaned.splitlines()) <= 1
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") for c in cleaned if c not in "\u200c\u200d")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https://",
        "https://a.example/ b",
        'https://a.example/"onclick=x',
        "https://a.example/\r\nx",
        "HTTPS://[::1",
        "",
        None,
        "https://a.example/" + "a" * 3000,
    ],
)
def test_a_link_that_is_none_is_left_out(url):
    assert plain.link(url) == ""


def test_a_number_or_address_that_is_none_is_shown_and_not_linked():
    customer = a_customer(phone="call me; +1", email="maria at example")
    mail = received(a_handoff(customer=customer))
    assert page_of(mail).links == []
    assert "call me; +1" in page_of(mail).text
    assert "maria at example" in text_of(mail)


def test_endless_texts_are_cut():
    mail = received(an_attack("very long " * 50_000))
    assert len(html_of(mail)) < 40_000
    assert len(text_of(mail)) < 15_000
    assert len(mail["Subject"]) < 200


def test_emoji_and_joined_letters_survive():
    text = "👩‍🔧 می‌خواهم"
    mail = received(a_handoff(posts=(some_words(text),)))
    assert text in text_of(mail)
    assert text in mail["Subject"]
