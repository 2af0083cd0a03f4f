"""Bytes of a mail as text, by the label that the mail gives them.

Labels mean what the WHATWG Encoding Standard says, because that is how mail clients write and read them: Outlook's
``iso-8859-1`` is windows-1252 and has dashes, quotes and the euro sign where Latin 1 has control characters.
"""

from __future__ import annotations

import codecs

import webencodings

# Text encodings of Python that are none of mail's, some of them slow: what claims them is read as UTF-8.
_NO_CHARSETS = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}
_ASCII = {"ascii", "us-ascii"}


def text_of(data: bytes, label: str) -> str:
    """The text; what the label does not fit is read as UTF-8, else as windows-1252. Never raises."""
    for codec in (*_codecs(label), "utf-8"):
        try:
            return data.decode(codec, "strict")
        except (LookupError, ValueError, TypeError):
            continue
    return data.decode("cp1252", "replace")


def _codecs(label: str) -> tuple[str, ...]:
    """Python's codecs for a label, in the order in which they are tried."""
    label = label.strip().lower()
    found = webencodings.lookup(label) if label else None
    if found is None or found.name == "replacement":
        # Not in the standard, or refused there because of scripts in web pages, which a mail's text has none of.
        return _pythons(label)
    if label in _ASCII:
        return ("utf-8", found.codec_info.name)  # a byte above ASCII makes the label wrong: mostly it is UTF-8
    # The standard's decoder for GBK is that of GB 18030; Python's is narrower.
    return ("gb18030" if found.name == "gbk" else found.codec_info.name,)


def _pythons(label: str) -> tuple[str, ...]:
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError, TypeError):
        return ()
    return () if name in _NO_CHARSETS else (name,)
