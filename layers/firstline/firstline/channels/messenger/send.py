"""A Page's messages. Source: Meta, Send API and Conversations API (August 2026)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model.events import NeedsLookup
from ...model.post import Post
from ..contract import Credentials, Limit, Outgoing, Sent
from ..meta import messages

if TYPE_CHECKING:
    from ...outward.http import Http

limits = {"messages": Limit(300, 1)}
"""Text messages per account (Meta: messenger rate-limiting)."""


def send(http: Http, credentials: Credentials, outgoing: Outgoing) -> Sent:
    """See `contract.Adapter.send` and `messages.send`."""
    return messages.send(http, credentials, outgoing, _mailbox(http, outgoing))


def find_sent(http: Http, credentials: Credentials, outgoing: Outgoing) -> Sent | None:
    """See `messages.find_sent`."""
    return messages.find_sent(http, credentials, outgoing, _mailbox(http, outgoing))


def _mailbox(http: Http, outgoing: Outgoing) -> messages.Mailbox:
    return messages.Mailbox(http.graph_base_url, outgoing.account, "messenger")


def read(http: Http, credentials: Credentials, lookup: NeedsLookup) -> Post:
    """Author and words of a message that a notice only named."""
    return messages.read(http, credentials, lookup, http.graph_base_url)
