"""Everything that `firstline` prints: customers' words reach a terminal only by way of `outward/safe.py`."""

from __future__ import annotations

import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import IO, TYPE_CHECKING, Any, cast

import click

from firstline.outward import safe

if TYPE_CHECKING:
    from collections.abc import Iterator


def say(*entries: str, err: bool = False) -> None:
    """Print entries, each beginning on a line of its own; further lines within one are marked as such."""
    for each in entries:
        click.echo(safe.entry(each), err=err)


def show_json(value: Any) -> None:
    """Print JSON whose values are exact."""
    click.echo(safe.as_json(value))


def exact(content: bytes) -> None:
    """Write bytes as they are, for a file or a program: whoever looks at them in a terminal sees them made safe."""
    stream = click.get_text_stream("stdout")
    if stream.isatty():
        click.echo(safe.terminal(content.decode("utf-8", "replace")), nl=False)
        return
    raw = getattr(sys.stdout, "behind", sys.stdout)
    raw.flush()
    raw.buffer.write(content)
    raw.buffer.flush()


class _Guarded:
    """A stream whose text is safe for terminals: what is not printed by `say` (errors, questions) is, too."""

    def __init__(self, behind: IO[str]) -> None:
        self.behind = behind
        self.encoding = behind.encoding
        self.errors = behind.errors

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError("text only, not bytes")  # by which click tells text streams from binary ones
        self.behind.write(safe.terminal(text))
        return len(text)

    def flush(self) -> None:
        self.behind.flush()

    def isatty(self) -> bool:
        return self.behind.isatty()

    def fileno(self) -> int:
        return self.behind.fileno()


@contextmanager
def guarded() -> Iterator[None]:
    """All that is printed within is safe for a terminal."""
    with (
        redirect_stdout(cast("IO[str]", _Guarded(sys.stdout))),
        redirect_stderr(cast("IO[str]", _Guarded(sys.stderr))),
    ):
        yield
