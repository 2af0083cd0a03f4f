"""The judge itself: what a customer would see to be wrong it finds, whatever is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from firstline.model.errors import Outcome, Unclear
from firstline.operations import emit, send_reply
from firstline.operations.sending import Sending

from .recorder import Fault, Recorder, says
from .stories import a_burst_in_chat, field_level_comment, one_mention
from .test_every_call import told


@dataclass
class Once(Recorder):
    """Disturbs the first call that says something."""

    done: Fault | None = None

    def fault(self, name: str) -> Fault | None:
        if self.done is None and says(name):
            self.done = Fault("timed out after effect", "late")
            return self.done
        return None


@pytest.mark.parametrize("story", [one_mention, field_level_comment, a_burst_in_chat], ids=lambda story: story.__name__)
def test_two_answers_to_one_post_are_seen_in_other_words_and_whatever_is_recorded(
    story: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_once_again(sending: Sending, outcome: Outcome, credentials: str) -> None:
        assert isinstance(outcome, Unclear)
        again = sending.reply.again(sending.now, outcome.reason, sending.now, reword=True)
        sending.commit(again)
        sending.services.queues.send(emit.nudge(again, sending.now, sending.services))

    monkeypatch.setattr(send_reply, "not_sent", at_once_again)
    recorder = Once()
    problems = told(story, recorder)
    assert recorder.done is not None
    assert any(problem.startswith("2 answers") for problem in problems)
