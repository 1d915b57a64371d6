"""The keys of the HTTP service: made, listed, revoked, and found again by those that requests bring."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING

from comfy_gen.composition.tier import Tier
from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.api_key import ApiKey, digest_of, new_id, new_secret, parse, text_of
from comfy_gen.jobs.sql import keys as sql

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from comfy_gen.jobs.transactions import Transactions

__all__ = ["ApiKey", "KeyStore"]

FRESH = 2.0
"""Seconds for which the keys are not looked up again. A key that another process revoked is good for so long."""
_IMPATIENT = 0.2
"""The same where a key is not known: it may just have been made."""
_LONGEST = 64
"""Characters of a name."""


class KeyStore:
    """The keys in the database, and what was read of them a moment ago, so that a request costs no query."""

    def __init__(self, transactions: Transactions, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._transactions = transactions
        self._clock = clock
        self._known: Mapping[str, ApiKey] = {}
        self._read_at = -math.inf
        self._reading = asyncio.Lock()

    async def create(
        self,
        name: str,
        owner: str = "",
        scopes: Collection[str] = ("read", "generate"),
        rate: str = "",
        max_waiting: int | None = None,
        tier: Tier = Tier.GENERAL,
        *,
        now: float,
    ) -> tuple[ApiKey, str]:
        """Make a key; return it with its text, which cannot be had again. Without an owner it is its own.

        Raises:
            InvalidParameterError: the name or the owner cannot work, or another key has the name.
        """
        _check_name("name", name)
        _check_name("owner", owner or name)
        secret = new_secret()
        key = ApiKey(
            key_id=new_id(),
            name=name,
            owner=owner or name,
            scopes=frozenset(scopes),
            created=now,
            digest=digest_of(secret),
            rate=rate,
            max_waiting=max_waiting,
            tier=tier,
        )
        await self._transactions.write(lambda change: sql.add(change, key))
        await self._forget()
        return key, text_of(key.key_id, secret)

    async def list(self) -> Sequence[ApiKey]:
        """Return all keys, the oldest first, with those that were revoked."""
        return await self._transactions.read(sql.all_keys)

    async def revoke(self, wanted: str, *, now: float) -> ApiKey:
        """Have a key, by its id, its name or its text, open nothing any more.

        Raises:
            KeyNotFoundError: there is none.
        """
        parts = parse(wanted)
        id_or_name = wanted if parts is None else parts[0]
        revoked = await self._transactions.write(lambda change: sql.revoke(change, id_or_name, now=now))
        await self._forget()
        return revoked

    async def find(self, text: str) -> ApiKey | None:
        """Return the key with this text; None if there is none, or it was revoked."""
        parts = parse(text)
        if parts is None:
            return None
        key_id, secret = parts
        key = await self.good(key_id)
        return key if key is not None and key.matches(secret) else None

    async def good(self, key_id: str) -> ApiKey | None:
        """Return the key with this id; None if there is none, or it was revoked."""
        key = (await self._keys(FRESH)).get(key_id) or (await self._keys(_IMPATIENT)).get(key_id)
        return key if key is not None and key.revoked is None else None

    async def is_any(self) -> bool:
        """Tell whether a key was ever made: to revoke the last one must not open the door."""
        return bool(await self._keys(FRESH))

    async def _keys(self, age: float) -> Mapping[str, ApiKey]:
        if self._clock() - self._read_at <= age:
            return self._known
        async with self._reading:
            if self._clock() - self._read_at > age:  # or somebody read them while this waited
                self._known = {key.key_id: key for key in await self._transactions.read(sql.all_keys)}
                self._read_at = self._clock()
        return self._known

    async def _forget(self) -> None:
        # Whoever reads at this moment may have read what was before, and must be done with it.
        async with self._reading:
            self._read_at = -math.inf


def _check_name(what: str, name: str) -> None:
    """Refuse what would not be one word or line in lists and logs.

    Raises:
        InvalidParameterError: it is.
    """
    if not name.isprintable() or name != name.strip() or not 0 < len(name) <= _LONGEST:
        raise InvalidParameterError(what, name, f"1 to {_LONGEST} printable characters, with no blank at either end")
