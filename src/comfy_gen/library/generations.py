"""The library: every generation that ended well, found again by what is known of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from comfy_gen.errors import InvalidParameterError
from comfy_gen.library import searching
from comfy_gen.library.facets import Facets, read_facets
from comfy_gen.library.generation import Generation, GenerationPage, Query
from comfy_gen.library.tiles import Order, Tiles, read_tiles
from comfy_gen.pipeline.retake import retaken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.jobs.request import JobRequest
    from comfy_gen.jobs.transactions import Transactions
    from comfy_gen.workflows.graph import Workflow

__all__ = ["Generation", "GenerationPage", "Library", "Query", "again", "workflow_of"]

MOST = 500
"""Generations on a page."""


class Library:
    """The generations in the database. They are written with the ends of their jobs, and go with these."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def get(self, generation_id: str, owner: str | None = None) -> Generation:
        """Return a generation by its id, the beginning of that, or the id of its run in MLflow.

        With an ``owner``, only one of theirs.

        Raises:
            GenerationNotFoundError: there is none, or there are several.
        """
        return await self._transactions.read(
            lambda connection: searching.find(connection, generation_id, owner), is_brief=True
        )

    async def get_all(self, generation_ids: Sequence[str], owner: str | None = None) -> Sequence[Generation]:
        """Return the generations of these whole ids, each once, in their order; with an ``owner``, theirs.

        Raises:
            GenerationNotFoundError: some of them are not there; it names them.
        """
        return await self._transactions.read(lambda connection: searching.find_all(connection, generation_ids, owner))

    async def search(self, query: Query | None = None, limit: int = 50, cursor: str | None = None) -> GenerationPage:
        """Return some of the generations that fit, newest first.

        ``cursor`` is what the page before said comes next.

        Raises:
            InvalidParameterError: the limit is out of bounds, or the cursor is none of ours.
        """
        if not 1 <= limit <= MOST:
            raise InvalidParameterError("limit", limit, f"from 1 to {MOST}")
        return await self._transactions.read(
            lambda connection: searching.page(connection, query or Query(), limit, cursor)
        )

    async def count(self, query: Query | None = None) -> int:
        """Return how many generations fit."""
        return await self._transactions.read(lambda connection: searching.count(connection, query or Query()))

    async def tiles(
        self, query: Query | None = None, order: Order = Order.NEWEST, *, limit: int = 200, offset: int = 0
    ) -> Tiles:
        """Return some of the generations that fit as a gallery shows them, and how many fit.

        Raises:
            InvalidParameterError: the limit or the offset is out of bounds.
        """
        check_part(limit, offset)
        return await self._transactions.read(
            lambda connection: read_tiles(connection, query or Query(), order, limit, offset)
        )

    async def facets(self, owner: str | None = None) -> Facets:
        """Return what the generations can be told apart by, with an ``owner`` theirs."""
        return await self._transactions.read(lambda connection: read_facets(connection, owner))


def check_part(limit: int, offset: int) -> None:
    """Do nothing, if these say which part of a list to read.

    Raises:
        InvalidParameterError: one of them is out of bounds.
    """
    if not 1 <= limit <= MOST:
        raise InvalidParameterError("limit", limit, f"from 1 to {MOST}")
    if not 0 <= offset < 2**63:
        raise InvalidParameterError("offset", offset, "0 or more")


def again(generation: Generation, request: JobRequest) -> JobRequest:
    """Return the request that makes the same once more: the same workflow, with its seed, for the same owner.

    Whom to tell and where to copy to are left out: they were asked for once. Of a job that was made several times it
    is the take that was chosen, and nobody judges it anew: another take would be another picture.
    """
    workflow = workflow_of(generation, request)
    is_changed = workflow is not request.workflow
    return replace(
        request,
        workflow=workflow,
        recipe=generation.recipe if is_changed and request.recipe else request.recipe,
        quality=None,
        idempotency_key=None,
        job_id=None,
        webhook=None,
        destination=None,
        asked="",
        repeats=generation.generation_id,
    )


def workflow_of(generation: Generation, request: JobRequest) -> Workflow:
    """Return the workflow that made a generation: what its job was asked to run, as the chosen take changed it."""
    return retaken(request.workflow, generation.changes)
