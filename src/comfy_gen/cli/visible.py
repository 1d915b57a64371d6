"""Makes text of strangers fit for a terminal: names of files, titles on servers, classes in workflows. Pure."""

from __future__ import annotations

import re

# What steers a terminal: C0 but for tabs and line ends, DEL, C1, and what turns the direction of writing.
_STEERING = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u202a-\u202e\u2066-\u2069]")


def visible(said: str) -> str:
    """Return a text in which nothing moves the cursor, colours the rest or sets the window's title."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", said)
