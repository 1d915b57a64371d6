"""A library with thousands of generations, in seconds: a few pictures, which they share, and rows written in bulk.

    fill(tmp_path / "data", 10_000)            # of a service that is yet to be started, or runs elsewhere
    fill_database(database_url, files, 10_000)  # of any database, whose files lie in that folder

Whatever is asked of such a generation works as it does with a real one. But the files are shared: who deletes one
generation takes them away from the others.
"""

from __future__ import annotations

import hashlib
import io
import random
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw
from sqlalchemy import insert

from comfy_gen.composition.recipe import Recipe
from comfy_gen.jobs.connecting import engine_that_writes, file_of, parse_database_url, prepare_file
from comfy_gen.jobs.ids import new_job_id
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.request import JobRequest
from comfy_gen.jobs.schema import bring_up_to_date
from comfy_gen.jobs.sql.acceptance import pack
from comfy_gen.jobs.sql.generations import CATEGORY, MODEL, keep_recipe
from comfy_gen.jobs.tables import artifacts, favorites, generations, jobs, labels, requests
from comfy_gen.pipeline.artifact import artifact_id
from comfy_gen.pipeline.record import record_of
from comfy_gen.pipeline.thumbnail import thumbnail
from tests.workflows.samples import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection, Table

    from comfy_gen.jobs.ids import JobId
    from comfy_gen.pipeline.record import GenerationRecord

SIDES = ((512, 512), (512, 768), (768, 512), (640, 640), (448, 832), (832, 448))
"""Of the pictures, two of each."""
BATCH = 1_000
"""Generations that are written at once."""
APART = 60.0
"""Seconds between the ends of two."""
CATEGORIES = ("portrait", "landscape", "cat", "car", "city", "food", "robot", "outdoor")
MODELS = ("dream.safetensors", "photo.safetensors", "ink.safetensors")
WORKFLOWS = ("sdxl", "sd15", "")
LIKED = 10
"""One in so many is a favorite."""
TAGS = ("best", "portfolio", "print", "again")
_SUBJECTS = ("lighthouse keeper", "red fox", "tram in the rain", "bowl of ramen", "brass robot", "cat on a sofa")
_MANNERS = ("oil on canvas", "35 mm photograph", "ink drawing", "watercolour", "studio light", "long exposure")
_FILLING = "soft light, fine detail, muted colours, shallow depth of field, a calm composition with room to breathe, "
_VERDICT = {"check": "quality", "passed": True, "score": 0.25, "reason": "", "model": "a model"}


@dataclass(frozen=True, slots=True)
class _Picture:
    """A file that generations share."""

    key: str
    thumbnail_key: str
    width: int
    height: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class _Kind:
    """What many generations are alike in: to work it out for each would take longer than to write it."""

    subject: str
    record: GenerationRecord
    body: bytes
    """Of the request."""


@dataclass(frozen=True, slots=True)
class _Made:
    """One generation."""

    number: int
    job_id: JobId
    owner: str
    ended: float
    kind: _Kind
    seed: int
    """All that differs from one to the next follows from it."""


def fill(data: Path, count: int, *, owner: str = "", ended: float | None = None) -> Sequence[str]:
    """Add generations to a service whose ``jobs.data_dir`` this is; return their ids, the newest first."""
    return fill_database(f"sqlite:///{data / 'comfygen.db'}", data / "artifacts", count, owner=owner, ended=ended)


def fill_database(url: str, files: Path, count: int, *, owner: str = "", ended: float | None = None) -> Sequence[str]:
    """Add generations to a database whose artifacts lie in a folder; return their ids, the newest first.

    The last ``ended`` at that moment, now if it is left out, and each other a minute before the next.
    """
    last = time.time() if ended is None else ended
    made = [*_generations(count, owner=owner, last=last)]
    parsed, pictures = parse_database_url(url), _draw(files)
    if (file := file_of(parsed)) is not None:
        prepare_file(file, name=url)
    engine = engine_that_writes(parsed)
    try:
        with engine.begin() as connection:
            bring_up_to_date(connection, shown="the library")
            for start in range(0, count, BATCH):
                _write(connection, made[start : start + BATCH], pictures)
    finally:
        engine.dispose()
    return [one.job_id for one in reversed(made)]


def _generations(count: int, *, owner: str, last: float) -> Iterator[_Made]:
    """Yield generations that are the same each time, but for their ids."""
    chance = random.Random(count)
    kinds = [_kind(subject, manner) for subject in _SUBJECTS for manner in _MANNERS]
    for number in range(count):
        ended = last - APART * (count - 1 - number)
        yield _Made(number, new_job_id(), owner, ended, chance.choice(kinds), chance.randrange(2**32))


def _kind(subject: str, manner: str) -> _Kind:
    """Return a recipe for a picture; which of the words it has follows from its name, and never changes."""
    chance = random.Random(f"{subject}/{manner}")
    graph, name = plain(), chance.choice(WORKFLOWS)
    prompt = f"{subject}, {manner}, {_FILLING * chance.randint(1, 5)}"
    graph["42"]["inputs"]["text"], graph["41"]["inputs"]["ckpt_name"] = prompt, chance.choice(MODELS)
    recipe = Recipe(
        input=prompt,
        positive_prompt=prompt,
        negative_prompt="ugly",
        workflow=name,
        checkpoint=graph["41"]["inputs"]["ckpt_name"],
        steps=20,
        categories=tuple(chance.sample(CATEGORIES, chance.randint(1, 3))),
    )
    asked = JobRequest(workflow=graph, recipe=recipe.as_json())
    record = record_of(graph, recipe=recipe.as_json(), tier="general")
    return _Kind(subject, record, pack(asked))


