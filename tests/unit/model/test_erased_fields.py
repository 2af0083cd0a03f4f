"""What an erasure keeps of a row are fields that the row has."""

from __future__ import annotations

import pytest

from firstline.model.base import Value
from firstline.model.erased import STAYS


@pytest.mark.parametrize("model", STAYS)
def test_every_field_that_stays_is_one_of_its_row(model: type[Value]) -> None:
    assert {*STAYS[model]} <= {*model.model_fields}
