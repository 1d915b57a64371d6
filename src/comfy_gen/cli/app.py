"""Puts the commands together. Imports nothing heavy: ``--help`` and completion must answer at once."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated

import typer

import comfy_gen
from comfy_gen.cli.batch import batch
from comfy_gen.cli.categories.commands import app as categories
from comfy_gen.cli.compose import compose
from comfy_gen.cli.config import app as config
from comfy_gen.cli.doctor import doctor
from comfy_gen.cli.engines.commands import app as engines
from comfy_gen.cli.favorites.commands import app as favorites
from comfy_gen.cli.generate import generate
from comfy_gen.cli.help_text import join_lines
from comfy_gen.cli.info import info
from comfy_gen.cli.jobs.commands import app as jobs
from comfy_gen.cli.keys.commands import app as keys
from comfy_gen.cli.library.commands import app as library
from comfy_gen.cli.mcp import mcp
from comfy_gen.cli.models.commands import app as models
from comfy_gen.cli.presets.commands import app as presets
from comfy_gen.cli.quality.commands import app as quality
from comfy_gen.cli.queue import history, queue
from comfy_gen.cli.sandbox import sandbox
from comfy_gen.cli.send import send
from comfy_gen.cli.serve import serve
from comfy_gen.cli.service.commands import app as service
from comfy_gen.cli.storage.commands import app as storage
from comfy_gen.cli.templates import templates
from comfy_gen.cli.validate import validate
from comfy_gen.cli.webhooks.commands import app as webhooks
from comfy_gen.cli.worker import worker
from comfy_gen.cli.workflow.commands import app as workflow

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(
    name="comfygen",
    help="Make pictures with a ComfyUI, and trust that they arrive.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001  # Typer's signature of a callback
    if wanted:
        typer.echo(f"comfygen {comfy_gen.__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    *,
    config_file: Annotated[
        str | None,
        typer.Option(
            "--config", metavar="FILE", help="The configuration.", show_default="$COMFYGEN_CONFIG or ./config.yaml"
        ),
    ] = None,
    version: Annotated[  # noqa: ARG001  # its callback has done it
        bool,
        typer.Option("--version", "-V", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Make pictures with a ComfyUI, and trust that they arrive."""
    if config_file is not None or context.invoked_subcommand in LOGGED:
        from comfy_gen.config import configure_logging, read_settings, use_file  # noqa: PLC0415  # heavy for `--help`

        if config_file is not None:
            use_file(config_file)
        if context.invoked_subcommand in LOGGED:
            configure_logging(read_settings())


LOGGED = (
    "batch",
    "compose",
    "engines",
    "generate",
    "jobs",
    "library",
    "models",
    "quality",
    "send",
    "webhooks",
    "worker",
    "workflow",
)
"""The commands that work with an engine, or a model, for long enough to have something to log."""

app.command()(generate)
app.command()(compose)
app.command()(send)
app.command()(batch)
app.command()(validate)
app.command()(queue)
app.command()(history)
app.command()(info)
app.add_typer(jobs, name="jobs")
app.command()(worker)
app.command()(serve)
app.command()(mcp)
app.add_typer(service, name="service")
app.add_typer(engines, name="engines")
app.add_typer(models, name="models")
app.add_typer(webhooks, name="webhooks")
app.add_typer(keys, name="keys")
app.add_typer(categories, name="categories")
app.add_typer(library, name="library")
app.add_typer(favorites, name="favorites")
app.add_typer(presets, name="presets")
app.add_typer(quality, name="quality")
app.add_typer(storage, name="storage")
app.command()(templates)
app.add_typer(workflow, name="workflow")
app.add_typer(config, name="config")
app.command()(doctor)
app.command()(sandbox)
join_lines(app)


@functools.cache
def command() -> Callable[..., object]:
    """Return what runs a line of words. Made once: of a hundred commands it takes longer than most of them run."""
    return typer.main.get_command(app)
