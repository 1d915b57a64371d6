"""``comfygen presets``: values that are used again and again."""

from __future__ import annotations

from typing import Annotated

import typer

from comfy_gen.cli import completion
from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import AsJson  # noqa: TC001  # Typer reads the annotations

app = typer.Typer(help="Keep values under a name, to be used with --preset.", no_args_is_help=True)

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="The name of the preset.", autocompletion=completion.saved_presets)
]
Owner = Annotated[
    str,
    typer.Option(
        "--owner", metavar="NAME", help="Whose, where keys are in use.", show_default="nobody's in particular"
    ),
]


@app.command("list")
def list_presets(
    *,
    owner: Annotated[str | None, typer.Option("--owner", metavar="NAME", help="Those of this owner.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the presets that were saved."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.presets import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        ask(lambda queue: control.list_presets(queue, owner, as_json=as_json))


@app.command()
def show(name: Name, *, owner: Owner = "", as_json: AsJson = False) -> None:
    """Show what a preset sets."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.presets import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        ask(lambda queue: control.show(queue, owner, name, as_json=as_json))


@app.command()
def save(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it: a-z, 0-9, '_' and '-'.")],
    *,
    negative_prompt: Annotated[str | None, typer.Option("--negative-prompt", "-n", help="What not to see.")] = None,
    workflow: Annotated[
        str | None,
        typer.Option(
            "--workflow", "-w", metavar="NAME", help="The workflow to run.", autocompletion=completion.workflows
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="The model file to paint with.")] = None,
    lora: Annotated[
        list[str] | None, typer.Option(metavar="NAME[:STRENGTH]", help="A LoRA to add. Repeatable.")
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID", help="A category to compose with. Repeatable.", autocompletion=completion.categories
        ),
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Sampling steps.")] = None,
    cfg: Annotated[float | None, typer.Option(help="How closely to follow the prompt.")] = None,
    width: Annotated[int | None, typer.Option(help="In pixels, a multiple of 8.")] = None,
    height: Annotated[int | None, typer.Option(help="In pixels, a multiple of 8.")] = None,
    sampler: Annotated[str | None, typer.Option(help="Such as euler or dpmpp_2m.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Such as normal or karras.")] = None,
    denoise: Annotated[
        float | None, typer.Option(help="How much of an input picture to paint anew, from 0 to 1.")
    ] = None,
    description: Annotated[str, typer.Option("--description", "-d", help="What it is for.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Replace one of this name.")] = False,
    owner: Owner = "",
    as_json: AsJson = False,
) -> None:
    """Keep values under a name."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.presets import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        values = {
            "negative_prompt": negative_prompt,
            "workflow": workflow,
            "model": model,
            "loras": control.read_loras(lora),
            "categories": [one.removeprefix("@") for one in category] if category else None,
            "steps": steps,
            "cfg": cfg,
            "width": width,
            "height": height,
            "sampler": sampler,
            "scheduler": scheduler,
            "denoise": denoise,
        }
        wish = control.Wish(name, owner, values, description, may_replace=replace)
        ask(lambda queue: control.save(queue, wish, as_json=as_json))


@app.command()
def delete(name: Name, *, owner: Owner = "", as_json: AsJson = False) -> None:
    """Forget a preset."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.presets import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        ask(lambda queue: control.delete(queue, owner, name, as_json=as_json))
