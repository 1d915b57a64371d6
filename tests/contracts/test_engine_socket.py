"""What an engine tells whom over its WebSockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.contracts.graphs import endless, picture, text_to_image
from tests.contracts.peer import FLAGS, Line, remaining
from tests.contracts.pictures import opened
from tests.contracts.reenactment import kinds

if TYPE_CHECKING:
    from tests.contracts.peer import Peer


async def test_first_message_tells_the_queue_and_the_client_id(engine: Peer) -> None:
    async with engine.session.ws_connect(f"{engine.url}/ws?clientId=somebody") as socket:
        greeting = await Line(socket, "somebody").receive()
    assert greeting == {"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 0}}, "sid": "somebody"}}


async def test_socket_without_client_id_is_given_one(engine: Peer) -> None:
    async with engine.session.ws_connect(f"{engine.url}/ws") as socket:
        greeting = await Line(socket, "").receive()
    assert len(greeting["data"]["sid"]) == 32
    assert int(greeting["data"]["sid"], 16)


async def test_socket_exists_with_the_api_prefix_too(engine: Peer) -> None:
    async with engine.session.ws_connect(f"{engine.url}/api/ws") as socket:
        assert (await Line(socket, "").receive())["type"] == "status"


async def test_flags_are_answered_even_after_what_is_not_json(engine: Peer) -> None:
    async with engine.session.ws_connect(f"{engine.url}/ws") as socket:
        line = Line(socket, "")
        for message in ("{not json", FLAGS):
            await line.send(message)
        flags = (await line.until_type("feature_flags"))[-1]
    assert flags["data"]["supports_preview_metadata"] is True
    assert flags["data"]["max_upload_size"] == 100 * 1024 * 1024


async def test_flags_are_ignored_unless_they_come_first(engine: Peer) -> None:
    async with engine.listen() as line:
        for message in ({"type": "hello"}, FLAGS):
            await line.send(message)
        assert await line.unread() == []


async def test_previews_of_a_client_without_flags_are_plain(engine: Peer) -> None:
    async with engine.listen() as line:
        messages = await line.until_done(await engine.submit(text_to_image(steps=3), line))
    previews = [message for message in messages if "event" in message]
    assert [(preview["event"], preview["format"]) for preview in previews] == [(1, 1)] * 3
    assert all(opened(preview["image"]).format == "JPEG" for preview in previews)


async def test_previews_of_a_client_with_flags_say_whose_they_are(engine: Peer) -> None:
    async with engine.listen(flags=True) as line:
        prompt_id = await engine.submit(text_to_image(steps=3), line)
        messages = await line.until_done(prompt_id)
    previews = [message for message in messages if "event" in message]
    assert [preview["event"] for preview in previews] == [4] * 3
    assert previews[0]["metadata"] == {
        "node_id": "3",
        "prompt_id": prompt_id,
        "display_node_id": "3",
        "parent_node_id": None,
        "real_node_id": "3",
        "image_type": "image/jpeg",
    }
    assert opened(previews[0]["image"]).format == "JPEG"


async def test_stranger_hears_of_the_queue_and_of_nothing_else(engine: Peer) -> None:
    async with engine.listen() as line, engine.listen() as stranger:
        await line.until_done(await engine.submit(picture(), line))
        heard = await stranger.until_idle()
    assert [remaining(message) for message in heard] == [1, 1, 0]


async def test_prompt_without_client_id_shows_its_progress_to_everybody_and_no_more(engine: Peer) -> None:
    async with engine.listen() as line:
        prompt_id = await engine.submit(text_to_image(steps=2))
        heard = await line.until_idle()
    assert set(kinds(heard)) - {"preview"} == {"status", "progress", "progress_state"}
    assert {message["data"]["prompt_id"] for message in heard if message.get("type") == "progress"} == {prompt_id}


@pytest.mark.unlike_service("both are served")
async def test_second_socket_of_a_client_id_takes_over(engine: Peer) -> None:
    async with engine.listen("twice") as first, engine.listen("twice") as second:
        await second.until_done(await engine.submit(picture(), second))
        assert await first.unread() == []


async def test_socket_that_reconnects_in_mid_run_is_told_the_node(engine: Peer) -> None:
    async with engine.listen("again") as line:
        prompt_id = await engine.submit(endless(), line)
        await line.until_type("progress")
    async with engine.session.ws_connect(f"{engine.url}/ws?clientId=again") as socket:
        line = Line(socket, "again")
        greeting, node = await line.receive(), await line.receive()
        await engine.post("/interrupt", {"prompt_id": prompt_id})
        await line.until_done(prompt_id)
    assert remaining(greeting) == 1
    assert node == {"type": "executing", "data": {"node": "3"}}


async def test_foreign_web_page_gets_no_socket(engine: Peer) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await engine.session.ws_connect(f"{engine.url}/ws", headers={"Origin": "http://elsewhere.example"})
    assert caught.value.status == 403
