"""Does what the commands for engines were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from comfy_gen.cli.engines.probe import check_all, probe_all
from comfy_gen.cli.engines.table import check_rows, engine_table, health_json
from comfy_gen.cli.failures import EXIT_FAILURE, print_json
from comfy_gen.engines.registry import make_entry, parse_entries
from comfy_gen.errors import EngineNotFoundError, InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.app import JobQueue
    from comfy_gen.cli.engines.probe import Health
    from comfy_gen.engines.registry import EngineEntry

STDERR = Console(stderr=True)


async def list_engines(queue: JobQueue, *, as_json: bool) -> None:
    """Print each engine and how it is."""
    engines = await probe_all(await queue.engines(), queue.settings.client_options())
    if as_json:
        print_json({"engines": [health_json(one) for one in engines]})
    else:
        Console().print(engine_table(engines))


async def check_engines(queue: JobQueue, names: Sequence[str], *, as_json: bool) -> int:
    """Print what each engine has, and return the exit code: 1 where one does not answer as it should.

    Raises:
        EngineNotFoundError: there is none of such a name.
    """
    known = {entry.name: entry for entry in await queue.engines()}
    wanted = [named(known, name) for name in names] or list(known.values())
    engines = await check_all(wanted, queue.settings.client_options())
    if as_json:
        print_json({"engines": [health_json(one) for one in engines]})
    else:
        for one in engines:
            _print_check(one)
    return 0 if all(one.is_up for one in engines) else EXIT_FAILURE


async def add_engine(
    queue: JobQueue, url: str, *, name: str, tags: Sequence[str], weight: float, depth: int, as_json: bool
) -> None:
    """Add an engine to the fleet, and say so if it does not answer yet.

    Raises:
        ConfigurationError: a value cannot work, or the engine is there already.
    """
    known = {entry.name: entry for entry in await _entered(queue)}
    entry = make_entry(url, name=name, tags=tags, weight=weight, depth=depth, taken=known.keys())
    for other in known.values():
        if other.address.lower() == entry.address.lower():
            raise InvalidParameterError(f"the address of {entry.name}", entry.address, f"another than {other.name}'s")
    (health,) = await probe_all([entry], queue.settings.client_options())
    await queue.store.roster.add_engine(entry)
    if as_json:
        print_json(health_json(health))
        return
    if not health.is_up:
        STDERR.print(f"It does not answer yet: {health.error}.", style="yellow", markup=False, soft_wrap=True)
    _say(f"Added {entry.name}{f': {health.version}' if health.is_up else ''}.")


async def switch_engine(queue: JobQueue, name: str, *, drains: bool, as_json: bool) -> None:
    """Have an engine finish what it has, or work again.

    Raises:
        EngineNotFoundError: there is none of this name.
    """
    await _entered(queue)
    await queue.store.roster.set_engine_state(name, "draining" if drains else "active")
    left = await _jobs_of(queue, name)
    if as_json:
        print_json({"name": name, "state": "draining" if drains else "active", "jobs": left})
    elif drains:
        _say(f"{name} gets no more jobs; {_counted(left)}.")
    else:
        _say(f"{name} gets jobs again.")


async def remove_engine(queue: JobQueue, name: str, *, as_json: bool) -> None:
    """Strike an engine off the fleet, and say what it still had.

    Raises:
        EngineNotFoundError: there is none of this name.
    """
    await _entered(queue)
    left = await _jobs_of(queue, name)
    await queue.store.roster.remove_engine(name)
    is_configured = name in {entry.name for entry in parse_entries(queue.settings.fleet.engines)}
    if as_json:
        print_json({"name": name, "jobs": left, "configured": is_configured})
        return
    _say(f"Removed {name}; {_counted(left)}{', others take them up' if left else ''}.")
    if is_configured:
        STDERR.print("The settings name it (fleet.engines): the next worker adds it again.", style="yellow")


async def _entered(queue: JobQueue) -> Sequence[EngineEntry]:
    """Return the engines that are entered, once those that the settings name are."""
    await queue.store.roster.enter_engines(parse_entries(queue.settings.fleet.engines))
    return await queue.store.roster.engines()


async def _jobs_of(queue: JobQueue, name: str) -> int:
    return sum(job.engine == name for job in await queue.store.active())


def named(known: dict[str, EngineEntry], name: str) -> EngineEntry:
    """Return the engine of a name.

    Raises:
        EngineNotFoundError: there is none.
    """
    if name not in known:
        raise EngineNotFoundError(name, list(known))
    return known[name]


def _counted(jobs: int) -> str:
    if not jobs:
        return "it has none"
    return f"it still has {jobs}"


def _print_check(engine: Health) -> None:
    console = Console()
    mark = Text("up  ", style="green") if engine.is_up else Text("down", style="red")
    console.print(Text.assemble(mark, " ", (engine.entry.name, "bold")))
    table = Table(box=None, show_header=False, padding=(0, 1))
    table.add_column(style="dim", justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for heading, said in check_rows(engine):
        table.add_row(heading, Text(said))
    console.print(table)


def _say(said: str) -> None:
    Console().print(said, markup=False, highlight=False, soft_wrap=True)
