"""Tells what this machine computes with, and what its ComfyUIs say of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rich.console import Console

from comfy_gen.cli.failures import print_json
from comfy_gen.cli.jobs.card import rows
from comfy_gen.cli.service.machine import read_machine
from comfy_gen.cli.service.reports import answers
from comfy_gen.cli.service.table import engine_rows, gpu_table, machine_rows

if TYPE_CHECKING:
    from comfy_gen.cli.service.control import Service


def gpu_info(service: Service, *, as_json: bool) -> None:
    """Print the GPUs, or why there are none, the CPU, the memory, and the devices of each ComfyUI that answers."""
    machine = read_machine()
    engines = asyncio.run(answers(service.supervisor, service.settings))
    if as_json:
        print_json(machine.as_json() | {"engines": [engine.as_json() for engine in engines]})
        return
    console = Console()
    if machine.gpus.found:
        console.print(gpu_table(machine.gpus.found))
    console.print(rows([*machine_rows(machine), *engine_rows(engines)]))
