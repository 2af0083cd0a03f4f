"""Children of this process that go on from where it stands, a few at a time; each tells at its end what was wrong."""

from __future__ import annotations

import gc
import os
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn

AT_ONCE = os.cpu_count() or 1


@dataclass
class Forks:
    """A child never leaves the ``with`` block: it ends there, and whatever it raised is a problem that it tells of."""

    at_once: int = AT_ONCE
    child: str | None = None
    """In a child: its name."""
    names: list[str] = field(default_factory=list)
    """The children, in the order of their birth."""
    words: list[str] = field(default_factory=list)
    """What each of them left that has ended, in the same order."""
    _running: list[tuple[int, int]] = field(default_factory=list)
    _mouth: int = 0

    def born(self, name: str) -> bool:
        """Fork; whether this is the child."""
        while len(self._running) >= self.at_once:
            self._hear()
        ear, mouth = os.pipe()
        self.names.append(name)
        process = os.fork()
        if process:
            os.close(mouth)
            self._running.append((process, ear))
            return False
        gc.disable()  # it would touch, and so copy, every page that parent and child share
        self.child, self.names, self.words, self._running, self._mouth = name, [], [], [], mouth
        return True

    def end(self, word: Iterable[str]) -> NoReturn:
        """The child leaves word, line by line, of what was wrong, and ends."""
        with os.fdopen(self._mouth, "w") as mouth:
            mouth.write("\n".join(word))
        os._exit(0)

    def wait(self) -> None:
        """Until all children have ended."""
        while self._running:
            self._hear()

    def _hear(self) -> None:
        process, ear = self._running.pop(0)
        with os.fdopen(ear) as heard:
            word = heard.read()
        _, status = os.waitpid(process, 0)
        self.words.append(word if status == 0 else f"{word}\nit ended by itself, with status {status}")

    def problems(self) -> list[str]:
        """What was wrong in the children, when all have ended."""
        self.wait()
        told = zip(self.names, self.words, strict=True)
        return [f"{name}: {line}" for name, word in told for line in word.splitlines()]

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self.child is not None:
            self.end(traceback.format_exception(error, limit=-3) if error else ["it did not end where it should"])
        self.wait()
