"""The kinds of columns that behave the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, String, Text
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Dialect

Number = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits on both: SQLite counts up by itself in a column only if that is called INTEGER."""

Key = String(64).with_variant(String(64, collation="C"), "postgresql")
"""Ids and names, compared byte by byte, so that those with the same beginning are neighbours."""


class Words(TypeDecorator[str]):
    """Text from anywhere. What PostgreSQL refuses to hold, NUL and lone surrogates, is replaced on both."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Make the text one that can be stored."""
        del dialect
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """Return a text as `Words` keeps it."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "�").encode("utf-8", "replace").decode()


class JsonText(TypeDecorator[Any]):
    """JSON, as text: neither database shall read it, change it or refuse what it may hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write it; None is NULL."""
        del dialect
        return None if value is None else _written(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read it."""
        del dialect
        return None if value is None else json.loads(value)


def pair_text(name: str, value: str) -> str:
    """Return what a text of `JsonText` has in it that has this name with this value, at whatever depth."""
    return f"{_written(name)}:{_written(value)}"


def _written(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
