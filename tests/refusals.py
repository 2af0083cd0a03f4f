"""The platforms' error tables (what each answer means, what is to be done), row by row, as one table.

Two suites hold Firstline to it: what a channel makes of the answer (contract/channels), and what becomes of the reply
and the case (contract/path). A channel adds its rows here; nothing else is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from firstline.model.errors import AccountDown, Outcome, Permanent, Reword, Unclear, Wait

Does = Literal["waits", "parks", "rewords", "agent", "gone", "looks_first"]
OUTCOMES: dict[Does, type[Outcome]] = {
    "waits": Wait,
    "parks": AccountDown,
    "rewords": Reword,
    "agent": Permanent,
    "gone": Permanent,
    "looks_first": Unclear,
}
"""What is done, and the error by which a channel asks for it."""


@dataclass(frozen=True)
class Refusal:
    """One row: the platform's answer on a channel, and what is to be done. ``reason`` is our word for it."""

    channel: str
    means: str
    status: int
    content: Any
    does: Does
    reason: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.channel}-{self.status}-{self.means.replace(' ', '_')}"


def x(means: str, status: int, does: Does, reason: str, detail: str = "", kind: str = "", code: int | None = None) -> Refusal:  # fmt: skip
    """A problem as X words it."""
    content: dict[str, Any] = {"title": "Problem", "detail": detail, "type": kind or "about:blank", "status": status}
    if code is not None:
        content["errors"] = [{"code": code, "message": "classic"}]
    return Refusal("x", means, status, content, does, reason)


def graph(channel: str, code: int, does: Does, reason: str, subcode: int | None = None, status: int = 400) -> Refusal:
    """An error of Meta's Graph API, which decides by its code."""
    error: dict[str, Any] = {"message": "Anna's private words", "type": "OAuthException", "code": code, "fbtrace_id": "A"}  # fmt: skip
    name = str(code) if subcode is None else f"{code}/{subcode}"
    if subcode is not None:
        error["error_subcode"] = subcode
    return Refusal(channel, name, status, {"error": error}, does, reason)


PROBLEMS = "https://api.x.com/2/problems"
NOT_SUMMONED = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author"
    " of the post you are replying to."
)
X = (
    x("text too long", 400, "agent", "text_too_long", "Your Tweet text is too long."),
    x("token bad", 401, "parks", "token_refused", "Unauthorized"),
    x("credits used up", 402, "parks", "credits_used_up", "credits"),
    x("duplicate", 403, "rewords", "duplicate_text", "You are not allowed to create a Tweet with duplicate content."),
    x("duplicate in v1.1", 403, "rewords", "duplicate_text", code=187),
    x("not summoned", 403, "agent", "not_summoned", NOT_SUMMONED),
    x("replies restricted", 403, "agent", "replies_restricted", "The author restricted who can reply to this Tweet."),
    x("replies restricted in v1.1", 403, "agent", "replies_restricted", code=433),
    x("parent deleted", 403, "agent", "parent_gone", "You replied to a Tweet that is deleted or not visible to you."),
    x("parent deleted in v1.1", 403, "agent", "parent_gone", code=385),
    x("no direct messages", 403, "agent", "message_not_allowed", "You cannot send direct messages to this user."),
    x("no direct messages in v1.1", 403, "agent", "message_not_allowed", code=349),
    x("another 403", 403, "agent", "forbidden", "Something new."),
    x("client forbidden", 403, "parks", "client_forbidden", kind=f"{PROBLEMS}/client-forbidden"),
    x("usage capped", 403, "parks", "usage_capped", kind=f"{PROBLEMS}/usage-capped"),
    x("usage capped", 429, "parks", "usage_capped", kind=f"{PROBLEMS}/usage-capped"),
    x("parent gone", 404, "agent", "parent_gone", kind=f"{PROBLEMS}/resource-not-found"),
    x("window used", 429, "waits", "rate_limited", "Too Many Requests"),
    *(x("out of order", status, "looks_first", f"unclear:{status}") for status in (500, 502, 503, 504)),
    Refusal("x", "success with errors", 200, {"errors": [{"status": 404, "title": "Not Found"}]}, "agent", "parent_gone"),
    Refusal("x", "success with odd errors", 200, {"errors": [{"title": "Odd"}]}, "looks_first", "unclear:200"),
    Refusal("x", "success without an id", 201, {"data": {}}, "looks_first", "unclear:201"),
)  # fmt: skip


