"""``comfygen jobs``: the durable queue, as those who submit to it and look after it see it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from comfy_gen.cli import completion
from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import (  # noqa: TC001  # Typer reads the annotations
    AllGiven,
    AsJson,
    JobIdsGiven,
    OwnerGiven,
    StatesGiven,
    YesGiven,
)
from comfy_gen.cli.jobs.submit import submit

if TYPE_CHECKING:
    from comfy_gen.cli.jobs.control import Verb
    from comfy_gen.cli.jobs.selection import Meant

app = typer.Typer(help="Submit jobs to the durable queue, watch and control them.", no_args_is_help=True)
app.command()(submit)

Id = Annotated[
    str, typer.Argument(metavar="ID", help="The job's id, or the beginning of it.", autocompletion=completion.jobs)
]
Ids = Annotated[
    list[str],
    typer.Argument(metavar="ID…", help="Jobs, by their ids or the beginnings of them.", autocompletion=completion.jobs),
]
Queue = Annotated[bool, typer.Option("--queue", help="The whole queue, whatever is in it.")]


@app.command("list")
def list_jobs(
    *,
    state: StatesGiven = None,
    owner: OwnerGiven = None,
    text: Annotated[
        str, typer.Option("--text", "-t", metavar="TEXT", help="Those whose title has this, or whose id begins so.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, the newest first.")] = 20,
    all_jobs: Annotated[bool, typer.Option("--all", help="As many as there are.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on looking until Ctrl-C.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print it as JSON; with --watch a line for each look.")
    ] = False,
) -> None:
    """List jobs, the newest first: state, place in the queue, engine, how long it took."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs import list as job_list  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.jobs.selection import read_states  # noqa: PLC0415
        from comfy_gen.jobs.records import JobFilter  # noqa: PLC0415

        wanted = JobFilter(states=read_states(state or ()), owner=owner, text=text)
        show = job_list.keep_showing if watch else job_list.show
        ask(lambda queue: show(queue, wanted, None if all_jobs else limit, as_json=as_json))


