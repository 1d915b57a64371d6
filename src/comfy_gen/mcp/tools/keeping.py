"""Tools that keep and judge: favorites, scores, and pictures that are brought along."""

from __future__ import annotations

import asyncio
import base64
import binascii
from typing import TYPE_CHECKING, Annotated, Any

from mcp.server.mcpserver import Context  # noqa: TC002  # the SDK reads the annotations when it runs
from pydantic import Field

from comfy_gen.errors import InvalidParameterError
from comfy_gen.mcp.answers import Favorite, NextCall, Score, Upload
from comfy_gen.mcp.sources import identity_of, image_of, picture_of
from comfy_gen.mcp.tools import parameters as p  # noqa: TC001  # here as well
from comfy_gen.mcp.tools.offering import KEEPS, READS, tool
from comfy_gen.mcp.tools.orders import given

if TYPE_CHECKING:
    from comfy_gen.mcp.service import Service
    from comfy_gen.mcp.tools.desk import Desk

LARGEST = 20_000_000
"""Letters of a picture in base64; more does not fit into a message that clients take."""
_UPLOADS = "comfygen://uploads/"


class Keeping:
    """What agents can keep and judge."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @tool("Mark a favorite", KEEPS)
    async def favorite(
        self,
        *,
        ctx: Context[Any, Any],
        generation_id: Annotated[
            str, Field(min_length=1, max_length=100, description="The job id of a finished picture.")
        ],
        rating: Annotated[int, Field(ge=1, le=5, description="5 is best.")] = 5,
        feedback: Annotated[str, Field(max_length=10_000, description="What is good about it.")] = "",
        tags: Annotated[
            list[Annotated[str, Field(min_length=1, max_length=64)]] | None,
            Field(max_length=50, description="Words to find it by in search_library."),
        ] = None,
    ) -> Favorite:
        """Mark a finished picture as a favorite, with a rating; to mark one again is to rate it anew.

        Use it for pictures that somebody likes: they are kept, and search_library finds them.
        """
        body = {"generation_id": generation_id, "rating": rating, **given(feedback=feedback, tags=tags)}
        return Favorite.model_validate(await self._desk.service(ctx).post("/favorites", body))

    @tool("Score a picture", READS)
    async def score_image(
        self,
        *,
        ctx: Context[Any, Any],
        image: p.Image,
        prompt: Annotated[str, Field(min_length=1, max_length=100_000, description="What it is to show.")],
        negative_prompt: Annotated[str, Field(max_length=100_000, description="What it is not to show.")] = "",
        positive_threshold: Annotated[
            float | None, Field(ge=0, le=1, description="How like the prompt it must be; left out: as is usual.")
        ] = None,
    ) -> Score:
        """Judge how like a prompt a picture is, with the service's quality gate.

        Use it to choose between pictures, or to check one without looking. It needs a service that can compare pictures
        with prompts; where it cannot, the error says what to install.
        """
        service = self._desk.service(ctx)
        said = given(prompt=prompt, negative_prompt=negative_prompt)
        if positive_threshold is not None:
            said["positive_threshold"] = positive_threshold
        found = await service.post("/score", {**await self._judged(service, image), **said})
        names = ("passed", "score", "reason")
        details = {name: value for name, value in found.items() if name not in names and value not in (None, "")}
        return Score.model_validate({**{name: found.get(name) for name in names}, "details": details})

    @tool("Upload a picture", KEEPS)
    async def upload_image(
        self,
        *,
        ctx: Context[Any, Any],
        path: Annotated[
            str, Field(max_length=4_096, description="A file within the server's folders, relative to the first.")
        ] = "",
        data: Annotated[
            str, Field(max_length=LARGEST, description="In place of a path: the file in base64, or a data: URL.")
        ] = "",
    ) -> Upload:
        """Give a picture or a mask to the service, so that other tools can work on it.

        Answers with `image`: give that to edit_image, upscale, score_image, or as a picture in the parameters of
        generate_from_workflow. Pictures that the service made, and URLs, need not be uploaded.
        """
        if bool(path) is bool(data):
            raise InvalidParameterError("path", path, "given, or data in its place")
        content = await asyncio.to_thread(self._desk.folders.read, path) if path else _decoded(data)
        found = await self._desk.service(ctx).upload(content)
        following = NextCall(tool="edit_image", arguments={"image": found["image"]}, reason="repaints it.")
        return Upload(image=found["image"], media_type=found["media_type"], size=found["size"], next=following)

    async def _judged(self, service: Service, image: str) -> dict[str, str]:
        """Return a picture as the API is told which to judge."""
        if identity := identity_of(image):
            return {"artifact_id": await picture_of(service, identity, name="image")}
        found = await image_of(service, self._desk.folders, image, name="image")
        if not found.startswith(_UPLOADS):
            raise InvalidParameterError(
                "image", image, "one that a job made or that was uploaded", "call upload_image."
            )
        return {"image": found}


def _decoded(data: str) -> bytes:
    """Return what base64 stands for.

    Raises:
        InvalidParameterError: it is none.
    """
    head, comma, rest = data.partition(",")
    try:
        return base64.b64decode("".join((rest if comma and head.startswith("data:") else data).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidParameterError("data", f"{data[:20]}…", "a file in base64") from error
