"""The keys of the HTTP service, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest

from comfy_gen.composition.tier import Tier
from comfy_gen.errors import InvalidParameterError, KeyNotFoundError
from comfy_gen.jobs.keys import FRESH, KeyStore
from tests.contracts.job_stores import open_desk


class Counting:
    """Transactions that count what is read."""

    def __init__(self, transactions):
        self._transactions = transactions
        self.reads = 0

    async def read(self, work):
        self.reads += 1
        return await self._transactions.read(work)


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def keys(desk, clock):
    return KeyStore(desk.store.transactions, clock=lambda: clock[0])


async def test_key_is_found_by_its_text(keys):
    made, text = await keys.create("anna", "studio", {"read"}, "5/minute", 3, Tier.MATURE, now=1.0)
    assert await keys.find(text) == made
    assert (made.name, made.owner, made.scopes, made.rate, made.max_waiting) == (
        "anna",
        "studio",
        frozenset({"read"}),
        "5/minute",
        3,
    )
    assert text.startswith(f"cg_{made.key_id}_")
    assert made.tier is Tier.MATURE


async def test_key_without_an_owner_is_its_own(keys):
    made, _ = await keys.create("anna", now=1.0)
    assert (made.owner, made.scopes, made.tier) == ("anna", frozenset({"read", "generate"}), Tier.GENERAL)


async def test_key_is_found_by_another_process(keys, desk):
    made, text = await keys.create("anna", now=1.0)
    async with open_desk(desk.url) as other:
        assert await KeyStore(other.store.transactions).find(text) == made


async def test_secret_is_not_in_the_database(keys, desk):
    _, text = await keys.create("anna", now=1.0)
    secret = text.split("_", 2)[2]
    assert secret not in repr(await keys.list())
    rows = await desk.database.read(lambda connection: connection.exec_driver_sql("SELECT * FROM api_keys").all())
    assert secret not in repr(rows)


@pytest.mark.parametrize("change", [lambda text: text[:-1] + "~", lambda text: text[:-2], lambda _: "", str.upper])
async def test_text_that_is_not_quite_the_key_opens_nothing(keys, change):
    _, text = await keys.create("anna", now=1.0)
    assert await keys.find(change(text)) is None


async def test_secret_of_one_key_does_not_open_another(keys):
    one, text = await keys.create("one", now=1.0)
    other, _ = await keys.create("other", now=1.0)
    assert await keys.find(text.replace(one.key_id, other.key_id)) is None


async def test_revoked_key_opens_nothing_at_once(keys):
    _, text = await keys.create("anna", now=1.0)
    assert await keys.find(text)
    revoked = await keys.revoke("anna", now=2.0)
    assert revoked.revoked == 2.0
    assert await keys.find(text) is None


async def test_key_that_another_process_revoked_opens_nothing_soon(keys, desk, clock):
    _, text = await keys.create("anna", now=1.0)
    assert await keys.find(text)
    await KeyStore(desk.store.transactions).revoke("anna", now=2.0)
    clock[0] += FRESH + 0.1
    assert await keys.find(text) is None


async def test_key_that_another_process_made_is_known_without_waiting_for_the_next_look(keys, desk, clock):
    assert not await keys.is_any()
    _, text = await KeyStore(desk.store.transactions).create("anna", now=1.0)
    clock[0] += FRESH / 4
    assert await keys.find(text)


async def test_many_requests_are_one_query(keys, desk):
    _, text = await keys.create("anna", now=1.0)
    counting = Counting(desk.store.transactions)
    others = KeyStore(counting)
    assert all(await asyncio.gather(*(others.find(text) for _ in range(20))))
    assert counting.reads == 1


async def test_last_key_that_is_revoked_still_counts(keys):
    assert not await keys.is_any()
    await keys.create("anna", now=1.0)
    await keys.revoke("anna", now=2.0)
    assert await keys.is_any()


async def test_key_is_revoked_by_id_and_by_text(keys):
    one, _ = await keys.create("one", now=1.0)
    two, text = await keys.create("two", now=1.0)
    assert (await keys.revoke(one.key_id, now=2.0)).name == "one"
    assert (await keys.revoke(text, now=2.0)).key_id == two.key_id


async def test_key_that_is_revoked_twice_was_revoked_the_first_time(keys):
    await keys.create("anna", now=1.0)
    await keys.revoke("anna", now=2.0)
    assert (await keys.revoke("anna", now=3.0)).revoked == 2.0


async def test_name_is_free_again_once_its_key_is_revoked(keys):
    await keys.create("anna", now=1.0)
    with pytest.raises(InvalidParameterError, match="no other key"):
        await keys.create("anna", now=2.0)
    first = await keys.revoke("anna", now=3.0)
    second, text = await keys.create("anna", now=4.0)
    assert (await keys.revoke("anna", now=5.0)).key_id == second.key_id
    assert await keys.find(text) is None
    assert [key.key_id for key in await keys.list()] == [first.key_id, second.key_id]


async def test_unknown_key_is_not_revoked_and_the_nearest_is_named(keys):
    await keys.create("anna", now=1.0)
    with pytest.raises(KeyNotFoundError) as caught:
        await keys.revoke("ana", now=2.0)
    assert caught.value.known == ("anna",)


@pytest.mark.parametrize("name", ["", " anna", "an\nna", "a" * 65, "\x1b[31m"])
async def test_name_that_would_spoil_a_list_or_a_log_is_refused(keys, name):
    with pytest.raises(InvalidParameterError, match="printable"):
        await keys.create(name, now=1.0)
