"""``comfygen quality``: how well pictures fit their prompts, and from where on that is well enough."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # Typer reads the annotations
from typing import Annotated

import typer

from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import AsJson  # noqa: TC001  # Typer reads the annotations

app = typer.Typer(no_args_is_help=True)

ModelGiven = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="A CLIP or SigLIP model: its name on Hugging Face, or a folder.",
        show_default="COMFYGEN_QUALITY_MODEL",
    ),
]


@app.callback()
def options() -> None:
    r"""Judge pictures, and learn from where on they are good enough.

    What compares them with their prompts is a CLIP or SigLIP model, COMFYGEN_QUALITY_MODEL: its name on Hugging Face,
    or a folder; where it is none, they are only looked at for what is broken.

    It needs: pip install 'comfygen-server\[clip]'
    """


@app.command()
def score(
    pictures: Annotated[list[Path], typer.Argument(metavar="PICTURE…", help="Pictures, of one prompt or of several.")],
    *,
    prompt: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", help="What they are to show.", show_default="the prompt that each carries of its making"
        ),
    ] = None,
    negative_prompt: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="What they are not to show.", show_default="as with --prompt"),
    ] = None,
    positive_threshold: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            help="They pass with this similarity to the prompt, from 0 to 1.",
            show_default="learnt of the model, or 0.25",
        ),
    ] = None,
    delta_threshold: Annotated[
        float | None,
        typer.Option(metavar="X", help="They must be nearer to the prompt than to the negative one by this."),
    ] = None,
    model: ModelGiven = None,
    as_json: AsJson = False,
) -> None:
    """Say of each picture whether it is sound, how well it fits its prompt, and whether it passes.

    Exit code 0: all pass; 1: one does not; 2: they cannot be judged. Without the extra clip they are only looked at
    for what is broken: black, blank, blurred ones, and copies of each other.
    """
    with answering(as_json=as_json):
        from comfy_gen.cli.quality import score as quality_score  # noqa: PLC0415  # heavy: `--help` must not wait for it

        wish = quality_score.Wish(
            pictures=pictures,
            prompt=prompt,
            negative_prompt=negative_prompt,
            positive_threshold=positive_threshold,
            delta_threshold=delta_threshold,
            model=model,
        )
        quality_score.score(wish, as_json=as_json)


@app.command()
def calibrate(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="8 or more pictures that fit their prompts, of different things.")
    ],
    *,
    model: ModelGiven = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Learn and tell, but keep what there was.")] = False,
    as_json: AsJson = False,
) -> None:
    """Learn from which similarity on a picture fits its prompt; each model needs a threshold of its own.

    The prompt of NAME.png is in NAME.txt beside it, or in the picture as ComfyUI and A1111 save it; a metadata.csv or
    metadata.jsonl with file_name and text goes before both. Each picture is compared with its own prompt, and with
    those of all the others; the threshold is where the two are told apart best. Workers take it at once.
    """
    with answering(as_json=as_json):
        from comfy_gen.cli.quality import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        control.calibrate(folder, model, is_rehearsal=dry_run, as_json=as_json)


@app.command("thresholds")
def list_thresholds(*, as_json: AsJson = False) -> None:
    """List the thresholds that were learnt, and how well each tells right from wrong."""
    with answering(as_json=as_json):
        from comfy_gen.cli.quality import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        control.list_thresholds(as_json=as_json)


@app.command()
def forget(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="As `comfygen quality thresholds` lists it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Forget what was learnt of a model: its threshold is 0.25 again, as of any other."""
    with answering(as_json=as_json):
        from comfy_gen.cli.quality import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        control.forget(model, as_json=as_json)
