"""The words of an answer: chosen, filled, fitted (R23, R24, R25).

Why spread: people read each other's answers, and platforms refuse text they saw lately; so posts spread over the
wordings by a hash of their key, an author never gets the same one twice in a row, one that was used lately comes
last, and every refusal as duplicate moves on by one. Why dropped in this order: what helps the customer stays longest;
the words for safety and for removing personal data are never dropped.

Examples: name "{ref}" is said as written, since text is never read as a template twice; "Hi {name}, we saw it" without
a name -> "Hi, we saw it"; "{name}, we saw it" -> "We saw it".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import product
from typing import NamedTuple

from firstline.model.decision import Known
from firstline.model.law import Law
from firstline.playbook import PLACEHOLDERS, Playbook

_PLACEHOLDER = re.compile(r"\{(" + "|".join(sorted(PLACEHOLDERS)) + r")\}")
_DROPPED_IN_ORDER: tuple[frozenset[str], ...] = (
    frozenset(),
    frozenset({"ask"}),
    frozenset({"ask", "name"}),
    frozenset({"ask", "promise_missed"}),
    frozenset({"ask", "name", "promise_missed"}),
    frozenset({"ask", "name", "promise_missed", "explanation"}),
    frozenset({"ask", "name", "promise_missed", "explanation", "also_handed_to_branch"}),
)


class Words(NamedTuple):
    """A text that fits, and the id of the wording that it is made of."""

    text: str
    wording: str


class Around(NamedTuple):
    """What stands around the wording: ``explanation`` and the ``prefix`` situation before it, ``suffixes`` after it.

    ``suffixes`` are situations; one that the playbook has no wordings for is left out."""

    explanation: str = ""
    prefix: str | None = None
    suffixes: tuple[str, ...] = ()


KIN = {"repeated": "first", "chat_repeated": "chat_first"}
"""Whose wordings are true in the other's place, too."""


def compose(
    situation: str,
    language: str,
    around: Around,
    values: Mapping[str, str],
    post_key: str,
    known: Known,
    playbook: Playbook,
) -> Words | None:
    """The answer's text, or None if the playbook has no wording for it.

    An author who was sent all wordings of a situation gets those of its kin, so that ten posts get ten answers (R11).
    """
    texts = playbook.texts(situation, language)
    if set(texts) <= set(known.recent_wordings):
        texts |= playbook.texts(KIN.get(situation, situation), language)
    return fit(texts, language, around, values, post_key, known, playbook)


def fit(
    texts: Mapping[str, str],
    language: str,
    around: Around,
    values: Mapping[str, str],
    post_key: str,
    known: Known,
    playbook: Playbook,
) -> Words | None:
    """The best of some texts by id: freshest first, then with as much around it as fits the platform's length."""
    shortest: Words | None = None
    for tier in ordered(tuple(texts), post_key, known):
        for dropped in _DROPPED_IN_ORDER:
            for wording in tier:
                for text in _versions(texts[wording], language, around, values, dropped, post_key, known, playbook):
                    if known.law.measure(text) <= known.law.max_length:
                        return Words(text, wording)
                    if shortest is None or len(text) < len(shortest.text):
                        shortest = Words(text, wording)
    return shortest and Words(_cut(shortest.text, known.law), shortest.wording)


def ordered(ids: tuple[str, ...], post_key: str, known: Known) -> Iterator[tuple[str, ...]]:
    """The ids in tiers: never used for this author, then used, the longest ago first; never the very last one."""
    last = known.recent_wordings[-1:]
    candidates = [one for one in ids if one not in last] or list(ids)
    fresh = [one for one in candidates if one not in known.recent_wordings]
    age = {one: n for n, one in enumerate(known.recent_wordings)}
    used = sorted((one for one in candidates if one in age), key=lambda one: age[one])
    yield _turned(fresh, _spread(post_key) + known.attempt)
    yield _turned(used, known.attempt if not fresh else 0)


def _turned(ids: list[str], by: int) -> tuple[str, ...]:
    start = by % len(ids) if ids else 0
    return (*ids[start:], *ids[:start])


def _spread(key: str) -> int:
    return int.from_bytes(sha256(key.encode(errors="surrogatepass")).digest()[:4])


def _versions(
    text: str,
    language: str,
    around: Around,
    values: Mapping[str, str],
    dropped: frozenset[str],
    post_key: str,
    known: Known,
    playbook: Playbook,
) -> Iterator[str]:
    """The wording with everything around it that is not dropped, with each of the sentences that may follow it."""
    turn = _spread(post_key) + known.attempt
    kept = {name: "" if name in dropped else value for name, value in values.items()}
    before = [] if "explanation" in dropped or not around.explanation else [around.explanation]
    if around.prefix and around.prefix not in dropped:
        missed = playbook.texts(around.prefix, language)
        before += [missed[one] for tier in ordered(tuple(missed), post_key, known) for one in tier][:1]
    after = [
        _turned(sentences, turn)
        for situation in around.suffixes
        if situation not in dropped and (sentences := list(playbook.texts(situation, language).values()))
    ]
    for sentences_after in product(*after):
        said = " ".join(filled(part, kept) for part in (*before, text, *sentences_after) if part)
        yield _with_privacy_link(said, known, playbook)


def _with_privacy_link(said: str, known: Known, playbook: Playbook) -> str:
    """The words with the link to the privacy policy behind them, where the platform wants it (X: direct messages)."""
    link = playbook.brand.privacy_url
    return f"{said} {link}" if known.law.privacy_link and link not in said else said


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its values, in one pass: what a value holds is never read as a placeholder."""
    for name in ("name", "ask"):
        if not values.get(name):
            template = _without(template, name)
    text = _PLACEHOLDER.sub(lambda hole: values.get(hole[1], ""), template)
    return re.sub(r"[ \t]{2,}", " ", text).strip()


def _without(template: str, name: str) -> str:
    """The template without a placeholder, and without the comma or space that belonged to it."""
    hole = re.escape("{" + name + "}")
    leading = re.match(rf"\s*{hole}\s*[,:;!.–—-]*\s*", template)
    if leading:
        rest = template[leading.end() :]
        template = rest[:1].upper() + rest[1:]
    return re.sub(rf"[ \t]*,?[ \t]*{hole}", "", template)


def _cut(text: str, law: Law) -> str:
    """The longest beginning that fits, whole words where possible: only for limits that no wording was written for."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if law.measure(text[:middle]) <= law.max_length:
            low = middle
        else:
            high = middle - 1
    return text[:low].rsplit(" ", 1)[0] if 0 < low < len(text) and " " in text[:low] else text[:low]
