"""The platforms' error tables, row by row: what each answer means for the one who sends."""

from __future__ import annotations

from typing import Any

import pytest

from firstline.channels.contract import Usage
from firstline.channels.meta import graph
from firstline.channels.x import refusals as x
from firstline.model.errors import AccountDown, Outcome, Permanent, Reword, Unclear, Wait
from firstline.outward.http import Response

NOW = 1_795_428_900.0
PROBLEMS = "https://api.twitter.com/2/problems"


def problem(status: int, detail: str = "", kind: str = "about:blank", code: int | None = None) -> Response:
    data: dict[str, Any] = {"title": "Problem", "detail": detail, "type": kind, "status": status}
    if code is not None:
        data["errors"] = [{"code": code, "message": "classic"}]
    return Response(status, {}, data)


X_ROWS = [
    (problem(400, "Your Tweet text is too long."), Permanent, "text_too_long"),
    (problem(400, "One or more parameters to your request was invalid."), Permanent, "refused:400"),
    (problem(401, "Unauthorized"), AccountDown, "token_refused"),
    (problem(402, "credits"), AccountDown, "credits_used_up"),
    (problem(403, "You are not allowed to create a Tweet with duplicate content."), Reword, "duplicate_text"),
    (problem(403, code=187), Reword, "duplicate_text"),
    (
        problem(
            403,
            "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the"
            " author of the post you are replying to.",
        ),
        Permanent,
        "not_summoned",
    ),
    (
        problem(403, "The original Tweet author restricted who can reply to this Tweet."),
        Permanent,
        "replies_restricted",
    ),
    (problem(403, code=433), Permanent, "replies_restricted"),
    (
        problem(403, "You attempted to reply to a Tweet that is deleted or not visible to you."),
        Permanent,
        "parent_gone",
    ),
    (problem(403, code=385), Permanent, "parent_gone"),
    (problem(403, "You cannot send direct messages to this user."), Permanent, "message_not_allowed"),
    (problem(403, code=349), Permanent, "message_not_allowed"),
    (problem(403, kind=f"{PROBLEMS}/client-forbidden"), AccountDown, "client_forbidden"),
    (problem(403, kind=f"{PROBLEMS}/usage-capped"), AccountDown, "usage_capped"),
    (problem(429, kind=f"{PROBLEMS}/usage-capped"), AccountDown, "usage_capped"),
    (problem(403, kind=f"{PROBLEMS}/oauth1-permissions"), AccountDown, "permissions_missing"),
    (problem(403, kind=f"{PROBLEMS}/unsupported-authentication"), AccountDown, "unsupported_authentication"),
    (problem(403, "To protect our users, your account is temporarily locked."), AccountDown, "account_locked"),
    (problem(403, "Something new."), Permanent, "forbidden"),
    (Response(403, {}, None), Permanent, "forbidden"),
    (problem(404, kind=f"{PROBLEMS}/resource-not-found"), Permanent, "parent_gone"),
    (problem(408), Unclear, "timeout"),
    (problem(429, "Too Many Requests"), Wait, "rate_limited"),
    *((problem(status), Unclear, f"unclear:{status}") for status in (500, 502, 503, 504)),
    (Response(200, {}, {"errors": [{"status": 404, "title": "Not Found Error"}]}), Permanent, "parent_gone"),
    (Response(200, {}, {"errors": [{"title": "Odd"}]}), Unclear, "unclear:200"),
    (Response(302, {}, None), Unclear, "unclear:302"),
]


@pytest.mark.parametrize(("answer", "outcome", "reason"), X_ROWS)
def test_an_answer_of_x_means(answer: Response, outcome: type[Outcome], reason: str) -> None:
    found = x.refusal(answer, NOW)
    assert (type(found), found.reason) == (outcome, reason)


def test_every_row_of_x_is_reached() -> None:
    assert {row.reason for row in x.ROWS} <= {reason for _, _, reason in X_ROWS}


def graph_error(code: int | None, subcode: int | None = None, status: int = 400) -> Response:
    return Response(status, {}, {"error": {"message": "private", "code": code, "error_subcode": subcode}})


