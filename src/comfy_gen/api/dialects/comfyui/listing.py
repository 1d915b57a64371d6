"""Jobs as a ComfyUI lists them at ``/api/jobs``: how they are, how much they gave, and a look at it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal, cast

from comfy_gen.api.dialects.comfyui.entries import entry_of, extra_data_of, graph_of
from comfy_gen.api.dialects.comfyui.numbers import kept_of, number_of
from comfy_gen.jobs.dossier import MOST, Search
from comfy_gen.jobs.job import ACTIVE, MADE, JobState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from comfy_gen.jobs.dossier import Dossier

STATES: Mapping[str, frozenset[JobState]] = {
    "pending": frozenset({JobState.QUEUED}),
    "in_progress": ACTIVE,
    "completed": MADE,
    "failed": frozenset({JobState.FAILED}),
    "cancelled": frozenset({JobState.CANCELLED}),
}
"""What each word of a ComfyUI's means here."""
_WORDS: Mapping[JobState, str] = {state: word for word, states in STATES.items() for state in states}
_SORTS: Mapping[str, Literal["created", "duration"]] = {"created_at": "created", "execution_duration": "duration"}
_SHOWN = frozenset({"images", "video", "audio", "3d", "text"})
"""Kinds of output that its page can show; others by their media type, or by the names of the files."""
_MODELS = frozenset({".obj", ".fbx", ".gltf", ".glb", ".usdz"})
_TEXTS = frozenset({".txt", ".md", ".json"})
_LONGEST_TEXT = 1024


class InvalidQueryError(ValueError):
    """What was asked for is nothing that can be: in a ComfyUI's words."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """One item of a node's output."""

    node_id: str
    kind: str
    item: Any

    @property
    def is_file(self) -> bool:
        return isinstance(self.item, dict)

    @property
    def suffix(self) -> str:
        name: object = self.item.get("filename") if self.is_file else ""
        return PurePosixPath(name).suffix.lower() if isinstance(name, str) else ""

    @property
    def is_text(self) -> bool:
        return self.kind == "text" or self.suffix in _TEXTS

    @property
    def is_shown(self) -> bool:
        media_type = str(self.item.get("format") or "")
        return self.kind in _SHOWN or media_type.startswith(("video/", "audio/")) or self.suffix in _MODELS | _TEXTS


def search_of(query: Mapping[str, str], waiting: Collection[str] = ()) -> Search:
    """Return what a query asks for; ``waiting`` are jobs that workers have, but no engine runs: they are pending.

    Raises:
        InvalidQueryError: it cannot be.
    """
    states = _states_in(query.get("status", ""))
    sort, order = query.get("sort_by", "created_at").lower(), query.get("sort_order", "desc").lower()
    if sort not in _SORTS:
        raise InvalidQueryError("sort_by must be 'created_at' or 'execution_duration'")
    if order not in {"asc", "desc"}:
        raise InvalidQueryError("sort_order must be 'asc' or 'desc'")
    limit = _whole(query, "limit", MOST)
    if limit <= 0:
        raise InvalidQueryError("limit must be a positive integer")
    return Search(
        states=states,
        also=waiting if JobState.QUEUED in states else (),
        but=() if JobState.QUEUED in states else waiting,
        labels={"workflow_id": query["workflow_id"]} if query.get("workflow_id") else {},
        by=_SORTS[sort],
        is_ascending=order == "asc",
        offset=max(_whole(query, "offset", 0), 0),
        limit=min(limit, MOST),
    )


def item_of(dossier: Dossier, *, is_waiting: bool = False) -> dict[str, Any]:
    """Return a job as the list has it; what is not known is not there.

    ``is_waiting`` says that it is pending although a worker has it: no engine ran it a moment ago.
    """
    job, times = dossier.job, {}
    outputs: dict[str, dict[str, Any]] = {}
    error = None
    if job.state.is_end:
        entry = entry_of(dossier, 0)
        outputs, messages = entry["outputs"], dict(entry["status"]["messages"])
        times, error = _times(messages), messages.get("execution_error")
    seen = [*_seen(outputs)]
    facts = {
        "id": job.job_id,
        "status": _WORDS[JobState.QUEUED if is_waiting and job.state.is_active else job.state],
        "priority": number_of(job.metadata, dossier.seq),
        "create_time": extra_data_of(dossier)["create_time"],
        **times,
        "execution_error": error,
        "outputs_count": sum(one.is_file for one in seen),
        "previewable_outputs_count": sum(one.is_file and one.is_shown for one in seen),
        "preview_output": _preview(seen),
        "workflow_id": kept_of(job.metadata).get("workflow_id"),
    }
    return {name: value for name, value in facts.items() if value is not None}


def detail_of(dossier: Dossier, *, is_waiting: bool = False) -> dict[str, Any]:
    """Return all of a job."""
    whole = {
        **item_of(dossier, is_waiting=is_waiting),
        "workflow": {"prompt": graph_of(dossier), "extra_data": extra_data_of(dossier)},
    }
    if not dossier.job.state.is_end:
        return whole
    entry = entry_of(dossier, 0)
    return {**whole, "outputs": entry["outputs"], "execution_status": entry["status"]}


def _states_in(said: str) -> frozenset[JobState]:
    words = [word.strip().lower() for word in said.split(",") if word.strip()]
    if unknown := [word for word in words if word not in STATES]:
        valid = ", ".join(STATES)
        raise InvalidQueryError(f"Invalid status value(s): {', '.join(unknown)}. Valid values: {valid}")
    return frozenset(state for word in words or STATES for state in STATES[word])


def _whole(query: Mapping[str, str], name: str, usual: int) -> int:
    try:
        return int(query.get(name, usual))
    except ValueError as error:
        raise InvalidQueryError(f"{name} must be an integer") from error


def _times(messages: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    ends = [facts for name, facts in messages.items() if name not in {"execution_start", "execution_cached"}]
    started = messages.get("execution_start", {}).get("timestamp")
    return {"execution_start_time": started, "execution_end_time": ends[-1].get("timestamp") if ends else None}


def _seen(outputs: Mapping[str, Mapping[str, Any]]) -> Iterator[_Seen]:
    for node_id, output in outputs.items():
        for kind, items in output.items():
            if kind != "animated" and isinstance(items, list):  # which says of pictures whether they move
                yield from (_Seen(node_id, kind, one) for one in cast("list[Any]", items) if one is not None)


def _preview(seen: list[_Seen]) -> dict[str, Any] | None:
    """Return what shows best what a job gave: a file that it saved, one that it only showed, a text."""
    files = [one for one in seen if one.is_file and one.is_shown]
    pictures = [one for one in files if not one.is_text]
    saved = [one for one in pictures if one.item.get("type") == "output"]
    texts = [one for one in seen if one.kind == "text" and not one.is_file]
    best = next(iter([*saved, *pictures, *files, *texts]), None)
    if best is None:
        return None
    shown = {"mediaType": best.kind, **best.item} if best.is_file else {**_text(str(best.item)), "mediaType": best.kind}
    return {**shown, "nodeId": best.node_id}


def _text(text: str) -> dict[str, Any]:
    return {"content": text} if len(text) <= _LONGEST_TEXT else {"content": text[:_LONGEST_TEXT], "truncated": True}
