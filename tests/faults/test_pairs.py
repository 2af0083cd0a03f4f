"""Two faults in one story: something happens to an effect outside, and then to a call that should put it right.

The first strikes a call that says something on a platform or hands a mail to SES; the second a later one that acts, or
asks a platform. There are many thousands of such pairs. `MOST` of them are tried, by a seed that is printed and can be
given again as FIRSTLINE_SEED; FIRSTLINE_FAULTS=all tries every one.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random, randrange

import pytest

from tests.world import World

from .forks import Forks
from .recorder import Fault, Recorder, acts, faults_of, outside
from .stories import STORIES, rest
from .test_every_call import told

MOST = 300
SEED = os.environ.get("FIRSTLINE_SEED") or str(randrange(10**6))
ALL = os.environ.get("FIRSTLINE_FAULTS") == "all"
Story = Callable[[World], None]
Strike = tuple[int, Fault]
"""The number of a call, and what becomes of it."""


def strikes(calls: list[str], at: Callable[[str], bool], after: int = 0) -> list[Strike]:
    """All that can become of the calls of that kind."""
    found = ((number, name) for number, name in enumerate(calls, 1) if number > after and at(name))
    return [(number, fault) for number, name in found for fault in faults_of(name)]


@dataclass
class Two(Recorder):
    """Forks at the first strikes. Each child sends a scout ahead to see which calls follow, and forks at the second."""

    firsts: list[Strike] = field(default_factory=list)
    children: Forks = field(default_factory=Forks)
    scout: Forks = field(default_factory=Forks)
    grandchildren: Forks = field(default_factory=lambda: Forks(at_once=1))
    seconds: list[Strike] = field(default_factory=list)

    def fault(self, name: str) -> Fault | None:
        """What becomes of this call in this process."""
        self.calls.append(name)
        number = len(self.calls)
        if self.scout.child is not None or self.grandchildren.child is not None:
            return None
        forks, due = (self.children, self.firsts) if self.children.child is None else (self.grandchildren, self.seconds)
        for fault in (each for at, each in due if at == number):
            if forks.born(f"call {number} ({name}) {fault}"):
                if forks is self.children:
                    self._choose(number)
                return fault
        return None

    def _choose(self, number: int) -> None:
        """In a child: its second strikes."""
        if self.scout.born("scout"):
            return
        self.scout.wait()
        follow = strikes(self.scout.words[0].splitlines(), acts, after=number)
        dice = Random(f"{SEED} {self.children.child}")
        self.seconds = follow if ALL else dice.sample(follow, min(1, len(follow)))

    def end(self, problems: list[str]) -> None:
        """In every process but the first one: leave word, in a child of its pairs first."""
        for forks, word in ((self.scout, self.calls), (self.grandchildren, problems)):
            if forks.child is not None:
                forks.end(word)
        if self.children.child is not None:
            found = [f"then {each}" for each in self.grandchildren.problems()]
            pairs = len(self.grandchildren.names)
            unmet = [f"{pairs} of {len(self.seconds)} second calls were made"] if pairs != len(self.seconds) else []
            self.children.end([str(pairs), *problems, *unmet, *found])


def pairs_of(story: Story, firsts: list[Strike]) -> tuple[int, list[str]]:
    """Try those firsts, each with its seconds: how many pairs, and what was wrong."""
    recorder = Two(firsts=firsts)
    children = recorder.children

    def patiently(world: World) -> None:
        story(world)
        recorder.world = None  # two repairs, one after the other, take longer than a story: nothing strikes any more
        rest(world)
        world.pass_time(3600, step=600)

    try:
        problems = told(patiently, recorder)
    except BaseException:
        if children.child is None:
            raise
        problems = traceback.format_exc(limit=-3).splitlines()
    recorder.end(problems)
    found = [f"{story.__name__}: {line}" for line in children.problems() if not line.rpartition(": ")[2].isdigit()]
    assert len(children.names) == len(firsts), "each first call was made"
    return sum(int(word.partition("\n")[0]) for word in children.words), problems + found


@pytest.mark.faults
def test_two_faults_leave_every_post_with_one_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    pool: list[tuple[Story, Strike]] = []
    for story in STORIES:
        recorder = Recorder()
        assert told(story, recorder) == []
        pool += [(story, first) for first in strikes(recorder.calls, outside)]
    chosen = pool if ALL else Random(SEED).sample(pool, min(MOST, len(pool)))
    tried, problems = 0, []
    for story in STORIES:
        firsts = [first for whose, first in chosen if whose is story]
        if firsts:
            pairs, found = pairs_of(story, firsts)
            tried, problems = tried + pairs, problems + found
    with capsys.disabled():
        print(f"\n{tried} pairs tried, of {len(pool)} first faults {len(chosen)}: FIRSTLINE_SEED={SEED}")
    assert problems == [], f"FIRSTLINE_SEED={SEED}"
    assert 0 < tried <= MOST or ALL
