"""``comfygen serve``: the HTTP service, until Ctrl-C."""

from __future__ import annotations

from typing import Annotated

import typer

from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import DatabaseGiven, DataDirGiven, EnginesGiven, queue_flags

_LEVELS = "critical, error, warning, info, debug or trace"


def serve(
    *,
    host: Annotated[
        str | None, typer.Option(help="The address to listen on.", show_default="API_HOST, or 127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="And the port.", show_default="API_PORT, or 8000")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes that serve.", show_default="API_WORKERS, or 1")
    ] = None,
    reload: Annotated[bool, typer.Option("--reload", help="Serve anew when the code changes.")] = False,
    log_level: Annotated[
        str | None,
        typer.Option(
            metavar="LEVEL", help=f"The least that is logged: {_LEVELS}.", show_default="API_LOG_LEVEL, or info"
        ),
    ] = None,
    json_logs: Annotated[bool, typer.Option("--json-logs", help="Log one JSON object a line.")] = False,
    comfyui_port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65535,
            help="Be a ComfyUI at this port, too, for programs that know nothing else.",
            show_default="COMFYGEN_DIALECTS_COMFYUI_PORT, or none",
        ),
    ] = None,
    engine: EnginesGiven = None,
    database: DatabaseGiven = None,
    data_dir: DataDirGiven = None,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Only answer; comfygen worker does the jobs.")] = False,
) -> None:
    """Serve over HTTP: accept jobs, give them to the engines, and hand out what they make, until Ctrl-C.

    Without a key it answers this machine alone; keys are made with: comfygen keys create.

    Exit codes: 0 stopped, 1 it could not start, 2 something in the settings or the database cannot work.
    """
    with answering():
        from comfy_gen.cli import serving  # noqa: PLC0415  # heavy: `--help` must not wait for it

        flags = {
            "api.host": host,
            "api.port": port,
            "api.workers": workers,
            "api.reload": reload or None,
            "api.log_level": log_level,
            "dialects.comfyui_port": comfyui_port,
            "logging.format": "json" if json_logs else None,
            **queue_flags(engine, database, data_dir),
            "api.with_worker": False if no_worker else None,
        }
        raise typer.Exit(serving.run(flags))
