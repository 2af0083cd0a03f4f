"""What the words of a post say: every list of the playbook looked up once, for the rules to judge by.

Safety words count in every language, since the language of a short cry for help is often told wrong, and so do spam's;
all others count in the post's language and in the brand's, so that "die" or "gift" mean what they mean there.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from firstline.model.post import Post
from firstline.playbook import Playbook

from . import personal_data
from .language import UNKNOWN, identify
from .lexicon import Lexicon, lexicon_of
from .words import LONGEST, folded

_LINK = re.compile(r"https?://|www\.\w|\b(?:bit\.ly|t\.me|wa\.me|tinyurl\.com)/")
_HASHTAG = re.compile(r"#\w")
_WORD = re.compile(r"\w+")
_LEADING_MENTIONS = re.compile(r"^(?:\s*[.]?@\w{1,50}[:,]?)+\s*")
_LOUD = re.compile(r"[!！]{2}")
_SHOUTED = re.compile(r"[!?！？]{3}|\?!|!\?")
_MONEY = re.compile(r"[$€£] ?\d|\d ?(?:[$€£]|eur\b|euros?\b|usd\b|dollars?\b|zl\b|руб\w*|tl\b|r\$)")
_NAME_BEHIND = re.compile(r"[\W_]*\w+(?:[ '-]+\w+){0,2}")
"""Behind an introduction: up to three words."""
_HANDLES_AND_LINKS = re.compile(r"@\w+|https?://\S+")


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a post (or of a whole chat burst), by meaning. ``text`` is as written, ``plain`` is folded.

    ``where`` is ``plain`` with the location's name, without personal data (a card's digits are no postal code) and
    without names of people (Jack London does not live there).
    """

    text: str
    plain: str
    where: str
    language: str
    language_why: str
    safety: tuple[str, ...]
    burning_now: bool
    """Whether something burns at this moment, as far as the words say."""
    sensitive: tuple[str, ...]
    """Death, self-harm, assault, a child, discrimination: for people only."""
    severe: tuple[str, ...]
    annoying: tuple[str, ...]
    negative: tuple[str, ...]
    praise: tuple[str, ...]
    sarcasm: tuple[str, ...]
    contrast: tuple[str, ...]
    requests: tuple[str, ...]
    abuse: tuple[str, ...]
    topics: tuple[str, ...]
    since: tuple[str, ...]
    helped: tuple[str, ...]
    not_helped: tuple[str, ...]
    field: tuple[str, ...]
    products: tuple[str, ...]
    """Ids of the product groups that are named."""
    spam_phrases: tuple[str, ...]
    spam_hints: tuple[str, ...]
    personal_data: tuple[str, ...]
    link: bool
    hashtags: int
    words: int
    money: bool
    """Whether a sum of money is named."""
    loud: bool
    """Whether it has more marks of exclamation than one."""
    shouted: bool
    """Whether it is in capitals, or has three and more marks of exclamation or question."""

    @property
    def asks(self) -> bool:
        """Whether there is a question or a request in it."""
        return "?" in self.plain or "؟" in self.plain or bool(self.requests)

    @property
    def trouble(self) -> bool:
        """Whether something went wrong."""
        return bool(self.safety or self.severe or self.annoying)

    @property
    def point(self) -> bool:
        """Whether it says anything that somebody could do something about."""
        return bool(self.trouble or self.topics or self.field or self.products)


def without_mentions(text: str) -> str:
    """The text without the handles that it starts with."""
    return _LEADING_MENTIONS.sub("", text)


def read(post: Post, burst: tuple[str, ...], playbook: Playbook) -> Reading:
    """The reading of a post together with the other messages of its burst."""
    text = "\n".join((*burst, post.text))
    plain = folded(text)
    lexicon = lexicon_of(playbook)
    hits = lexicon.look_up(plain)
    language, why = identify(text, post.language, hits.languages(), playbook)
    spoken = _languages(language, lexicon, playbook)
    own_words = _HANDLES_AND_LINKS.sub(" ", text[:LONGEST])
    return Reading(
        text=text,
        plain=plain,
        where=_where(text, post, lexicon, playbook),
        language=language,
        language_why=why,
        safety=hits.outside("safety", "harmless"),
        burning_now=bool(hits.outside("burning_now", "harmless")) and not hits.of("not_now", spoken),
        sensitive=hits.of("sensitive", spoken),
        severe=hits.of("severe", spoken),
        annoying=hits.of("annoying", spoken),
        negative=hits.of("negative", spoken),
        praise=hits.of("praise", spoken),
        sarcasm=hits.of("sarcasm", spoken),
        contrast=hits.of("contrast", spoken),
        requests=hits.of("requests", spoken),
        abuse=hits.of("abuse", _own_language(language, post, lexicon, playbook)),
        topics=hits.of("topics", spoken),
        since=hits.of("since", spoken),
        helped=hits.of("helped", spoken),
        not_helped=hits.of("not_helped", spoken),
        field=hits.of("field", spoken),
        products=hits.products(spoken),
        spam_phrases=hits.of("spam_phrases"),
        spam_hints=hits.of("spam_hints"),
        personal_data=personal_data.kinds(text, playbook),
        link=bool(_LINK.search(plain)),
        hashtags=len(_HASHTAG.findall(plain)),
        words=len(_WORD.findall(without_mentions(plain))),
        money=bool(_MONEY.search(plain)),
        loud=bool(_LOUD.search(own_words)),
        shouted=bool(_SHOUTED.search(own_words)) or _shouts(own_words),
    )


def _own_language(language: str, post: Post, lexicon: Lexicon, playbook: Playbook) -> Collection[str]:
    """Where a word of another language would be an unjust charge: the post's own, else the account's."""
    if language != UNKNOWN:
        return {language}
    account = playbook.account(post.channel, post.account)
    return {account.language if account is not None else playbook.brand.language}


def _where(text: str, post: Post, lexicon: Lexicon, playbook: Playbook) -> str:
    masked = folded(personal_data.mask(text, playbook))
    for end in lexicon.names_behind(masked):
        name = _NAME_BEHIND.match(masked, end)
        if name:
            masked = masked[:end] + " " * (name.end() - end) + masked[name.end() :]
    return f"{masked}\n{folded((post.place and post.place.name) or '')}"


def _shouts(text: str) -> bool:
    """Whether most of a text of some length is in capitals."""
    letters = [c for c in text if c.isalpha()]
    return len(letters) > 12 and sum(c.isupper() for c in letters) > 0.6 * len(letters)


def _languages(language: str, lexicon: Lexicon, playbook: Playbook) -> Collection[str]:
    """The languages whose words count; all, if the post's own is unknown or has no words."""
    if language == UNKNOWN or language not in lexicon.languages:
        return {playbook.brand.language, *lexicon.languages}
    return {language, playbook.brand.language}
