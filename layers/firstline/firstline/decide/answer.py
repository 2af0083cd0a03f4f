"""What the robot says about a post: the words for its situation, its language and its placeholders' values.

Why explained: who writes in a language without wordings gets the brand's language, and a sentence in theirs says so.
Why one question: the one thing that helps most is answered, three questions are not.

Examples: a Finnish post -> the explanation in Finnish, then English; a missed promise -> the words admit it first;
"technician never came" without a place -> asks where.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from firstline.model.decision import Known
from firstline.model.post import Post
from firstline.playbook import Playbook

from . import addressee, field_level, lane, situation
from .language import UNKNOWN
from .reading import Reading
from .when import Promise
from .wording import Speech, Words, compose, fit


@dataclass(frozen=True, slots=True)
class Occasion:
    """All that an answer depends on. ``language`` is the one that is spoken."""

    post: Post
    reading: Reading
    situations: tuple[str, ...]
    branch: str | None
    language: str
    said: Promise
    known: Known
    playbook: Playbook
    now: datetime


def language_of(written: str, post: Post, playbook: Playbook) -> str:
    """The post's language if it has wordings; an unknown one: the account's; any other: the brand's, explained."""
    if written in playbook.languages:
        return written
    own = playbook.account(post.channel, post.account)
    if written == UNKNOWN and own is not None and own.language in playbook.languages:
        return own.language
    return playbook.brand.language


def public_or_chat(occasion: Occasion) -> Words | None:
    """The answer in the post's own thread or chat, or None if the playbook has no words for it."""
    main, *others = occasion.situations
    known = occasion.known
    late = known.promised_until is not None and known.promised_until < occasion.now and main not in lane.NOBODYS_WORK
    speech = _speech(
        occasion,
        prefix="promise_missed" if late else None,
        suffix="also_personal_data" if "personal_data" in others else None,
    )
    for said in occasion.situations:
        if said == "handed_to_branch" and not speech.values["branch"]:
            continue  # the playbook knows the branch no more: claim nothing
        words = _known_answer(occasion, speech) if said == "known_answer" else compose(said, speech)
        if words is not None:
            return words
    return None


def continued_in_private(occasion: Occasion) -> Words | None:
    """The one private reply where the platform has it: only when the talk must leave the public."""
    public = occasion.post.visibility == "public"
    if not occasion.known.law.private_reply or not public or "personal_data" not in occasion.situations:
        return None
    return compose(
        "private_reply", _speech(occasion, suffix="also_safety" if "safety" in occasion.situations else None)
    )


def names_time(words: Words, playbook: Playbook) -> bool:
    """Whether the words promise a time."""
    named, language, _ = (*words.wording.split("."), "", "")[:3]
    return "{when}" in playbook.texts(named, language).get(words.wording, "")


def _known_answer(occasion: Occasion, speech: Speech) -> Words | None:
    answer = situation.known_answer(occasion.reading, occasion.playbook)
    if answer is None or occasion.language not in answer.texts:
        return None
    return fit({f"answer.{answer.id}.{occasion.language}": answer.texts[occasion.language]}, speech)


def _speech(occasion: Occasion, prefix: str | None = None, suffix: str | None = None) -> Speech:
    playbook, written = occasion.playbook, occasion.reading.language
    acting = playbook.branch(occasion.branch) if occasion.branch else None
    return Speech(
        post_key=occasion.post.key,
        language=occasion.language,
        values={
            "name": addressee.first_name(occasion.post.author, playbook),
            "ref": occasion.known.case_ref,
            "when": occasion.said.phrase,
            "ask": _ask(occasion),
            "branch": acting.name if acting else "",
            "team": playbook.brand.team,
        },
        known=occasion.known,
        playbook=playbook,
        explanation="" if occasion.language == written else playbook.explanations.get(written, ""),
        prefix=prefix,
        suffix=suffix,
    )


def _ask(occasion: Occasion) -> str:
    """The one thing that helps most and was not said yet: where, if somebody must come; else what; else since when."""
    reading, playbook = occasion.reading, occasion.playbook
    asks = playbook.asks.get(occasion.language)
    if asks is None:
        return ""
    placed = field_level.names_a_place(occasion.post, reading, playbook)
    if reading.field and not placed:
        return asks.place
    if not reading.products:
        return asks.product
    if not placed and playbook.branches:
        return asks.place
    return "" if reading.since else asks.since
