"""Keeps the pictures of a request where every engine gets them, once they are fit for what is to work on them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from comfy_gen.api.dialects.openai.bodies import EditBody
from comfy_gen.api.dialects.openai.pictures import fitted, is_cut_out, own_size
from comfy_gen.api.dialects.openai.wishes import Given, size_of
from comfy_gen.app.uploading import keep
from comfy_gen.pipeline.own_inputs import is_sized_by_picture

if TYPE_CHECKING:
    from comfy_gen.api.dialects.openai.bodies import Asked
    from comfy_gen.api.dialects.openai.pictures import Fitted
    from comfy_gen.api.dialects.openai.reading import Sent
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service
    from comfy_gen.workflows.template import Template


async def kept(service: Service, caller: Caller, sent: Sent[Asked], template: Template | None) -> Given:
    """Return the pictures of a request, as a workflow names them.

    Raises:
        AssetFetchError: one cannot be fetched.
        InputImageError: one is no picture, or damaged.
        InvalidParameterError: the mask does not fit the picture.
        StorageError: one cannot be kept.
    """
    allow_private = service.settings.jobs.allow_private_urls
    first, *others = [await one.bytes(allow_private=allow_private) for one in sent.images]
    mask = await sent.mask.bytes(allow_private=allow_private) if sent.mask else None
    fit = await asyncio.to_thread(_fitted, first, mask, sent.body, template)

    async def named(content: bytes, name: str) -> str:
        return (await keep(service.artifacts, caller, content, source=name)).reference

    images = [await named(content, "image") for content in (fit.picture, *others)]
    return Given(images, None if fit.mask is None else await named(fit.mask, "mask"))


def _fitted(picture: bytes, mask: bytes | None, said: Asked, template: Template | None) -> Fitted:
    """Return the picture that is worked on, and the mask: DALL·E 2 took a picture's transparent parts for one."""
    if mask is None and isinstance(said, EditBody) and said.model == "dall-e-2" and is_cut_out(picture):
        mask = picture
    size = size_of(said) if template is None or is_sized_by_picture(template) else None
    return fitted(picture, mask, size or (own_size(picture) if template is None else None))