def _write(connection: Connection, some: Sequence[_Made], pictures: Sequence[_Picture]) -> None:
    for record in {one.kind.record.digest: one.kind.record for one in some}.values():
        keep_recipe(connection, record.digest, dict(record.recipe), now=some[-1].ended)
    _insert(connection, jobs, map(_job, some))
    _insert(connection, requests, ({"job_id": one.job_id, "body": one.kind.body} for one in some))
    _insert(connection, artifacts, (_file(one, pictures[one.seed % len(pictures)]) for one in some))
    _insert(connection, generations, map(_generation, some))
    _insert(connection, labels, (label for one in some for label in _labels(one)))
    _insert(connection, favorites, (_favorite(one) for one in some if one.seed % LIKED == 0))


def _insert(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    if found := [dict(row) for row in rows]:
        connection.execute(insert(table), found)


def _job(one: _Made) -> Mapping[str, Any]:
    began = one.ended - 8.0
    empty: dict[str, Any] = {"turn": 0, "rank": 0, "priority": 0, "strikes": 0, "last_event": 0, "not_before": 0.0}
    return empty | {
        "job_id": one.job_id,
        "state": JobState.COMPLETED.value,
        "owner": one.owner,
        "title": f"{one.kind.subject} {one.number}" if one.seed % 2 else "",
        "likeness": one.kind.record.workflow_digest,
        "need": {},
        "attempt": 1,
        "run": 1,
        "is_held": False,
        "is_cancelling": False,
        "created": began,
        "queued": began,
        "started": began + 1.0,
        "ended": one.ended,
        "engine": "gpu-1",
        "avoided": [],
        "metadata": {},
        "progress": 1.0,
        "timings": {"waited": 1.0, "generate": 6.5, "postprocess": 0.5},
        "notes": [],
        "digest": one.kind.record.digest,
    }


def _file(one: _Made, picture: _Picture) -> Mapping[str, Any]:
    return {
        "artifact_id": artifact_id(one.job_id, "46", "images", 0),
        "job_id": one.job_id,
        "place": 0,
        "node_id": "46",
        "kind": "image",
        "filename": f"ComfyUI_{one.number:05}_.png",
        "media_type": "image/png",
        **asdict(picture),
    }


def _generation(one: _Made) -> Mapping[str, Any]:
    record = one.kind.record
    same = ("workflow", "workflow_digest", "negative_prompt", "tier", "version")
    is_judged = one.seed % 4 != 0
    return {name: getattr(record, name) for name in same} | {
        "job_id": one.job_id,
        "created": one.ended,
        "owner": one.owner,
        "recipe": record.digest,
        "prompt": f"{record.prompt}number {one.number}",
        "seed": str(one.seed),
        "models": [model.as_json() for model in record.models],
        "engine": "gpu-1",
        "comfyui_version": "0.3.75",
        "verdicts": [_VERDICT] if is_judged else [],
        "passed": one.seed % 8 != 1 if is_judged else None,
        "score": round(0.15 + one.seed % 2_000 / 10_000, 4) if is_judged else None,
    }


def _labels(one: _Made) -> Iterator[Mapping[str, Any]]:
    record = one.kind.record
    for kind, names in {CATEGORY: record.categories, MODEL: [model.file for model in record.models]}.items():
        yield from ({"job_id": one.job_id, "kind": kind, "name": name} for name in dict.fromkeys(names))


def _favorite(one: _Made) -> Mapping[str, Any]:
    return {
        "favorite_id": f"fav_{one.job_id.replace('-', '')}",
        "job_id": one.job_id,
        "owner": one.owner,
        "rating": one.seed // LIKED % 5 + 1,
        "feedback": "",
        "tags": [tag for place, tag in enumerate(TAGS) if one.seed // LIKED >> place & 1],
        "created": one.ended,
        "updated": one.ended,
    }


def _draw(folder: Path) -> Sequence[_Picture]:
    """Draw the pictures, each unlike the others, where they are not in the folder yet."""
    return [_picture(folder, number, side) for number, side in enumerate(SIDES * 2)]


def _picture(folder: Path, number: int, side: tuple[int, int]) -> _Picture:
    key, small = f"many/{number}.png", f"many/{number}.small.webp"
    image = _drawn(number, side)
    content = io.BytesIO()
    image.save(content, "PNG", compress_level=1)
    (folder / "many").mkdir(parents=True, exist_ok=True)
    (folder / key).write_bytes(content.getvalue())
    (folder / small).write_bytes(thumbnail(image))
    return _Picture(key, small, *side, len(content.getvalue()), hashlib.sha256(content.getvalue()).hexdigest())


def _drawn(number: int, side: tuple[int, int]) -> Image.Image:
    """Draw hills before a sky, with as much grain as makes the files as large as those of photographs."""
    width, height = side
    chance = random.Random(number)
    image = Image.linear_gradient("L").resize(side).convert("RGB")
    pen = ImageDraw.Draw(image)
    for step in range(4):
        top = [(x * width // 8, height * (4 + step) // 8 - chance.randrange(height // 6)) for x in range(9)]
        color = tuple(chance.randrange(40, 220) for _ in range(3))
        pen.polygon([(0, height), *top, (width, height)], fill=(color[0], color[1], color[2]))
    grain = Image.effect_noise((width // 4, height // 4), 60).resize(side).convert("RGB")
    return Image.blend(image, grain, 0.3)
