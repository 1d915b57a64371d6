"""``comfygen workflow list|remove``: the workflows that are kept by a name."""

from __future__ import annotations

from typing import Annotated

import typer

from comfy_gen.cli import completion
from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import AsJson  # noqa: TC001  # Typer reads the annotations

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="What the list calls it.", autocompletion=completion.saved_workflows)
]


def list_workflows(*, as_json: AsJson = False) -> None:
    """List the workflows that were imported, or saved over HTTP; `comfygen templates` lists those that ship."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.workflow import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        ask(lambda queue: control.list_workflows(queue, as_json=as_json))


def remove_workflow(name: Name, *, as_json: AsJson = False) -> None:
    """Forget a workflow that is kept by a name; jobs that run it go on."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.workflow import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        ask(lambda queue: control.remove(queue, name, as_json=as_json))
