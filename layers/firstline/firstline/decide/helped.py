"""Whether the customer says that it helped, after they were asked (R49).

Why "no" wins: taking a complaint for thanks closes a case that is open for the customer; the other way round an agent
looks once too often. Nothing is read into words before the question was asked.

Examples (asked): "yes, works now, thank you!" -> yes; "yes, but it leaks again" -> no; "when do you open?" -> neither.
"""

from __future__ import annotations

from typing import Literal

from firstline.model.decision import Known

from .reading import Reading


def answer(reading: Reading, known: Known) -> Literal["yes", "no"] | None:
    """The customer's answer, None if nobody asked or the words say neither."""
    if not known.asked_helped:
        return None
    if reading.not_helped or reading.trouble or reading.negative or reading.sarcasm or reading.abuse:
        return "no"
    if (reading.helped or reading.praise) and not reading.asks and not reading.contrast:
        return "yes"
    return None
