"""Looks at an installation: the engines, the database, where files are kept, disks, the service's port.

Nothing is made that is not there: what the first job would make is told of as such.
"""

from __future__ import annotations

import asyncio
import errno
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import psutil
from sqlalchemy import func, select

from comfy_gen.app import open_queue
from comfy_gen.app.artifacts import artifacts_folder
from comfy_gen.app.doctor.engines import look_at_engines
from comfy_gen.app.doctor.extras import EXTRAS, is_installed
from comfy_gen.app.doctor.sights import DatabaseSight, DiskSight, InstanceSight, PortSight, Sights, StoreSight
from comfy_gen.engines.registry import parse_entries
from comfy_gen.errors import ComfyGenError, ComfyUIFolderError, DatabaseUnavailableError, MissingExtraError
from comfy_gen.jobs.connecting import file_of, parse_database_url, shown
from comfy_gen.jobs.job import ACTIVE, JobState
from comfy_gen.jobs.records import DeliveryState
from comfy_gen.storage.boto import advice_on, connect, is_no_bucket, reason_of
from comfy_gen.supervisor.layout import find_comfyui
from comfy_gen.supervisor.port import refusal
from comfy_gen.supervisor.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from comfy_gen.app import JobQueue
    from comfy_gen.app.doctor.sights import EngineSight
    from comfy_gen.config import ApiOptions, Settings
    from comfy_gen.engines.registry import EngineEntry
    from comfy_gen.storage.s3 import BucketOptions

PATIENCE = 3.0
"""Seconds for who listens at the service's port to say who it is."""
_OTHER_FOLDER = "COMFYGEN_JOBS_DATA_DIR=FOLDER names another"
_DAMAGED = ("not a database", "malformed")
"""What SQLite says of a file that it cannot read, now or ever."""


async def look(settings: Settings) -> Sights:
    """Return what there is to see; whatever fails is a sight as well."""
    database, entries = await _look_at_database(settings)
    engines, store, port = await asyncio.gather(
        _look_at_engines(entries, settings),
        asyncio.to_thread(_look_at_store, settings),
        _look_at_port(settings.api),
    )
    return Sights(
        engines=engines,
        database=database,
        store=store,
        disks=_look_at_disks(settings),
        port=port,
        instances=await asyncio.to_thread(_look_at_instances, settings),
        has_comfyui=await asyncio.to_thread(_has_comfyui, settings),
        installed={extra.name: is_installed(extra) for extra in EXTRAS},
    )


# --- the engines


async def _look_at_engines(entries: Sequence[EngineEntry], settings: Settings) -> tuple[EngineSight, ...]:
    """Return how the engines of the queue are, and the one that commands ask where it is none of them."""
    queued = {entry.address for entry in entries}
    others = [entry for entry in parse_entries(settings.engine_url) if entry.address not in queued]
    seen = await look_at_engines([*entries, *others], settings.client_options())
    return tuple(replace(engine, is_queued=engine.address in queued) for engine in seen)


def _has_comfyui(settings: Settings) -> bool:
    if settings.service.container:
        return True
    try:
        find_comfyui(settings.comfyui_dir, settings.service.python)
    except (ComfyUIFolderError, OSError):
        return False
    return True


# --- the database


async def _look_at_database(settings: Settings) -> tuple[DatabaseSight, Sequence[EngineEntry]]:
    """Return how the database is, and the engines: those that it knows, or else those that are set."""
    entries = parse_entries(settings.fleet.engines) or parse_entries(settings.engine_url)
    name = "its address"
    try:
        url = parse_database_url(settings.jobs.database_url)
        name, file = shown(url), file_of(url)
        if file is not None and not file.exists():
            error = _why_not_writable(file.parent)
            return DatabaseSight(name, error=error, advice=_OTHER_FOLDER if error else "", is_made=False), entries
        async with open_queue(settings) as queue:
            return await _ask_database(queue), await queue.engines()
    except DatabaseUnavailableError as error:
        is_damaged = any(words in error.reason for words in _DAMAGED)
        advice = "move the file away, and put a copy of it in its place if there is one" if is_damaged else error.hint
        return DatabaseSight(name, error=error.reason, advice=advice), entries  # which one is told beside it
    except ComfyGenError as error:
        return DatabaseSight(name, error=error.message, advice=error.hint), entries


