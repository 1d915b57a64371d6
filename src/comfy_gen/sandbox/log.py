"""What the engine logs, and who wants to read along."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from comfy_gen.sandbox.sockets import Sockets

TERMINAL = {"cols": 80, "rows": 24}
"""The size of the terminal that the log pretends to be written to."""


class Log:
    """The newest lines, sent to those clients that subscribed."""

    def __init__(self, sockets: Sockets) -> None:
        self.subscribers: set[str] = set()
        self._entries: deque[tuple[datetime, str]] = deque(maxlen=300)
        self._sockets = sockets

    @property
    def entries(self) -> list[dict[str, str]]:
        """The lines with their times, oldest first."""
        return [_entry(time, line) for time, line in self._entries]

    def write(self, line: str) -> None:
        """Add a line."""
        self._entries.append((datetime.now(), f"{line}\n"))  # noqa: DTZ005  # ComfyUI's log has local times
        for client_id in self.subscribers:
            data: dict[str, Any] = {"entries": [_entry(*self._entries[-1])], "size": TERMINAL}
            self._sockets.send("logs", data, to=client_id)


def _entry(time: datetime, line: str) -> dict[str, str]:
    return {"t": time.isoformat(), "m": line}
