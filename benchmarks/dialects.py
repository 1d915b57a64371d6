"""The official SDK of Comfy API v2 through the official proxy, and through us, before the same engine; and by hand.

One job at a time, from its graph to its picture's bytes; then many in flight. The proxy keeps its jobs in a file, as we
do ours. All take turns, round by round, in one run. Of jobs that take the engine no time, only the gateways are seen.
"""

from __future__ import annotations

import asyncio
import itertools
import urllib.error
import urllib.request
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil
from _compared import Found, figures, headline
from _engine import arguments, engine, picture, raw, sampled
from _proxy import driver, proxy
from _serving import served
from _ways import by_hand, by_sdk, each_in_turn, tuned

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from _engine import Raw
    from _proxy import Driver
    from _serving import Served
    from _ways import Way

JOB = 0.05
"""Seconds that the engine is busy with a job which takes it any time."""
BAR = 1.0
"""In nothing are we to be slower than the proxy."""
BY_HAND, PROXY, OURS = "by hand", "comfy-api-proxy", "comfygen serve"
BATCH = 5
"""So many times what is in flight make a round, so that it is full for most of it."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """A server of Comfy API v2, and a program that drives it with the SDK."""

    server: Served
    program: Driver

    def cpu(self) -> float:
        """Return the seconds that the server and its children have computed."""
        processes = [found := psutil.Process(self.server.pid), *found.children(recursive=True)]
        return sum(sum(one.cpu_times()[:2]) for one in processes)


async def compare(url: str, *, rounds: int, batches: int, checkpoint: str | None) -> list[Found]:
    """Return what each measurement found; the one of computing time is the last."""
    kinds = {"0 ms": iter(picture, None), f"{1000 * JOB:g} ms": _sampling(checkpoint)}
    found: list[Found] = []
    async with AsyncExitStack() as stack:
        peer = await stack.enter_async_context(raw(url))
        gateways = await _gateways(stack, url)
        for kind, graphs in kinds.items():
            found += [await latencies(peer, gateways, graphs, kind, how, rounds) for how in ("usual", "events")]
            found += [await rates(peer, gateways, graphs, kind, at_once, batches) for at_once in (16, 40)]
        return [*found, await costs(gateways, kinds["0 ms"], batches)]


async def _gateways(stack: AsyncExitStack, url: str) -> Mapping[str, Gateway]:
    """Return those that can be measured: us only with Comfy API v2 switched on."""
    servers = {PROXY: stack.enter_context(proxy(url)), OURS: stack.enter_context(served(url))}
    return {
        name: Gateway(server, await stack.enter_async_context(driver(server.url)))
        for name, server in servers.items()
        if _speaks(server)
    }


def _speaks(server: Served) -> bool:
    try:
        with urllib.request.urlopen(f"{server.url}/api/v2/health", timeout=5):  # our own, on this machine
            return True
    except urllib.error.HTTPError:
        return False


def _sampling(checkpoint: str | None) -> Iterator[dict[str, Any]]:
    for seed in itertools.count(1):
        graph = sampled(seed)
        if checkpoint:
            graph["1"]["inputs"]["ckpt_name"] = checkpoint
        yield graph


async def latencies(
    peer: Raw, gateways: Mapping[str, Gateway], graphs: Iterator[dict[str, Any]], kind: str, how: str, rounds: int
) -> Found:
    """Return the milliseconds of one job at a time."""
    ways: dict[str, Way] = {BY_HAND: by_hand(peer, files=True)}
    ways |= {name: by_sdk(one.program, how, files=True) for name, one in gateways.items()}
    title = f"one job of {kind}" + (", by events" if how == "events" else "")
    return Found(title, "ms", await each_in_turn(ways, graphs, rounds=rounds))


async def rates(
    peer: Raw, gateways: Mapping[str, Gateway], graphs: Iterator[dict[str, Any]], kind: str, at_once: int, batches: int
) -> Found:
    """Return the jobs a second with many in flight; by hand all are sent at once."""
    count = BATCH * at_once
    ways: dict[str, Way] = {BY_HAND: by_hand(peer, files=True)}
    ways |= {name: by_sdk(one.program, "usual", files=True, in_flight=at_once) for name, one in gateways.items()}
    taken = await each_in_turn(ways, graphs, rounds=batches, at_once=count, warm_up=1)
    of_ways = {way: [1000 * count / one for one in times] for way, times in taken.items()}
    return Found(f"{at_once} jobs of {kind} in flight", "jobs/s", of_ways, is_rate=True)


async def costs(gateways: Mapping[str, Gateway], graphs: Iterator[dict[str, Any]], batches: int) -> Found:
    """Return the milliseconds that a gateway computes for a job."""
    count = BATCH * 16
    spent: dict[str, list[float]] = {name: [] for name in gateways}
    for _ in range(batches):
        for name, one in gateways.items():
            before = one.cpu()
            await one.program.run([next(graphs) for _ in range(count)], how="usual", files=True, in_flight=16)
            spent[name].append(1000 * (one.cpu() - before) / count)
    return Found("the gateway's computing for a job", "ms", spent)


def report(found: Sequence[Found]) -> None:
    """Print the ratios, and then what they come from."""
    if all(OURS in one.of_ways for one in found):
        print(f"comfy-sdk with {OURS}, against the same with {PROXY}: better is more")
        *speeds, cost = found  # which is what keeping jobs and files safe costs: the proxy only passes them on
        for one in speeds:
            print(headline(one, OURS, than=PROXY, bar=BAR))
        print(headline(cost, OURS, than=PROXY, bar=None))
    else:
        print("we do not speak Comfy API v2 today: what there is without us")
    for one in found:
        print(*figures(one, BY_HAND), sep="\n")


def main() -> None:
    """Print the comparison."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=40, help="of single jobs (40)")
    parser.add_argument("--batches", type=int, default=5, help="of many jobs in flight (5)")
    parser.add_argument("--checkpoint", help="one that the engine has, where it is not a sandbox")
    given = parser.parse_args()
    with engine(given.engine, step_time=JOB if given.engine else tuned(JOB)) as url:
        found = asyncio.run(compare(url, rounds=given.rounds, batches=given.batches, checkpoint=given.checkpoint))
        report(found)


if __name__ == "__main__":
    main()
