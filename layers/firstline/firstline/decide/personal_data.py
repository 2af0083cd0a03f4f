"""Personal data in a text: found, named by kind, masked (R34).

Why: a phone number under a public post is read by strangers within minutes; so the answer asks to remove it and goes
on in private, and logs, mails and pages show a mask to those who need not see it. The brand's own public data are
nobody's secret and are never taken for a person's.

Examples: "ring me on 07400 123456" -> phone; "anna@example.org" -> email; a number that passes Luhn -> card; a number
that passes IBAN's check -> iban; "12 Mill Lane" -> address; "LM-4711200" -> order_number. Not: prices, years, model
numbers, the brand's hotline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import phonenumbers

from firstline.playbook import Playbook

from .words import LONGEST, folded

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24}(?![\w-])")
_CARD = re.compile(r"(?<![\d.,/-])[3-6](?:[ -]?\d){12,18}(?![\d])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", re.IGNORECASE | re.ASCII)
_NATIONAL_ID = re.compile(
    r"""(?<![\w.-])(?:
        (?P<cpf>\d{3}\.\d{3}\.\d{3}-?\d{2}|\d{9}-\d{2})                            # Brazil
        |(?P<dni>(?:\d{8}|[XYZ]-?\d{7})-?[A-HJ-NP-TV-Z])                         # Spain
        |(?P<fiscale>[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z])               # Italy
        |(?P<nir>[12]\ ?\d{2}\ ?\d{2}\ ?\d[\dAB]\ ?\d{3}\ ?\d{3}\ ?\d{2})           # France
        |(?P<nino>(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z]{2}\ ?\d{2}\ ?\d{2}\ ?\d{2}\ ?[A-D])  # United Kingdom
        |(?P<ssn>(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4})                   # United States
    )(?![\w-])""",
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)
_DIGITS = re.compile(r"\D+")
_MANY_DIGITS = re.compile(r"(?:\d[\s()./-]*){7}")
_CASE_REFERENCE = re.compile(r"(?<!\w)FL-\w{4}-\w{4}(?!\w)", re.IGNORECASE)
"""Our own: it may look like a phone number and tells strangers nothing."""
_AS_MANY_PHONES = 20
NO_NAMES: Mapping[str, str] = MappingProxyType({})


class Found(NamedTuple):
    """A passage that is personal data: its kind and where it stands (character offsets)."""

    kind: str
    start: int
    end: int


def kinds(text: str, playbook: Playbook | None = None) -> tuple[str, ...]:
    """The kinds of personal data in a text, in order of appearance, each once."""
    return tuple(dict.fromkeys(one.kind for one in find(text, playbook)))


def mask(text: str, playbook: Playbook | None = None, names: Mapping[str, str] = NO_NAMES) -> str:
    """The text with every personal datum replaced by its kind: "ring [phone]". ``names`` says the kinds otherwise."""
    pieces: list[str] = []
    at = 0
    for one in find(text, playbook):
        pieces += (text[at : one.start], f"[{names.get(one.kind, one.kind)}]")
        at = one.end
    return "".join((*pieces, text[at:]))


def phone_numbers(text: str, playbook: Playbook) -> tuple[str, ...]:
    """All phone numbers in a text, the brand's own ones too."""
    plain = _CASE_REFERENCE.sub(" ", text[:LONGEST])
    digits = _DIGITS.sub("", plain)
    own = (number for number in playbook.public_data.phones if _local_digits(number) in digits)
    return tuple(dict.fromkeys((*own, *(plain[one.start : one.end] for one in _phones(plain, playbook)))))


def find(text: str, playbook: Playbook | None = None) -> tuple[Found, ...]:
    """Personal data in order, none overlapping. Without a playbook nothing is taken for the brand's own."""
    looked_at = _CASE_REFERENCE.sub(lambda own: " " * len(own.group()), text[:LONGEST])
    chosen: list[Found] = []
    for one in _candidates(looked_at, playbook):  # the surest kinds come first
        overlaps = any(one.start < other.end and other.start < one.end for other in chosen)
        if not overlaps and not _is_public(one, looked_at, playbook):
            chosen.append(one)
    return tuple(sorted(chosen, key=lambda one: one.start))


def _candidates(text: str, playbook: Playbook | None) -> Iterator[Found]:
    for match in _EMAIL.finditer(text):
        yield Found("email", *match.span())
    for match in _IBAN.finditer(text):
        if _iban_holds(match.group()):
            yield Found("iban", *match.span())
    for match in _CARD.finditer(text):
        if _luhn_holds(match.group()):
            yield Found("card", *match.span())
    if playbook is not None:
        patterns = playbook.rules.personal_data
        for kind in ("order_number", "customer_number"):
            for pattern in getattr(patterns, kind):
                for match in _own_pattern(pattern).finditer(text):
                    yield Found(kind, *match.span())
    for match in _NATIONAL_ID.finditer(text):
        if _national_id_holds(match):
            yield Found("national_id", *match.span())
    yield from _phones(text, playbook)
    yield from _addresses(text, playbook)


