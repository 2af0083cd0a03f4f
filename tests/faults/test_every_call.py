"""Every call that the flow makes is refused, times out after its effect, hangs, or is the last thing the process does.

The calls are found while a story is told: at each of them the process forks, a child tells the rest with that call
disturbed, and the parent goes on undisturbed. So a call that is added later is covered without a change here. Where
the call says something on a platform, its echo comes at once, soon or late.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import firstline
from tests.world import World

from .deployment import a_deployment
from .forks import Forks
from .outcomes import differences
from .recorder import Fault, Recorder, faults_of
from .stories import STORIES

LOOKS = {
    "dynamodb.Query", "s3.ListObjectsV2", "dynamodb.GetItem", "dynamodb.PutItem",
    "appconfigdata.GetLatestConfiguration",
}  # fmt: skip
"""Reads and single writes: the diary makes them each minute, the same in every story."""
OF_EACH_LOOK, OF_EACH = 2, 4
"""So often a call from one place of the code is disturbed: a look in all stories together, any other in each story. The
diary's minutes repeat themselves; FIRSTLINE_FAULTS=all disturbs every single call."""
PACKAGE = Path(firstline.__file__).parent.as_posix()
looked: Counter[tuple[object, ...]] = Counter()


@dataclass
class Branching(Recorder):
    """Forks at every call that matters, once for each fault."""

    forks: Forks = field(default_factory=Forks)
    seen: Counter[tuple[object, ...]] = field(default_factory=Counter)

    def fault(self, name: str) -> Fault | None:
        """What becomes of this call in this process."""
        self.calls.append(name)
        if self.forks.child is not None or not self._new(name):
            return None
        for fault in faults_of(name):
            if self.forks.born(f"call {len(self.calls)} ({name}) {fault}"):
                return fault
        return None

    def _new(self, name: str) -> bool:
        """Whether this call was not disturbed often enough where it is made from."""
        counted, most = (looked, OF_EACH_LOOK) if name in LOOKS else (self.seen, OF_EACH)
        place = (self.world and self.world.function, name, *_place())
        counted[place] += 1
        return counted[place] <= most or os.environ.get("FIRSTLINE_FAULTS") == "all"


def _place() -> Iterator[tuple[str, int]]:
    """The lines of the package through which the present call came."""
    frame = sys._getframe()
    while frame := frame.f_back:  # type: ignore[assignment]
        if frame.f_code.co_filename.startswith(PACKAGE):
            yield frame.f_code.co_filename, frame.f_lineno


def told(story: Callable[[World], None], recorder: Recorder) -> list[str]:
    """Tell the story under the recorder; what is not as it must be."""
    with a_deployment() as world:
        recorder.watch(world)
        story(world)
        recorder.world = None
        return differences(world)


@pytest.mark.faults
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_whatever_call_fails_every_post_has_exactly_one_outcome(
    story: Callable[[World], None], capsys: pytest.CaptureFixture[str]
) -> None:
    recorder = Branching()
    with recorder.forks as forks:
        problems = told(story, recorder)
        if forks.child is not None:
            forks.end(problems)
    with capsys.disabled():
        print(f"\n{story.__name__}: {len(recorder.calls)} calls, {len(forks.names)} faults tried")
    assert problems == []
    assert forks.problems() == []
    assert forks.names
