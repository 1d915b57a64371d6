"""What output nodes gave, as clients of a ComfyUI are told of it: with the places where files are found here. Pure."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from comfy_gen.api.dialects.comfyui.places import subfolder_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.jobs.dossier import Dossier

_KINDS: Mapping[str, str] = {"image": "images", "text": "text", "video": "video", "audio": "audio", "3d": "3d"}
"""What nodes mostly call what they give, by what it is."""
_ENGINES_OWN = frozenset({"fullpath"})
"""What custom nodes say of a file that is nobody's business: where it lies on the engine."""


def placed(job_id: str, node_id: str, output: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a node of a job gave, each file in its place here."""
    subfolder = subfolder_of(job_id, node_id)
    return {kind: _placed(items, subfolder) for kind, items in output.items()}


def told_outputs(dossier: Dossier) -> dict[str, dict[str, Any]]:
    """Return what the output nodes of a job gave that has ended: of files, those that were kept."""
    job, history = dossier.job, dossier.history
    if history is None or history.outputs is None or history.take != job.take:
        return _of_artifacts(dossier)
    kept = {(artifact.node_id, artifact.filename) for artifact in dossier.artifacts}
    found = {node_id: _kept(node_id, output, kept) for node_id, output in history.outputs.items()}
    return {node_id: placed(job.job_id, node_id, output) for node_id, output in found.items() if output}


def _placed(items: Any, subfolder: str) -> Any:
    if not isinstance(items, list):
        return items
    return [_in_place(one, subfolder) if _is_file(one) else one for one in cast("list[Any]", items)]


def _in_place(file: Mapping[str, Any], subfolder: str) -> dict[str, Any]:
    facts = {name: value for name, value in file.items() if name not in _ENGINES_OWN}
    return {**facts, "filename": PurePosixPath(file["filename"]).name, "subfolder": subfolder}


def _kept(node_id: str, output: Mapping[str, Any], kept: set[tuple[str, str]]) -> dict[str, Any]:
    """Return a node's output without the files that are not there: withheld, or of a job that failed."""

    def is_there(item: object) -> bool:
        return not _is_file(item) or (node_id, PurePosixPath(item["filename"]).name) in kept

    def left(items: Any) -> Any:
        return [*filter(is_there, cast("list[Any]", items))] if isinstance(items, list) else items

    return {kind: some for kind, items in output.items() if (some := left(items)) or not items}


def _of_artifacts(dossier: Dossier) -> dict[str, dict[str, Any]]:
    """Return the files of a job of whose outputs the engine's own words are not kept."""
    found: dict[str, dict[str, Any]] = {}
    for artifact in dossier.artifacts:
        node = found.setdefault(artifact.node_id, {})
        place = subfolder_of(artifact.job_id, artifact.node_id)
        file = {"filename": artifact.filename, "subfolder": place, "type": "output"}
        node.setdefault(_KINDS.get(artifact.kind, "files"), []).append(file)
    return found


def _is_file(item: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(item, dict) and isinstance(cast("dict[str, Any]", item).get("filename"), str)
