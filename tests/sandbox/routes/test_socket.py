from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.contracts.peer import FLAGS
from tests.sandbox.graphs import plain

if TYPE_CHECKING:
    from tests.contracts.peer import Line, Peer


async def answers_to(peer: Peer, line: Line, *messages: str | bytes) -> list[dict[str, Any]]:
    for message in messages:
        await (line.socket.send_str(message) if isinstance(message, str) else line.socket.send_bytes(message))
    heard = await line.until_done(await peer.submit(plain(), line))
    return [message for message in heard if message["type"] == "feature_flags"]


@pytest.mark.parametrize(
    ("messages", "answers"),
    [
        ([json.dumps(FLAGS)], 1),
        (["{not json", json.dumps(FLAGS)], 1),
        (['{"type": "hello"}', json.dumps(FLAGS)], 0),
        (["5", json.dumps(FLAGS)], 0),
        (['{"type": "feature_flags", "data": null}'], 1),
    ],
)
async def test_flags_are_answered_as_the_first_message_only(peer: Peer, messages: list[str], answers: int):
    """Recorded in 01_ws_handshake."""
    async with peer.listen() as line:
        assert len(await answers_to(peer, line, *messages)) == answers


async def test_binary_messages_are_ignored(peer: Peer):
    async with peer.listen() as line:
        assert len(await answers_to(peer, line, b"x", json.dumps(FLAGS))) == 1


async def test_client_without_an_id_gets_one(peer: Peer):
    async with peer.session.ws_connect(f"{peer.url}/ws") as socket:
        greeting = json.loads((await socket.receive()).data)
    assert len(greeting["data"]["sid"]) == 32