def meta(channel: str) -> tuple[Refusal, ...]:
    """What all of Meta's channels share."""
    return (
        *(graph(channel, code, "looks_first", f"temporary:{code}", status=500) for code in (1, 2)),
        *(
            graph(channel, code, "waits", f"rate_limited:{code}")
            for code in (4, 17, 32, 613, 80001, 80006, 80007, 130429, 131048, 133016)
        ),
        *(graph(channel, code, "parks", f"permission:{code}") for code in (3, 10, 200, 299)),
        graph(channel, 10, "agent", "window_closed:2018278", 2018278),
        graph(channel, 10, "agent", "window_closed:2534022", 2534022),
        graph(channel, 10, "parks", "page_restricted:1893063", 1893063),
        graph(channel, 100, "agent", "object_gone:100/33", 33),
        graph(channel, 102, "parks", "token:102"),
        graph(channel, 190, "parks", "token:190/460", 460),
        graph(channel, 368, "parks", "policy_blocked:368"),
        graph(channel, 506, "rewords", "duplicate_text:506"),
        graph(channel, 551, "agent", "person_not_available:551"),
        graph(channel, 551, "agent", "person_not_available:1545041", 1545041),
        Refusal(channel, "out of order", 502, None, "looks_first", "unclear:502"),
        Refusal(channel, "success without an id", 200, {}, "looks_first", "answer_without_id"),
    )


WHATSAPP = (
    graph("whatsapp", 131047, "agent", "window_closed:131047"),
    *(
        graph("whatsapp", code, "agent", f"{reason}:{code}")
        for code, reason in (
            (131026, "undeliverable"),
            (131021, "own_number"),
            (131030, "not_on_the_test_list"),
            (131062, "no_scoped_id_here"),
            (130472, "experiment"),
            (131049, "ecosystem"),
            (131050, "person_stopped_marketing"),
        )
    ),
    *(graph("whatsapp", code, "agent", f"our_request:{code}") for code in (131051, 131008, 131009, 100)),
    *(graph("whatsapp", code, "waits", f"rate_limited:{code}") for code in (130429, 131048, 80007, 4, 133016)),
    graph("whatsapp", 131056, "waits", "pair_limited:131056"),
    *(
        graph("whatsapp", code, "looks_first", f"temporary:{code}", status=500)
        for code in (131000, 131016, 131057, 135000)
    ),
    *(graph("whatsapp", code, "parks", f"token:{code}", status=401) for code in (0, 190)),
    *(graph("whatsapp", code, "parks", f"permission:{code}", status=403) for code in (3, 10, 200, 299, 131005)),
    graph("whatsapp", 368, "parks", "policy_blocked:368"),
    graph("whatsapp", 131031, "parks", "account_locked:131031"),
    graph("whatsapp", 130497, "parks", "country_restricted:130497"),
    graph("whatsapp", 131042, "parks", "payment:131042"),
)


def source(means: str, status: int, does: Does, reason: str, error: str | None = None, **headers: str) -> Refusal:
    """A receiver's answer to a callback by Standard Webhooks, with our word for what the platform behind it said."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refusal("generic", means, status, {"error": error} if error else {}, does, reason, told)


GENERIC = (
    source("duplicate", 409, "rewords", "duplicate_text", "duplicate_text"),
    source("post gone", 404, "gone", "post_gone", "gone"),
    source("window closed", 403, "agent", "window_closed", "window_closed"),
    source("person blocks", 403, "agent", "person_not_available", "blocked"),
    source("too long", 422, "agent", "text_too_long", "too_long"),
    source("account refused", 403, "parks", "account_refused", "account"),
    *(source("signature refused", status, "parks", "signature_refused") for status in (401, 403)),
    source("callback gone for good", 410, "parks", "callback_gone"),
    source("callback moved", 404, "agent", "refused:404"),
    source("not understood", 422, "agent", "refused:422"),
    source("too early", 425, "waits", "too_early"),
    source("too many", 429, "waits", "rate_limited", retry_after="120"),
    source("timed out", 408, "looks_first", "timeout"),
    *(source("out of order", status, "looks_first", f"unclear:{status}") for status in (500, 502, 503, 504)),
)
SHOWS_NOTHING = frozenset({"whatsapp"})
"""Channels that cannot be asked what they sent: what is unclear is an agent's when no status tells within minutes."""
KNOWS_ITS_IDS = frozenset({"generic"})
"""Channels where looking is sending the same once more under its id, which has no effect if it is known."""

REFUSALS: tuple[Refusal, ...] = (*X, *meta("facebook"), *meta("messenger"), *meta("instagram"), *WHATSAPP, *GENERIC)
"""All rows. A new channel's rows come behind these."""
