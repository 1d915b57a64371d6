"""How the ComfyUIs of this machine are shown, and its GPUs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from comfy_gen.cli.jobs.card import moment
from comfy_gen.cli.jobs.table import age, seconds, size_of
from comfy_gen.cli.plain_table import plain_table
from comfy_gen.errors import listing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table

    from comfy_gen.cli.service.machine import Machine
    from comfy_gen.cli.service.status import Answer, Device, Report
    from comfy_gen.supervisor.gpu import Gpu
    from comfy_gen.supervisor.supervisor import Look

PHASES = {
    "running": ("running", "green"),
    "starting": ("starting", "yellow"),
    "waiting": ("to be started again", "yellow"),
    "ended": ("stopped", "yellow"),
}
UNKNOWN = "?"


def headline(report: Report) -> Text:
    """Return an instance's name, and how it is in a few words."""
    return Text.assemble((report.name, "bold"), "  ", _state(report))


def report_rows(report: Report, *, now: float) -> Iterator[tuple[str, Text]]:
    """Yield what is known of an instance, a line each."""
    plain = [("address", report.answer.url)]
    if report.look is not None:
        plain += _process_rows(report.look, now=now)
    plain += _answer_rows(report.answer)
    if report.disk is not None:
        disk = report.disk
        plain.append(("folder", str(disk.folder)))
        plain.append(
            ("disk", f"models {size_of(disk.models)}, outputs {size_of(disk.output)}, {size_of(disk.free)} free")
        )
    if report.logs:
        plain.append(("log", str(report.logs[0])))
    yield from ((name, Text(said)) for name, said in plain)


def machine_rows(machine: Machine) -> Iterator[tuple[str, Text]]:
    """Yield what computes in this machine besides GPUs."""
    yield "CPU", Text(f"{machine.cpu}, {machine.cores} cores, {machine.cpu_percent:.0f} % at work")
    if not machine.gpus.found:
        yield "GPU", Text(machine.gpus.reason)
    yield "memory", Text(f"{size_of(machine.memory_free)} of {size_of(machine.memory_total)} free")


def engine_rows(answers: Sequence[Answer]) -> Iterator[tuple[str, Text]]:
    """Yield what each ComfyUI says that it computes on."""
    for answer in answers:
        devices = "; ".join(map(device_row, answer.devices)) or "it does not say what it computes on"
        yield "ComfyUI", Text(f"{answer.url}: {devices}")


def gpu_table(gpus: Sequence[Gpu]) -> Table:
    """Return a line for each GPU."""
    table = plain_table()
    for heading in ("GPU", "name", "memory free", "of", "at work", "temperature", "power", "driver"):
        table.add_column(heading, no_wrap=heading != "name")
    for gpu in gpus:
        cells = (str(gpu.index), gpu.name, _size(gpu.memory_free), _size(gpu.memory_total), *_moods(gpu), gpu.driver)
        table.add_row(*(Text(cell) for cell in cells))
    return table


def device_row(device: Device) -> str:
    """Return a device of a ComfyUI in a line."""
    taken = ""
    if device.torch_total and device.type != "cpu":
        taken = f"; torch holds {size_of(device.torch_total)}"
    name = device.name if device.name.startswith(device.type) else f"{device.type} {device.name}".strip()
    if device.memory_total is None:
        return name
    return f"{name}: {_size(device.memory_free)} of {size_of(device.memory_total)} free{taken}"


def _state(report: Report) -> Text:
    if report.look is None:
        return Text("answers; it was not started here", "green") if report.answer.is_up else Text("not started", "red")
    if report.look.phase == "ended" and report.look.is_wanted:
        return Text("ended, and nobody stopped it", "red")
    said, style = PHASES[report.look.phase]
    if report.look.phase == "running" and not report.answer.is_up:
        return Text("runs, and does not answer", "red")
    return Text(said, style)


def _process_rows(look: Look, *, now: float) -> Iterator[tuple[str, str]]:
    what = f"container {look.instance.container}" if look.instance.container else f"process {look.pid}"
    if look.pid is not None or (look.instance.container and look.is_running):
        since = "" if look.since is None else f", for {age(now - look.since)}"
        again = f", started again {_times(look.restarts)}" if look.restarts else ""
        yield "is", what + since + again
        if look.memory is not None:
            yield "takes", f"{size_of(look.memory)} of memory, {look.cpu or 0:.0f} % of a core"
    elif look.reason:
        yield "because", look.reason
    if look.last_end is not None:
        yield "ended last", f"{moment(look.last_end.at)}: it {look.last_end.manner}"
    if not look.instance.container:
        yield "looked after", _care(look)


def _care(look: Look) -> str:
    if not look.is_running and look.keeper_pid is None:
        return "by nobody"
    if look.keeper_pid is None:
        return f"by nobody: what did it was killed; comfygen service restart --instance {look.instance.name} mends that"
    does = "starts it again when it ends" if look.instance.is_supervised else "does not start it again (--supervise)"
    return f"by process {look.keeper_pid}, which {does}"


def _answer_rows(answer: Answer) -> Iterator[tuple[str, str]]:
    if not answer.is_up:
        yield "answers", f"no: {answer.error}"
        return
    yield "answers", f"in {seconds(answer.latency or 0)}: {answer.version}"
    made_of = [f"Python {answer.python}" if answer.python else "", f"torch {answer.torch}" if answer.torch else ""]
    if any(made_of):
        yield "with", ", ".join(filter(None, made_of))
    yield "queue", f"{answer.running} running, {answer.waiting} waiting"
    yield from (("computes on", device_row(device)) for device in answer.devices)
    yield "models used last", listing(answer.models) or "none since it was started"


def _moods(gpu: Gpu) -> tuple[str, str, str]:
    power = "" if gpu.power is None else f"{gpu.power:.0f} W"
    limit = "" if gpu.power_limit is None else f" of {gpu.power_limit:.0f} W"
    return _number(gpu.utilization, " %"), _number(gpu.temperature, " °C"), f"{power}{limit}" if power else UNKNOWN


def _number(number: float | None, unit: str) -> str:
    return UNKNOWN if number is None else f"{number:.0f}{unit}"


def _size(count: int | None) -> str:
    return UNKNOWN if count is None else size_of(count)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