@app.command("show")
def show_job(
    job_id: Id,
    *,
    request: Annotated[bool, typer.Option("--request", help="Print what it was asked to do, too.")] = False,
    events: Annotated[bool, typer.Option("--events", help="Print everything that happened to it, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show everything that is known of a job: attempts, takes, times, files, why it failed."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs import show as job_show  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415

        ask(lambda queue: job_show.show(queue, job_id, as_json=as_json, with_request=request, with_events=events))


@app.command("watch")
def watch_jobs(
    ids: JobIdsGiven = None,
    *,
    all_jobs: Annotated[bool, typer.Option("--all", help="All that have yet to end.")] = False,
    after: Annotated[
        int, typer.Option(min=0, metavar="N", help="With --json and one job: only events with higher numbers.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print every event as a line of JSON.")] = False,
) -> None:
    """Watch jobs until they have ended: a bar for each, its place in the queue, when it will be done.

    Exit codes: 0 all completed, 1 not all of them, 3 all completed, but pictures did not pass or could not be judged.
    Ctrl-C stops the watching and nothing else.
    """
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.watching import watch_chosen  # noqa: PLC0415

        raise typer.Exit(
            ask(lambda queue: watch_chosen(queue, ids or (), says_all=all_jobs, after=after, as_json=as_json))
        )


@app.command()
def save(
    ids: Ids,
    *,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FOLDER", help="Where to put the files.")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files of the same names that are something else.")
    ] = False,
    every_take: Annotated[
        bool, typer.Option("--every-take", help="Those of all takes, as ID-takeN-NAME; else the best one's.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Copy what jobs made into a folder, as ID-NAME: of pictures that were judged, the best take."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.saving import Wanted, save_jobs  # noqa: PLC0415

        wanted = Wanted(output, overwrite=overwrite, every_take=every_take, as_json=as_json)
        ask(lambda queue: save_jobs(queue, ids, wanted))


@app.command()
def cancel(
    ids: JobIdsGiven = None,
    *,
    state: StatesGiven = None,
    owner: OwnerGiven = None,
    all_jobs: AllGiven = False,
    yes: YesGiven = False,
    as_json: AsJson = False,
) -> None:
    """Stop jobs for good, whether they wait or run."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.control import cancelling  # noqa: PLC0415  # heavy: `--help` must not wait for it

        _control(_meant(ids, state, owner, all_jobs), cancelling(), "cancel", yes=yes, as_json=as_json)


@app.command()
def retry(
    ids: JobIdsGiven = None,
    *,
    state: StatesGiven = None,
    owner: OwnerGiven = None,
    all_jobs: AllGiven = False,
    yes: YesGiven = False,
    as_json: AsJson = False,
) -> None:
    """Begin jobs afresh that failed, were cancelled or gave only a part."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.control import retrying  # noqa: PLC0415  # heavy: `--help` must not wait for it

        _control(_meant(ids, state, owner, all_jobs), retrying(), "retry", yes=yes, as_json=as_json)


@app.command()
def delete(
    ids: JobIdsGiven = None,
    *,
    state: StatesGiven = None,
    owner: OwnerGiven = None,
    older_than: Annotated[
        str | None, typer.Option(metavar="AGE", help="Those that ended longer ago, such as 12h or 30d.")
    ] = None,
    all_jobs: AllGiven = False,
    yes: YesGiven = False,
    as_json: AsJson = False,
) -> None:
    """Forget jobs that have ended, and delete the files that they made."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.control import deleting  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.selection import seconds_of  # noqa: PLC0415
        from comfy_gen.config import read_settings  # noqa: PLC0415

        meant = _meant(ids, state, owner, all_jobs)
        if older_than is not None:
            meant = replace(meant, ended_before=time.time() - seconds_of(older_than))
        _control(meant, deleting(read_settings()), "delete", yes=yes, as_json=as_json)


@app.command()
def pause(
    ids: JobIdsGiven = None,
    *,
    whole_queue: Queue = False,
    state: StatesGiven = None,
    owner: OwnerGiven = None,
    all_jobs: AllGiven = False,
    yes: YesGiven = False,
    as_json: AsJson = False,
) -> None:
    """Have jobs that wait not start until they are resumed; with --queue, no job at all."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.control import holding  # noqa: PLC0415  # heavy: `--help` must not wait for it

        meant = _meant(ids, state, owner, all_jobs)
        if whole_queue:
            _switch(meant, is_paused=True, as_json=as_json)
        else:
            _control(meant, holding(), "pause", yes=yes, as_json=as_json)


@app.command()
def resume(
    ids: JobIdsGiven = None,
    *,
    whole_queue: Queue = False,
    state: StatesGiven = None,
    owner: OwnerGiven = None,
    all_jobs: AllGiven = False,
    yes: YesGiven = False,
    as_json: AsJson = False,
) -> None:
    """Let jobs that are paused start again, at the place they had; with --queue, the whole queue."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.control import releasing  # noqa: PLC0415  # heavy: `--help` must not wait for it

        meant = _meant(ids, state, owner, all_jobs)
        if whole_queue:
            _switch(meant, is_paused=False, as_json=as_json)
        else:
            _control(meant, releasing(), "resume", yes=yes, as_json=as_json)


# A priority may be negative, and click would take it for an option.
@app.command(context_settings={"ignore_unknown_options": True})
def prioritise(
    ids: JobIdsGiven = None,
    *,
    priority: Annotated[int, typer.Argument(help="From -100 to 100; the highest goes first.")],
    state: StatesGiven = None,
    owner: OwnerGiven = None,
    all_jobs: AllGiven = False,
    yes: YesGiven = False,
    as_json: AsJson = False,
) -> None:
    """Give jobs that wait another priority. Each step of it overtakes a hundred turns."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.control import reprioritising  # noqa: PLC0415  # heavy: `--help` must not wait for it

        meant = _meant(ids, state, owner, all_jobs)
        _control(meant, reprioritising(priority), "prioritise", yes=yes, as_json=as_json)


def _meant(ids: list[str] | None, states: list[str] | None, owner: str | None, says_all: bool) -> Meant:  # noqa: FBT001  # as the options come
    from comfy_gen.cli.jobs.selection import Meant  # noqa: PLC0415

    return Meant(tuple(ids or ()), tuple(states or ()), owner, says_all)


def _control(meant: Meant, verb: Verb, name: str, *, yes: bool, as_json: bool) -> None:
    from comfy_gen.cli.jobs.control import control, is_sure  # noqa: PLC0415
    from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415

    if not (yes or is_sure(meant, name, is_final=verb.is_final)):
        raise typer.Abort
    raise typer.Exit(ask(lambda queue: control(queue, meant, verb, as_json=as_json)))


def _switch(meant: Meant, *, is_paused: bool, as_json: bool) -> None:
    from comfy_gen.cli.jobs.control import switch  # noqa: PLC0415
    from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
    from comfy_gen.errors import InvalidParameterError  # noqa: PLC0415

    if meant.ids or meant.states or meant.owner is not None or meant.all:
        raise InvalidParameterError("--queue", "given with jobs", "alone: it means the queue itself")
    ask(lambda queue: switch(queue, is_paused=is_paused, as_json=as_json))
