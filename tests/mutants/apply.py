"""Put a fault into a function: text of its source replaced, found by the function's import path."""

from __future__ import annotations
import __future__

import inspect
import textwrap
from dataclasses import dataclass
from importlib import import_module
from types import FunctionType


@dataclass(frozen=True)
class Mutant:
    """A fault. ``where`` is ``module:function`` or ``module:Class.method``; ``old`` stands there exactly once.

    ``caught_by``: the tests that are run with it, as pytest takes them; one of them must fail.
    """

    name: str
    where: str
    old: str
    new: str
    caught_by: tuple[str, ...]


class DoesNotApply(Exception):
    """The code is not what the mutant was written for: write it anew, or drop it with what it was about."""


def function_of(where: str) -> FunctionType:
    """The function under an import path. Raises `DoesNotApply`."""
    module, _, path = where.partition(":")
    found: object = None
    try:
        found = import_module(module)
        for name in path.split("."):
            found = getattr(found, name)
    except (ImportError, AttributeError) as error:
        raise DoesNotApply(f"{where} does not exist: {error}") from error
    found = inspect.unwrap(found)  # type: ignore[arg-type]
    if not isinstance(found, FunctionType):
        raise DoesNotApply(f"{where} is no function")
    return found


def mutated(mutant: Mutant) -> tuple[FunctionType, FunctionType]:
    """The function as it is, and one with the fault. Raises `DoesNotApply`."""
    function = function_of(mutant.where)
    source = textwrap.dedent(inspect.getsource(function))
    source = source[source.index("def ") :]  # without decorators
    if source.count(mutant.old) != 1:
        raise DoesNotApply(f"{mutant.where} has {source.count(mutant.old)} times instead of once: {mutant.old}")
    changed = source.replace(mutant.old, mutant.new)
    code = compile(changed, f"<mutant: {mutant.name}>", "exec", flags=__future__.annotations.compiler_flag)
    names = dict(function.__globals__)
    exec(code, names)
    return function, names[function.__name__]


def apply(mutant: Mutant) -> None:
    """Give the function the faulty code in place, so that whoever imported it has the fault, too."""
    function, faulty = mutated(mutant)
    function.__code__ = faulty.__code__
