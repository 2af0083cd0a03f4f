"""Phone numbers that one person has in two notations.

In three countries mobile numbers were lengthened, or carry a digit for calls from abroad only, and systems (WhatsApp
above all) use both notations for the same person: Brazil's ninth digit, Mexico's 1, Argentina's 9.
"""

from __future__ import annotations

import re

_SAME = (
    (
        re.compile(r"55(\d{2})([6-9]\d{7})"),
        r"55\g<1>9\g<2>",
    ),  # Brazil: mobile numbers have a 9 before the old eight digits
    (re.compile(r"521(\d{10})"), r"52\g<1>"),  # Mexico: the 1 is no longer dialled
    (re.compile(r"549(\d{10})"), r"54\g<1>"),  # Argentina: the 9 is dialled from abroad only
)


def one_notation(number: str) -> str:
    """The number (digits with the country's code, with or without ``+``) as it is known here, whichever way it came."""
    plus, digits = ("+", number[1:]) if number.startswith("+") else ("", number)
    for notation, known in _SAME:
        if found := notation.fullmatch(digits):
            return plus + found.expand(known)
    return number
