"""Our service that is stopped in mid-run and started again has forgotten nothing, as an engine would have."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp

from tests.contracts.graphs import endless, picture
from tests.contracts.peer import Peer

if TYPE_CHECKING:
    from tests.contracts.service import ServiceEngine


async def test_restart_keeps_queue_history_and_files_and_a_client_finds_its_prompts(service: ServiceEngine) -> None:
    async with aiohttp.ClientSession() as session:
        peer = Peer(service.url, session)
        done = await peer.run(picture())
        async with peer.listen("same") as line:
            running, waiting = await peer.submit(endless(), line), await peer.submit(picture(), line)
            await line.until_type("progress")
            await asyncio.to_thread(service.stop)
        await asyncio.to_thread(service.start)
        queue = (await peer.get("/queue")).json()
        assert [[item[1] for item in items] for items in queue.values()] == [[running], [waiting]]
        assert await peer.history(done["prompt"][1]) == done
        (ref,) = done["outputs"]["2"]["images"]
        assert (await peer.get("/view", params=ref)).status == 200
        async with peer.listen("same") as line:
            await peer.post("/interrupt", {"prompt_id": running})
            await line.until_done(waiting)
        entries = [await peer.history(prompt_id) for prompt_id in (running, waiting)]
    assert [entry["status"]["status_str"] for entry in entries] == ["error", "success"]
    assert entries[0]["status"]["messages"][-1][0] == "execution_interrupted"
