"""Receives the webhooks of all jobs, not always kindly, and serves the pictures that some jobs begin with."""

from __future__ import annotations

import io
import json
import random
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from aiohttp import web
from PIL import Image

from comfy_gen.webhooks.secret import read_secrets
from comfy_gen.webhooks.signature import Signer

if TYPE_CHECKING:
    from collections.abc import Container
    from types import TracebackType

_SIDE = 48
SECRET = "whsec_Y2hhb3MgaXMgbm8gc2VjcmV0IGF0IGFsbCE="
"""What webhooks are signed with."""


@dataclass(frozen=True, slots=True)
class Told:
    """One webhook that was received, whatever the answer was."""

    webhook_id: str
    state: str
    order: int | None
    """What the submitter wanted to get back."""
    is_taken: bool = True
    """Whether it was answered with 2xx."""
    is_signed: bool = True
    """Whether it carries the signature of whoever has the secret."""


class Sink:
    """A server of the harness's own loop. Use it with ``async with``."""

    def __init__(self, seed: int, *, refusals: float = 0.0, deaf_to: Container[int] = ()) -> None:
        """Make a receiver that is well.

        Args:
            seed: repeats what a seed gave.
            refusals: the share of jobs whose first webhook it turns away, so that it has to come again.
            deaf_to: the orders of which it never wants to hear.
        """
        self.told: defaultdict[str, list[Told]] = defaultdict(list)
        """By job."""
        self.url = ""
        self._chance = random.Random(f"sink {seed}")
        self._refusals = refusals
        self._deaf_to = deaf_to
        self._signer = Signer(read_secrets(SECRET))
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
        content = await request.read()
        body = json.loads(content)
        earlier, order = self.told[body["job_id"]], body.get("order")
        # A bad answer to the first only: after several, a delivery waits for longer than a storm lasts.
        is_refused = order in self._deaf_to or (not earlier and self._chance.random() < self._refusals)
        is_signed = self._is_signed(request, content)
        earlier.append(Told(request.headers["webhook-id"], body["state"], order, not is_refused, is_signed))
        return web.Response(status=500 if is_refused else 204)

    def _is_signed(self, request: web.Request, content: bytes) -> bool:
        at = float(request.headers["webhook-timestamp"])
        expected = self._signer.sign(request.headers["webhook-id"], content, now=at)
        return request.headers.get("webhook-signature") == expected

    async def _picture(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        content = io.BytesIO()
        Image.new("RGB", (_SIDE, _SIDE), (number * 30 % 256, 90, 160)).save(content, "png")
        return web.Response(body=content.getvalue(), content_type="image/png")
