"""Receives the webhooks of all jobs, not always kindly, and serves the pictures that some jobs begin with."""

from __future__ import annotations

import io
import random
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from aiohttp import web
from PIL import Image

if TYPE_CHECKING:
    from types import TracebackType

_SIDE = 48


@dataclass(frozen=True, slots=True)
class Told:
    """One webhook that was received, whatever the answer was."""

    webhook_id: str
    state: str
    order: int | None
    """What the submitter wanted to get back."""


class Sink:
    """A server of the harness's own loop. Use it with ``async with``."""

    def __init__(self, seed: int, *, refusals: float = 0.0) -> None:
        """``refusals`` is the share of jobs whose first webhook it turns away, so that it has to come again."""
        self.told: defaultdict[str, list[Told]] = defaultdict(list)
        """By job."""
        self.url = ""
        self._chance = random.Random(f"sink {seed}")
        self._refusals = refusals
        app = web.Application()
        app.add_routes([web.post("/told", self._receive), web.get("/{number}.png", self._picture)])
        self._runner = web.AppRunner(app, access_log=None)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    @property
    def webhook(self) -> str:
        """Where jobs are told of."""
        return f"{self.url}/told"

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.json()
        told = Told(request.headers["webhook-id"], body["state"], body.get("order"))
        earlier = self.told[body["job_id"]]
        # A bad answer to the first only: after several, a delivery waits for longer than a storm lasts.
        is_refused = not earlier and self._chance.random() < self._refusals
        earlier.append(told)
        return web.Response(status=500 if is_refused else 204)

    async def _picture(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        content = io.BytesIO()
        Image.new("RGB", (_SIDE, _SIDE), (number * 30 % 256, 90, 160)).save(content, "png")
        return web.Response(body=content.getvalue(), content_type="image/png")
