"""Where models come from: Hugging Face, Civitai and any address."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from comfy_gen.errors import ModelIntegrityError, ModelReferenceError, ModelSourceError
from comfy_gen.models.reference import CivitaiVersion, HuggingFaceFile, parse_reference
from comfy_gen.models.sources.civitai import CivitaiSource
from comfy_gen.models.sources.huggingface import HuggingFaceSource
from comfy_gen.models.sources.source import Found, Source
from comfy_gen.models.sources.web import WebSource

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from comfy_gen.models.model import Model, Offer

__all__ = ["Found", "Searched", "Source", "Sources"]

Where = Literal["all", "huggingface", "civitai"]


@dataclass(frozen=True, slots=True)
class Searched:
    """What came of a search."""

    found: Sequence[Found]
    failures: Sequence[ModelSourceError] = ()
    """Why sources told nothing, those that did not."""


class Sources:
    """All the sources, each asked for what is its own."""

    def __init__(
        self,
        *,
        huggingface_url: str = "https://huggingface.co",
        huggingface_token: str = "",
        civitai_url: str = "https://civitai.com",
        civitai_token: str = "",
        allow_private: bool = False,
    ) -> None:
        """Ask nothing yet.

        Args:
            huggingface_url: Hugging Face, or a server that speaks as it does.
            huggingface_token: sent to that server alone; empty: the one that ``hf auth login`` has kept.
            civitai_url: Civitai, or a server that speaks as it does.
            civitai_token: sent to that server alone.
            allow_private: whether addresses of this machine and its networks may be asked for a file.
        """
        self.huggingface = HuggingFaceSource(huggingface_url, token=huggingface_token)
        self.civitai = CivitaiSource(civitai_url, token=civitai_token)
        self.web = WebSource(allow_private=allow_private)

    async def find(self, model: Model) -> Offer:
        """Return how a model's file is had; what is known of the model already goes before what its source says.

        Raises:
            ModelReferenceError: nobody knows where it comes from.
            ModelSourceError: its source does not give it away.
            ModelIntegrityError: its source has another file there than the one that is known.
        """
        if not model.source:
            raise ModelReferenceError(model.name or model.file, "nobody has said where it comes from")
        return _merge(model, await self._ask(model.source))

    async def search(self, text: str, *, where: Where = "all", folder: str = "", limit: int = 20) -> Searched:
        """Return what a text finds, those that were fetched most often first, and which sources did not tell.

        Raises:
            ModelSourceError: no source answers.
        """
        asked = [
            _searched(source.search(text, folder=folder, limit=limit))
            for name, source in (("huggingface", self.huggingface), ("civitai", self.civitai))
            if where in ("all", name)
        ]
        answers = await asyncio.gather(*asked)
        failures = [one for one in answers if isinstance(one, ModelSourceError)]
        told = [one for one in answers if not isinstance(one, ModelSourceError)]
        if not told:
            raise failures[0] if len(failures) == 1 else _all_of(failures)
        return Searched(_most_fetched(told, limit), failures)

    async def _ask(self, text: str) -> Offer:
        match parse_reference(text):
            case HuggingFaceFile() as file:
                return await self.huggingface.find(file)
            case CivitaiVersion() as version:
                return await self.civitai.find(version)
            case address:
                return await self.web.find(address)


async def _searched(search: Awaitable[list[Found]]) -> list[Found] | ModelSourceError:
    try:
        return await search
    except ModelSourceError as error:
        return error


def _all_of(failures: Sequence[ModelSourceError]) -> ModelSourceError:
    """Return in one what went wrong with several sources."""
    names = " and ".join(one.source for one in failures)
    advice = "; ".join(dict.fromkeys(one.advice.rstrip(".") for one in failures if one.advice))
    return ModelSourceError(names, "; ".join(one.reason for one in failures), advice and f"{advice}.")


def _most_fetched(answers: Sequence[Sequence[Found]], limit: int) -> list[Found]:
    everything = [found for answer in answers for found in answer]
    return sorted(everything, key=lambda found: found.downloads, reverse=True)[:limit]


def _merge(known: Model, offer: Offer) -> Offer:
    told = offer.model
    if known.sha256 and told.sha256 and known.sha256 != told.sha256:
        reason = f"its source has {told.sha256[:12]}… there now, and {known.sha256[:12]}… is wanted"
        raise ModelIntegrityError(known.name or known.file, reason)
    merged = replace(
        known,
        file=known.file or told.file,
        folder=known.folder or told.folder,
        title=known.title or told.title,
        source=told.source,
        sha256=known.sha256 or told.sha256,
        # How long the file is that will come, only who sends it knows.
        size=known.size if told.size is None else told.size,
        licence=known.licence or told.licence,
        base=known.base or told.base,
        triggers=known.triggers or told.triggers,
        page=known.page or told.page,
    )
    return replace(offer, model=merged)
