"""Every call that the flow makes is refused, times out after its effect, or is the last thing the process does.

The calls are found while a story is told: at each of them the process forks, a child tells the rest with that call
disturbed, and the parent goes on undisturbed. So a call that is added later is covered without a change here.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import firstline
from tests.world import World, a_world

from .outcomes import differences
from .recorder import MODES, Recorder
from .stories import STORIES

LOOKS = {
    "dynamodb.Query", "s3.ListObjectsV2", "dynamodb.GetItem", "dynamodb.PutItem", "secretsmanager.GetSecretValue",
}  # fmt: skip
"""Reads and single writes: the diary makes them each minute, the same in every story."""
OF_EACH_LOOK, OF_EACH = 2, 4
"""So often a call from one place of the code is disturbed: a look in all stories together, any other in each story. The
diary's minutes repeat themselves; FIRSTLINE_FAULTS=all disturbs every single call."""
PACKAGE = Path(firstline.__file__).parent.as_posix()
looked: Counter[tuple[object, ...]] = Counter()


@dataclass
class Branching(Recorder):
    """Forks at every call that matters. ``ended`` is where children leave what was not as it must be."""

    ended: Path = Path()
    child: str | None = None
    """In a child: which call it disturbed."""
    running: list[int] = field(default_factory=list)
    seen: Counter[tuple[object, ...]] = field(default_factory=Counter)
    points: int = 0

    def disturbs(self, name: str) -> bool:
        """Whether this call is the one that this process disturbs."""
        self.calls.append(name)
        if self.child is not None or not self._new(name):
            return False
        for mode in MODES:
            self.points += 1
            self._wait_until(len(self.running) < (os.cpu_count() or 1))
            process = os.fork()
            if process == 0:
                gc.disable()  # it would touch, and so copy, every page that parent and child share
                self.child, self.mode = f"call {len(self.calls)} ({name}) {mode}", mode
                return True
            self.running.append(process)
        return False

    def _new(self, name: str) -> bool:
        """Whether this call was not disturbed often enough where it is made from."""
        counted, most = (looked, OF_EACH_LOOK) if name in LOOKS else (self.seen, OF_EACH)
        place = (self.world and self.world.function, name, *_place())
        counted[place] += 1
        return counted[place] <= most or os.environ.get("FIRSTLINE_FAULTS") == "all"

    def _wait_until(self, free: bool) -> None:
        if not free:
            os.waitpid(self.running.pop(0), 0)

    def wait_for_all(self) -> None:
        """Until every child has ended."""
        while self.running:
            self._wait_until(False)


def _place() -> Iterator[tuple[str, int]]:
    """The lines of the package through which the present call came."""
    frame = sys._getframe()
    while frame := frame.f_back:  # type: ignore[assignment]
        if frame.f_code.co_filename.startswith(PACKAGE):
            yield frame.f_code.co_filename, frame.f_lineno


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
