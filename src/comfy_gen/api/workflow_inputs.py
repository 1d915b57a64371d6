"""The inputs of a workflow's nodes, as they are told, and as somebody names them."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from comfy_gen.api.workflows import detail_of, is_shipped
from comfy_gen.errors import ForbiddenError, NoEngineError
from comfy_gen.workflows.literals import literal_inputs
from comfy_gen.workflows.naming import Naming, name_inputs
from comfy_gen.workflows.slots import Slot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.api.wire.workflows import NamedInputsBody
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service
    from comfy_gen.workflows.literals import LiteralInput


async def inputs_of(service: Service, name: str) -> list[dict[str, Any]]:
    """Return every input of a workflow's nodes that has a value of its own.

    Raises:
        WorkflowNotFoundError: there is none of this name.
    """
    template = await service.planner.template(name)
    info = await _object_info(service)
    return [_as_json(one) for one in await asyncio.to_thread(literal_inputs, template, info)]


async def name_them(service: Service, name: str, said: NamedInputsBody, caller: Caller) -> dict[str, Any]:
    """Give a saved workflow these inputs, and return all that is known of it.

    Raises:
        WorkflowNotFoundError: there is none of this name.
        ForbiddenError: it ships with the service, or is somebody else's.
        InvalidParameterError, InvalidRequestError: an input is not there, or cannot be called so; with all of them.
    """
    if is_shipped(name):
        raise ForbiddenError(
            f"the workflow {name!r} ships with the service", "save it by another name and change that."
        )
    namings = [Naming(Slot(one.node_id, one.input), one.name, one.title, one.description) for one in said.inputs]
    change = partial(name_inputs, namings=namings, object_info=await _object_info(service))
    saved = await service.saved.rewrite(name, change, time.time(), None if caller.is_admin else caller.owner)
    return detail_of(saved.template, saved, caller)


async def _object_info(service: Service) -> Mapping[str, Any] | None:
    """Return what an engine says of its nodes; None where none answers: then the graph's values say what they may."""
    try:
        return await service.planner.knowledge.object_info(need="tell what its inputs may be")
    except NoEngineError:
        return None


def _as_json(one: LiteralInput) -> dict[str, Any]:
    parameter = one.parameter
    return {
        "node_id": one.slot.node_id,
        "node_title": one.node_title,
        "class_type": one.class_type,
        "input": one.slot.input_name,
        "value": one.value,
        "type": one.type,
        "choices": list(one.choices) or None,
        "name": parameter and parameter.name,
        "title": parameter.heading if parameter else "",
        "description": parameter.description if parameter else "",
    }
