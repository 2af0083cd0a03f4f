"""What the words of a post say: every list of the playbook looked up once, for the rules to judge by.

Safety words count in every language, since the language of a short cry for help is often told wrong; all others count
in the post's language and in the brand's, so that "die" or "gift" mean what they mean there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from firstline.model.post import Post
from firstline.playbook import Playbook

from . import personal_data
from .language import UNKNOWN, identify
from .words import folded, found, of_languages

_LINK = re.compile(r"https?://|www\.\w")
_HASHTAG = re.compile(r"#\w")
_WORD = re.compile(r"\w+")
_LEADING_MENTIONS = re.compile(r"^(?:\s*[.]?@\w{1,50}[:,]?)+\s*")


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a post (or of a whole chat burst), by meaning. ``text`` is as written, ``plain`` is folded.

    ``where`` is ``plain`` with the location's name and without personal data: a card's digits are no postal code.
    """

    text: str
    plain: str
    where: str
    language: str
    language_why: str
    safety: tuple[str, ...]
    severe: tuple[str, ...]
    annoying: tuple[str, ...]
    negative: tuple[str, ...]
    praise: tuple[str, ...]
    sarcasm: tuple[str, ...]
    abuse: tuple[str, ...]
    topics: tuple[str, ...]
    since: tuple[str, ...]
    field: tuple[str, ...]
    products: tuple[str, ...]
    """Ids of the product groups that are named."""
    spam_phrases: tuple[str, ...]
    spam_hints: tuple[str, ...]
    personal_data: tuple[str, ...]
    link: bool
    hashtags: int
    words: int

    @property
    def asks(self) -> bool:
        """Whether there is a question in it."""
        return "?" in self.plain

    @property
    def point(self) -> bool:
        """Whether it says anything that somebody could do something about."""
        return bool(self.safety or self.severe or self.annoying or self.topics or self.field or self.products)


def without_mentions(text: str) -> str:
    """The text without the handles that it starts with."""
    return _LEADING_MENTIONS.sub("", text)


def read(post: Post, burst: tuple[str, ...], playbook: Playbook) -> Reading:
    """The reading of a post together with the other messages of its burst."""
    text = "\n".join((*burst, post.text))
    plain = folded(text)
    rules = playbook.rules
    language, why = identify(text, post.language, playbook)
    spoken = _languages(language, playbook)
    severity = {word: weight for one in spoken for word, weight in rules.severity.get(one, {}).items()}
    return Reading(
        text=text,
        plain=plain,
        where=folded(f"{personal_data.mask(text, playbook)}\n{(post.place and post.place.name) or ''}"),
        language=language,
        language_why=why,
        safety=found(of_languages(rules.safety, rules.safety), plain),
        severe=found((word for word, weight in severity.items() if weight == 2), plain),
        annoying=found((word for word, weight in severity.items() if weight == 1), plain),
        negative=found(of_languages(rules.negative, spoken), plain),
        praise=found(of_languages(rules.praise, spoken), plain),
        sarcasm=found(of_languages(rules.sarcasm, spoken), plain),
        abuse=found(of_languages(rules.abuse.words, spoken), plain),
        topics=found(of_languages(rules.topics, spoken), plain),
        since=found(of_languages(rules.since, spoken), plain),
        field=found(of_languages(rules.field.words, spoken), plain),
        products=tuple(p.id for p in rules.products if found(of_languages(p.words, spoken), plain)),
        spam_phrases=found(of_languages(rules.spam.phrases, rules.spam.phrases), plain),
        spam_hints=found(of_languages(rules.spam.hints, rules.spam.hints), plain),
        personal_data=personal_data.kinds(text, playbook),
        link=bool(_LINK.search(plain)),
        hashtags=len(_HASHTAG.findall(plain)),
        words=len(_WORD.findall(without_mentions(plain))),
    )


def _languages(language: str, playbook: Playbook) -> tuple[str, ...]:
    known = tuple(dict.fromkeys((*playbook.rules.severity, *playbook.rules.negative)))
    if language == UNKNOWN or language not in known:
        return (playbook.brand.language, *known)
    return (language, playbook.brand.language)
