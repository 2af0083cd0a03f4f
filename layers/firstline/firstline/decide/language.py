"""Which language a post is written in (R22).

Why so: the platform's word is usually right, but for short or mixed posts platforms guess wildly (X calls German
slang Danish); a library is better with whole sentences; and a handful of words ("ma lave-linge fuit") is told best by
the playbook's own words, since they are what customers write about. Where none of them knows, nothing is guessed:
"und", and the brand's language answers.

Examples: "La lavatrice perde acqua da tre giorni" -> it; "ok" -> und; "ok" with the platform's "fr" -> fr;
a German sentence that the platform calls "en" -> de.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from firstline.playbook import Playbook

from .words import LONGEST

UNKNOWN = "und"
_NO_LANGUAGE = frozenset({"und", "art", "qam", "qct", "qht", "qme", "qst", "qid", "zxx", "mul", "mis"})
"""What platforms say for "no language": X's private codes are in its data dictionary (fetched 2026-08)."""
_OLD_CODES = {"iw": "he", "in": "id", "ji": "yi", "jw": "jv", "no": "nb", "nn": "nb", "msa": "ms"}
_NOISE = re.compile(r"https?://\S+|www\.\S+|[@#]\w+|(?<!\S)\S+@\S+|[\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
ENOUGH_WORDS = 4
"""With fewer words the library alone is not believed."""
ENOUGH_TO_BE_SURE = 8
"""With fewer words the playbook's own may contradict the library."""
ENOUGH_TO_CONTRADICT = 5
"""With so many the library may contradict the platform."""


def identify(
    text: str, platforms_word: str | None, own_words: Mapping[str, int], playbook: Playbook
) -> tuple[str, str]:
    """The language and why: ISO 639-1, or "und". ``own_words`` counts the playbook's words in it by language."""
    said = plausible_code(platforms_word)
    plain = _NOISE.sub(" ", text[:LONGEST])
    words = _WORD.findall(plain)
    scores, sure = _scores(" ".join(words)) if words else ({}, False)
    best = max(scores, key=lambda code: scores[code], default=None)
    if said:
        clear = best and sure and scores.get(said, 0.0) < 0.5 * scores[best]
        if best and clear and len(words) >= ENOUGH_TO_CONTRADICT and _is_ours(best, playbook):
            return best, f"the words are {best}, though the platform says {said}"
        return said, "the platform says so"
    ours = _most(own_words, scores)
    if ours and best and own_words[ours] > 1 and not own_words.get(best) and len(words) < ENOUGH_TO_BE_SURE:
        return ours, "told by the playbook's words, of which it has more"
    if best and sure and (len(words) >= ENOUGH_WORDS or not plain.isascii() and scores[best] > 0.8):
        return best, "told by its words"
    if ours:
        return ours, "told by the playbook's words"
    if best and sure and len(words) > 1 and best in playbook.languages:
        second = max((score for code, score in scores.items() if code != best), default=0.0)
        if scores[best] > 1.5 * second:
            return best, "told by its few words"
    return UNKNOWN, "too short or unclear to tell"


def plausible_code(code: str | None) -> str | None:
    """A platform's language code as ISO 639-1, or None if it says none ("de_DE" -> "de", "iw" -> "he")."""
    if not code:
        return None
    short = re.split(r"[-_]", code.strip().lower())[0]
    short = _OLD_CODES.get(short, short)
    if short in _NO_LANGUAGE or not re.fullmatch(r"[a-z]{2,3}", short):
        return None
    return short


def _is_ours(code: str, playbook: Playbook) -> bool:
    """Only a language that the brand's customers write may contradict the platform."""
    return code in playbook.languages or code in playbook.explanations


def _most(hits: Mapping[str, int], scores: Mapping[str, float]) -> str | None:
    """The one language whose words of the playbook occur most; of equals the one that the library finds likelier."""
    ranked = sorted(((count, scores.get(code, 0.0), code) for code, count in hits.items()), reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0][:2] == ranked[1][:2]):
        return None
    return ranked[0][2]


@cache
def _detector():  # type: ignore[no-untyped-def]  # eld has no types
    from eld import LanguageDetector  # its tables cost a tenth of a second: only for those who decide

    return LanguageDetector()


def _scores(text: str) -> tuple[dict[str, float], bool]:
    """Score by language, and whether the library calls its best guess reliable."""
    result = _detector().detect(text)
    scores = {_OLD_CODES.get(code, code): score for code, score in result.scores().items()}
    return scores, bool(result.language) and bool(result.is_reliable())
