"""Carries out the faults that strike a prompt, at the node or step for which they were scripted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from comfy_gen.sandbox.faults import Kind
from comfy_gen.sandbox.nodes.node import ReportedError
from comfy_gen.sandbox.spoiling import SPOILERS, spoiled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from comfy_gen.sandbox.faults import Fault
    from comfy_gen.sandbox.sockets import Sockets

_OF_THE_WHOLE_PROMPT = frozenset({Kind.SLOW, Kind.CORRUPT_OUTPUT, *SPOILERS})


class Trouble:
    """The faults of one prompt."""

    def __init__(self, faults: Sequence[Fault], sockets: Sockets, die: Callable[[float | None], None]) -> None:
        self._waiting = [fault for fault in faults if fault.kind not in _OF_THE_WHOLE_PROMPT]
        self._sockets = sockets
        self._die = die
        self.delay = sum(fault.seconds for fault in faults if fault.kind is Kind.SLOW)
        """By how much every node and every step is slower, in seconds."""
        self.corrupts_output = any(fault.kind is Kind.CORRUPT_OUTPUT for fault in faults)
        self._spoilers = [SPOILERS[fault.kind] for fault in faults if fault.kind in SPOILERS]

    def spoil(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a node that saves is to save: its inputs, or pictures that went wrong in their place."""
        for spoiler in self._spoilers:
            inputs = {name: spoiled(value, spoiler) for name, value in inputs.items()}
        return inputs

    async def strike(self, step: int) -> None:
        """Let the faults of this step happen.

        Raises:
            ReportedError: the node that runs is to fail.
        """
        due = [fault for fault in self._waiting if fault.step == step]
        self._waiting = [fault for fault in self._waiting if fault.step != step]
        for fault in due:
            await self._happen(fault)

    async def _happen(self, fault: Fault) -> None:
        match fault.kind:
            case Kind.DROP_SOCKET:
                self._sockets.abort()
            case Kind.SILENT:
                self._sockets.muted = True
            case Kind.OUT_OF_MEMORY:
                raise ReportedError("torch.OutOfMemoryError", "Allocation on device failed (a fault of the sandbox)")
            case Kind.GPU_ERROR:
                raise ReportedError("torch.AcceleratorError", "CUDA error: unspecified (a fault of the sandbox)")
            case Kind.DIE | Kind.FORGET:
                self._die((fault.seconds or None) if fault.kind is Kind.DIE else 0.0)
                await _for_ever()
            case _:
                await _for_ever()


async def _for_ever() -> None:
    await asyncio.Event().wait()
