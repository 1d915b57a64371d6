"""The presets that people keep: values of a request, under a name of theirs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from comfy_gen.errors import InvalidParameterError, PresetNotFoundError
from comfy_gen.jobs.sql.rows import fields_of
from comfy_gen.jobs.tables import presets
from comfy_gen.library.preset_values import checked
from comfy_gen.workflows.nearest import nearest_names
from comfy_gen.workflows.template import PRESETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

    from comfy_gen.jobs.sql.change import Change
    from comfy_gen.jobs.transactions import Transactions

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,47}")
_LONGEST = 1000
"""Characters of a description."""
MOST = 500
"""Presets of one owner: they are listed all at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Values that somebody uses again and again."""

    name: str
    owner: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """As JSON has them, by the names of a request; LoRAs are objects with name and strength."""
    description: str = ""
    created: float = 0.0
    updated: float = 0.0


class Presets:
    """The presets in the database: each owner has their own."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def save(
        self,
        owner: str,
        name: str,
        values: Mapping[str, Any],
        description: str = "",
        *,
        now: float,
        may_replace: bool = False,
    ) -> Preset:
        """Keep values under a name.

        Raises:
            InvalidParameterError: the name, or values, cannot work; or the owner has a preset of this name that is
                not to be replaced, or as many as anybody may. The further faults are in ``others``.
        """
        _check_name(name)
        if len(description) > _LONGEST:
            raise InvalidParameterError("description", f"{description[:50]} …", f"{_LONGEST:,} characters at most")
        preset = Preset(
            name=name, owner=owner, values=checked(values), description=description, created=now, updated=now
        )
        return await self._transactions.write(lambda change: _save(change, preset, may_replace=may_replace))

    async def get(self, owner: str, name: str) -> Preset:
        """Return a preset.

        Raises:
            PresetNotFoundError: the owner has none of this name; with the nearest.
        """
        return await self._transactions.read(lambda connection: _get(connection, owner, name), is_brief=True)

    async def list(self, owner: str | None = None) -> Sequence[Preset]:
        """Return the presets of an owner, or everybody's, by their names."""
        return await self._transactions.read(lambda connection: _all(connection, owner))

    async def delete(self, owner: str, name: str) -> None:
        """Forget a preset.

        Raises:
            PresetNotFoundError: the owner has none of this name; with the nearest.
        """
        await self._transactions.write(lambda change: _delete(change, owner, name))


def _save(change: Change, preset: Preset, *, may_replace: bool) -> Preset:
    before = _find(change.connection, preset.owner, preset.name)
    row = {name: getattr(preset, name) for name in Preset.__slots__}
    if before is None:
        _check_room(change.connection, preset)
        change.connection.execute(insert(presets), row)
        return preset
    if not may_replace:
        advice = "take another, or say that it is to be replaced."
        raise InvalidParameterError("name", preset.name, "a name that no preset has yet", advice)
    changed = {name: row[name] for name in ("values", "description", "updated")}
    change.connection.execute(update(presets).where(*_is(preset.owner, preset.name)).values(changed))
    return _get(change.connection, preset.owner, preset.name)


def _check_room(connection: Connection, preset: Preset) -> None:
    count = select(func.count()).select_from(presets).where(presets.c.owner == preset.owner)
    if connection.execute(count).scalar_one() >= MOST:
        expected = f"that of a preset that there is: {MOST} are as many as anybody may have"
        raise InvalidParameterError("name", preset.name, expected, "delete one that is not used any more.")


def _get(connection: Connection, owner: str, name: str) -> Preset:
    found = _find(connection, owner, name)
    if found is None:
        raise _not_found(connection, owner, name)
    return found


def _find(connection: Connection, owner: str, name: str) -> Preset | None:
    if not _NAME.fullmatch(name):  # it may be a text that PostgreSQL refuses to look for
        return None
    row = connection.execute(select(*presets.c).where(*_is(owner, name))).one_or_none()
    return None if row is None else Preset(**fields_of(row))


def _all(connection: Connection, owner: str | None) -> list[Preset]:
    query = select(*presets.c).order_by(presets.c.name, presets.c.owner)
    if owner is not None:
        query = query.where(presets.c.owner == owner)
    return [Preset(**fields_of(row)) for row in connection.execute(query)]


def _delete(change: Change, owner: str, name: str) -> None:
    found = _get(change.connection, owner, name)
    change.connection.execute(delete(presets).where(*_is(owner, found.name)))


def _is(owner: str, name: str) -> tuple[ColumnElement[bool], ...]:
    return presets.c.owner == owner, presets.c.name == name


def _not_found(connection: Connection, owner: str, name: str) -> PresetNotFoundError:
    names = [*(preset.name for preset in _all(connection, owner)), *PRESETS]
    return PresetNotFoundError(name, nearest_names(name, names, 3))


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        expected = "1 to 48 of a-z, 0-9, '_' and '-', beginning with a letter or digit"
        raise InvalidParameterError("name", name[:80], expected)
    if name in PRESETS:
        raise InvalidParameterError("name", name, f"another than those that workflows have: {', '.join(PRESETS)}")