def _phones(text: str, playbook: Playbook | None) -> Iterator[Found]:
    if not _MANY_DIGITS.search(text):
        return
    regions = playbook.rules.personal_data.regions if playbook else ()
    for region in regions or (None,):
        for match in phonenumbers.PhoneNumberMatcher(text, region, max_tries=_AS_MANY_PHONES):
            yield Found("phone", match.start, match.end)


def _addresses(text: str, playbook: Playbook | None) -> Iterator[Found]:
    """A street's word beside a house number: "12 Mill Lane", "Hauptstraße 12", "rue de Lyon 5", "Calle Mayor, 3"."""
    words = playbook.rules.personal_data.street_words if playbook else ()
    if not words:
        return
    for match in _address_pattern(words).finditer(text):
        said = match.group().split()
        everyday = [n for n, word in enumerate(said) if word.strip(",").casefold() in _EVERYDAY]
        if all(_capital_near(said, n) for n in everyday):
            yield Found("address", *match.span())


def _capital_near(said: list[str], at: int) -> bool:
    return any(word[:1].isupper() for word in said[max(0, at - 1) : at + 2])


_BEHIND_THE_NAME = frozenset({"street", "road", "lane", "drive", "close", "crescent", "terrace", "court", "way"})
"""Street words that stand behind number and name only ("12 Mill Lane"): "drive 10 hours" is no address."""
_EVERYDAY = frozenset({"drive", "close", "court", "place", "way", "via", "corso", "chemin"})
"""Street words that are ordinary words, too: in an address they, or the name beside them, have a capital."""
_AMOUNTS = (
    r"(?:hours?|hrs?|h|minutes?|mins?|seconds?|days?|weeks?|months?|years?|times|miles?|km|people|stunden?|minuten?|tagen?|"
    r"wochen?|heures?|jours?|semaines?|horas?|minutos?|d[ií]as?|semanas?|ore|minuti|giorni|settimane)\b"
)
"""What a number counts that is no house's."""


def _alternatives(words: Iterable[str]) -> str:
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\*", r"\w*") for word in longest_first) or "(?!)"


@lru_cache(maxsize=16)
def _address_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    streets = _alternatives(words)
    before = _alternatives(word for word in words if word.casefold() not in _BEHIND_THE_NAME)
    number = rf"\d{{1,4}}[a-zA-Z]?(?!,? (?:\w+ )?{_AMOUNTS})"
    name = r"[^\W\d_][\w'’.-]*"
    # House number, one to three words, street's word — or the street's word (alone a compound), a few words, number.
    return re.compile(
        rf"(?<![\w.,]){number},? (?:{name} ){{1,3}}?(?:{streets})(?!\w)"
        rf"|(?<![\w.,]){number},? (?:{before}) (?:{name} ){{0,2}}{name}"
        rf"|(?<!\w)(?:{before})(?: {name}){{0,4}},? (?:nº ?|n\. ?)?{number}(?!\w)",
        re.IGNORECASE,
    )


@lru_cache(maxsize=64)
def _own_pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _is_public(one: Found, text: str, playbook: Playbook | None) -> bool:
    if playbook is None:
        return False
    passage = text[one.start : one.end]
    public = playbook.public_data
    if one.kind == "email":
        written = passage.casefold()
        ours = [own.casefold() for own in public.emails]
        return any(written == own or own.startswith("@") and written.endswith(own) for own in ours)
    if one.kind == "phone":
        return _local_digits(passage) in {_local_digits(own) for own in public.phones}
    if one.kind == "address":
        return any(folded(own) in folded(text) and folded(passage) in folded(own) for own in public.addresses)
    return False


def _local_digits(number: str) -> str:
    """The last nine digits: the same however the country code is written."""
    return _DIGITS.sub("", number)[-9:]


def _luhn_holds(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _iban_holds(text: str) -> bool:
    compact = text.replace(" ", "").upper()
    if not 15 <= len(compact) <= 34:
        return False
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def _national_id_holds(match: re.Match[str]) -> bool:
    """Whether the check digits of a national id are right, where it has any."""
    text = re.sub(r"[ .-]", "", match.group()).upper()
    if match["cpf"]:
        digits = [int(each) for each in text]
        return len(set(digits)) > 1 and all(
            sum(digit * weight for digit, weight in zip(digits, range(end + 1, 1, -1), strict=False)) * 10 % 11 % 10
            == digits[end]
            for end in (9, 10)
        )
    if match["dni"]:
        number = text[:-1].translate(str.maketrans("XYZ", "012"))
        return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == text[-1]
    if match["nir"]:
        body = text[:13].replace("2A", "19").replace("2B", "18")
        return body.isdigit() and 97 - int(body) % 97 == int(text[13:])
    return True
