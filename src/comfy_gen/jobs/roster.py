"""The roster: the engines that were entered, and whether each takes jobs.

Methods raise `DatabaseUnavailableError` when the database cannot be read or written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.jobs.sql import roster, sandbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.engines.registry import EngineEntry
    from comfy_gen.jobs.transactions import Transactions


class Roster:
    """Keeps the engines' entries."""

    def __init__(self, transactions: Transactions) -> None:
        self._read, self._write = transactions.read, transactions.write

    async def engines(self) -> Sequence[EngineEntry]:
        """Return the engines that were entered, by name."""
        return await self._read(roster.all_engines)

    async def add_engine(self, entry: EngineEntry) -> None:
        """Enter one more engine.

        Raises:
            DuplicateEngineError: the name is taken.
        """
        await self._write(lambda change: roster.add_engine(change, entry))

    async def enter_engines(self, entries: Sequence[EngineEntry]) -> None:
        """See that these engines are entered as they are here; whether they drain is left as it was."""
        await self._write(lambda change: roster.enter_engines(change, entries))

    async def set_engine_state(self, name: str, state: str) -> None:
        """Have an engine finish what it has (``draining``), or work again (``active``).

        Raises:
            EngineNotFoundError: there is none of this name.
        """
        await self._write(lambda change: roster.set_engine_state(change, name, state))

    async def remove_engine(self, name: str) -> None:
        """Strike an engine off.

        Raises:
            EngineNotFoundError: there is none of this name.
        """
        await self._write(lambda change: roster.remove_engine(change, name))

    async def sandbox(self) -> EngineEntry | None:
        """Return the sandbox that the service itself has as an engine; None where it is to have none."""
        return await self._read(sandbox.find, is_brief=True)

    async def enter_sandbox(self, entry: EngineEntry, *, instead_of: str | None = None) -> EngineEntry:
        """Enter that sandbox, or have it at another address; return it as it is entered then.

        Of several processes that would have it ``instead_of`` the same address the first does.

        Raises:
            DuplicateEngineError: another engine has its name.
        """
        return await self._write(lambda change: sandbox.enter(change, entry, instead_of=instead_of))
