"""Mails that nobody would send on purpose: mutants of the fixtures, and trees of parts that no client builds."""

from __future__ import annotations

import base64

from hypothesis import strategies as st

from tests.unit.mailbox.builders import FIXTURES

NAMES = tuple(sorted(path.stem for path in FIXTURES.glob("*.eml")))
WHOLE = {name: (FIXTURES / f"{name}.eml").read_bytes() for name in NAMES}

TOKENS = (
    *(b"", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\n\n", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\x1b$B", b"--", b"=", b"=?"),
    *(b"--X--", b"--000000000000aa", b'boundary="', b"boundary=", b"Content-Type: multipart/mixed; boundary=X\r\n\r\n"),
    *(b"Content-Type: message/rfc822\r\n\r\n", b"Content-Type: text/html\r\n\r\n", b"Content-Type: a\r\n", b"\r\n "),
    *(b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n", b"begin 644 a\r\n"),
    *(b"; charset=idna", b"; charset*=x'y'%FF", b"; charset*0*=a; charset*1=b", b'; charset="\0"', b"charset=utf-16"),
    *(b"; filename*=idna''%FF", b"; filename*0=a; filename*2=c", b'; filename="\xff/../a\0b"', b"; filename=" + b"a" * 9000),
    *(b"From: evil@evil.example\r\n", b"From: ", b"Subject: =?utf-8?B?////?=\r\n", b"=?x?q?=00?=", b"=?utf-8?b?=ED=A0=80?="),
    *(b"Auto-Submitted: auto-replied\r\n", b"List-Id: x\r\n", b"Content-Type: multipart/report\r\n", b"until 99.99.9999"),
    *(b"DKIM-Signature: d=evil.example\r\n", b"> " * 500, b"On 1\nwrote:\n", b"a:\n" * 300, b"<div>" * 2000, b"&#xD800;"),
    *("\ud7ff\u202e\u2028\u0085\U0001f525".encode(), b"\t" * 300, b" " * 3000, b"\r" * 300, b"<!--", b"<![CDATA[", b"<?"),
)  # fmt: skip
TYPES = (
    *("text/plain", "text/html", "text/calendar; method=REPLY", "text/plain; charset=nobody", "text/x", "TEXT/PLAIN;;;"),
    *("image/png", "application/pdf", "application/ms-tnef", "application/octet-stream", "message/rfc822", "message/partial"),
    *("message/delivery-status", "message/external-body", "x", "", "/", "text/plain; charset=utf-16", "text/html; charset="),
)  # fmt: skip
CODINGS = ("7bit", "8bit", "base64", "quoted-printable", "x-uuencode", "binary", "nobody's", "")


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """A fixture with some places cut out, doubled, moved, overwritten or filled with what breaks parsers."""
    raw = WHOLE[draw(st.sampled_from(NAMES))]
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, max(len(raw) - 1, 0)))
        end = start + draw(st.sampled_from((0, 1, 2, 10, 80, 500, 10_000)))
        how = draw(st.sampled_from(("token", "token", "token", "cut", "double", "move", "bytes", "line")))
        if how == "token":
            raw = raw[:start] + draw(st.sampled_from(TOKENS)) + raw[end:]
        elif how == "cut":
            raw = raw[:start] + raw[end:]
        elif how == "double":
            raw = raw[:end] + raw[start:end] + raw[end:]
        elif how == "move":
            raw = raw[:start] + raw[end:] + raw[start:end]
        elif how == "bytes":
            raw = raw[:start] + draw(st.binary(max_size=12)) + raw[end:]
        else:
            start = raw.find(b"\n", start) + 1
            raw = raw[:start] + draw(st.sampled_from(TOKENS)) + raw[start:]
    return raw


@st.composite
def parts(draw: st.DrawFn, depth: int = 0) -> bytes:
    """A part, or parts within parts: any type over any bytes in any encoding."""
    if depth < 4 and draw(st.integers(0, 2)) == 0:
        inner = draw(st.lists(parts(depth + 1), max_size=4))
        mark = draw(st.sampled_from((b"A", b"B", b"--", b"a b", b"")))
        kind = draw(st.sampled_from((b"mixed", b"alternative", b"related", b"report", b"digest", b"x")))
        body = b"".join(b"--" + mark + b"\r\n" + each + b"\r\n" for each in inner)
        return b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n%s--%s--\r\n' % (kind, mark, body, mark)
    content = draw(st.one_of(st.binary(max_size=60), st.sampled_from(TOKENS), st.text(max_size=60).map(str.encode)))
    coding = draw(st.sampled_from(CODINGS))
    if coding == "base64" and draw(st.booleans()):
        content = base64.encodebytes(content)
    name = draw(
        st.sampled_from(("", 'attachment; filename="a.png"', "inline", "attachment; filename*=utf-8''%00", ";;"))
    )
    head = f"Content-Type: {draw(st.sampled_from(TYPES))}\r\nContent-Transfer-Encoding: {coding}\r\n"
    return (head + (f"Content-Disposition: {name}\r\n" if name else "")).encode() + b"\r\n" + content


trees = parts().map(lambda part: b"From: leeds@acme.example\r\nSubject: Re: FL\r\nMIME-Version: 1.0\r\n" + part)
mails = st.one_of(mutants(), mutants(), trees, st.binary(max_size=200))
