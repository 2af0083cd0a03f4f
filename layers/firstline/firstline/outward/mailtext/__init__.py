"""The mails to a branch (R46, R48): what, who, by when and how to reach the customer, at one glance.

Pure: a view goes in, a message comes out. `outward.mail` sends it.
"""

from .headers import handoff_of, handoff_tag, thread_root
from .render import MOST_POSTS, digest_mail, handoff_mail, language_of, masks
from .view import (
    Action,
    BranchFigures,
    Customer,
    DigestMail,
    HandoffMail,
    OpenHandoff,
    Reason,
    Words,
)

__all__ = [
    "MOST_POSTS",
    "Action",
    "BranchFigures",
    "Customer",
    "DigestMail",
    "HandoffMail",
    "OpenHandoff",
    "Reason",
    "Words",
    "digest_mail",
    "handoff_mail",
    "handoff_of",
    "handoff_tag",
    "language_of",
    "masks",
    "thread_root",
]
