"""By what name a person is called.

Why not the display name as it is: attackers choose it. It may hold braces, links, line breaks, text that runs
backwards, an insult or the brand's own name, all of which the brand would then say itself. So only what looks like a
first name is used; everybody else is greeted without one.

Examples: "Anna Rossi" -> Anna; "{ref}" -> none; "xx_killer_99" -> none; "Lumora Support" of a fake account -> none.
"""

from __future__ import annotations

import re
import unicodedata

from firstline.model.post import Author
from firstline.playbook import Playbook

from .words import folded, found, of_languages

_FIRST_NAME = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)?")
_LONGEST = 16
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "sir", "the", "el", "la", "le", "der", "die", "das"})


def first_name(author: Author, playbook: Playbook) -> str:
    """The name by which to greet the author, or an empty text."""
    name = unicodedata.normalize("NFC", author.name or "")
    parts = name.split()
    if not parts or len(parts) > 4:
        return ""
    first = parts[0]
    if not 2 <= len(first) <= _LONGEST or not _FIRST_NAME.fullmatch(first) or not first[0].isupper():
        return ""
    plain = folded(name)
    rules = playbook.rules
    bad = of_languages(rules.abuse.words, rules.abuse.words)
    ours = folded(playbook.brand.name)
    if plain.split()[0] in _TITLES or ours in plain or found(bad, plain) or first.isupper() and len(first) > 3:
        return ""
    return first
