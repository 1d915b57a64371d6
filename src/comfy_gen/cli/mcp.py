"""``comfygen mcp``: the MCP server on stdin and stdout, for agents on this machine."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # Typer reads the annotations
from typing import Annotated

import typer

from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import DatabaseGiven, DataDirGiven, EnginesGiven, queue_flags


def mcp(
    *,
    url: Annotated[
        str | None,
        typer.Option(
            help="The ComfyGen service to ask.", show_default="COMFYGEN_MCP_URL, or the queue of this machine"
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            help="A key of that service; others on this machine can see it here.", show_default="COMFYGEN_MCP_KEY"
        ),
    ] = None,
    folder: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Where agents may have pictures saved. Repeatable.",
            show_default="COMFYGEN_MCP_FOLDERS, or output.output_dir",
        ),
    ] = None,
    workflow_tools: Annotated[
        bool, typer.Option("--workflow-tools", help="Make each saved workflow a tool of its own.")
    ] = False,
    engine: EnginesGiven = None,
    database: DatabaseGiven = None,
    data_dir: DataDirGiven = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Only accept jobs; comfygen worker or serve does them.")
    ] = False,
) -> None:
    """Give agents the tools that make pictures: the MCP server, on stdin and stdout, until stdin ends.

    Agents' programs start it; docs/mcp.md shows how they are told to. Without --url it works on the queue of this
    machine by itself. What runs on the engines when it ends goes on, and the next one finds it.

    Exit codes: 0 ended, 2 something in the settings or the database cannot work.
    """
    with answering():
        from comfy_gen.cli import mcp_serving  # noqa: PLC0415  # heavy: `--help` must not wait for it

        flags = {
            "mcp.url": url,
            "mcp.key": key,
            "mcp.folders": tuple(folder) if folder else None,
            "mcp.workflow_tools": workflow_tools or None,
            **queue_flags(engine, database, data_dir),
            "api.with_worker": False if no_worker else None,
        }
        raise typer.Exit(mcp_serving.run(flags))
