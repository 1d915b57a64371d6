"""``comfygen models``: which models there are, where they come from, and the way from there to this machine."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # Typer reads the annotations
from typing import Annotated

import typer

from comfy_gen.cli import completion
from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import AsJson  # noqa: TC001  # Typer reads the annotations
from comfy_gen.cli.shown import Shown

app = typer.Typer(help="List, find, fetch and check models.", no_args_is_help=True)

Engines = Annotated[
    list[str] | None,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="Only this one. Repeatable.",
        show_default="all",
        autocompletion=completion.engines,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
WANTED = "A name or set of `comfygen models list --manifest`, hf:OWNER/REPOSITORY/FILE, civitai:VERSION, or a URL."
LOCAL = "A file of `comfygen models list --local`, with its folder if need be: vae/sdxl_vae.safetensors."


@app.command("list")
def list_models(
    *,
    engine: Engines = None,
    folder: Annotated[
        str, typer.Option(metavar="FOLDER", help="Only this one, such as checkpoints.", show_default="all")
    ] = "",
    local: Annotated[bool, typer.Option("--local", help="Those in this machine's folder, with what is known.")] = False,
    manifest: Annotated[bool, typer.Option("--manifest", help="Those that can be downloaded by a name.")] = False,
    missing: Annotated[
        bool, typer.Option("--missing", help="Which workflow needs which model that no engine has, and what could do.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the models that the engines have; --local, --manifest and --missing list others.

    Exit code 1: an engine does not answer; with --missing, a workflow lacks a model.
    """
    with answering(as_json=as_json):
        from comfy_gen.cli.models import listing  # noqa: PLC0415  # heavy: `--help` must not wait for it

        view = listing.view_of(local=local, manifest=manifest, missing=missing)
        raise typer.Exit(listing.list_models(view, engine or (), folder, as_json=as_json))


@app.command()
def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="Its name, or its file's, or that of a set.", autocompletion=completion.models
        ),
    ],
    *,
    engine: Engines = None,
    as_json: AsJson = False,
) -> None:
    """Show all that is known of a model: its file, where it comes from, what uses it, which engines have it."""
    with answering(as_json=as_json):
        from comfy_gen.cli.models import show as model_show  # noqa: PLC0415  # heavy: `--help` must not wait for it

        model_show.show(name, engine or (), as_json=as_json)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORD…", help="What its name or its tags say.")],
    *,
    where: Annotated[
        str, typer.Option(metavar="all|huggingface|civitai", help="Where to look.", autocompletion=completion.sources)
    ] = "all",
    folder: Annotated[
        str, typer.Option(metavar="FOLDER", help="Only models for this one, such as loras.", show_default="all")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="So many at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Search Hugging Face and Civitai; what stands under “source” is what a download takes."""
    with answering(as_json=as_json):
        from comfy_gen.cli.models import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        control.search(" ".join(words), where=where, folder=folder, limit=limit, as_json=as_json)


@app.command()
def download(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="MODEL…", help=WANTED, show_default="the set default", autocompletion=completion.models),
    ] = None,
    *,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FOLDER", help="ComfyUI's folder of models.", show_default="models.directory"),
    ] = None,
    folder: Annotated[
        str,
        typer.Option(metavar="FOLDER", help="The folder in it, such as loras.", show_default="by what the model is"),
    ] = "",
    file: Annotated[
        str, typer.Option("--as", metavar="FILE", help="What to call the file.", show_default="as its source does")
    ] = "",
    sha256: Annotated[str, typer.Option(metavar="HASH", help="Take the file only if this is its SHA-256.")] = "",
    allow_pickle: Annotated[
        bool, typer.Option("--allow-pickle", help="Take files that may run code when they are loaded: .ckpt, .pt.")
    ] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Take URLs of this machine and its network, too.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be fetched; fetch nothing.")] = False,
    yes: Yes = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the paths and nothing else.")] = False,
    as_json: AsJson = False,
    json_progress: Annotated[
        bool, typer.Option("--json-progress", help="Print every progress update as a line of JSON.")
    ] = False,
) -> None:
    """Fetch models into ComfyUI's folders, checked, going on where a download was broken off.

    What is there already is not fetched again. At a terminal you are asked before more than 1 GB is fetched.
    """
    with answering(as_json=as_json, as_update=json_progress):
        from comfy_gen.cli.models import download as model_download  # noqa: PLC0415  # heavy: `--help` must not wait for it

        asked = model_download.Asked(
            names=names or (),
            root=to,
            folder=folder,
            file=file,
            sha256=sha256.lower(),
            allow_pickle=allow_pickle,
            allow_private=allow_private,
        )
        shown = Shown(quiet=quiet, as_json=as_json, json_progress=json_progress)
        raise typer.Exit(model_download.download(asked, shown, is_rehearsal=dry_run, is_sure=yes))


@app.command()
def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE…", help=LOCAL, show_default="all", autocompletion=completion.local_models),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Check the files of this machine's models against their hashes; those of which nothing is known are entered.

    Exit code 1: a file is damaged or is not there any more.
    """
    with answering(as_json=as_json):
        from comfy_gen.cli.models import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        raise typer.Exit(control.verify_models(names or (), as_json=as_json))


@app.command()
def remove(
    names: Annotated[list[str], typer.Argument(metavar="FILE…", help=LOCAL, autocompletion=completion.local_models)],
    *,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Delete models of this machine."""
    with answering(as_json=as_json):
        from comfy_gen.cli.models import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        raise typer.Exit(control.remove_models(names, is_sure=yes, as_json=as_json))


@app.command()
def recommend(
    *,
    task: Annotated[
        str, typer.Option(metavar="TASK", help="What for.", show_default="anything", autocompletion=completion.tasks)
    ] = "",
    vram: Annotated[
        str, typer.Option(metavar="SIZE", help="The device's memory: 8GB.", show_default="that of the largest engine")
    ] = "",
    engine: Engines = None,
    as_json: AsJson = False,
) -> None:
    """Recommend models to fetch for this installation, best first, each with the reason.

    TASK is text-to-image, image-to-image, inpaint, upscale, text-to-video or image-to-video.
    """
    with answering(as_json=as_json):
        from comfy_gen.cli.models import recommendation  # noqa: PLC0415  # heavy: `--help` must not wait for it

        recommendation.recommend_models(task, vram, engine or (), as_json=as_json)
