"""A stand-in for Amazon Translate: the same request and answer, words that are only marked, on demand out of order.

docs.aws.amazon.com/translate/latest/APIReference/API_TranslateText.html, read 2026-11-24.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from .wire import Response

TARGET = "AWSShineFrontendService_20170701.TranslateText"
LONGEST_BYTES = 10_000
# A part of docs.aws.amazon.com/translate/latest/dg/what-is-languages.html; enough to refuse what is no language.
_LISTED = (
    "af am ar az bg bn bs ca cs cy da de el en es et fa fi fr ga gu ha he hi hr ht hu hy id is it ja ka kk kn ko lt lv"
    " mk ml mn mr ms mt nl no pa pl ps pt ro ru si sk sl so sq sr sv sw ta te th tl tr uk ur uz vi zh"
)
LANGUAGES = frozenset(_LISTED.split())


class Translate:
    """Answers TranslateText. ``down`` makes it answer 503 until it is up again."""

    def __init__(self) -> None:
        self.down = False

    def handle(self, headers: Mapping[str, str], body: bytes) -> Response:
        """``headers`` with lower-case names; the request is signed as for AWS, which is not checked here."""
        if self.down:
            return _refused(503, "ServiceUnavailableException", "out of order, as it was told to be")
        if headers.get("x-amz-target") != TARGET:
            return _refused(400, "UnknownOperationException", "only TranslateText is here")
        try:
            asked = json.loads(body)
            text, source, target = asked["Text"], asked["SourceLanguageCode"], asked["TargetLanguageCode"]
            size = len(text.encode())
        except (ValueError, KeyError, TypeError, AttributeError):
            return _refused(
                400, "InvalidRequestException", "Text, SourceLanguageCode and TargetLanguageCode are needed"
            )
        if size > LONGEST_BYTES:
            return _refused(400, "TextSizeLimitExceededException", f"more than {LONGEST_BYTES} bytes")
        if not {source, target} <= LANGUAGES | {"auto"} or target == "auto":
            return _refused(
                400, "UnsupportedLanguagePairException", f"Unsupported language pair: {source} to {target}."
            )
        answer = {
            "TranslatedText": f"[{target}] {text}",
            "SourceLanguageCode": source,
            "TargetLanguageCode": target,
        }
        return _json(200, answer)


def _refused(status: int, kind: str, message: str) -> Response:
    return _json(status, {"__type": kind, "message": message})


def _json(status: int, content: object) -> Response:
    return Response(status, {"content-type": "application/x-amz-json-1.1"}, json.dumps(content).encode())
