"""Whether what was answered has the shape of what is documented: its fields, with values of their kinds."""

from __future__ import annotations

import re
from typing import Any


def assert_shape(documented: Any, answer: Any, where: str = "") -> None:
    """Compare two documents; the answer may have more fields, may know less (null), and may list more or nothing."""
    match documented, answer:
        case dict(), dict():
            assert documented.keys() <= answer.keys(), (where, documented.keys() - answer.keys())
            for name, value in documented.items():
                assert_shape(value, answer[name], f"{where}.{name}")
        case list(), list():
            for value, other in zip(documented, answer, strict=False):
                assert_shape(value, other, f"{where}[]")
        case str(), str() if re.fullmatch(r"\w+(\|\w+)+", documented):
            assert answer in documented.split("|"), (where, answer)
        case _, None:
            pass
        case bool(), _:
            assert isinstance(answer, bool), (where, answer)
        case ((int() | float()), _):
            assert isinstance(answer, int | float), (where, answer)
        case _:
            assert isinstance(answer, type(documented)), (where, answer)
