"""What the branch reads: the same facts in both parts, in its language, who, what, by when and how at the top."""

from __future__ import annotations

import pytest
from babel import Locale

from firstline.outward.mailtext import handoff_mail
from firstline.outward.mailtext.sentences import Sentences, languages, sentences

from .builders import a_customer, a_handoff, flat, page_of, received, some_words, text_of

LANGUAGES = ("de", "en", "es", "fr", "it")


def everything(**changes):
    return a_handoff(
        **{
            "customer": a_customer(
                handle="@mariah",
                phone="+44 20 7946 0123",
                email="maria@example.org",
                post_url="https://social.example/p/1",
            ),
            "posts": (some_words("First <post>\n\nin two parts"), some_words("Zweiter Teil", language="pl")),
            "older_posts": 3,
            "asked": "Repair the oven & the door.",
            "note": "Ring twice.",
            "status_url": "https://care.example.com/branch/token?a=1&b=2",
            **changes,
        }
    )


def facts(language: str) -> list[str]:
    polish = Locale(language).languages["pl"]
    return [
        "Maria Hughes",
        "@mariah",
        "Facebook",
        "FL-7K3M-9QX2",
        "Leeds Repairs",
        "+44 20 7946 0123",
        "maria@example.org",
        "16:00",
        "9:12",
        "First <post> in two parts",
        "Zweiter Teil",
        polish,
        "Repair the oven & the door.",
        "Ring twice.",
        "Acme",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_parts_hold_every_fact(language):
    mail = received(everything(language=language))
    page, text = page_of(mail), text_of(mail)
    for fact in facts(language):
        assert fact in flat(text), fact
        assert fact in flat(page.text), fact
    for url in ("https://social.example/p/1", "https://care.example.com/branch/token?a=1&b=2"):
        assert url in text
        assert url in page.links


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("visibility", ["public", "private"])
@pytest.mark.parametrize("reply_to", [None, "case+token@care.example.com"])
@pytest.mark.parametrize("known", [{}, {"phone": "+44 20 7946 0123", "email": "maria@example.org"}])
def test_both_parts_say_the_same_sentences(language, visibility, reply_to, known):
    mail = received(
        everything(language=language, visibility=visibility, reply_to=reply_to, customer=a_customer(**known))
    )
    text, page = flat(text_of(mail)).casefold(), flat(page_of(mail).text).casefold()
    for name, sentence in sentences(language):
        if name not in ("preview", "when", "day"):
            shown = sentence.format(
                customer="Maria Hughes",
                channel="Facebook",
                branch="Leeds Repairs",
                brand="Acme",
                ref="FL-7K3M-9QX2",
                phone="+44 20 7946 0123",
                email="maria@example.org",
                count=3,
                language=Locale(language).languages["pl"],
            ).casefold()
            assert (shown in text) == (shown in page), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_renders_in_itself(language):
    mail = received(everything(language=language))
    assert mail["Content-Language"] == language
    assert ("html", (("lang", language), ("dir", "ltr"))) in page_of(mail).tags
    assert sentences(language).headline.format(customer="Maria Hughes") in text_of(mail)
    assert "{" not in text_of(mail)


def test_the_languages_differ_in_every_sentence_that_is_one():
    for name in Sentences.model_fields.keys() - {"when", "day", "in_language", "case"}:
        assert len({getattr(sentences(language), name) for language in LANGUAGES}) == len(LANGUAGES), name


def test_there_are_exactly_the_promised_languages():
    assert languages() == LANGUAGES


def test_a_language_without_sentences_gets_english():
    mail = received(a_handoff(language="sv"))
    assert mail["Content-Language"] == "en"
    assert "Please contact Maria Hughes" in text_of(mail)


def test_who_by_when_and_how_come_before_all_else():
    mail = received(everything())
    for part in (text_of(mail), page_of(mail).text):
        order = [part.index(fact) for fact in ("contact Maria", "24 November", "+44 20 7946 0123", "First <post>")]
        assert order == sorted(order)


def test_a_phone_number_and_an_address_are_one_tap_away():
    links = page_of(received(everything())).links
    assert "tel:+442079460123" in links
    assert "mailto:maria@example.org" in links


def test_with_a_handle_only_the_team_passes_the_words_on():
    handle_only = a_customer(name=None, handle="@mariah", channel="X")
    text = text_of(received(a_handoff(customer=handle_only)))
    assert "Please contact @mariah" in text
    assert "Only their X account is known." in text
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


def test_of_many_posts_the_last_five_are_shown_and_the_others_counted():
    posts = tuple(some_words(f"Post number {n}.") for n in range(1, 9))
    text = text_of(received(a_handoff(posts=posts, older_posts=4)))
    assert [n for n in range(1, 9) if f"Post number {n}." in text] == [4, 5, 6, 7, 8]
    assert "7 earlier messages are not shown here." in text


def test_one_older_post_is_counted_in_the_singular():
    assert "One earlier message is not shown here." in text_of(received(a_handoff(older_posts=1)))


def test_a_post_in_the_branchs_own_language_is_not_labelled():
    assert "(in " not in text_of(received(a_handoff(posts=(some_words(language="en"),))))
    assert "(in Polish)" in text_of(received(a_handoff(posts=(some_words(language="pl"),))))
    assert "(in " not in text_of(received(a_handoff(posts=(some_words(language="und"),))))


def test_words_from_right_to_left_are_set_so():
    tags = page_of(received(a_handoff(posts=(some_words("١. الغسالة لا تعمل", language="ar"),)))).tags
    directions = [dict(attributes).get("dir") for tag, attributes in tags if dict(attributes).get("lang") == "ar"]
    assert directions == ["rtl"]


def test_nothing_is_loaded_from_elsewhere():
    page = page_of(received(everything()))
    assert not {"img", "link", "script", "iframe", "object", "video"} & {tag for tag, _ in page.tags}
    assert "url(" not in str(page.tags)


def test_the_same_view_gives_the_same_words():
    first, again = handoff_mail(everything()), handoff_mail(everything())
    assert text_of(first) == text_of(again)
    assert page_of(first).tags == page_of(again).tags
