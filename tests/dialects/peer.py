"""Who is asked by the clients: ComfyGen in a process of its own, or what it stands for."""

from __future__ import annotations

import hashlib
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Peer:
    """One that speaks dialects."""

    is_ours: bool
    url: str
    """What begins the paths of all dialects but ComfyUI's own."""
    comfyui: str
    """A ComfyUI at a port of its own."""
    comfyui_path: str
    """A ComfyUI, wherever its paths begin."""
    outputs: Path
    """Where the engine's pictures are."""
    artifacts: Path
    """Where those are that jobs have made; ours have a record of their making more than the engine's."""

    def made(self) -> set[str]:
        """Return the hashes of all pictures that the engine has made."""
        return _hashes(self.outputs)

    def kept(self) -> set[str]:
        """Return the hashes of all pictures that jobs have."""
        return _hashes(self.artifacts)

    def settle(self) -> None:
        """End all that a client left behind that was broken off."""
        for path, body in (("/queue", b'{"clear": true}'), ("/interrupt", b"{}")):
            request = urllib.request.Request(self.comfyui_path + path, body, {"Content-Type": "application/json"})
            urllib.request.urlopen(request, timeout=_SECONDS).close()


def _hashes(folder: Path) -> set[str]:
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}
