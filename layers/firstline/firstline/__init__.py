"""Firstline: the serverless first line of social customer care.

The arrow points inwards: ``functions`` call ``operations``; operations read, let ``decide`` decide, commit to the
``table`` and emit through ``outward``. ``model`` and ``decide`` know nothing of AWS, HTTP or the clock.
"""
