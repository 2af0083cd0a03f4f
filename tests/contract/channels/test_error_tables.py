"""What each channel makes of the answers in its platform's error table (tests/refusals.py)."""

from __future__ import annotations

import pytest

from firstline.channels import CHANNELS, adapter
from firstline.model.errors import Outcome
from tests.refusals import OUTCOMES, REFUSALS, Refusal

from .platforms import PLATFORMS, Platform, Stub

ROWS = [(platform, row) for platform in PLATFORMS for row in REFUSALS if row.channel == platform.channel]


def named(value: object) -> str:
    return f"{value.outgoing.endpoint}" if isinstance(value, Platform) else str(value)


@pytest.mark.parametrize(("platform", "row"), ROWS, ids=named)
def test_an_answer_asks_for_what_the_table_says(platform: Platform, row: Refusal) -> None:
    headers = {name.replace("-", "_"): value for name, value in row.headers.items()}
    stub = Stub().plan(row.status, row.content, **headers).plan(503, {})
    with pytest.raises(Outcome) as raised:
        adapter(platform.channel).send(stub.http(), platform.credentials, platform.outgoing)
    assert (type(raised.value), raised.value.reason) == (OUTCOMES[row.does], row.reason)
    assert [call.method for call in stub.asked].count("POST") == 1, "no answer is tried again by the channel itself"


def test_every_channel_has_its_table() -> None:
    assert {row.channel for row in REFUSALS} >= set(CHANNELS)