async def _ask_database(queue: JobQueue) -> DatabaseSight:
    counts, deliveries = await queue.store.count(), await queue.outbox.counts()
    return DatabaseSight(
        queue.name,
        waiting=counts[JobState.QUEUED],
        active=sum(counts[state] for state in ACTIVE),
        failed=counts[JobState.FAILED],
        undelivered=deliveries[DeliveryState.DEAD],
        is_paused=await queue.store.is_paused(),
        clock_ahead=await _clock_ahead(queue),
    )


async def _clock_ahead(queue: JobQueue) -> float | None:
    """Return by how many seconds the clock of PostgreSQL's machine is before ours; SQLite has none of its own."""
    if queue.database.dialect == "sqlite":
        return None
    told = select(func.extract("epoch", func.clock_timestamp()))
    return float(await queue.database.read(lambda connection: connection.execute(told).scalar_one())) - time.time()


# --- files and disks


def _look_at_store(settings: Settings) -> StoreSight:
    if settings.keeps_in_bucket:
        return _look_at_bucket(settings.bucket)
    folder = artifacts_folder(settings)
    error = _why_not_writable(folder)
    return StoreSight(str(folder), error=error, advice=_OTHER_FOLDER if error else "", is_made=folder.is_dir())


def _look_at_bucket(options: BucketOptions) -> StoreSight:
    name = f"{options.name} at {options.endpoint_url}"
    try:
        connection = connect(options)
        try:
            connection.client.head_bucket(Bucket=options.name)
        except connection.failures as error:
            is_missing = is_no_bucket(error)
            advice = f"{advice_on(error, options)} `comfygen config show` tells where each comes from"
            reason = "" if is_missing else reason_of(error)
            return StoreSight(name, is_bucket=True, error=reason, advice=advice, is_made=not is_missing)
    except (MissingExtraError, ValueError) as error:
        return StoreSight(name, is_bucket=True, error=str(error), advice=getattr(error, "hint", ""))
    return StoreSight(name, is_bucket=True)


def _why_not_writable(folder: Path) -> str:
    """Return why nothing can be written into a folder, or it cannot be made; empty where it can."""
    there = _existing(folder)
    if not there.is_dir():
        return f"{there} is no folder"
    return "" if os.access(there, os.W_OK | os.X_OK) else f"{there} may not be written to by this user"


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    folder = folder.absolute()
    return next(place for place in (folder, *folder.parents) if place.exists())


def _look_at_disks(settings: Settings) -> tuple[DiskSight, ...]:
    """Return each disk once, with all that lies on it."""
    wanted = {
        "jobs and outputs": settings.jobs.data_dir,
        "models": settings.models_dir,
        "results": settings.output.output_dir,
    }
    by_disk: dict[int, tuple[Path, list[str]]] = {}
    for holds, folder in wanted.items():
        there = _existing(folder)
        by_disk.setdefault(there.stat().st_dev, (there, []))[1].append(holds)
    return tuple(_disk(folder, ", ".join(holds)) for folder, holds in by_disk.values())


def _disk(folder: Path, holds: str) -> DiskSight:
    usage = psutil.disk_usage(str(folder))
    return DiskSight(folder, holds, usage.free, usage.total)


# --- who listens


async def _look_at_port(api: ApiOptions) -> PortSight:
    problem = await asyncio.to_thread(refusal, api.host, api.port)
    if not problem:
        return PortSight(api.host, api.port, is_free=True)
    if problem != errno.EADDRINUSE:  # no name of this machine, or one of the ports that are root's
        return PortSight(api.host, api.port, is_free=False, error=os.strerror(problem).lower())
    return PortSight(api.host, api.port, is_free=False, serves=await _version_at(api.address))


async def _version_at(address: str) -> str:
    """Return the version of this program that serves there; empty where something else does."""
    where = f"{address}/health"
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(where) as answer:
            said = await answer.json()
            return str(said["version"]) if "comfyui_available" in said else ""
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError):
        return ""


def _look_at_instances(settings: Settings) -> tuple[InstanceSight, ...]:
    supervisor = Supervisor(settings.instances_dir)
    return tuple(_instance(supervisor, name) for name in supervisor.names())


def _instance(supervisor: Supervisor, name: str) -> InstanceSight:
    seen = supervisor.look(name)
    said = f"runs as process {seen.pid} at {seen.instance.url}" if seen.pid else "does not run"
    return InstanceSight(name, seen.instance.url, is_running=seen.pid is not None, said=said)
