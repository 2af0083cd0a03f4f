"""Decide about a post: a pure function of the post, what is known, the playbook and now (R36).

One rule is one file, with its reason and examples in its docstring. This file only puts them in order; nothing here
reads a clock, an environment or a network, so every decision can be tested, replayed and explained.
"""

from .compose import decide
from .personal_data import mask
from .voice import check_words

__all__ = ["check_words", "decide", "mask"]
