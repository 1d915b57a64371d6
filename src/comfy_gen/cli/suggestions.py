"""What the database has to offer when a person presses Tab. Whatever is wrong, nothing is said: nobody asked yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from comfy_gen.cli.jobs.queue import ask
from comfy_gen.cli.jobs.selection import PAGE
from comfy_gen.cli.jobs.table import SHORTEST, short_ids, state_of
from comfy_gen.cli.webhooks.table import what_of
from comfy_gen.composition.categories.registry import Categories
from comfy_gen.config import read_settings
from comfy_gen.errors import ComfyGenError
from comfy_gen.jobs.keys import KeyStore
from comfy_gen.jobs.records import JobFilter
from comfy_gen.jobs.saved import SavedWorkflows
from comfy_gen.library.favorites import Favorites
from comfy_gen.library.generations import Library, Query
from comfy_gen.library.presets import Presets
from comfy_gen.models.folder import ModelFolder
from comfy_gen.models.manifest import load_manifest
from comfy_gen.supervisor.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from comfy_gen.app import JobQueue

    Suggestions = list[tuple[str, str]]

OFFERED = 50
"""How many jobs are offered."""


def suggest_jobs(incomplete: str) -> Suggestions:
    """Return the newest jobs whose ids begin so, each with its state and title."""

    async def look(queue: JobQueue) -> Suggestions:
        found = await queue.store.list(JobFilter(text=incomplete), OFFERED)
        fitting = [job for job in found.jobs if job.job_id.startswith(incomplete.lower())]
        return [(job.job_id[: max(SHORTEST, len(incomplete))], f"{state_of(job)} {job.title}") for job in fitting]

    return _ask(look)


def suggest_engines(incomplete: str) -> Suggestions:
    """Return the engines whose names begin so, each with its address."""

    async def look(queue: JobQueue) -> Suggestions:
        return [(one.name, one.address) for one in await queue.engines() if one.name.startswith(incomplete)]

    return _ask(look)


def suggest_instances(incomplete: str) -> Suggestions:
    """Return the ComfyUIs that were started on this machine and whose names begin so, each with its address."""
    try:
        supervisor = Supervisor(read_settings().instances_dir)
        return [(name, supervisor.instance(name).url) for name in supervisor.names() if name.startswith(incomplete)]
    except ComfyGenError:
        return []


def suggest_keys(incomplete: str) -> Suggestions:
    """Return the keys that are good and whose names begin so, each with its owner."""

    async def look(queue: JobQueue) -> Suggestions:
        keys = await KeyStore(queue.store.transactions).list()
        return [(key.name, key.owner) for key in keys if key.name.startswith(incomplete) and key.revoked is None]

    return _ask(look)


def suggest_webhooks(incomplete: str) -> Suggestions:
    """Return the newest webhooks whose ids begin so, each with how it stands and what it tells."""

    async def look(queue: JobQueue) -> Suggestions:
        found = (await queue.outbox.list(limit=PAGE)).deliveries
        fitting = [one for one in found if one.delivery_id.startswith(incomplete.lower())][:OFFERED]
        ids = short_ids(one.delivery_id for one in fitting)
        return [(ids[one.delivery_id], f"{one.standing}: {what_of(one)}") for one in fitting]

    return _ask(look)


def suggest_categories(incomplete: str) -> Suggestions:
    """Return the categories whose ids begin so, each with its name."""
    try:
        registry = Categories(read_settings().composition.categories_dir).current()
    except ComfyGenError:
        return []
    return [(one.id, one.display_name) for one in registry.all if one.id.startswith(incomplete)]


def suggest_generations(incomplete: str) -> Suggestions:
    """Return the newest generations whose ids begin so, each with its prompt."""

    async def look(queue: JobQueue) -> Suggestions:
        found = await Library(queue.store.transactions).search(Query(text=incomplete), OFFERED)
        fitting = [one for one in found.generations if one.generation_id.startswith(incomplete.lower())]
        return [(one.generation_id[: max(SHORTEST, len(incomplete))], one.prompt or one.title) for one in fitting]

    return _ask(look)


def suggest_favorites(incomplete: str) -> Suggestions:
    """Return the newest favorites whose ids begin so, each with what was said of it."""

    async def look(queue: JobQueue) -> Suggestions:
        found, _ = await Favorites(queue.store.transactions).list(limit=PAGE)
        fitting = [one for one in found if one.favorite_id.startswith(incomplete)][:OFFERED]
        return [(one.favorite_id, one.feedback or ", ".join(one.tags)) for one in fitting]

    return _ask(look)


def suggest_presets(incomplete: str) -> Suggestions:
    """Return the presets whose names begin so, each with what it is for."""

    async def look(queue: JobQueue) -> Suggestions:
        found = await Presets(queue.store.transactions).list()
        return [(one.name, one.description) for one in found if one.name.startswith(incomplete)]

    return _ask(look)


def suggest_workflows(incomplete: str) -> Suggestions:
    """Return the workflows that are kept and whose names begin so, each with its title."""

    async def look(queue: JobQueue) -> Suggestions:
        found = await SavedWorkflows(queue.store.transactions).list()
        return [(one.name, one.template.title) for one in found if one.name.startswith(incomplete)]

    return _ask(look)


def suggest_models(incomplete: str) -> Suggestions:
    """Return the models and sets that can be downloaded and whose names begin so, each with what it is."""
    try:
        manifest = load_manifest(read_settings().models.manifest)
    except ComfyGenError:
        return []
    models = [(name, one.title or one.file) for name, one in manifest.models.items()]
    sets = [(name, ", ".join(members)) for name, members in manifest.sets.items()]
    return [one for one in (*models, *sets) if one[0].startswith(incomplete)]


def suggest_local_models(incomplete: str) -> Suggestions:
    """Return the model files of this machine that begin so, each with its folder."""
    try:
        found = ModelFolder(read_settings().models_dir).files()
    except ComfyGenError:
        return []
    return [(one.file, one.folder) for one in found if one.file.startswith(incomplete)]


def _ask(look: Callable[[JobQueue], Coroutine[Any, Any, Suggestions]]) -> Suggestions:
    try:
        jobs = read_settings().jobs
        if not jobs.database and not Path(jobs.data_dir, "comfygen.db").exists():
            return []  # opening would make one
        return ask(look)
    except ComfyGenError:
        return []
