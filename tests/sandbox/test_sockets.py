from __future__ import annotations

import asyncio
from typing import cast

from comfy_gen.sandbox.sockets import Socket, Sockets


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


def connected(sockets: Sockets, client_id: str) -> tuple[Wire, Socket]:
    wire = Wire()
    socket = Socket(cast("asyncio.Transport", wire))
    sockets.add(client_id, socket)
    return wire, socket


async def test_messages_of_one_turn_go_out_in_one_write():
    sockets = Sockets()
    wire, _ = connected(sockets, "a")
    sockets.send("one", {}, to="a")
    sockets.send("two", {}, to="a")
    await asyncio.sleep(0)
    assert len(wire.writes) == 1
    assert wire.writes[0].index(b'"one"') < wire.writes[0].index(b'"two"')
    sockets.send("three", {}, to="a")
    await asyncio.sleep(0)
    assert len(wire.writes) == 2


async def test_message_to_one_reaches_nobody_else():
    sockets = Sockets()
    (a, _), (b, _) = connected(sockets, "a"), connected(sockets, "b")
    sockets.send("private", {}, to="a")
    sockets.send("lost", {}, to="unknown")
    await asyncio.sleep(0)
    assert (len(a.writes), len(b.writes)) == (1, 0)
    sockets.send("public", {}, to=None)
    await asyncio.sleep(0)
    assert (len(a.writes), len(b.writes)) == (2, 1)


async def test_newest_socket_of_an_id_takes_over_and_the_older_ones_end_silences_it():
    """ComfyUI behaviour."""
    sockets = Sockets()
    (older, first), (newer, _) = connected(sockets, "a"), connected(sockets, "a")
    sockets.send("x", {}, to="a")
    await asyncio.sleep(0)
    assert (len(older.writes), len(newer.writes)) == (0, 1)
    sockets.remove("a", first)
    assert not sockets.has_receivers("a")
    assert not sockets.has_receivers(None)


async def test_preview_comes_in_the_form_that_the_client_reads():
    sockets = Sockets()
    wire, socket = connected(sockets, "a")
    for wanted in (False, True):
        socket.wants_metadata = wanted
        assert sockets.wants_metadata("a") is wanted
        sockets.send_preview(b"jpeg", node_id="3", prompt_id="p", to="a")
        await asyncio.sleep(0)
    assert (b"prompt_id" in wire.writes[0], b"prompt_id" in wire.writes[1]) == (False, True)
    assert not sockets.wants_metadata(None)


async def test_muted_sockets_send_nothing():
    sockets = Sockets()
    wire, _ = connected(sockets, "a")
    sockets.muted = True
    sockets.send("x", {}, to=None)
    sockets.send_text("x", node_id="1", to="a")
    sockets.send_preview(b"", node_id="1", prompt_id="p", to="a")
    await asyncio.sleep(0)
    assert wire.writes == []
    sockets.muted = False
    sockets.send_text("hello", node_id="1", to="a")
    await asyncio.sleep(0)
    assert b"hello" in wire.writes[0]


async def test_cut_connection_is_written_to_no_more():
    sockets = Sockets()
    wire, _ = connected(sockets, "a")
    sockets.abort()
    sockets.send("x", {}, to="a")
    await asyncio.sleep(0)
    assert wire.aborted
    assert wire.writes == []
