"""WhatsApp's error table, row by row: in an answer to a call, and in a status that comes after it was accepted."""

from __future__ import annotations

import pytest

from firstline.channels.contract import Usage
from firstline.channels.whatsapp.refusals import CODES, Failure, failure, refusal
from firstline.model.errors import AccountDown, Outcome, Permanent, Reword, Unclear, Wait

NOW = 1_795_428_900.0
ROWS: list[tuple[int, type[Outcome], str, Failure]] = [
    (131047, Permanent, "window_closed", "refused"),
    (131026, Permanent, "undeliverable", "refused"),
    (131021, Permanent, "own_number", "refused"),
    (131030, Permanent, "not_on_the_test_list", "refused"),
    (131062, Permanent, "no_scoped_id_here", "refused"),
    (130472, Permanent, "experiment", "refused"),
    (131049, Permanent, "ecosystem", "refused"),
    (131050, Permanent, "person_stopped_marketing", "refused"),
    *((code, Permanent, "our_request", "refused") for code in (131051, 131008, 131009, 100)),
    *((code, Wait, "rate_limited", "wait") for code in (130429, 131048, 80007, 4, 133016)),
    (131056, Wait, "pair_limited", "wait"),
    *((code, Unclear, "temporary", "again") for code in (131000, 131016, 131057, 135000)),
    *((code, AccountDown, "token", "parked") for code in (0, 190)),
    *((code, AccountDown, "permission", "parked") for code in (3, 10, 131005, *range(200, 300))),
    (368, AccountDown, "policy_blocked", "parked"),
    (131031, AccountDown, "account_locked", "parked"),
    (130497, AccountDown, "country_restricted", "parked"),
    (131042, AccountDown, "payment", "parked"),
]


@pytest.mark.parametrize(("code", "kind", "reason", "later"), ROWS)
def test_a_code_means_what_the_table_says_at_once_and_later(
    code: int, kind: type[Outcome], reason: str, later: Failure
) -> None:
    outcome = refusal(400, code, None, None, 1, NOW)
    assert type(outcome) is kind
    assert outcome.reason == f"{reason}:{code}"
    assert failure(code)[:2] == (later, f"{reason}:{code}")


def test_the_table_has_no_row_without_a_test() -> None:
    assert set(CODES) == {code for code, *_ in ROWS}


@pytest.mark.parametrize(("attempt", "seconds"), [(0, 4), (1, 4), (2, 16), (3, 64), (6, 4096), (60, 4096)])
def test_a_pair_limit_waits_four_to_the_power_of_the_tries(attempt: int, seconds: int) -> None:
    assert refusal(400, 131056, None, None, attempt, NOW).after == seconds
    assert failure(131056)[2] == 4


def test_another_limit_waits_until_the_headers_say_that_it_ends() -> None:
    usage = Usage(percent=100, resets_at=int(NOW) + 900)
    outcome = refusal(400, 130429, None, usage, 1, NOW)
    assert (outcome.after, outcome.usage) == (900, usage)
    assert refusal(400, 130429, None, None, 1, NOW).after is None


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        *((400, 506, Reword), (400, 613, Wait), (429, None, Wait), (401, None, AccountDown)),
        *((503, None, Unclear), (400, 999999, Permanent), (404, None, Permanent)),
    ],
)
def test_what_is_not_in_the_table_means_what_it_means_at_all_of_metas(
    status: int, code: int | None, kind: type[Outcome]
) -> None:
    assert type(refusal(status, code, None, None, 1, NOW)) is kind


def test_a_failure_without_a_known_code_goes_to_an_agent() -> None:
    assert failure(None) == ("refused", "undeliverable", None)
    assert failure(999999) == ("refused", "refused:999999", None)
