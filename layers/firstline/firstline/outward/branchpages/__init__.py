"""The pages behind the links of branches' mails (R47): what a branch does with a handoff, confirmed by a person.

Pure: a view goes in, HTML comes out. They work on a phone and without scripts; nothing is loaded from elsewhere.
"""

from .answer import Request, answer, read_request
from .render import LIST_ID, action_page, notice_page
from .view import ActionPage, Delivery, Doing, Notice, Outcome, Problem

__all__ = [
    "LIST_ID",
    "ActionPage",
    "Delivery",
    "Doing",
    "Notice",
    "Outcome",
    "Problem",
    "Request",
    "action_page",
    "answer",
    "notice_page",
    "read_request",
]
