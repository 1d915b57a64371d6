"""Does what the commands for keys were asked for."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console

from comfy_gen.app.caller import Scope
from comfy_gen.cli.failures import print_json
from comfy_gen.cli.keys.table import key_json, key_table
from comfy_gen.composition.tier import Tier
from comfy_gen.config.kinds import rate as rate_kind
from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.keys import KeyStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.app import JobQueue

STDERR = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Wish:
    """The key that somebody wants to have."""

    name: str
    owner: str
    scopes: Sequence[str]
    rate: str
    max_waiting: int | None
    tier: str = Tier.GENERAL


async def create(queue: JobQueue, wish: Wish, *, as_json: bool) -> None:
    """Make a key and print it, alone on stdout.

    Raises:
        InvalidParameterError: a value cannot work, or the name is taken.
    """
    scopes, rate, tier = read_scopes(wish.scopes), read_rate(wish.rate), read_tier(wish.tier)
    keys = _keys(queue)
    key, text = await keys.create(wish.name, wish.owner, scopes, rate, wish.max_waiting, tier, now=time.time())
    if as_json:
        print_json(key_json(key) | {"key": text})
        return
    may = " and ".join(sorted(key.scopes))
    STDERR.print(
        f"The key {key.name} ({key.key_id}) may {may} as {key.owner}, in the tier {key.tier}. It is shown this once:",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    sys.stdout.write(f"{text}\n")


async def list_keys(queue: JobQueue, *, with_revoked: bool, as_json: bool) -> None:
    """Print each key."""
    keys = [key for key in await _keys(queue).list() if with_revoked or key.revoked is None]
    if as_json:
        print_json({"keys": [key_json(key) for key in keys]})
    elif keys:
        Console().print(key_table(keys, now=time.time()))
    else:
        STDERR.print("There is no key. Make one: comfygen keys create NAME", soft_wrap=True, highlight=False)


async def revoke(queue: JobQueue, wanted: str, *, as_json: bool) -> None:
    """Revoke a key.

    Raises:
        KeyNotFoundError: there is none of this name or id.
    """
    key = await _keys(queue).revoke(wanted, now=time.time())
    if as_json:
        print_json(key_json(key))
        return
    Console().print(f"The key {key.name} ({key.key_id}) is revoked.", markup=False, highlight=False, soft_wrap=True)


def read_scopes(said: Sequence[str]) -> frozenset[Scope]:
    """Return the scopes of these names.

    Raises:
        InvalidParameterError: one is none.
    """
    for name in said:
        if name not in set(Scope):
            raise InvalidParameterError("scope", name, f"one of {', '.join(Scope)}")
    return frozenset(Scope(name) for name in said)


def read_rate(said: str) -> str:
    """Return a rate as it is kept; empty stays empty.

    Raises:
        InvalidParameterError: it is none.
    """
    kind = rate_kind()
    try:
        return str(kind.check(said)) if said else ""
    except ValueError as error:
        raise InvalidParameterError("rate", said, kind.expected) from error


def read_tier(said: str) -> Tier:
    """Return the tier of this name.

    Raises:
        InvalidParameterError: it is none.
    """
    if said not in set(Tier):
        raise InvalidParameterError("tier", said, f"one of {', '.join(Tier)}")
    return Tier(said)


def _keys(queue: JobQueue) -> KeyStore:
    return KeyStore(queue.store.transactions)
