"""What hangs on a mail: what is kept, decided by its bytes, and under which name people see it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MOST_KEPT = 20
"""Attachments of one mail that are kept."""
MOST_BYTES = 10 * 1024 * 1024
"""Size of one that is kept."""
LONGEST_NAME = 80

_STARTS: tuple[tuple[bytes, str, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"GIF87a", "image/gif", "gif"),
    (b"GIF89a", "image/gif", "gif"),
    (b"%PDF-", "application/pdf", "pdf"),
)
_HEIC = {b"heic", b"heix", b"hevc", b"mif1", b"msf1"}
ENDINGS = {kind: ending for _, kind, ending in _STARTS} | {"image/webp": "webp", "image/heic": "heic"}


@dataclass(frozen=True)
class Part:
    """An attachment: its cleaned name, the type it claims, its size in bytes; ``data`` is None for what is never kept.

    Not a model: the bytes are large and need no validation.
    """

    name: str
    claimed: str
    size: int
    data: bytes | None = None


def media_type(data: bytes) -> str | None:
    """The type of a file that may be kept (pictures and PDF), by its first bytes; None for everything else."""
    for start, kind, _ in _STARTS:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        return "image/heic"
    return None


def clean_name(name: str, kind: str | None = None) -> str:
    """A name of letters, digits and ``. - _ ( )`` without path or control, and with the ending of what it really is."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name[:1000]))[-1]
    plain = re.sub(r"[^\w.() -]+", "_", last).strip(" ._-")
    ending = ENDINGS.get(kind or "")
    if ending and not plain.lower().endswith((f".{ending}", ".jpeg" if ending == "jpg" else f".{ending}")):
        plain = f"{plain[: LONGEST_NAME - len(ending) - 1] or 'file'}.{ending}"
    return plain[-LONGEST_NAME:] or "file"
