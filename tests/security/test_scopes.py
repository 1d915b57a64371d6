"""Every route asks who is there, and whether they may: a new one is covered as soon as it exists."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.api.conftest import client_of
from tests.security.operations import ALL, SAFE, Operation

OPEN = {"GET /health", "GET /ready", "GET /session", "DELETE /session"}
"""Need no key: they are for whoever watches over the service, or asks to be admitted, and tell nothing of jobs."""
ENTRANCE = "POST /session"
"""Asks for a key of its own."""
ADMIN = {
    "DELETE /engines/{name}",
    "DELETE /keys/{key_id}",
    "GET /keys",
    "GET /webhooks",
    "POST /engines",
    "POST /engines/sandbox",
    "POST /engines/{name}/drain",
    "POST /engines/{name}/resume",
    "POST /keys",
    "POST /queue/pause",
    "POST /queue/resume",
}
READING = {"POST /compose/preview", "POST /workflows/validate"}
"""What changes nothing, although its method could."""
GIVES = {"read": {"read"}, "generate": {"read", "generate"}, "admin": {"read", "generate", "admin"}}
"""Who may generate may look at what becomes of it."""
HELD = [("read",), ("generate",), ("read", "generate"), ("admin",)]
NOT_THERE = {name: str(uuid4()) for operation in ALL for name in operation.parameters}


def needed(operation: Operation) -> str:
    """Whatever changes nothing asks for ``read``, all else for ``generate``, unless it is for administrators."""
    if str(operation) in ADMIN:
        return "admin"
    return "read" if operation.method in SAFE or str(operation) in READING else "generate"


def test_routes_that_are_named_here_exist():
    assert {str(operation) for operation in ALL} >= OPEN | ADMIN | READING | {ENTRANCE}


async def test_nobody_gets_anything_without_a_key(served):
    await served.caller("somebody")
    wrong: dict[str, int] = {}
    for headers in ({}, {"X-API-Key": f"cg_aaaaaaaa_{'a' * 43}"}, {"Authorization": "Basic YTpi"}):
        asking = client_of(served.app, headers)
        for operation in ALL:
            answer = await asking.request(operation.method, operation.at(**NOT_THERE), **operation.content)
            if answer.status_code != 401 and str(operation) not in OPEN:
                wrong[f"{operation} with {headers}"] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize(
    "key", ["é".encode(), b"\xff" * 9, b"cg_", b"cg_a_b_c", b"' OR 1=1; --", b"k" * 60_000], ids=len
)
async def test_whatever_is_no_key_is_refused_as_one(served, key):
    await served.caller("somebody")
    assert (await served.client.get("/jobs", headers={b"X-API-Key": key})).status_code == 401
    assert (await served.client.get("/jobs", headers={b"Authorization": b"Bearer " + key})).status_code == 401


@pytest.mark.parametrize("scopes", HELD, ids=" ".join)
async def test_key_opens_what_its_scopes_say_and_nothing_else(served, scopes):
    asking = await served.caller("somebody", *scopes)
    served.service.queue.board.stop()  # or the stream of all jobs, once it is opened, had no end
    wrong: dict[str, int] = {}
    for operation in (one for one in ALL if str(one) != ENTRANCE):
        may = str(operation) in OPEN or needed(operation) in {implied for scope in scopes for implied in GIVES[scope]}
        answer = await asking.request(operation.method, operation.at(**NOT_THERE), **operation.content)
        if (answer.status_code in {401, 403}) is may or answer.status_code >= 500:
            wrong[str(operation)] = answer.status_code
    assert wrong == {}


async def test_revoked_key_opens_nothing_and_the_last_one_does_not_open_the_door(served):
    asking = await served.caller("somebody", "admin")
    assert (await asking.get("/jobs")).status_code == 200
    await served.service.keys.revoke("somebody", now=2.0)
    assert (await asking.get("/jobs")).status_code == 401
    assert (await served.client.get("/jobs")).status_code == 401


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host"])
async def test_whom_a_proxy_speaks_for_is_not_on_this_machine(served, header):
    for operation in ALL:
        asked = operation.content
        headers = {**asked.pop("headers", {}), header: "127.0.0.1"}
        answer = await served.client.request(operation.method, operation.at(**NOT_THERE), headers=headers, **asked)
        assert answer.status_code == 401 or str(operation) in OPEN, operation


@pytest.mark.parametrize("peer", ["192.168.1.7", "93.184.216.34", "2606:2800::1"])
async def test_as_long_as_there_is_no_key_other_machines_get_nothing(served, peer):
    asking = client_of(served.app, peer=peer)
    for operation in ALL:
        answer = await asking.request(operation.method, operation.at(**NOT_THERE), **operation.content)
        assert answer.status_code == 401 or str(operation) in OPEN, operation
