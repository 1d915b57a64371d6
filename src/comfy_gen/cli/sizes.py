"""Reads amounts of memory and of files as people write them. Pure."""

from __future__ import annotations

import re

from comfy_gen.errors import InvalidParameterError

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,15})?)\s*(?:([kmgt])(i?)b?|b)", re.IGNORECASE)
_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4}


def read_size(text: str, *, name: str) -> int:
    """Return the bytes of ``8GB``, ``512 MiB`` or ``1000B``; a number alone could mean any of them.

    Raises:
        InvalidParameterError: it is no size; ``name`` says of what.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise InvalidParameterError(name, text, "a size such as 8GB, 512MB or 12GiB")
    number, unit, binary = match.groups()
    factor = (1024 if binary else 1000) ** _POWERS[unit.lower()] if unit else 1
    return int(float(number) * factor)
