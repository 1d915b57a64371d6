"""Judges what was seen of an installation: what works, what does not, and the command that mends it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.app.doctor.extras import EXTRAS
from comfy_gen.app.doctor.finding import Finding, State
from comfy_gen.engines.capability import lacks
from comfy_gen.engines.need import need_of
from comfy_gen.errors import ModelNotFoundError, listing
from comfy_gen.pipeline.choice import choose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from comfy_gen.app.doctor.sights import DatabaseSight, DiskSight, EngineSight, PortSight, Sights, StoreSight
    from comfy_gen.config import Settings
    from comfy_gen.engines.capability import Capability
    from comfy_gen.engines.need import Need
    from comfy_gen.workflows.template import Template

LITTLE, TOO_LITTLE = 10 * 10**9, 10**9
"""Bytes free on a disk: with fewer than the first somebody should know, with fewer than the second jobs will fail."""
SKEWED, WRONG = 5.0, 120.0
"""Seconds between two clocks: logs of two machines suffer from the first, signed links and logins from the second."""
_SET_CLOCK = "timedatectl set-ntp true"


def judge(sights: Sights, settings: Settings, templates: Mapping[str, Template]) -> list[Finding]:
    """Return all findings, in the order in which a person reads them."""
    return [
        *_engines(sights, settings),
        *_templates(sights.engines, templates),
        *_instances(sights),
        *_database(sights.database),
        _store(sights.store),
        _port(sights.port),
        *_extras(sights.installed, settings),
        *map(_disk, sights.disks),
        *_clocks(sights),
    ]


# --- engines and what they can make


def _engines(sights: Sights, settings: Settings) -> Iterator[Finding]:
    is_usual = settings.engine_url == type(settings)().engine_url
    for engine in sights.engines:
        aside = "" if engine.is_queued else "; no jobs go there, commands such as comfygen generate ask it"
        if engine.error:
            state = State.PROBLEM if engine.is_queued else State.NOTE if is_usual else State.WARNING
            said = f"{engine.address}: {engine.error}{aside}"
            yield Finding("engines", engine.name, state, said, _begin(engine, sights))
            continue
        said = f"{engine.version} at {engine.address}, {engine.queue} in its queue{aside}"
        mend = "" if engine.is_queued else f"comfygen engines add {engine.address}"
        yield Finding("engines", engine.name, State.OK if engine.is_queued else State.NOTE, said, mend)
        if not engine.has_socket:
            said = "no WebSocket gets through: progress is polled, and there are no previews"
            yield Finding("engines", engine.name, State.WARNING, said, "let /ws through the proxy before it")


def _begin(engine: EngineSight, sights: Sights) -> str:
    """Return what brings an engine back: one of this machine is started, if there is one to start."""
    stopped = [one.name for one in sights.instances if not one.is_running and _is_at(engine.address, one.url)]
    if stopped and engine.is_unreachable:
        return _start(stopped[0])
    is_here = any(host in engine.address for host in ("127.0.0.1", "localhost", "[::1]"))
    is_only = len(sights.engines) == 1
    if is_here and is_only and engine.is_unreachable:
        if sights.instances:
            return f"comfygen engines check {engine.name}"  # its own line tells how it is started
        return "comfygen service start" if sights.has_comfyui else "comfygen service install && comfygen service start"
    if is_only or not engine.is_queued:
        return "COMFYUI_API_BASE=URL names another"
    return f"comfygen engines check {engine.name}"


def _is_at(address: str, url: str) -> bool:
    return address.replace("//localhost", "//127.0.0.1") == url.rstrip("/")


def _start(instance: str) -> str:
    return f"comfygen service start --instance {instance}"


def _templates(engines: Sequence[EngineSight], templates: Mapping[str, Template]) -> Iterator[Finding]:
    known = [(engine.name, engine.capability) for engine in engines if engine.capability is not None]
    if not known:
        yield Finding("templates", "all", State.NOTE, "no engine answers that could be asked for its models")
        return
    for name, template in templates.items():
        need = need_of(template.workflow)
        able = [engine for engine, capability in known if not lacks(capability, need)]
        if able:
            yield Finding("templates", name, State.OK, f"runs on {listing(able)}")
        else:
            yield _missing(
                name,
                min(
                    (_lacks(capability, need) for _, capability in known),
                    key=lambda one: len(one.classes) + len(one.files),
                ),
            )
    yield _usual(engines, templates)


class _Lacking(NamedTuple):
    """What an engine lacks to run a template."""

    classes: list[str]
    files: list[str]


def _lacks(capability: Capability, need: Need) -> _Lacking:
    return _Lacking(
        [name for name in need.classes if name not in capability.classes],
        [name for folder, name in need.models if not capability.has(folder, name)],
    )


def _missing(template: str, lacking: _Lacking) -> Finding:
    if lacking.classes:  # no download brings them
        said, mend = (
            f"no engine has the nodes {listing(lacking.classes)}",
            f"comfygen workflow import {template} --check",
        )
    else:
        said, mend = f"no engine has {listing(lacking.files, limit=2)}", f"comfygen models download template:{template}"
    return Finding("templates", template, State.NOTE, said, mend)


def _usual(engines: Sequence[EngineSight], templates: Mapping[str, Template]) -> Finding:
    """Say what a prompt without a workflow is painted with."""
    models: dict[str, set[str]] = {}
    asked = [engine for engine in engines if not engine.is_queued and engine.capability] or engines
    for capability in filter(None, (engine.capability for engine in asked)):
        for folder, names in capability.models.items():
            models.setdefault(folder, set()).update(names)
    try:
        choice = choose({folder: sorted(names) for folder, names in models.items()}, load=templates.__getitem__)
    except ModelNotFoundError as error:
        mend = "comfygen models download"
        return Finding(
            "templates", "comfygen generate", State.PROBLEM, f"{error.message}: no picture can be made", mend
        )
    with_model = f" with {choice.model}" if choice.model else ""
    return Finding("templates", "comfygen generate", State.OK, f"uses {choice.template}{with_model}")


def _instances(sights: Sights) -> Iterator[Finding]:
    for one in sights.instances:
        mend = "" if one.is_running else _start(one.name)
        yield Finding("this machine", one.name, State.OK if one.is_running else State.NOTE, one.said, mend)


# --- what keeps jobs and files


def _database(database: DatabaseSight) -> Iterator[Finding]:
    def finding(state: State, said: str, mend: str = "") -> Finding:
        return Finding("database", "jobs", state, f"{database.name}: {said}", mend)

    if database.error:
        yield finding(State.PROBLEM, database.error, database.advice)
    elif not database.is_made:
        yield finding(State.OK, "not made yet, the first job makes it")
    else:
        yield finding(State.OK, f"{database.waiting:,} wait, {database.active:,} run")
    if database.is_paused:
        yield Finding("database", "queue", State.NOTE, "is paused: no job starts", "comfygen jobs resume --queue")
    if database.failed:
        said = f"{database.failed:,} jobs failed and are kept"
        yield Finding("database", "failures", State.NOTE, said, "comfygen jobs list --state failed")
    if database.undelivered:
        said = f"{database.undelivered:,} were given up"
        yield Finding("database", "webhooks", State.WARNING, said, "comfygen webhooks list --dead")


def _store(store: StoreSight) -> Finding:
    def finding(state: State, said: str, mend: str = "") -> Finding:
        return Finding("storage", "outputs", state, f"{store.name}: {said}", mend)

    if store.error:
        return finding(State.PROBLEM, store.error, store.advice)
    if not store.is_made and store.is_bucket:
        return finding(State.NOTE, "not made yet, the first worker makes it", "comfygen storage create-bucket")
    if not store.is_made:
        return finding(State.OK, "not made yet, the first job makes it")
    return finding(State.OK, "answers" if store.is_bucket else "can be written to")


def _port(port: PortSight) -> Finding:
    subject = f"{port.host}:{port.port}"
    if port.serves:
        return Finding("service", subject, State.OK, f"comfygen {port.serves} serves there")
    if port.is_free:
        return Finding("service", subject, State.OK, "free for comfygen serve")
    said = port.error or "another program listens there"
    if port.error:
        return Finding("service", subject, State.WARNING, said, "comfygen serve --host HOST --port PORT")
    return Finding("service", subject, State.WARNING, said, "comfygen serve --port PORT")


# --- the rest


def _extras(installed: Mapping[str, bool], settings: Settings) -> Iterator[Finding]:
    for extra in EXTRAS:
        if installed.get(extra.name):
            yield Finding("extras", extra.name, State.OK, extra.purpose)
            continue
        is_wanted = extra.is_wanted(settings)
        said = f"not installed{', and the settings ask for it' if is_wanted else ''}: {extra.purpose}"
        state = State.PROBLEM if is_wanted else State.NOTE
        yield Finding("extras", extra.name, state, said, f"pip install 'comfygen-server[{extra.name}]'")


def _disk(disk: DiskSight) -> Finding:
    state = State.PROBLEM if disk.free < TOO_LITTLE else State.WARNING if disk.free < LITTLE else State.OK
    unit, size = ("GB", 1e9) if disk.total >= 10 * 10**9 else ("MB", 1e6)
    said = f"{disk.free / size:,.0f} of {disk.total / size:,.0f} {unit} free for {disk.holds}"
    mend = "" if state is State.OK else "comfygen storage prune --older-than 30d --dry-run"
    return Finding("disk", str(disk.folder), state, said, mend)


def _clocks(sights: Sights) -> Iterator[Finding]:
    told = [(engine.name, engine.clock_ahead) for engine in sights.engines]
    for name, ahead in [*told, ("the database", sights.database.clock_ahead)]:
        if ahead is None:
            continue
        apart = abs(ahead)
        state = State.PROBLEM if apart > WRONG else State.WARNING if apart > SKEWED else State.OK
        if state is State.OK:
            yield Finding("clock", name, state, "goes with this machine's")
        else:
            said = f"goes {apart:,.0f} s {'before' if ahead > 0 else 'after'} this machine's"
            yield Finding("clock", name, state, said, _SET_CLOCK)
