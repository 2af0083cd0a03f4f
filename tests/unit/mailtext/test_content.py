"""What the branch reads: the same facts in both parts, in its language; who, what, by when and how at the top."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest
from babel import Locale

from firstline.outward.mailtext import handoff_mail
from firstline.outward.mailtext.sentences import CLOSE, OPEN, languages, sentences
from firstline.playbook.mail import mistakes, sentences_of, values_of

from .builders import (
    LINKS,
    a_customer,
    a_digest,
    a_handoff,
    at,
    flat,
    page_of,
    received,
    some_branches,
    some_words,
    text_of,
)

LANGUAGES = ("ar", "de", "en", "es", "fr", "it")
KINDS = ("handoff", "update", "reminder", "escalation", "fallback", "digest")


def everything(**changes):
    return a_handoff(
        **{
            "customer": a_customer(
                handle="@mariah",
                phone="+44 20 7946 0123",
                email="maria@example.org",
                post_url="https://social.example/p/1",
            ),
            "posts": (
                some_words("First <post>\n\nin two parts"),
                some_words("Druga część", language="pl", translation="Second part"),
                some_words("Trzecia część", language="pl", untranslated=True, attachments=2),
            ),
            "older_posts": 3,
            "note": "Ring twice & wait.",
            "accept_by": at("2026-11-24T12:30"),
            "links": LINKS,
            **changes,
        }
    )


FACTS = [
    "Maria Hughes",
    "@mariah",
    "Facebook",
    "FL-7K3M-9QX2",
    "Leeds Repairs",
    "+44 20 7946 0123",
    "maria@example.org",
    "9:12",
    "First <post> in two parts",
    "Druga część",
    "Second part",
    "Trzecia część",
    "Ring twice & wait.",
    "Acme",
]


def words_of(view) -> tuple[str, str]:
    """Both parts as plain words, without the isolates that keep directions apart."""
    mail = received(view)
    return tuple(flat(part.replace(OPEN, "").replace(CLOSE, "")) for part in (text_of(mail), page_of(mail).text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_parts_hold_every_fact_and_every_link(language):
    view = everything(language=language)
    for part in words_of(view):
        for fact in (*FACTS, Locale(language).languages["pl"]):
            assert fact in part, fact
    mail = received(view)
    for url in ("https://social.example/p/1", *LINKS.values()):
        assert f"\n{url}\n" in text_of(mail)
        assert url in page_of(mail).links


def shown(sentence: str) -> list[str]:
    """The pieces of a sentence between its values."""
    return [piece.strip() for piece in sentence.replace("}}", "{{").split("{{")[::2] if piece.strip()]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS[:-1])
@pytest.mark.parametrize("reply_to", [None, "case+token@care.example.com"])
@pytest.mark.parametrize("known", [{}, {"phone": "+44 20 7946 0123", "email": "maria@example.org"}])
@pytest.mark.parametrize("links", [{}, LINKS])
def test_both_parts_say_the_same_sentences(language, kind, reply_to, known, links):
    view = everything(
        language=language, kind=kind, reply_to=reply_to, links=links, customer=a_customer(**known), late=bool(known)
    )
    text, page = (part.casefold() for part in words_of(view))
    for name, sentence in sentences(language, kind).items():
        if name.partition("_")[0] not in ("preview", "subject", "when", "day"):
            pieces = [piece.casefold() for piece in shown(sentence)]
            assert all(p in text for p in pieces) == all(p in page for p in pieces), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_renders_in_itself(language):
    mail = received(everything(language=language))
    direction = "rtl" if language == "ar" else "ltr"
    tag, attributes = page_of(mail).tags[0]
    assert (tag, attributes[:2]) == ("html", (("lang", language), ("dir", direction)))
    assert mail["Content-Language"] == language
    assert all(piece in text_of(mail) for piece in shown(sentences(language, "handoff")["headline"]))
    assert "{" not in text_of(mail)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_language_has_every_sentence_and_uses_only_what_there_is(language, kind):
    said = sentences(language, kind)
    assert set(sentences_of(kind)) <= set(said)
    for name in sentences_of(kind):
        assert list(mistakes(said[name], values_of(kind, name))) == [], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_file_has_a_sentence_that_no_mail_says(language):
    everything_said = tomllib.loads(
        (files("firstline.outward.mailtext.sentences") / f"{language}.toml").read_text("utf-8")
    )
    for kind, texts in everything_said.items():
        if isinstance(texts, dict):
            assert set(texts) <= set(sentences_of(kind)), kind
        else:
            assert kind in sentences_of("all")


@pytest.mark.parametrize("kind", KINDS)
def test_the_languages_differ_in_every_sentence_that_is_one(kind):
    for name in set(sentences_of(kind)) - {"subject", "when", "day", "case"}:
        assert len({sentences(language, kind)[name] for language in LANGUAGES}) == len(LANGUAGES), name


def test_there_are_exactly_the_promised_languages():
    assert languages() == LANGUAGES


def test_a_language_without_sentences_gets_english():
    mail = received(a_handoff(language="sv"))
    assert mail["Content-Language"] == "en"
    assert "Please contact Maria Hughes" in text_of(mail)


def test_who_by_when_what_and_how_come_in_this_order_before_the_rest():
    for part in words_of(everything()):
        facts = (
            "Please contact Maria",
            "Tuesday 24 November",
            "First <post>",
            "Only somebody on site",
            "Call +44",
            "We take it",
            "Second part",
        )
        order = [part.rindex(fact) for fact in facts]
        assert order == sorted(order)


def test_a_phone_number_and_an_address_are_one_tap_away():
    links = page_of(received(everything())).links
    assert "tel:+442079460123" in links
    assert "mailto:maria@example.org" in links


# -- how to reach the customer


def test_with_a_handle_only_the_mail_says_so_and_leads_to_the_page_that_writes_to_them():
    handle_only = a_customer(name=None, handle="@mariah", channel="X")
    text = text_of(received(a_handoff(customer=handle_only, links=LINKS)))
    assert "Please contact @mariah" in text
    assert "We know only their X account: no phone number, no mail address." in text
    assert "Write to them through our page" in text
    assert f"Write to the customer:\n{LINKS['write']}\n" in text


def test_without_a_page_the_team_passes_the_words_on():
    text = text_of(received(a_handoff(customer=a_customer(name=None, handle="@mariah", channel="X"))))
    assert "Tell our customer care team" in text
    assert "Please quote FL-7K3M-9QX2." in text


def test_a_reply_is_asked_for_only_where_it_reaches_the_team():
    assert "Reply to this mail" in text_of(received(a_handoff(reply_to="case+token@care.example.com")))
    assert "Reply to this mail" not in text_of(received(a_handoff(reply_to=None)))


def test_a_customer_without_any_name_is_still_somebody():
    assert "Please contact the customer" in text_of(received(a_handoff(customer=a_customer(name=None))))


def test_the_branch_is_told_who_else_can_read():
    assert "Others can read along" in text_of(received(a_handoff(visibility="public")))
    private = text_of(received(a_handoff(visibility="private")))
    assert "Others can read along" not in private
    assert "keep it between us and the customer" in private


def test_an_action_without_an_address_has_no_button():
    mail = received(a_handoff(links={"accept": LINKS["accept"], "done": "javascript:alert(1)"}))
    assert page_of(mail).links == [LINKS["accept"]]
    assert "Done" not in text_of(mail)


# -- the reason


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", ["safety", "store", "onsite", "region", "agent"])
def test_the_reason_is_in_the_mails_own_language(language, reason):
    for part in words_of(a_handoff(language=language, reason=reason)):
        assert sentences(language, "handoff")[f"reason_{reason}"] in part


def test_an_agents_own_words_are_marked_as_a_note_and_quoted():
    text = text_of(received(a_handoff(reason="agent", note="Bitte klingeln.\nZweimal.")))
    assert "NOTE FROM OUR TEAM\n> Bitte klingeln.\n> Zweimal.\n" in text


# -- the customer's words


def test_of_many_posts_the_last_five_are_shown_and_the_others_counted():
    posts = tuple(some_words(f"Post number {n}.") for n in range(1, 9))
    text = text_of(received(a_handoff(posts=posts, older_posts=4)))
    assert [n for n in range(1, 9) if f"Post number {n}." in text] == [1, 4, 5, 6, 7, 8]
    assert "Earlier messages not shown here: 6" in text


def test_one_short_post_is_shown_once():
    for part in words_of(a_handoff(posts=(some_words("Nobody came."),))):
        assert "In the customer’s words".casefold() not in part.casefold()
    assert text_of(received(a_handoff(posts=(some_words("Nobody came."),)))).count("> Nobody came.") == 1


def test_a_long_post_begins_at_the_top_and_is_whole_below_the_buttons():
    text = text_of(received(a_handoff(posts=(some_words("Nobody came. " * 60),), links=LINKS)))
    top, _, below = text.partition(LINKS["accept"])
    assert "Nobody came. Nobody came…" in top
    assert ("Nobody came. " * 60).strip() in flat(below)


def test_a_translation_is_marked_and_the_original_stands_below():
    view = a_handoff(posts=(some_words("Drzwi odpadły.", language="pl", translation="The door fell off."),))
    mail = received(view)
    text = text_of(mail)
    assert text.count("> The door fell off.\n") == 1
    assert "> The door fell off.\nTranslated by machine from Polish\n" in text
    assert "In the original (Polish):\n> Drzwi odpadły.\n" in text
    tags = page_of(mail).tags
    assert any(dict(attributes).get("lang") == "pl" for _, attributes in tags)


def test_a_translation_that_could_not_be_had_is_missed_in_words():
    view = a_handoff(posts=(some_words("Drzwi odpadły.", language="pl", untranslated=True),))
    for part in words_of(view):
        assert "A translation could not be had this time." in part
        assert "Polish" in part


def test_a_post_in_the_mails_own_language_is_not_labelled():
    assert "English" not in text_of(received(a_handoff(posts=(some_words(language="en"),))))
    assert "Polish" in text_of(received(a_handoff(posts=(some_words(language="pl"),))))
    assert "(" not in text_of(received(a_handoff(posts=(some_words(language="und"),))))


def test_words_from_right_to_left_are_set_so():
    tags = page_of(received(a_handoff(posts=(some_words("١. الغسالة لا تعمل", language="ar"),)))).tags
    directions = [dict(attributes).get("dir") for tag, attributes in tags if dict(attributes).get("lang") == "ar"]
    assert directions == ["rtl"]


def test_pictures_are_counted():
    for part in words_of(a_handoff(posts=(some_words(attachments=2),))):
        assert "Pictures or files: 2" in part


# -- later mails


def test_an_update_shows_what_is_new():
    posts = (some_words("Nobody came."), some_words("Still nobody!"), some_words("Hello??"))
    text = text_of(received(a_handoff(kind="update", posts=posts, new=2)))
    assert "Maria Hughes wrote again" in text
    assert "WHAT IS NEW\n> Still nobody!\n" in text
    assert "> Hello??" in text
    assert "> Nobody came." not in text
    assert "Earlier messages not shown here: 1" in text


@pytest.mark.parametrize(
    ("kind", "waits_for", "said"),
    [
        ("reminder", "accept", "You have not told us yet that you take it."),
        ("reminder", "contact", "You have not told us yet that you contacted the customer."),
        ("escalation", "accept", "Leeds Repairs has not taken it yet."),
        ("escalation", "contact", "Leeds Repairs has not told us that the customer was contacted."),
    ],
)
def test_a_reminder_and_an_escalation_say_what_has_not_happened(kind, waits_for, said):
    for part in words_of(a_handoff(kind=kind, waits_for=waits_for, late=True)):
        assert said in part
        assert "This time has passed." in part


def test_an_escalation_goes_to_the_region_and_names_who_did_not_move():
    mail = received(a_handoff(kind="escalation", recipient="North of England", to="north@example.com"))
    assert [(a.display_name, a.addr_spec) for a in mail["To"].addresses] == [("North of England", "north@example.com")]
    assert mail["Subject"] == "Nobody has moved: Maria Hughes waits for Leeds Repairs (FL-7K3M-9QX2)"
    assert "Please see to it that Leeds Repairs contacts the customer" in text_of(mail)


def test_a_mail_that_did_not_arrive_comes_to_the_region_and_says_so():
    mail = received(a_handoff(kind="fallback", recipient="North of England", to="north@example.com"))
    assert "Our mail to Leeds Repairs did not arrive, so it comes to you." in text_of(mail)


def test_the_region_is_not_told_that_it_is_the_branch():
    text = text_of(received(a_handoff(kind="escalation", reason="store")))
    assert "names your branch" not in text
    assert "People may be in danger" in text_of(received(a_handoff(kind="escalation", reason="safety")))


# -- the digest


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_digest_says_open_late_how_fast_and_what_customers_said(language):
    facts = [
        "Maria Hughes",
        "@ben_o",
        "Nobody came on Friday",
        "FL-7K3M-9QX2",
        "Came on time and fixed it",
        "York",
        "50",
        "3",
    ]
    view = a_digest(language=language, branches=some_branches())
    for part in words_of(view):
        for fact in facts:
            assert fact in part, fact
    mail = received(view)
    assert mail["Content-Language"] == language
    assert "{" not in text_of(mail)


def test_a_digest_reads_like_a_week():
    text = text_of(received(a_digest()))
    title, week = text.split("\n")[:2]
    assert title == "The week of Leeds Repairs"
    assert re.fullmatch(r"Acme · 16\s*–\s*22 Nov", week), week  # how much space the dash gets is the locale data's
    for line in ("Open: 2", "Late: 1", "Done this week: 5", "Usual time until contacted: 3 hours", "“It helped”: 4"):
        assert f"\n{line}\n" in text


def test_a_quiet_week_says_so():
    quiet = a_digest(open=(), said=(), helped=0, not_helped=0, accepted_in=None, contacted_in=None)
    for part in words_of(quiet):
        assert "Nothing is open. Thank you!" in part
        assert "No customer has said anything about it this week." in part
        assert "Usual time until taken" in part
        assert "helped" not in part


# -- both


def test_nothing_is_loaded_from_elsewhere():
    for view in (everything(), a_digest()):
        page = page_of(received(view))
        assert not {"img", "link", "script", "iframe", "object", "video"} & {tag for tag, _ in page.tags}
        assert "url(" not in str(page.tags)


def test_the_page_is_told_light_and_dark():
    for view in (everything(), a_digest()):
        mail = received(view)
        assert ("meta", (("name", "color-scheme"), ("content", "light dark"))) in page_of(mail).tags
        assert "prefers-color-scheme: dark" in mail.get_body(("html",)).get_content()


def test_the_same_view_gives_the_same_words():
    first, again = handoff_mail(everything()), handoff_mail(everything())
    assert text_of(first) == text_of(again)
    assert page_of(first).tags == page_of(again).tags
