"""A workbench for node functions: real files, time that only is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.sandbox.files import Files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PIL import Image


class Bench:
    """What a node asks of the engine, kept to be looked at."""

    def __init__(self, root: Path) -> None:
        self.files = Files(root)
        self.metadata = {"prompt": '{"1": {}}'}
        self.corrupts_output = False
        self.loaded: list[str] = []
        self.steps: list[tuple[int, int]] = []
        self.looks: list[Image.Image] = []
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    async def load(self, name: str) -> None:
        self.loaded.append(name)

    async def step(self, value: int, most: int, look: Callable[[], Image.Image]) -> None:
        self.steps.append((value, most))
        self.looks.append(look())
