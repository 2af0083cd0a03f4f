"""Reading what comes in by mail: whose it is, whether to believe it, what a person wrote. Pure: no AWS, no clock.

In the order of use, so that nothing is done for a stranger that costs: the receipt (SES's notification), the address it
came to, the head of the mail, the trust, and only then its body.
"""

from .address import case_named, make, read, reply_to
from .automatic import automatic, away_until, means_away, own_subject
from .body import Mail, TooDeep, read_mail
from .files import Part, media_type
from .head import Head, read_head
from .receipt import Receipt, read_receipt
from .trust import doubt

__all__ = [
    "Head",
    "Mail",
    "Part",
    "Receipt",
    "TooDeep",
    "automatic",
    "away_until",
    "case_named",
    "doubt",
    "make",
    "means_away",
    "media_type",
    "own_subject",
    "read",
    "read_head",
    "read_mail",
    "read_receipt",
    "reply_to",
]
