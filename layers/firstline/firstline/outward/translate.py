"""Tentative translations by Amazon Translate: short, bounded, and never needed for anything to go on.

docs.aws.amazon.com/translate/latest/APIReference/API_TranslateText.html, read 2026-11-24: 10,000 bytes per text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

LONGEST_BYTES = 10_000
QUICK = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1})
"""Seconds. Five texts and the mail after them fit into the function's time-out."""


class NotTranslated(Exception):
    """There is no translation; go on without it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Translator(Protocol):
    """Translates one text. Raises `NotTranslated`, and nothing else."""

    def translate(self, text: str, source: str, target: str) -> str: ...


class NoTranslator:
    """Where translation is switched off."""

    def translate(self, text: str, source: str, target: str) -> str:
        raise NotTranslated("switched_off")


class TranslateClient(Protocol):
    """The one call of boto3's ``translate`` client that is made."""

    def translate_text(self, **request: Any) -> Mapping[str, Any]: ...


class AmazonTranslate:
    """Amazon Translate, one attempt a text. ``source`` and ``target`` are ISO 639-1 codes."""

    def __init__(self, client: TranslateClient) -> None:
        self._client = client

    def translate(self, text: str, source: str, target: str) -> str:
        if len(text.encode(errors="replace")) > LONGEST_BYTES:
            raise NotTranslated("too_long")
        try:
            answer = self._client.translate_text(Text=text, SourceLanguageCode=source, TargetLanguageCode=target)
            return str(answer["TranslatedText"])
        except ClientError as refusal:
            raise NotTranslated(str(refusal.response.get("Error", {}).get("Code", "refused"))) from refusal
        except (BotoCoreError, ResponseParserError, OSError, KeyError) as failure:
            raise NotTranslated(type(failure).__name__) from failure


def translator(session: Any, *, on: bool, endpoint_url: str = "") -> Translator:
    """The translator of a deployment. ``endpoint_url`` empty: AWS's own, in the session's region."""
    if not on:
        return NoTranslator()
    return AmazonTranslate(session.client("translate", config=QUICK, endpoint_url=endpoint_url or None))
