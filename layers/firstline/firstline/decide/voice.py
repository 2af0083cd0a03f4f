"""What the brand never says: the check of wordings and of agents' replies (R23, R34).

Why: "just the social media team" and "please call 0800…" tell a customer to go away; compensation and liability are
no matter for the public; personal data in a public reply can't be taken back. A phone number is no answer to a
complaint, but is allowed to somebody who asked for one.

Examples: "Please call us on 0800 555 111" -> refused; "We'll refund you" in public -> refused, in private fine.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from firstline.playbook import Playbook

from . import personal_data
from .words import folded, found, of_languages

_KINDS = {
    "phone": "a phone number",
    "email": "an e-mail address",
    "card": "a card number",
    "iban": "an account number",
    "national_id": "a national id number",
    "address": "a postal address",
    "order_number": "an order number",
    "customer_number": "a customer number",
}


class Finding(NamedTuple):
    """One thing that is not said: a ``forbidden`` phrase or one that is no matter for the ``public`` (``what`` quotes
    it), a ``personal`` datum in public (``what`` is its kind), a ``phone`` number as the answer."""

    kind: Literal["forbidden", "public", "personal", "phone"]
    what: str = ""


def check_words(text: str, playbook: Playbook, *, public: bool, asked_for_number: bool = False) -> list[str]:
    """Why an agent's reply or a wording is refused; empty if it may be said. All languages' phrases count."""
    return [_reason(each) for each in findings(text, playbook, public=public, asked_for_number=asked_for_number)]


def findings(text: str, playbook: Playbook, *, public: bool, asked_for_number: bool = False) -> list[Finding]:
    """What `check_words` refuses, for those who say it in other words or languages."""
    plain = folded(text)
    voice = playbook.rules.voice
    there = [Finding("forbidden", each) for each in found(of_languages(voice.forbidden, voice.forbidden), plain)]
    if public:
        phrases = of_languages(voice.public_forbidden, voice.public_forbidden)
        there += [Finding("public", each) for each in found(phrases, plain)]
        there += [
            Finding("personal", kind)
            for kind in personal_data.kinds(text, playbook)
            if kind != "phone" or not asked_for_number
        ]
    if not asked_for_number and personal_data.phone_numbers(text, playbook):
        there.append(Finding("phone"))
    return there


def _reason(finding: Finding) -> str:
    match finding.kind:
        case "forbidden":
            return f"“{finding.what}” is never said: it sends the customer away; offer help in this conversation"
        case "public":
            return f"“{finding.what}”: compensation and liability are no matter for the public; continue in private"
        case "personal":
            return f"{_KINDS[finding.what]} in public: continue in private"
    return "a phone number is no answer to a complaint: give the answer here, or say who will contact them"
