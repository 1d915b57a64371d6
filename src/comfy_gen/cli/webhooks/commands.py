"""``comfygen webhooks``: who was told of jobs, who is yet to be, and who could not be reached."""

from __future__ import annotations

from typing import Annotated

import typer

from comfy_gen.cli import completion
from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import AsJson  # noqa: TC001  # Typer reads the annotations

app = typer.Typer(help="List webhooks that wait or failed, and send them again.", no_args_is_help=True)

Id = Annotated[
    str,
    typer.Argument(metavar="ID", help="The webhook's id, or the beginning of it.", autocompletion=completion.webhooks),
]
IdsGiven = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ID…",
        help="Webhooks, by their ids or the beginnings of them.",
        show_default=False,
        autocompletion=completion.webhooks,
    ),
]


@app.command("list")
def list_webhooks(
    *,
    dead: Annotated[bool, typer.Option("--dead", help="Those of ends that were given up.")] = False,
    all_webhooks: Annotated[bool, typer.Option("--all", help="Those that arrived or were dropped, too.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, the newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the webhooks that are yet to be sent, the newest first."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.webhooks import list as webhook_list  # noqa: PLC0415  # heavy: `--help` must not wait for it

        state = webhook_list.state_meant(dead=dead, says_all=all_webhooks)
        ask(lambda queue: webhook_list.show(queue, state, limit, as_json=as_json))


@app.command("show")
def show_webhook(webhook_id: Id, *, as_json: AsJson = False) -> None:
    """Show what a webhook tells, and how the sending went."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.webhooks import show as webhook_show  # noqa: PLC0415  # heavy: `--help` must not wait for it

        ask(lambda queue: webhook_show.show(queue, webhook_id, as_json=as_json))


@app.command()
def replay(
    ids: IdsGiven = None,
    *,
    all_dead: Annotated[bool, typer.Option("--all-dead", help="All that were given up.")] = False,
    as_json: AsJson = False,
) -> None:
    """Have webhooks sent again, with all tries before them. Receivers see the ids that they had before."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.webhooks import replay as webhook_replay  # noqa: PLC0415  # heavy: `--help` must not wait for it

        wanted = webhook_replay.ids_meant(ids or (), all_dead=all_dead)
        ask(lambda queue: webhook_replay.replay(queue, wanted, as_json=as_json))
