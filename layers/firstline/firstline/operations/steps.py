"""Steps that must not cost each other: each runs whatever became of those before it, and what failed is recorded.

A failure that Firstline or AWS raises on purpose is told and counted. Any other is a mistake of ours: it is told, too,
and the run ends with `StepsFailed` once all steps had their turn, so that the function's own alarm rings. Nothing told
holds what an error says, for that may be a customer's.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from ..model.errors import FirstlineError, UnknownForm
from .services import Services

T = TypeVar("T")


class StepsFailed(RuntimeError):
    """Steps ended with an error that nobody foresaw; the log says which and where."""


class Steps:
    """The steps of one run."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._failed: list[str] = []

    def run(self, name: str, step: Callable[[], T]) -> T | None:
        """Run a step; what it returns, None when it failed."""
        try:
            return step()
        except UnknownForm as error:
            self._tell(name, error.what, error.why, "UnknownForm")
        except FirstlineError as error:
            self._tell(name, type(error).__name__, str(error)[:80], "SweepPostponed")
        except ClientError as error:
            self._tell(name, "ClientError", str(error.response["Error"]["Code"]), "SweepPostponed")
        except BotoCoreError as error:
            self._tell(name, "BotoCoreError", type(error).__name__, "SweepPostponed")
        except Exception as error:  # the outermost: what nobody foresaw must not stop the other steps
            place = traceback.extract_tb(error.__traceback__)[-1]
            self._failed.append(f"{name}: {type(error).__name__} at {place.name}")
            self._tell(name, type(error).__name__, f"{place.filename.rpartition('/')[2]}:{place.lineno}", "SweepFailed")
        return None

    def end(self) -> None:
        """The run is over. Raises `StepsFailed` if there was an error that nobody foresaw."""
        if self._failed:
            raise StepsFailed("; ".join(self._failed)) from None

    def _tell(self, name: str, error: str, why: str, metric: str) -> None:
        self._services.tell("diary_postponed", entity=name, error=error, why=why, metric=metric)
