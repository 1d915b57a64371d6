"""The files that people keep by names of their own: what lies under a name is in the store of artifacts, by its key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from comfy_gen.errors import ArtifactNotFoundError, InvalidParameterError
from comfy_gen.jobs.sql.rows import fields_of
from comfy_gen.jobs.tables import named_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection

    from comfy_gen.jobs.sql.change import Change
    from comfy_gen.jobs.transactions import Transactions

MOST = 10_000
"""Files of one owner at one place: they are listed all at once."""
LONGEST = 400
"""Characters of a name."""
_AT_ONCE = 500
"""Names that one query looks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFile:
    """A file under its name."""

    owner: str
    place: str
    """What it is for. There a name means one file of an owner's."""
    path: str
    """Its name, with a slash between folders."""
    key: str
    """Where it lies in the store."""
    size: int
    created: float
    updated: float


class NamedFiles:
    """The names in the database. What they name is put into the store before, and deleted from it after."""

    def __init__(self, transactions: Transactions, *, most: int = MOST) -> None:
        """``most`` is how many files an owner may have at a place."""
        self._transactions = transactions
        self._most = most

    async def find(self, owner: str, place: str, path: str) -> NamedFile | None:
        """Return the file of a name; None if there is none."""
        return await self._transactions.read(lambda connection: _find(connection, owner, place, path), is_brief=True)

    async def find_all(self, owner: str, paths: Collection[str]) -> Sequence[NamedFile]:
        """Return an owner's files of these names, at whichever places."""
        return await self._transactions.read(lambda connection: _find_all(connection, owner, paths))

    async def list(self, owner: str, place: str) -> Sequence[NamedFile]:
        """Return the files of an owner at a place by their names."""
        return await self._transactions.read(lambda connection: _all(connection, owner, place))

    async def put(self, file: NamedFile) -> NamedFile | None:
        """Give a file its name, and return what had it; None if nothing did.

        Raises:
            InvalidParameterError: the name cannot be one, or the owner has as many files as anybody may.
        """
        _check(file.path)
        return await self._transactions.write(lambda change: _put(change, file, self._most))

    async def add(self, file: NamedFile, paths: Iterable[str]) -> NamedFile | None:
        """Give a file the first of these names that is free, or that it has already; None where there is none.

        Raises:
            InvalidParameterError: a name cannot be one, or the owner has as many files as anybody may.
        """
        names = tuple(paths)
        for path in names:
            _check(path)
        return await self._transactions.write(lambda change: _add(change, file, names, self._most))

    async def swap(self, file: NamedFile, before: NamedFile | None) -> bool:
        """Give a file its name, if what has it is still the same as before; tell whether it was.

        Raises:
            InvalidParameterError: the owner has as many files as anybody may.
        """
        return await self._transactions.write(lambda change: _swap(change, file, before, self._most))

    async def move(self, file: NamedFile, path: str, *, may_replace: bool) -> tuple[NamedFile, NamedFile | None] | None:
        """Return a file under another name, and what had that; None where it is not to be replaced.

        Raises:
            ArtifactNotFoundError: the file is not there any more.
            InvalidParameterError: the name cannot be one.
        """
        _check(path)
        return await self._transactions.write(lambda change: _move(change, file, path, may_replace=may_replace))

    async def remove(self, owner: str, place: str, path: str) -> NamedFile | None:
        """Forget a name, and return what had it; None if nothing did."""
        return await self._transactions.write(lambda change: _remove(change, owner, place, path))


def _put(change: Change, file: NamedFile, most: int) -> NamedFile | None:
    before = _find(change.connection, file.owner, file.place, file.path)
    if before is None:
        _insert(change.connection, file, most)
    else:
        _replace(change.connection, file)
    return before


def _add(change: Change, file: NamedFile, paths: Iterable[str], most: int) -> NamedFile | None:
    for path in paths:
        named = replace(file, path=path)
        before = _find(change.connection, file.owner, file.place, path)
        if before is None:
            _insert(change.connection, named, most)
            return named
        if before.key == file.key:
            return before
    return None


def _swap(change: Change, file: NamedFile, before: NamedFile | None, most: int) -> bool:
    now = _find(change.connection, file.owner, file.place, file.path)
    if (now and now.key) != (before and before.key):
        return False
    _put(change, file, most)
    return True


def _move(
    change: Change, file: NamedFile, path: str, *, may_replace: bool
) -> tuple[NamedFile, NamedFile | None] | None:
    connection = change.connection
    before, there = (
        _find(connection, file.owner, file.place, file.path),
        _find(connection, file.owner, file.place, path),
    )
    if before is None or before.key != file.key:
        raise ArtifactNotFoundError(file.path)
    if before.path == path:
        return before, None
    if there is not None and not may_replace:
        return None
    _remove(change, file.owner, file.place, path)
    connection.execute(update(named_files).where(*_is(file.owner, file.place, file.path)).values(path=path))
    return replace(before, path=path), there


def _remove(change: Change, owner: str, place: str, path: str) -> NamedFile | None:
    found = _find(change.connection, owner, place, path)
    change.connection.execute(delete(named_files).where(*_is(owner, place, path)))
    return found


def _insert(connection: Connection, file: NamedFile, most: int) -> None:
    where = named_files.c.owner == file.owner, named_files.c.place == file.place
    if connection.execute(select(func.count()).select_from(named_files).where(*where)).scalar_one() >= most:
        expected = f"that of a file that there is: {most:,} are as many as anybody may have"
        raise InvalidParameterError("name", file.path, expected, "delete one that is not used any more.")
    connection.execute(insert(named_files), {name: getattr(file, name) for name in NamedFile.__slots__})


def _replace(connection: Connection, file: NamedFile) -> None:
    changed = {name: getattr(file, name) for name in ("key", "size", "updated")}
    connection.execute(update(named_files).where(*_is(file.owner, file.place, file.path)).values(changed))


def _find(connection: Connection, owner: str, place: str, path: str) -> NamedFile | None:
    row = connection.execute(select(*named_files.c).where(*_is(owner, place, path))).one_or_none()
    return None if row is None else NamedFile(**fields_of(row))


def _find_all(connection: Connection, owner: str, paths: Collection[str]) -> list[NamedFile]:
    names, found = list(paths), list[NamedFile]()
    for start in range(0, len(names), _AT_ONCE):
        is_one = named_files.c.path.in_(names[start : start + _AT_ONCE])
        query = select(*named_files.c).where(named_files.c.owner == owner, is_one)
        found += [NamedFile(**fields_of(row)) for row in connection.execute(query)]
    return found


def _all(connection: Connection, owner: str, place: str) -> list[NamedFile]:
    query = select(*named_files.c).where(named_files.c.owner == owner, named_files.c.place == place)
    return [NamedFile(**fields_of(row)) for row in connection.execute(query.order_by(named_files.c.path))]


def _is(owner: str, place: str, path: str) -> tuple[ColumnElement[bool], ...]:
    return named_files.c.owner == owner, named_files.c.place == place, named_files.c.path == path


def _check(path: str) -> None:
    """Do nothing, if a file can be kept by this name.

    Raises:
        InvalidParameterError: it cannot.
    """
    parts = path.split("/")
    if len(path) > LONGEST or not path.isprintable() or any(part in {"", ".", ".."} for part in parts):
        expected = f"folders and a name, with slashes between them, of up to {LONGEST} characters"
        raise InvalidParameterError("name", ascii(path[:100])[1:-1], expected)
