"""``comfygen queue`` and ``comfygen history``: what an engine does, will do and has done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from comfy_gen.cli.failures import answering, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.table import Table

    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.comfyui.bodies import HistoryEntry, QueueItem, QueueSnapshot

ENGINE = typer.Option(
    metavar="URL", help="The ComfyUI to ask.", show_default="$COMFYUI_API_BASE or http://127.0.0.1:8188"
)
EVERY = 1.0
"""Seconds between two looks of ``--watch``."""


def queue(
    *,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell model, size and prompt of each.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on looking until Ctrl-C.")] = False,
    cancel: Annotated[str | None, typer.Option(metavar="ID", help="Cancel this prompt, waiting or running.")] = None,
    clear: Annotated[
        bool, typer.Option("--clear", help="Remove all that wait, whoever queued them; what runs goes on.")
    ] = False,
    cancel_all: Annotated[
        bool, typer.Option("--cancel-all", help="Cancel all that wait and all that run, whoever queued them.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print it as JSON; with --watch a line for each look.")
    ] = False,
    engine: Annotated[str | None, ENGINE] = None,
) -> None:
    """Show what runs and what waits on the engine."""
    import asyncio  # noqa: PLC0415  # heavy: `--help` must not wait for it

    from comfy_gen.cli import generation  # noqa: PLC0415

    with answering(as_json=as_json):
        if cancel is not None:
            raise typer.Exit(generation.cancel(cancel, engine=engine, as_json=as_json, quiet=False))
        if cancel_all:
            raise typer.Exit(generation.cancel_all(engine=engine, as_json=as_json))
        asyncio.run(_queue(engine, clear=clear, watch=watch, verbose=verbose, as_json=as_json))


def history(
    prompt_id: Annotated[str | None, typer.Argument(help="One prompt, to see all of it.")] = None,
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, the newest first.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print the server's own entries as JSON.")] = False,
    engine: Annotated[str | None, ENGINE] = None,
) -> None:
    """Show what the engine remembers of prompts that ended."""
    import asyncio  # noqa: PLC0415  # heavy: `--help` must not wait for it

    with answering(as_json=as_json):
        asyncio.run(_history(engine, prompt_id, limit=limit, as_json=as_json))


async def _queue(engine: str | None, *, clear: bool, watch: bool, verbose: bool, as_json: bool) -> None:
    import asyncio  # noqa: PLC0415

    from rich.console import Console, Group  # noqa: PLC0415
    from rich.live import Live  # noqa: PLC0415

    async with await _client(engine) as client:
        if clear:
            await client.clear_queue()
        snapshot = await client.read_queue()
        if as_json:
            print_json(_queue_json(snapshot), indent=not watch)
            while watch:
                await asyncio.sleep(EVERY)
                print_json(_queue_json(await client.read_queue()), indent=False)
            return
        if not watch:
            _print(Console(), _queue_title(snapshot, client.url), _queue_table(snapshot, verbose=verbose))
            return
        with Live(auto_refresh=False) as live:
            while True:
                title = _queue_title(snapshot, client.url)
                live.update(Group(title, _queue_table(snapshot, verbose=verbose)), refresh=True)
                await asyncio.sleep(EVERY)
                snapshot = await client.read_queue()


async def _history(engine: str | None, prompt_id: str | None, *, limit: int, as_json: bool) -> None:
    from rich.console import Console  # noqa: PLC0415

    from comfy_gen.comfyui.bodies import parse_history  # noqa: PLC0415
    from comfy_gen.errors import PromptNotFoundError  # noqa: PLC0415

    async with await _client(engine) as client:
        entries = await client.get_history(prompt_id, max_items=None if prompt_id else limit)
        if prompt_id is not None and not entries:
            raise PromptNotFoundError(prompt_id, client.url)
        if as_json:
            print_json(entries)
            return
        parsed = list(reversed(parse_history(entries).values()))
        if prompt_id is None:
            _print(Console(), f"{len(parsed)} ended, the newest first", _history_table(parsed))
        else:
            _print(Console(), prompt_id, _entry_table(parsed[0]))


async def _client(engine: str | None) -> AsyncComfyUIClient:
    from comfy_gen.cli.engine import open_engine  # noqa: PLC0415

    client = open_engine(engine)
    try:
        await client.identify()
    except BaseException:
        await client.close()
        raise
    return client


def _queue_json(snapshot: QueueSnapshot) -> dict[str, Any]:
    return {
        "running": [_item_json(item) for item in snapshot.running],
        "pending": [_item_json(item) for item in snapshot.pending],
    }


def _item_json(item: QueueItem) -> dict[str, Any]:
    return {"prompt_id": item.prompt_id, "number": item.number, **_facts(item)}


def _facts(item: QueueItem) -> dict[str, Any]:
    """Return what the workflow says of itself; old entries may be of any shape."""
    from comfy_gen.workflows.parameters import parameters_of  # noqa: PLC0415

    made = parameters_of(item.workflow)
    size = f"{made.width}x{made.height}" if made.width and made.height else ""
    return {"nodes": len(item.workflow), "model": made.model, "size": size, "prompt": made.prompt}


def _queue_title(snapshot: QueueSnapshot, url: str) -> str:
    return f"{url}: {len(snapshot.running)} running, {len(snapshot.pending)} waiting"


def _queue_table(snapshot: QueueSnapshot, *, verbose: bool) -> Table:
    table = _table()
    for heading in ("", "prompt id", *(("nodes", "model", "size", "prompt") if verbose else ())):
        table.add_column(heading, overflow="fold", no_wrap=heading == "")
    for place, item in _placed(snapshot):
        facts = [str(value or "") for value in _facts(item).values()] if verbose else []
        table.add_row(place, item.prompt_id, *facts)
    return table


def _placed(snapshot: QueueSnapshot) -> Iterable[tuple[str, QueueItem]]:
    yield from (("runs", item) for item in snapshot.running)
    yield from ((str(place), item) for place, item in enumerate(snapshot.pending, 1))


def _history_table(entries: Sequence[HistoryEntry]) -> Table:
    table = _table()
    for heading in ("prompt id", "ended", "files"):
        table.add_column(heading, overflow="fold")
    for entry in entries:
        table.add_row(entry.prompt_id, _ending(entry), ", ".join(_names(entry)))
    return table


def _entry_table(entry: HistoryEntry) -> Table:
    table = _table()
    table.add_column(style="dim", justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    table.show_header = False
    table.add_row("ended", _ending(entry))
    for name in _names(entry):
        table.add_row("file", name)
    return table


def _ending(entry: HistoryEntry) -> str:
    from comfy_gen.comfyui.failures import execution_failed  # noqa: PLC0415

    if entry.interrupted:
        return "interrupted"
    return str(execution_failed(entry.error)) if entry.error is not None else entry.status


def _names(entry: HistoryEntry) -> list[str]:
    from comfy_gen.comfyui.bodies import files_of  # noqa: PLC0415

    return ["/".join(filter(None, (file.subfolder, file.filename))) for file in files_of(entry.outputs)]


def _table() -> Table:
    from rich.table import Table  # noqa: PLC0415

    return Table(box=None, padding=(0, 2, 0, 0), header_style="dim")


def _print(console: Console, title: str, table: Table) -> None:
    """Print a title on a line of its own, for a table's own title is folded to the table's width."""
    console.print(title, style="bold", markup=False, highlight=False, soft_wrap=True)
    if table.row_count:
        console.print(table)
