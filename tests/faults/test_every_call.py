"""Every call that the flow makes is refused, times out after its effect, or is the last thing the process does.

The calls are found by recording each story once: one that is added later is covered without a change here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.world import World, a_world

from .outcomes import differences
from .recorder import MODES, Mode, Recorder
from .stories import STORIES


def told(story: Callable[[World], None], recorder: Recorder) -> list[str]:
    """Tell the story under the recorder; what is not as it must be."""
    with a_world(shards=1) as world:
        recorder.watch(world)
        story(world)
        recorder.world = None
        return differences(world)


@pytest.mark.faults
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_whatever_call_fails_every_post_has_exactly_one_outcome(
    story: Callable[[World], None], capsys: pytest.CaptureFixture[str]
) -> None:
    undisturbed = Recorder()
    assert told(story, undisturbed) == []
    points = _points(undisturbed.calls)
    tries = [(story, number, mode) for number in points for mode in MODES]
    with ProcessPoolExecutor(mp_context=get_context("fork")) as processes:
        ends = processes.map(_end, tries, chunksize=8)
        wrong = [
            f"call {number} ({undisturbed.calls[number]}) {mode}: {problem}"
            for (_, number, mode), problems in zip(tries, ends, strict=True)
            for problem in problems
        ]
    with capsys.disabled():
        print(f"\n{story.__name__}: {len(undisturbed.calls)} calls, {len(points) * len(MODES)} points tried")
    assert wrong == []


def _end(what: tuple[Callable[[World], None], int, Mode]) -> list[str]:
    story, number, mode = what
    return told(story, Recorder(at=number, mode=mode))


def _points(calls: list[str]) -> list[int]:
    """The calls to disturb: every one that an effect hangs on. The diary's idle looks, which are the same each
    minute, are tried at their first occurrences only, unless FIRSTLINE_FAULTS=all."""
    if os.environ.get("FIRSTLINE_FAULTS") == "all":
        return list(range(len(calls)))
    idle = {"dynamodb.Query", "s3.ListObjectsV2", "dynamodb.GetItem", "dynamodb.PutItem"}
    seen: dict[str, int] = {}
    chosen = []
    for number, name in enumerate(calls):
        seen[name] = seen.get(name, 0) + 1
        if name not in idle or seen[name] <= 12:
            chosen.append(number)
    return chosen
