"""Texts as the platforms count and change them."""

from __future__ import annotations

import pytest

from firstline.channels.words import same_words
from firstline.channels.x.length import weighted_length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("hello", 5),
        ("Grüße", 5),
        ("e\u0301", 1),  # composed before it is counted
        ("日本語", 6),
        ("안녕", 4),
        ("“quoted” – yes…", 16),
        ("\U0001f621", 2),
        ("\u2764\ufe0f", 2),
        ("\U0001f44d\U0001f3fd", 2),  # a thumb with its skin tone
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", 2),  # a family
        ("\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", 4),  # two flags
        ("1\ufe0f\u20e3", 2),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", 2),  # Scotland
        ("https://example.com/a/very/long/path/that/goes/on/and/on", 23),
        ("see https://a.io now", 31),
        ("see example.com", 27),
        ("z. B. hier", 10),
        ("a" * 280, 280),
    ],
)
def test_a_post_is_as_long_as_x_counts_it(text: str, length: int) -> None:
    assert weighted_length(text) == length


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("We saw it & care", "We saw it &amp; care"),
        ("a < b > c", "a &lt; b &gt; c"),
        ("We saw it", "@anna_weber We saw it"),
        ("We saw it", "@anna_weber @other  We saw it "),
        ("Look: https://example.org/x ok", "Look: https://t.co/abc ok"),
        ("Caf\u00e9", "Cafe\u0301"),
        ("two\nlines", "two lines"),
        ("@[7000000000000042] hello", "hello"),
    ],
)
def test_words_stay_the_same_whatever_a_platform_does_to_them(ours: str, theirs: str) -> None:
    assert same_words(ours, theirs)
    assert same_words(theirs, ours)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("We saw it", "We saw it too"), ("", ""), ("https://a.io", "https://b.io"), ("@anna", "@ben"), ("FL-1", "FL-2")],
)
def test_other_words_are_other_words(ours: str, theirs: str) -> None:
    assert not same_words(ours, theirs)
