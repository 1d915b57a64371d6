"""Says again what a server said when it took a prompt, where its answer got lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from comfy_gen.comfyui.bodies import QueueItem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from comfy_gen.comfyui.routes import Routes
    from comfy_gen.comfyui.routes.route import Json

_DROPPED = {"message": "the engine left this output out", "details": "why was told to whoever sent it"}


async def find_answer(routes: Routes, prompt_id: str, *, targets: Collection[str] | None = None) -> Json | None:
    """Return what the server answered to a prompt that it has, or has had; None if it has it not.

    ``targets`` are the output nodes that it was to run, if not all. The server does not say any more why it dropped
    some of them, but which: those that are neither queued nor were.
    """
    item = await _find(routes, prompt_id)
    if item is None:
        return None
    kept = frozenset(item.outputs_to_execute)
    others = [node_id for node_id in item.workflow if node_id not in kept]
    wanted = set(targets) if targets is not None else await _outputs(routes, item, among=others)
    node_errors = {
        node_id: {"class_type": item.workflow[node_id].get("class_type"), "errors": [_DROPPED]}
        for node_id in others
        if node_id in wanted
    }
    return {"prompt_id": prompt_id, "number": item.number, "node_errors": node_errors}


async def _find(routes: Routes, prompt_id: str) -> QueueItem | None:
    """Look into the queue before the history: a prompt moves from one to the other."""
    queue = await routes.read_queue()
    for item in (*queue.running, *queue.pending):
        if item.prompt_id == prompt_id:
            return item
    entry = await routes.find_history(prompt_id)
    if entry is None:
        return None
    told = cast("Sequence[Any]", entry.raw.get("prompt") or ())
    return QueueItem(*told[:5]) if len(told) >= 5 else QueueItem(0, prompt_id, {}, {}, ())


async def _outputs(routes: Routes, item: QueueItem, *, among: Iterable[str]) -> set[str]:
    """Return those of some nodes whose class gives results."""
    classes = {node_id: str(item.workflow[node_id].get("class_type")) for node_id in among}
    told: Json = {}
    for name in sorted(set(classes.values())):
        told |= await routes.get_object_info(name)
    return {node_id for node_id, name in classes.items() if told.get(name, {}).get("output_node")}
