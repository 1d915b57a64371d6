"""``comfygen keys``: who may use the HTTP service."""

from __future__ import annotations

from typing import Annotated

import typer

from comfy_gen.cli import completion
from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import AsJson  # noqa: TC001  # Typer reads the annotations

app = typer.Typer(help="Make and revoke the keys of the HTTP service.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What to call it: who or what will use it.")]
Wanted = Annotated[str, typer.Argument(metavar="KEY", help="The key's name or id.", autocompletion=completion.api_keys)]


@app.command()
def create(
    name: Name,
    *,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCOPE",
            help="What it may do: read, generate or admin. Repeatable.",
            show_default="read, generate",
            autocompletion=completion.scopes,
        ),
    ] = None,
    owner: Annotated[
        str, typer.Option(metavar="OWNER", help="Whose jobs it sees; keys may share them.", show_default="its name")
    ] = "",
    rate: Annotated[
        str, typer.Option(metavar="RATE", help="Such as 600/minute.", show_default="as the settings say")
    ] = "",
    max_waiting: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="So many of its jobs may wait.", show_default="as the settings say"),
    ] = None,
    tier: Annotated[
        str,
        typer.Option(
            metavar="TIER",
            help="The most that its pictures may show: general, mature or explicit.",
            autocompletion=completion.tiers,
        ),
    ] = "general",
    as_json: AsJson = False,
) -> None:
    """Make a key, and print it: it is shown this once, and kept nowhere."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.keys import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        wish = control.Wish(name, owner, tuple(scope or ("read", "generate")), rate, max_waiting, tier)
        ask(lambda queue: control.create(queue, wish, as_json=as_json))


@app.command("list")
def list_keys(
    *,
    all_keys: Annotated[bool, typer.Option("--all", help="Those that were revoked, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the keys: whose they are, and what they may do. Their texts are not known."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.keys import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        ask(lambda queue: control.list_keys(queue, with_revoked=all_keys, as_json=as_json))


@app.command()
def revoke(key: Wanted, *, as_json: AsJson = False) -> None:
    """Have a key open nothing any more, within seconds. Its owner's jobs stay."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.keys import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        ask(lambda queue: control.revoke(queue, key, as_json=as_json))
