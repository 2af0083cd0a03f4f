"""The text of an HTML-only mail, without what it quotes."""

from __future__ import annotations

import re

import html_text

MOST_CHARACTERS = 300_000
# How clients mark the mail that is answered: Gmail, Apple Mail and Thunderbird, Yahoo, Outlook (web; mobile), ProtonMail.
_QUOTED = (
    "//blockquote | //*[contains(concat(' ', @class, ' '), ' gmail_quote ')] | //*[contains(@class, 'yahoo_quoted')]"
    " | //*[@id='divRplyFwdMsg' or @id='appendonsend']/following-sibling::* | //*[@id='divRplyFwdMsg']"
    " | //*[@id='mail-editor-reference-message-container'] | //*[contains(@class, 'protonmail_quote')]"
)


def text_of(html: str, *, quoted: bool = False) -> str:
    """The text as a reader would see it; with ``quoted`` including the mail that is answered."""
    html = html[:MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    tree = html_text.parse_html(html)
    if not quoted:
        for element in tree.xpath(_QUOTED):
            if element.getparent() is not None:
                element.drop_tree()
    text: str = html_text.extract_text(tree)
    # The parser gives up on what is nested too deeply; its words are still in there.
    return text or (re.sub(r"<[^<>]*>", " ", html).strip() if quoted else "")
