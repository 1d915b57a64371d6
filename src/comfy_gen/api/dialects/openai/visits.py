"""One request for pictures, from what it asks for to what it is answered."""

from __future__ import annotations

import hashlib
import math
import time
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request, Response
from starlette.responses import JSONResponse

from comfy_gen.api.answers import Key, end_of, headers_of
from comfy_gen.api.context import Generator, TheResults, TheService
from comfy_gen.api.dialects.openai.answers import Gallery, Manner, failure_told, is_made, manner_of
from comfy_gen.api.dialects.openai.bodies import Asked, GenerationBody
from comfy_gen.api.dialects.openai.events import Show
from comfy_gen.api.dialects.openai.models import Meaning, meaning_of
from comfy_gen.api.dialects.openai.orders import MARK, Audience, ids_of, resumed, take
from comfy_gen.api.dialects.openai.problems import answer
from comfy_gen.api.dialects.openai.uploads import kept
from comfy_gen.api.dialects.openai.wishes import Given, check_amount, check_background, quality_of, wish_of
from comfy_gen.api.problems import Told, told_of
from comfy_gen.api.streams import streamed
from comfy_gen.api.tiers import TierHeader
from comfy_gen.app.accepting import Ask
from comfy_gen.errors import ForbiddenContentError, PolicyTierError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from comfy_gen.api.dialects.openai.reading import Sent
    from comfy_gen.app.accepting import Taken
    from comfy_gen.app.tiers import Allowed
    from comfy_gen.jobs.job import Job
    from comfy_gen.pipeline.request import GenerationRequest

JOB_IDS = "X-ComfyGen-Job-Id"
"""The header that says which jobs make the pictures: one id, or several with commas between them."""
LONGEST = 3_600.0
"""Seconds that somebody may wait who does not say when they give up."""
_GIVES_UP = ("x-stainless-read-timeout", "x-stainless-timeout")
"""What SDKs say, in Python and in JavaScript."""


class _Visit:
    """What every request for pictures brings besides its body."""

    def __init__(
        self,
        *,
        caller: Generator,
        service: TheService,
        results: TheResults,
        request: Request,
        key: Key = None,
        tier: TierHeader = None,
    ) -> None:
        self._caller = caller
        self._service = service
        self._request = request
        self._key = key
        self._tier = tier
        self._gallery = Gallery(service, results, request)
        self._audience: Audience = request.app.state.openai

    async def answer(self, kind: str, sent: Sent[Any]) -> Response:
        """Have the pictures made, and answer with them, or with a stream of how they come about.

        Raises:
            ComfyGenError: what stands against it.
        """
        said, manner, meant = sent.body, manner_of(sent.body), _Meant(self._service, sent.body)
        try:
            taken = await self._taken(kind, sent, meant)
        except (PolicyTierError, ForbiddenContentError) as error:
            return answer(told_of(error), is_classic=(said.model or "").startswith("dall-e"))
        del sent  # its pictures are megabytes, and it may be an hour until there are others
        manner = replace(manner, quality=quality_of(said, meant.template))
        headers = {**headers_of(taken[0]), JOB_IDS: ",".join(ids_of(taken))}
        if isinstance(said, GenerationBody) and said.stream:
            show = Show(self._service.queue, self._gallery, kind, manner, partials=said.partial_images or 0)
            response: Response = streamed(self._streamed(show, taken))
        else:
            response = await self._waited(taken, manner)
        response.headers.update(headers)
        return response

    async def _taken(self, kind: str, sent: Sent[Any], meant: _Meant) -> Sequence[Taken]:
        said: Asked = sent.body
        facts = {"route": kind, "model": said.model, "user": said.user}
        ask = Ask(
            caller=self._caller,
            digest=hashlib.sha256(f"{self._caller.owner}\n{kind}\n{sent.digest}".encode()).hexdigest(),
            key=self._key,
            tier=self._tier,
            metadata={MARK: {name: value for name, value in facts.items() if value is not None}},
        )

        async def wish(_: Allowed) -> GenerationRequest:
            meaning = await meant.meaning()
            check_amount(len(sent.images), meaning.template)
            given = await kept(self._service, self._caller, sent, meaning.template) if sent.images else Given()
            return wish_of(said, meaning, given)

        again = await resumed(self._service, ask, said.count, self._request.headers, self._audience)
        return again or await take(self._service, ask, said.count, wish)

    async def _waited(self, taken: Sequence[Taken], manner: Manner) -> Response:
        async with self._audience.listening(ids_of(taken)) as told:
            ended = await self._ends(taken)
            if ended is None:
                return answer(_unfinished(taken))
            told()
            if lost := await self._without_pictures(ended):
                return answer(failure_told(lost))
            return JSONResponse(await self._gallery.answer(ended, manner))

    async def _ends(self, taken: Sequence[Taken]) -> Sequence[Job] | None:
        """Return the jobs once all have ended; None if that takes longer than anybody waits."""
        ended: list[Job] = []
        until = time.monotonic() + patience_of(self._request.headers)
        for job_id in ids_of(taken):
            left = max(until - time.monotonic(), 0.0)
            job = await end_of(job_id, self._service.queue.watching, self._request, patience=left)
            if job is None:
                return None
            ended.append(job)
        return ended

    async def _without_pictures(self, jobs: Sequence[Job]) -> Job | None:
        """Return the first job that made no picture; None if all made some."""
        for job in jobs:
            if not (is_made(job) and await self._gallery.pictures(job)):
                return job
        return None

    async def _streamed(self, show: Show, taken: Sequence[Taken]) -> AsyncGenerator[bytes]:
        ids = ids_of(taken)
        async with self._audience.listening(ids) as told, aclosing(show.events(ids)) as events:
            async for event in events:
                yield event
            told()


Visit = Annotated[_Visit, Depends()]


class _Meant:
    """What the model of a request means, once that is asked: for a job that was accepted before it need not be."""

    def __init__(self, service: TheService, said: Asked) -> None:
        self._service = service
        self._said = said
        self._meaning: Meaning | None = None

    @property
    def template(self) -> Any:
        """The workflow that is meant by name; None where there is none, or it was not asked."""
        return self._meaning and self._meaning.template

    async def meaning(self) -> Meaning:
        """Return what the model means.

        Raises:
            ComfyGenError: nothing, or what makes no such pictures.
        """
        if self._meaning is None:
            self._meaning = await meaning_of(self._service, self._said.model)
            if isinstance(self._said, GenerationBody):
                check_background(self._said, self._meaning.template)
        return self._meaning


def patience_of(headers: Mapping[str, str]) -> float:
    """Return for how many seconds somebody waits: a little less than until their SDK gives up, to be told why."""
    try:
        given_up = float(next((headers[name] for name in _GIVES_UP if name in headers), ""))
    except ValueError:
        return LONGEST
    if not (math.isfinite(given_up) and given_up > 0):
        return LONGEST
    return min(given_up - min(5.0, given_up / 10), LONGEST)


def _unfinished(taken: Sequence[Taken]) -> Told:
    ids = ids_of(taken)
    hint = f"GET /jobs/{ids[0]} tells how it goes; who sends it again with the same Idempotency-Key waits on for it."
    return Told(504, "not_finished", "the pictures take longer than this, and are being made", hint, {"job_ids": ids})
