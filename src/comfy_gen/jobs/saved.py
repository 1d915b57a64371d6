"""Workflows that people keep by a name, with the parameters that each has."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import ForbiddenError, InvalidParameterError, WorkflowNameTakenError, WorkflowNotFoundError
from comfy_gen.jobs.sql import saved as sql
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.nearest import nearest_names
from comfy_gen.workflows.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from comfy_gen.jobs.sql.change import Change
    from comfy_gen.jobs.transactions import Transactions

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A workflow that somebody keeps."""

    name: str
    owner: str
    template: Template
    created: float
    updated: float


class SavedWorkflows:
    """The workflows in the database. Everybody may run them; who saved one may change and delete it."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def save(self, name: str, template: Template, owner: str, now: float, *, may_replace: bool = False) -> Saved:
        """Keep a template by a name; one of the same owner's is replaced where ``may_replace`` says so.

        Raises:
            InvalidParameterError: it cannot be a name.
            WorkflowNameTakenError: it is that of a shipped template, of another owner's, or of one to be kept.
        """
        await self.check_name(name)
        saved = Saved(name=name, owner=owner, template=replace(template, name=name), created=now, updated=now)
        return await self._transactions.write(lambda change: _save(change, saved, may_replace=may_replace))

    async def check_name(self, name: str) -> None:
        """Do nothing, if something could be kept by a name.

        Raises:
            InvalidParameterError: it cannot be a name.
            WorkflowNameTakenError: it is that of a shipped template.
        """
        if not is_name(name):
            expected = "1 to 63 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit, without .json"
            raise InvalidParameterError("name", name, expected)
        if await asyncio.to_thread(_is_shipped, name):
            raise WorkflowNameTakenError(name, "it is a template that ships")

    async def get(self, name: str) -> Saved:
        """Return a workflow.

        Raises:
            WorkflowNotFoundError: none has the name; with the nearest.
        """
        return await self._transactions.read(lambda connection: _get(connection, name), is_brief=True)

    async def list(self) -> Sequence[Saved]:
        """Return all by their names, each with its card alone: the graphs of their templates are empty."""
        rows = await self._transactions.read(sql.all_cards)
        return [_saved({**row, "workflow": {}}) for row in rows]

    async def rewrite(
        self, name: str, change: Callable[[Template], Template], now: float, owner: str | None = None
    ) -> Saved:
        """Change what is said of a workflow, and not its graph; with an ``owner``, only one of theirs.

        Raises:
            WorkflowNotFoundError: none has the name; with the nearest.
            ForbiddenError: it is somebody else's.
        """
        while True:
            before = await self.get(name)
            if owner is not None and before.owner != owner:
                raise _not_theirs(name)
            template = await asyncio.to_thread(change, before.template)  # as long as the graph is large
            changed = replace(before, template=template, updated=now)
            if await self._transactions.write(partial(_rewrite, before=before, changed=changed)):
                return changed

    async def delete(self, name: str, owner: str | None = None) -> None:
        """Forget a workflow; with an ``owner``, only one of theirs.

        Raises:
            WorkflowNotFoundError: none has the name; with the nearest.
            ForbiddenError: it is somebody else's.
        """
        await self._transactions.write(lambda change: _delete(change, name, owner))


def _save(change: Change, saved: Saved, *, may_replace: bool) -> Saved:
    connection = change.connection
    before = sql.find(connection, saved.name)
    if before is None:
        sql.add(connection, _row(saved))
        return saved
    if before["owner"] != saved.owner:
        raise WorkflowNameTakenError(saved.name, "it is somebody else's")
    if not may_replace:
        raise WorkflowNameTakenError(saved.name, "it was to be a new one")
    sql.replace(connection, _row(saved))
    return replace(saved, created=before["created"])


def _rewrite(change: Change, *, before: Saved, changed: Saved) -> bool:
    """Tell whether a workflow was still as before, and so could be changed."""
    row = sql.find(change.connection, before.name)
    if row is None or (row["owner"], row["updated"]) != (before.owner, before.updated):
        return False
    sql.replace(change.connection, _row(changed))
    return True


def _get(connection: Connection, name: str) -> Saved:
    row = sql.find(connection, name)
    if row is None:
        raise _not_found(connection, name)
    return _saved(row)


def _delete(change: Change, name: str, owner: str | None) -> None:
    found = sql.owner_of(change.connection, name)
    if found is None:
        raise _not_found(change.connection, name)
    if owner is not None and found != owner:
        raise _not_theirs(name)
    sql.remove(change.connection, name)


def _not_theirs(name: str) -> ForbiddenError:
    return ForbiddenError(f"the workflow {name!r} is somebody else's", "its owner may change and delete it.")


def _not_found(connection: Connection, name: str) -> WorkflowNotFoundError:
    return WorkflowNotFoundError(name, nearest_names(name, sql.names(connection)), "kept")


def is_name(text: str) -> bool:
    """Tell whether a workflow could be kept by this name."""
    # The ending is left out where workflows are looked for by their files' names.
    return _NAME.fullmatch(text) is not None and not text.endswith(".json")


def _is_shipped(name: str) -> bool:
    try:
        load_template(name)
    except WorkflowNotFoundError:
        return False
    return True


def _row(saved: Saved) -> dict[str, Any]:
    card = saved.template.as_card()
    names = ("name", "owner", "created", "updated")
    return {**{name: getattr(saved, name) for name in names}, "card": card, "workflow": saved.template.workflow}


def _saved(row: Mapping[str, Any]) -> Saved:
    facts: dict[str, Any] = {name: row[name] for name in ("name", "owner", "created", "updated")}
    return Saved(template=Template.from_card(row["card"], row["workflow"]), **facts)
