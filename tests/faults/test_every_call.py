"""Every call that the flow makes is refused, times out after its effect, or is the last thing the process does.

The calls are found while a story is told: at each of them the process forks, a child tells the rest with that call
disturbed, and the parent goes on undisturbed. So a call that is added later is covered without a change here.
"""

from __future__ import annotations

import os
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.world import World, a_world

from .outcomes import differences
from .recorder import MODES, Recorder
from .stories import STORIES

IDLE = {
    "dynamodb.Query", "s3.ListObjectsV2", "dynamodb.GetItem", "dynamodb.PutItem", "secretsmanager.GetSecretValue",
}  # fmt: skip
"""Calls of the diary's idle looks, the same each minute: tried at their first occurrences, all with FIRSTLINE_FAULTS=all."""
OF_EACH_IDLE = 12


@dataclass
class Branching(Recorder):
    """Forks at every call that matters. ``ended`` is where children leave what was not as it must be."""

    ended: Path = Path()
    child: str | None = None
    """In a child: which call it disturbed."""
    running: list[int] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    points: int = 0

    def disturbs(self, name: str) -> bool:
        """Whether this call is the one that this process disturbs."""
        self.calls.append(name)
        self.seen[name] += 1
        every = os.environ.get("FIRSTLINE_FAULTS") == "all"
        if self.child is not None or (name in IDLE and self.seen[name] > OF_EACH_IDLE and not every):
            return False
        for mode in MODES:
            self.points += 1
            self._wait_until(len(self.running) < (os.cpu_count() or 1))
            process = os.fork()
            if process == 0:
                self.child, self.mode = f"call {len(self.calls)} ({name}) {mode}", mode
                return True
            self.running.append(process)
        return False

    def _wait_until(self, free: bool) -> None:
        if not free:
            os.waitpid(self.running.pop(0), 0)

    def wait_for_all(self) -> None:
        """Until every child has ended."""
        while self.running:
            self._wait_until(False)


def told(story: Callable[[World], None], recorder: Recorder) -> list[str]:
    """Tell the story under the recorder; what is not as it must be."""
    with a_world(shards=1, mails_per_second=1) as world:
        recorder.watch(world)
        story(world)
        recorder.world = None
        return differences(world)


@pytest.mark.faults
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_whatever_call_fails_every_post_has_exactly_one_outcome(
    story: Callable[[World], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorder = Branching(ended=tmp_path)
    try:
        problems = told(story, recorder)
    except BaseException:
        if recorder.child is None:
            raise
        problems = [traceback.format_exc(limit=-3)]
    if recorder.child is not None:
        text = "".join(f"{recorder.child}: {problem}\n" for problem in problems)
        (tmp_path / str(os.getpid())).write_text(text)
        os._exit(0)
    recorder.wait_for_all()
    ends = [each.read_text() for each in tmp_path.iterdir()]
    with capsys.disabled():
        print(f"\n{story.__name__}: {len(recorder.calls)} calls, {recorder.points} points tried")
    assert problems == []
    assert [line for text in ends for line in text.splitlines()] == []
    assert len(ends) == recorder.points > 0