GRAPH_ROWS = [
    *(((code, None), Unclear, f"temporary:{code}") for code in (1, 2)),
    *(
        ((code, None), Wait, f"rate_limited:{code}")
        for code in (4, 17, 32, 613, 80000, 80001, 80006, 80007, 80014, 130429, 131048, 131056, 133016)
    ),
    *(((code, None), AccountDown, f"permission:{code}") for code in (3, 10, 200, 230, 299)),
    ((10, 2018278), Permanent, "window_closed:2018278"),
    ((10, 2534022), Permanent, "window_closed:2534022"),
    ((10, 1893063), AccountDown, "page_restricted:1893063"),
    ((100, None), Permanent, "object_gone:100"),
    ((100, 33), Permanent, "object_gone:100/33"),
    ((102, None), AccountDown, "token:102"),
    ((190, 460), AccountDown, "token:190/460"),
    ((368, None), AccountDown, "policy_blocked:368"),
    ((506, None), Reword, "duplicate_text:506"),
    ((551, None), Permanent, "person_not_available:551"),
    ((551, 1545041), Permanent, "person_not_available:1545041"),
    ((200, 1545041), Permanent, "person_not_available:1545041"),
    ((10900, None), Permanent, "already_replied:10900"),
    ((4711, None), Permanent, "refused:4711"),
]


@pytest.mark.parametrize(("codes", "outcome", "reason"), GRAPH_ROWS)
@pytest.mark.parametrize("status", [400, 403])
def test_an_error_of_the_graph_api_means(
    codes: tuple[int, int | None], outcome: type[Outcome], reason: str, status: int
) -> None:
    found = graph.refusal(graph_error(*codes, status=status), NOW)
    assert (type(found), found.reason) == (outcome, reason)


def test_every_code_and_subcode_of_the_graph_api_is_in_the_table() -> None:
    reasons = {reason.split(":")[0] for _, _, reason in GRAPH_ROWS}
    assert {reason for _, reason in (*graph.CODES.values(), *graph.SUBCODES.values())} <= reasons


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        (graph_error(190, status=500), AccountDown, "token:190"),
        (graph_error(4711, status=500), Unclear, "unclear:500"),
        (Response(502, {}, None), Unclear, "unclear:502"),
        (Response(429, {}, None), Wait, "rate_limited"),
        (Response(401, {}, None), AccountDown, "token"),
        (Response(404, {}, "gone"), Permanent, "refused:404"),
        (Response(200, {}, {"error": {"code": 2}}), Unclear, "temporary:2"),
        (graph_error(None), Permanent, "refused:400"),
    ],
)
def test_without_a_known_code_the_status_decides(answer: Response, outcome: type[Outcome], reason: str) -> None:
    found = graph.refusal(answer, NOW)
    assert (type(found), found.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("headers", "usage"),
    [
        ({}, None),
        ({"x-app-usage": "no json"}, None),
        ({"x-app-usage": '{"call_count": 28, "total_time": 25, "total_cputime": 81}'}, Usage(percent=81)),
        (
            {
                "x-app-usage": '{"call_count": 5}',
                "x-business-use-case-usage": '{"1": [{"call_count": 100, "estimated_time_to_regain_access": 19}]}',
            },
            Usage(percent=100, resets_at=int(NOW) + 19 * 60),
        ),
    ],
)
def test_the_fullest_limit_of_meta_counts(headers: dict[str, str], usage: Usage | None) -> None:
    assert graph.usage_of(Response(200, headers, {}), NOW) == usage


def test_a_reset_that_has_passed_is_waited_for_a_moment_still() -> None:
    headers = {"x-rate-limit-reset": str(int(NOW) - 5)}
    assert x.refusal(Response(429, headers, {}), NOW).after == 1


def test_without_a_reset_the_wait_is_what_retry_after_says() -> None:
    assert x.refusal(Response(429, {"retry-after": "60"}, {}), NOW).after == 60
    assert x.refusal(Response(429, {}, {}), NOW).after is None
