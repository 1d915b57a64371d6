"""How stored files, a bucket's rules and what is to be deleted are shown. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from rich.text import Text

from comfy_gen.cli.jobs.table import age, cut, short_ids, size_of
from comfy_gen.cli.plain_table import plain_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table

    from comfy_gen.app.pruning import Pruned, Pruning
    from comfy_gen.storage.bucket_rules import Access
    from comfy_gen.storage.stored_file import Listing, StoredFile

SHOWN = 10
"""How many jobs and files are named before they go."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A file, and where it is found."""

    file: StoredFile
    link: str


def file_table(files: Sequence[Linked], *, now: float) -> Table:
    """Return a line for each file: its address where a browser opens it for ever, or else its key.

    A signed address would hide all else, and one in a folder is the folder, which is told once, and the key.
    """
    has_addresses = all(one.link.startswith("http") and one.link.endswith(quote(one.file.key)) for one in files)
    table = plain_table()
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("age", justify="right", no_wrap=True)
    table.add_column("address" if has_addresses else "key", style="bold", overflow="fold")
    for one in files:
        name = one.link if has_addresses else one.file.key
        table.add_row(size_of(one.file.size), age(max(now - one.file.changed, 0)), Text(name))
    return table


def total(listing: Listing, what: str) -> str:
    """Return how many files there are, of which some are shown."""
    if not listing.count:
        return f"There are no such files in {what}."
    shown = f"{len(listing.files):,} of " if len(listing.files) < listing.count else ""
    return f"{shown}{_counted(listing.count, 'file')}, {size_of(listing.size)}, in {what}."


def listing_json(listing: Listing, files: Sequence[Linked], what: str) -> dict[str, Any]:
    """Return files as ``--json`` prints them; times are in seconds since 1970."""
    shown = [{**asdict(one.file), "link": one.link} for one in files]
    return {"where": what, "files": shown, "total": listing.count, "total_size": listing.size}


def access_lines(bucket: str, access: Access) -> Iterator[str]:
    """Yield what everybody may do with a bucket, a line each."""
    yield f"Without a login, everybody may now do this with the bucket {bucket}:"
    yield f"  read a file whose address they know: {_answer(access)}"
    yield f"  list the files: {'yes' if access.lists else 'no'}"
    others = [action for action in access.allowed if action not in {"s3:GetObject", "s3:ListBucket"}]
    yield f"  anything else that its policy allows: {', '.join(others) or 'nothing'}"


def access_json(access: Access) -> dict[str, Any]:
    """Return what everybody may do as ``--json`` prints it."""
    return {"public": access.is_public, "reads": access.reads, "lists": access.lists, "allowed": list(access.allowed)}


def pruning_lines(pruning: Pruning, *, now: float) -> Iterator[str]:
    """Yield what is to go, and what that leaves, a line each."""
    ids = short_ids(job.job_id for job in pruning.jobs)
    yield f"{size_of(pruning.size)} of files of jobs are there."
    for reason, why in (("age", "for their age"), ("size", "for the room")):
        jobs = [job for job in pruning.jobs if job.reason == reason]
        if jobs:
            files, size = sum(job.files for job in jobs), size_of(sum(job.size for job in jobs))
            yield f"To go {why}: {_counted(len(jobs), 'job')} with {_counted(files, 'file')}, {size}."
        for job in jobs[:SHOWN]:
            yield f"  {ids[job.job_id]}, ended {age(now - job.ended)} ago, {size_of(job.size)}"
        yield from _more(len(jobs))
    yield from _orphan_lines(pruning)
    if pruning.spared:
        yield f"{_counted(pruning.spared, 'favorite')} would go too, and stay."
    yield f"That leaves {size_of(pruning.left)}."
    if not pruning.is_enough:
        yield f"That is more than {size_of(pruning.max_size or 0)}: favorites and running jobs have it."


def _orphan_lines(pruning: Pruning) -> Iterator[str]:
    if pruning.orphans:
        size = size_of(sum(file.size for file in pruning.orphans))
        yield f"To go because no job knows them: {_counted(len(pruning.orphans), 'file')}, {size}."
    for file in pruning.orphans[:SHOWN]:
        yield f"  {cut(file.key)}"
    yield from _more(len(pruning.orphans))


def _more(count: int) -> Iterator[str]:
    if count > SHOWN:
        yield f"  … and {count - SHOWN:,} more"


def pruned_line(pruned: Pruned) -> str:
    """Return what has gone."""
    kept = f" {_counted(len(pruned.kept), 'job')} stayed: something became of them meanwhile." if pruned.kept else ""
    orphans = f" and {_counted(len(pruned.orphans), 'file')} that no job knew" if pruned.orphans else ""
    return f"{_counted(len(pruned.jobs), 'job')}{orphans} deleted: {size_of(pruned.freed)}.{kept}"


def pruning_json(pruning: Pruning, pruned: Pruned | None) -> dict[str, Any]:
    """Return what is to go, and what has gone, as ``--json`` prints it."""
    return {
        "size": pruning.size,
        "left": pruning.left,
        "jobs": [asdict(job) for job in pruning.jobs],
        "orphans": [asdict(file) for file in pruning.orphans],
        "favorites_spared": pruning.spared,
        "enough": pruning.is_enough,
        "deleted": None if pruned is None else asdict(pruned),
    }


def _answer(access: Access) -> str:
    if access.reads is None:
        return f"{'yes' if access.is_public else 'no'}, by its policy; there is no file to try it with"
    return "yes" if access.reads else "no"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
