"""How a job goes from a graph to its files, by one program or another; and how such ways are compared."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from benchmarks.parts.connection import Connection, ordered

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from benchmarks.parts.proxy import Driver
    from benchmarks.parts.raw import Raw
    from comfy_gen.comfyui import AsyncComfyUIClient

    Graphs = Sequence[dict[str, Any]]
    Way = Callable[[Graphs], Awaitable[float]]
    """Runs graphs at once, fetches what they made, and returns the seconds that it took."""

BY_HAND, PROXY, PROXY_EVENTS = "by hand", "comfy-api-proxy", "comfy-api-proxy, events"
CLIENT, WORKER, SYNC, V2 = "client", "durable worker", "HTTP, synchronous", "Comfy API v2"
WARM_UP = 5


def by_hand(peer: Raw) -> Way:
    """Return the way that a program goes which speaks the engine's own protocol."""
    return lambda graphs: timed(peer.run_all(graphs))


def by_client(client: AsyncComfyUIClient) -> Way:
    """Return the way by our client, which keeps all safe that can get lost on it."""

    async def run(graphs: Graphs) -> None:
        outcomes = await asyncio.gather(*map(client.run_workflow, graphs))
        files = [file for outcome in outcomes for file in outcome.files]
        if len(files) != len(graphs):
            raise RuntimeError("a run left no file")
        await asyncio.gather(*(client.get_image(file.filename, file.subfolder, file.type) for file in files))

    return lambda graphs: timed(run(graphs))


def by_service(port: int, at_once: int = 1) -> Way:
    """Return the way by `POST /generate/sync`, so many at a time."""

    async def run(graphs: Graphs) -> float:
        connections = [await Connection.open(port) for _ in range(at_once)]
        waiting = iter(graphs)
        seconds = await timed(asyncio.gather(*(one_by_one(connection, waiting) for connection in connections)))
        for connection in connections:
            connection.close()
        return seconds

    async def one_by_one(connection: Connection, waiting: Iterator[dict[str, Any]]) -> None:
        for graph in waiting:  # shared by all connections
            await in_sync(connection, graph)

    return run


async def in_sync(connection: Connection, graph: dict[str, Any], *, files: bool = True) -> dict[str, Any]:
    """Have the service run a graph, fetch what it made if that is wanted, and return the result."""
    result = await connection.wanted(200, "POST", "/generate/sync", ordered(graph))
    if result["status"] != "completed":
        raise RuntimeError(str(result))
    for output in result["output"] if files else ():
        await connection.wanted(200, "GET", "/" + output["url"].split("/", 3)[3])
    return result


def by_sdk(program: Driver, how: str = "usual", *, in_flight: int | None = None) -> Way:
    """Return the way by the SDK, which waits as its users do (``usual``), or by the gateway's stream of ``events``."""
    return lambda graphs: program.run(graphs, how=how, in_flight=in_flight)


async def timed(work: Awaitable[object]) -> float:
    """Return the seconds that something takes."""
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


async def each_in_turn(
    ways: Mapping[str, Way],
    graph: Callable[[], dict[str, Any]],
    *,
    rounds: int,
    at_once: int = 1,
    warm_up: int = WARM_UP,
) -> dict[str, list[float]]:
    """Return the milliseconds of each way; they take turns, so that what else the machine does hits all of them."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(warm_up + rounds):
        for name, way in ways.items():
            seconds = await way([graph() for _ in range(at_once)])
            if number >= warm_up:
                taken[name].append(1000 * seconds)
    return taken
