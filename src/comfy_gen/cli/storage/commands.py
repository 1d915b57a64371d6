"""``comfygen storage``: the bucket, or the folder, where what jobs make is kept."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import AsJson  # noqa: TC001  # Typer reads the annotations

app = typer.Typer(help="Look after the bucket, or the folder, where outputs are kept.", no_args_is_help=True)

BucketGiven = Annotated[
    str | None, typer.Option("--bucket", metavar="NAME", help="The bucket.", show_default="S3_BUCKET_NAME")
]


@app.command("create-bucket")
def create_bucket(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Of the bucket.", show_default="S3_BUCKET_NAME")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make the bucket, which nobody else may read. One that is there already is left as it is."""
    with answering(as_json=as_json):
        from comfy_gen.cli.storage import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        control.create_bucket(name, as_json=as_json)


@app.command("set-policy")
def set_policy(
    who: Annotated[
        Literal["public-read", "private"],
        typer.Argument(help="Everybody may read the files whose addresses they know, or nobody without a login."),
    ] = "public-read",
    *,
    bucket: BucketGiven = None,
    as_json: AsJson = False,
) -> None:
    """Say who may read the bucket, and show what everybody may do then. Rules for single logins stay."""
    with answering(as_json=as_json):
        from comfy_gen.cli.storage import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        control.set_policy(bucket, is_public=who == "public-read", as_json=as_json)


@app.command("list")
def list_files(
    *,
    prefix: Annotated[str, typer.Option(metavar="TEXT", help="Those whose keys begin so.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many, at most.")] = 50,
    images: Annotated[bool, typer.Option("--images", help="Pictures only.")] = False,
    where: Annotated[
        Literal["bucket", "folder"] | None,
        typer.Option("--in", help="Look there.", show_default="where outputs are kept"),
    ] = None,
    bucket: BucketGiven = None,
    as_json: AsJson = False,
) -> None:
    """List the files, the newest first. A link into a private bucket is good for an hour."""
    with answering(as_json=as_json):
        from comfy_gen.cli.storage import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        place = "bucket" if bucket is not None and where is None else where
        wanted = control.Wanted(prefix, limit, place, bucket, is_picture=images)
        control.list_files(wanted, as_json=as_json)


@app.command()
def prune(
    *,
    older_than: Annotated[
        str | None, typer.Option(metavar="AGE", help="Jobs that ended longer ago, such as 12h or 30d.")
    ] = None,
    max_size: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="The longest ended, until all files are no more than this, such as 50GB."),
    ] = None,
    orphans: Annotated[
        bool,
        typer.Option(
            "--orphans",
            help="Files of jobs that this database does not know, a day old or older. Not where other installations"
            " keep theirs in the same place!",
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and delete nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; needed where there is no terminal.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make room: forget jobs that have ended, with their files. Favorites stay, and so do files of running jobs."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.storage import pruning  # noqa: PLC0415  # heavy: `--help` must not wait for it

        how = pruning.How(is_rehearsal=dry_run, is_sure=yes, as_json=as_json)
        wish = pruning.wish_of(older_than, max_size, orphans=orphans)
        raise typer.Exit(ask(lambda queue: pruning.prune(queue, wish, how)))
