"""The options of the commands that start a ComfyUI of this machine. Those that start it anew keep what is not said."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from comfy_gen.cli import completion

LAST = "as it was"


def _directory(default: str) -> Any:
    said = "The folder of the ComfyUI: a clone, or what `comfygen service install` made."
    return typer.Option("--dir", metavar="FOLDER", help=said, show_default=default)


def _python(default: str) -> Any:
    return typer.Option("--python", metavar="FILE", help="The Python that runs it.", show_default=default)


def _container(default: str) -> Any:
    said = "The Docker container that it is instead."
    return typer.Option("--container", metavar="NAME", help=said, show_default=default)


def _host(default: str) -> Any:
    return typer.Option("--host", metavar="ADDRESS", help="Where it listens.", show_default=default)


def _port(default: str) -> Any:
    return typer.Option("--port", metavar="N", help="Its port.", show_default=default)


def _device(default: str | bool) -> Any:  # noqa: FBT001  # False shows none, which is Typer's way to say so
    said = "The only GPU that it sees, as nvidia-smi counts them."
    return typer.Option("--cuda-device", metavar="N", min=0, help=said, show_default=default)


def _cpu(default: str) -> Any:
    return typer.Option("--cpu/--no-cpu", help="Compute on the CPU.", show_default=default)


def _supervise(default: str) -> Any:
    return typer.Option("--supervise/--no-supervise", help="Start it again if it ends.", show_default=default)


def _arguments(default: str | bool) -> Any:  # noqa: FBT001  # as above
    return typer.Argument(metavar="-- ARGUMENT…", help="What ComfyUI is given besides.", show_default=default)


NameGiven = Annotated[
    str, typer.Option("--instance", metavar="NAME", help="Which one.", autocompletion=completion.instances)
]
WaitGiven = Annotated[
    float, typer.Option("--wait", metavar="SECONDS", min=1, help="So long it may take until it answers.")
]

DirectoryGiven = Annotated[Path | None, _directory("COMFYUI_DIR, or the one installed")]
PythonGiven = Annotated[Path | None, _python("COMFYUI_PYTHON, or its venv or .venv")]
ContainerGiven = Annotated[str | None, _container("COMFYUI_CONTAINER")]
HostGiven = Annotated[str | None, _host("127.0.0.1: this machine alone")]
PortGiven = Annotated[int | None, _port("8188; for another instance the next that is free")]
DeviceGiven = Annotated[int | None, _device(False)]
CpuGiven = Annotated[bool | None, _cpu("no")]
SuperviseGiven = Annotated[bool | None, _supervise("no")]
ArgumentsGiven = Annotated[list[str] | None, _arguments(False)]

DirectoryAgain = Annotated[Path | None, _directory(LAST)]
PythonAgain = Annotated[Path | None, _python(LAST)]
ContainerAgain = Annotated[str | None, _container(LAST)]
HostAgain = Annotated[str | None, _host(LAST)]
PortAgain = Annotated[int | None, _port(LAST)]
DeviceAgain = Annotated[int | None, _device(LAST)]
CpuAgain = Annotated[bool | None, _cpu(LAST)]
SuperviseAgain = Annotated[bool | None, _supervise(LAST)]
ArgumentsAgain = Annotated[list[str] | None, _arguments(LAST)]
