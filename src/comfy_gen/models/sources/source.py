"""What a source of models does, and what it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from comfy_gen.models.model import Model, Offer

ReferenceT_contra = TypeVar("ReferenceT_contra", contravariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search came upon: a model, or a repository with several files to choose among."""

    model: Model
    """As far as the search tells; its ``source`` is what a download takes. Its ``file`` is empty where there is a
    choice."""
    where: str
    """The source: ``huggingface`` or ``civitai``."""
    downloads: int = 0
    """How often it was fetched, as its source counts."""
    is_gated: bool = False
    """Whether its makers want to be asked first."""
    files: tuple[str, ...] = ()
    """References to the files that there are, where there is a choice."""

    def as_json(self) -> dict[str, Any]:
        """Return what a program is told of it."""
        more = {"where": self.where, "downloads": self.downloads, "is_gated": self.is_gated, "files": list(self.files)}
        return self.model.as_json() | more


class Source(Protocol[ReferenceT_contra]):
    """Somewhere that models come from."""

    async def find(self, reference: ReferenceT_contra) -> Offer:
        """Return what is there, and how its file is asked for.

        Raises:
            ModelSourceError: the source does not give it away; it says why and what may be done.
        """
        ...

    async def search(self, text: str, *, folder: str = "", limit: int = 20) -> list[Found]:
        """Return the models that a text finds, in the source's own order.

        Raises:
            ModelSourceError: the source does not answer.
        """
        ...
