"""The door is what platforms wait for: it brings nothing that is not needed there."""

from __future__ import annotations

import subprocess
import sys

import pytest

from firstline import channels

HEAVY = ("pydantic", "requests", "requests_oauthlib", "urllib3", "boto3", "botocore", "jinja2", "ssl")


def test_doors_load_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from firstline import channels\n"
        "for name in channels.CHANNELS:\n"
        "    channels.door(name).verify\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("lookup", [channels.door, channels.adapter])
@pytest.mark.parametrize("name", ["", "myspace", "X", "meta", "contract", "..outward"])
def test_a_channel_that_does_not_exist_is_a_key_error(lookup: object, name: str) -> None:
    with pytest.raises(KeyError):
        lookup(name)  # type: ignore[operator]
