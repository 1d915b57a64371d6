"""What a node function is given and what it gives back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from PIL import Image

    from comfy_gen.sandbox.files import Files


@dataclass(frozen=True, slots=True)
class Shown:
    """What an output node shows, as ``executed`` messages and the history carry it."""

    ui: dict[str, Any]


class ReportedError(Exception):
    """An exception that is reported under the name of another type, one of torch's or of ComfyUI's own."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


Outputs: TypeAlias = tuple[Any, ...] | Shown
"""The values on a node's output slots, or what an output node shows."""


class Work(Protocol):
    """What a node may ask of the engine while it runs."""

    @property
    def files(self) -> Files:
        """The engine's folders."""
        ...

    @property
    def metadata(self) -> dict[str, str]:
        """What saved pictures carry: the prompt and the submitter's ``extra_pnginfo``, as JSON text."""
        ...

    @property
    def corrupts_output(self) -> bool:
        """True when a fault wants saved files broken."""
        ...

    def say(self, text: str) -> None:
        """Show a line of text on the running node."""
        ...

    async def load(self, name: str) -> None:
        """Take as long as loading this model takes, unless it is loaded."""
        ...

    async def step(self, value: int, most: int, look: Callable[[], Image.Image]) -> None:
        """Take a step's time, then report it; ``look`` paints the preview if anybody wants one."""
        ...


Node: TypeAlias = Callable[..., Outputs]
"""Called with its inputs by name; before them the ``Work``, where the table says so."""

TimedNode: TypeAlias = Callable[..., Awaitable[Outputs]]
"""A node that takes time on purpose."""
