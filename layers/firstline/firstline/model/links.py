"""What is a link, for those who read it and for those who would hide one.

A platform makes a link of a bare domain, too (X charges for it: getting-started/pricing, 2026-08), and a reader types
what is written as "example (dot) com". So invisible characters count as nothing, look-alikes of dot and @ as such.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

LINK = re.compile(
    r"https?://|\bwww\.|(?<![\w@.-])[a-z0-9][a-z0-9-]+(?:\.[a-z0-9-]{2,})*\.[a-z]{2,}\b(?![@.\w-]*@)", re.IGNORECASE
)
"""A link in words that somebody wrote in good faith."""

_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_DOTS = str.maketrans({"\u00b7": ".", "\u2219": ".", "\u22c5": ".", "\u06d4": ".", "\ua4f8": "."})
_WIDE_DOT = re.compile("(?<![\u3040-\u30ff\u3400-\u9fff])\u3002(?![\u3040-\u30ff\u3400-\u9fff])")
"""Names may have it for a dot; beside Chinese and Japanese it ends a sentence."""
_ENDINGS = (
    "com|net|org|info|biz|io|co|me|app|dev|shop|store|online|site|web|xyz|top|club|link|click|live|life|help|support|"
    "vip|win|pro|tk|ml|ga|cf|ru|cn|de|uk|fr|es|it|at|ch|nl|pl|eu|us|ca|au|in|br|mx|tr|ly|gl|gg|to|cc|ws|tv"
)
_ONE_LETTER = "com|net|org|co|me|ly|gl|gg|ai|io|to|cc|eu|us|uk|de|ru"
_HIDDEN = re.compile(
    rf"""
    (?P<scheme>\b(?:[a-z][a-z0-9+.-]{{1,20}}:\s*[/\\]{{2}}|(?:https?|hxxps?|ftp|mailto|javascript)\s*:)\s*\S*)
    | (?P<domain>(?<![\w.-])(?:[\w-]+\.)*(?:[\w-]{{2,}}\.(?:[^\W\d_]{{2,}}|xn--[\w-]+)|[^\W_]\.(?:{_ONE_LETTER}))
        (?![\w-])(?:[:/?\#]\S*)?)
    | (?P<www>\bwww\s*\.\s*\S+)
    | (?P<numbers>(?<![\w.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\w.]))
    | (?P<spelled>(?<![\w-])[\w-]+\s*[\[({{<]\s*(?:\.|dot|punkt|point|punto|ponto)\s*[\])}}>]\s*[^\W\d_]{{2,}})
    | (?P<spaced>(?<![\w-])[\w-]+(?:\s+\.\s*|\s+dot\s+)(?:{_ENDINGS})\b)
    | (?P<torn>(?<![\w-])[\w-]+\.\s+(?-i:com|net|org|biz|xyz|ru)\b(?!\s+\w))
    | (?P<handle>(?<![\w.])@[\w.-]*\w)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?P<host>[\w.-]+)(?::\d+)?(?:[/?#][^\s\\@]*)?", re.IGNORECASE)
_MAILBOX = re.compile(r"[\w.+-]+@(?P<host>[\w.-]+)")
MOST_SHOWN = 80


def foreign(text: str, domains: Iterable[str], handles: Iterable[str] = ()) -> tuple[str, ...]:
    """Every way in a text that leads elsewhere than to ``domains`` (with what is below them) and ``handles``, as it is
    read once hidden characters are gone. In doubt it is one: a full stop without a space behind it looks like a domain.
    """
    own = tuple(filter(None, (_host(each) for each in domains)))
    plain = _seen(text)
    for handle in handles:
        plain = re.sub(rf"(?<![\w.])@{re.escape(_seen(handle).lstrip('@'))}(?![\w-]|\.\w)", " ", plain, flags=re.I)
    return tuple(dict.fromkeys(_foreign(plain, own)))


def _foreign(plain: str, own: tuple[str, ...]) -> Iterator[str]:
    rest = _MAILBOX.sub(lambda found: " " if _is_own(found["host"], own) else found[0].replace("@", " @ "), plain)
    for found in _HIDDEN.finditer(rest):
        written = found[0].rstrip(".,;:!?)\"'»”")
        whole = _HOST.fullmatch(written) if found.lastgroup in ("scheme", "domain", "www") else None
        leads_on = whole is not None and "//" in written[whole.end("host") :]  # by a page of ours to another's
        if whole is None or leads_on or not _is_own(whole["host"], own):
            yield written[:MOST_SHOWN]


def _is_own(host: str, own: tuple[str, ...]) -> bool:
    name = _host(host)
    return any(name == each or name.endswith(f".{each}") for each in own)


def _host(name: str) -> str:
    """A host as it is compared: IDNA where it can be, lower case, no final dot."""
    plain = _seen(name).casefold().strip(".")
    try:
        return plain.encode("idna").decode("ascii")
    except UnicodeError:
        return plain


def _seen(text: str) -> str:
    """The text as a careful reader sees it: compatibility forms resolved, what is invisible gone, dots as dots."""
    kept = (
        each for each in text if each not in _INVISIBLE and (each.isspace() or unicodedata.category(each) not in _GONE)
    )
    plain = _WIDE_DOT.sub(".", unicodedata.normalize("NFKC", "".join(kept)).translate(_DOTS))
    return "".join(each for each in plain if not "\ufe00" <= each <= "\ufe0f" and each not in _INVISIBLE)


_GONE = frozenset({"Cf", "Cc", "Cs", "Co"})
