"""``comfygen sandbox``: serves sandbox engines until Ctrl-C."""

from __future__ import annotations

import math
from pathlib import Path  # noqa: TC003  # Typer reads the annotation
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.sandbox import Sandbox, SandboxOptions

_PORTS = 65536
"""How many port numbers there are."""


def sandbox(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The first port; 0 takes any free one.")] = 8188,
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many engines, on ports one after the other.")] = 1,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    step_time: Annotated[float, typer.Option(min=0, help="Seconds that one sampling step takes.")] = 0.05,
    load_time: Annotated[float, typer.Option(min=0, help="Seconds that loading a model takes, once.")] = 0.0,
    model: Annotated[
        list[str] | None,
        typer.Option(help="A model that it claims to have too: NAME for a checkpoint, FOLDER/NAME for another."),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(metavar="SPEC", help="Trouble to make: out_of_memory:step=3, lose_answer:nth=2,times=5, …"),
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where pictures go; without it into a temporary folder.", file_okay=False)
    ] = None,
) -> None:
    """Serve engines that need no GPU: ComfyUI's protocol, painted pictures.

    Trouble that --fault makes: slow, slow_answer, refuse, error_500, lose_answer, drop_socket, silent, hang,
    out_of_memory, gpu_error, corrupt_output, black_pictures, nan_blocks, die, forget. Each may say when: nth=2 from the
    second chance on, times=5 so often (times=forever: always), step=3 at that step; and seconds=1.5 for how long.
    """
    import asyncio  # noqa: PLC0415  # only when asked: `comfygen --help` must answer at once

    from comfy_gen.sandbox import SandboxOptions, parse_fault  # noqa: PLC0415

    _check_address(host, port, count)
    _check_times(step_time=step_time, load_time=load_time)
    faults = [parse_fault(text) for text in fault or ()]
    engines = [
        SandboxOptions(
            host=host,
            port=port and port + number,
            step_time=step_time,
            load_time=load_time,
            models=with_models(model or ()),
            faults=faults,
            data_dir=data_dir / f"engine-{number + 1}" if data_dir and count > 1 else data_dir,
        )
        for number in range(count)
    ]
    asyncio.run(_serve(engines))


def with_models(names: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return the models that a sandbox has anyway, and these: ``NAME`` or ``FOLDER/NAME``.

    Raises:
        InvalidParameterError: there is no such model folder, or no name.
    """
    from comfy_gen.errors import InvalidParameterError, listing  # noqa: PLC0415  # only when asked
    from comfy_gen.sandbox import DEFAULT_MODELS  # noqa: PLC0415
    from comfy_gen.sandbox.options import FOLDERS  # noqa: PLC0415

    models = {folder: list(files) for folder, files in DEFAULT_MODELS.items()}
    for given in names:
        if not given.strip() or given.endswith("/"):
            raise InvalidParameterError("model", given, "NAME for a checkpoint, or FOLDER/NAME")
        folder, slash, name = given.partition("/")
        if slash and folder not in FOLDERS:
            raise InvalidParameterError("model folder", folder, f"one of {listing(FOLDERS, limit=len(FOLDERS))}")
        models.setdefault(folder if slash else "checkpoints", []).append(name if slash else given)
    return models


def _check_address(host: str, port: int, count: int) -> None:
    from comfy_gen.errors import InvalidParameterError  # noqa: PLC0415  # only when asked

    if not host.strip():
        raise InvalidParameterError("host", host, "a name or address of this machine to listen on")
    if port + count > _PORTS:
        raise InvalidParameterError("count", count, f"at most {_PORTS - port} from port {port} on: 65535 is the last")


def _check_times(**times: float) -> None:
    from comfy_gen.errors import InvalidParameterError  # noqa: PLC0415  # only when asked

    for name, seconds in times.items():
        if not 0 <= seconds < math.inf:  # said so that NaN, which is neither below nor above, is refused
            raise InvalidParameterError(name, seconds, "a number of seconds, 0 or more")


async def _serve(engines: Sequence[SandboxOptions]) -> None:
    import asyncio  # noqa: PLC0415  # only when asked
    import signal  # noqa: PLC0415
    from contextlib import AsyncExitStack  # noqa: PLC0415

    from comfy_gen.sandbox import Sandbox  # noqa: PLC0415

    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with AsyncExitStack() as stack:
        announce([await stack.enter_async_context(Sandbox(options)) for options in engines])
        await stopped.wait()


def announce(sandboxes: Sequence[Sandbox]) -> None:
    """Print where engines answer and keep their pictures."""
    from rich.console import Console  # noqa: PLC0415  # only when asked
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("engine", style="bold", no_wrap=True)
    table.add_column("pictures", style="dim", overflow="fold")
    for sandbox in sandboxes:
        # As texts, because a folder's name may look like rich's markup.
        table.add_row(Text(sandbox.url), Text(str(sandbox.files.folder("output"))))
    console = Console()
    console.print(table)
    console.print("Pictures are painted, not diffused. Ctrl-C stops.", style="dim")
