"""The mails' headers, and the ids by which a handoff is found again in SES's events and in a mail client's thread."""

from __future__ import annotations

import re
from email.headerregistry import Address, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from email.policy import SMTP

from .plain import line, link
from .view import DigestMail, HandoffMail

# The standard library turns a message id longer than a line into an encoded word, which no mail client threads by.
_registry = HeaderRegistry()
for _name in ("references", "in-reply-to"):
    _registry.map_to_type(_name, MessageIDHeader)  # type: ignore[arg-type]  # typeshed asks for a base it lacks
_POLICY = SMTP.clone(header_factory=_registry)


def handoff_tag(case_id: str, mail_id: str) -> str:
    """The value of SES's message tag ``handoff``: ``7K3M9QX2-leeds``, of a later mail ``7K3M9QX2_reminder1-leeds``.

    SES takes letters, digits, ``_`` and ``-``; a case id has neither of the last two.
    """
    branch_id, _, later = mail_id.partition("+")
    return f"{case_id}_{later}-{branch_id}" if later else f"{case_id}-{branch_id}"


def handoff_of(tag: str) -> tuple[str, str] | None:
    """Case id and mail id of a tag, the inverse of `handoff_tag`; None if it is not one of ours."""
    head, dash, branch_id = tag.partition("-")
    case_id, _, later = head.partition("_")
    if not (dash and case_id and branch_id):
        return None
    return case_id, f"{branch_id}+{later}" if later else branch_id


def thread_root(case_id: str, branch_id: str, mail_domain: str) -> str:
    """The message id that no mail has and all mails of a handoff refer to: SES replaces our own (design.md)."""
    return f"<handoff.{case_id}.{branch_id}@{mail_domain}>"


def about_a_handoff(mail: HandoffMail, subject: str) -> EmailMessage:
    """A message with all headers and no content. SES adds ``Message-ID`` and ``Date``."""
    message = _addressed(mail, subject)
    message["In-Reply-To"] = mail.thread_root
    message["References"] = mail.thread_root
    message["X-Firstline-Case"] = _token(mail.case_ref)
    message["X-Firstline-Handoff"] = _token(mail.handoff_tag)
    return message


def of_a_week(mail: DigestMail, subject: str) -> EmailMessage:
    """A digest's message: the only mail that one may do without, so the only one with a way out (RFC 2369)."""
    message = _addressed(mail, subject)
    if way_out := link(mail.unsubscribe_url):
        message["List-Unsubscribe"] = f"<{way_out}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058: the client's own button posts
    return message


def _addressed(mail: HandoffMail | DigestMail, subject: str) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(mail.brand, mail.sender)
    message["To"] = _address(mail.recipient or mail.branch, mail.to)
    if mail.reply_to:
        message["Reply-To"] = _address(mail.brand, mail.reply_to)
    message["Subject"] = _text(subject)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    return message


def _address(name: str, address: str) -> Address:
    return Address(display_name=_text(line(name, 60)), addr_spec=address)


def _text(text: str) -> str:
    """The text with nothing in it that reads as an encoded word: the library would decode it, line breaks and all."""
    return text.replace("=?", "= ?")


def _token(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "", text)[:256]
