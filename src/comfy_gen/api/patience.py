"""How long the server waits for a client: one that is slow on purpose costs a connection for a minute, and no more.

Uvicorn itself waits for ever, for the rest of a request as for room in the answer. A few thousand clients that send a
byte now and then would have all the connections that a process may have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class PatientProtocol(HttpToolsProtocol):
    """Uvicorn's own, with an end to its patience."""

    patience: ClassVar[float] = 20.0
    """Seconds in which a request must be whole, its body included; and more for each byte that comes."""
    least: ClassVar[float] = 1_000.0
    """Bytes a second: a body that comes at this rate may take as long as it is."""
    deaf_after: ClassVar[float] = 60.0
    """Seconds in which a client must read some of an answer that waits for it."""

    _began = 0.0
    _received = 0
    _underway: RequestResponseCycle | None = None
    """What is being answered; `cycle` is what came last, and others may wait in between."""
    _asking: asyncio.TimerHandle | None = None
    """Runs while a request comes in."""
    _answering: asyncio.TimerHandle | None = None
    """Runs while an answer cannot go out."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  # as its parent has it
        """Wait for a request."""
        super().connection_made(transport)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._end()
        self._resume()
        self._leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a piece of a request: the first of another one, if none is coming in and none is being answered."""
        if self._asking is None and (not self.cycle or self.cycle.response_complete):
            self._begin()
        self._received += len(data)
        super().data_received(data)

    def on_message_complete(self) -> None:
        """Have the whole request."""
        self._end()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to those who speak otherwise."""
        self._end()
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, and close the connection."""
        self._leave()
        super().send_400_response(msg)

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        super().pause_writing()
        self._answering = self.loop.call_later(self.deaf_after, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: it has read something."""
        self._resume()
        super().resume_writing()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._underway = cycle
        super()._start_asgi_task(cycle, app)

    def _leave(self) -> None:
        """Have what is being answered know that nobody listens, or it would write to what is closed; begin no more."""
        self.pipeline.clear()
        if self._underway is not None:
            self._underway.disconnected = True
            self._underway.message_event.set()

    def _begin(self) -> None:
        self._began, self._received = self.loop.time(), 0
        self._asking = self.loop.call_later(self.patience, self._look)

    def _look(self) -> None:
        """Close the connection, unless so much has come that more time is due, or it is we who do not read."""
        left = self._began + self.patience + self._received / self.least - self.loop.time()
        if left > 0 or self.flow.read_paused:
            self._asking = self.loop.call_later(left if left > 0 else self.patience, self._look)
        else:
            self.transport.close()

    def _end(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def _resume(self) -> None:
        if self._answering is not None:
            self._answering.cancel()
            self._answering = None
