"""Says what an error of a database driver means: whether trying again can help, and what to tell people. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DatabaseError as DriverError
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError

from comfy_gen.errors import DatabaseUnavailableError

if TYPE_CHECKING:
    from collections.abc import Container

_RACES: Container[object] = frozenset({"40001", "40P01", "55P03"})
"""PostgreSQL's: a serialization failure, a deadlock, a lock that was not to be had."""


def is_unavailable(error: DBAPIError) -> bool:
    """Tell whether the database failed, rather than refused what it was told to do."""
    # `DatabaseError` itself is what sqlite3 raises for a damaged file; its other subclasses are refusals.
    return isinstance(error, OperationalError | InterfaceError | InternalError) or type(error) is DriverError


def can_be_repeated(error: DBAPIError) -> bool:
    """Tell whether the same work may succeed on a second try. Nothing of the first is in the database."""
    return error.connection_invalidated or is_race(error)


def is_race(error: DBAPIError) -> bool:
    """Tell whether others were in the way."""
    return getattr(error.orig, "sqlstate", None) in _RACES or "database is locked" in str(error.orig)


def unavailable(error: DBAPIError, shown: str) -> DatabaseUnavailableError:
    """Return our error for it. The driver's own text has neither the statement nor its values."""
    lines = str(error.orig).strip().splitlines()
    return DatabaseUnavailableError(shown, lines[0] if lines else type(error.orig).__name__)
