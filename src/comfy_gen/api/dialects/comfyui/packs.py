"""``/i18n``, ``/global_subgraphs``, ``/extensions``: what packs of custom nodes bring beside their nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from fastapi import APIRouter, Response

from comfy_gen.api.context import Reader, TheService
from comfy_gen.api.dialects.comfyui.answers import told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

router = APIRouter()


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    return router


@router.get("/extensions")
async def extensions(caller: Reader) -> Response:
    """Return the scripts that the page is to load beside its own: none of any engine's act in it."""
    del caller
    return told([])


@router.get("/workflow_templates")
async def workflow_templates(caller: Reader) -> Response:
    """Return the workflows that custom nodes bring: they are files of their engines."""
    del caller
    return told({})


@router.get("/i18n")
async def translations(caller: Reader, service: TheService) -> Response:
    """Return the words of custom nodes, by language."""
    del caller
    answers = await service.knowledge.told(lambda client: client.get_translations())
    return told(merged_deeply([*answers.values()]))


@router.get("/global_subgraphs")
async def subgraphs(caller: Reader, service: TheService) -> Response:
    """Return the subgraphs that are there for all workflows."""
    del caller
    answers = await service.knowledge.told(lambda client: client.get_global_subgraphs())
    return told(merged_deeply([*answers.values()]))


@router.get("/global_subgraphs/{subgraph_id}")
async def subgraph(subgraph_id: str, caller: Reader, service: TheService) -> Response:
    """Return one of them whole."""
    del caller
    answers = await service.knowledge.told(lambda client: client.get_global_subgraph(subgraph_id))
    found: object = next((one for one in answers.values() if one), None)
    return told(found)


@router.get("/node_replacements")
async def replacements(caller: Reader, service: TheService) -> Response:
    """Return which classes stand in for which."""
    del caller
    answers = await service.knowledge.told(lambda client: client.get_node_replacements())
    return told(merged_deeply([*answers.values()]))


def merged_deeply(answers: Sequence[object]) -> dict[str, Any]:
    """Return all that any of these objects has; where several have the same, what the first says."""
    found: dict[str, Any] = {}
    for answer in answers:
        for name, value in cast("Mapping[str, Any]", answer).items() if isinstance(answer, dict) else ():
            both: list[Any] = [found[name], value] if name in found else [value]
            found[name] = merged_deeply(both) if all(isinstance(one, dict) for one in both) else both[0]
    return found
