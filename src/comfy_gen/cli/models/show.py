"""Does what ``comfygen models show`` was asked for: gathers all that is known of a model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from comfy_gen.app.models import open_models
from comfy_gen.cli.failures import print_json
from comfy_gen.cli.jobs.card import rows
from comfy_gen.cli.jobs.queue import ask
from comfy_gen.cli.jobs.table import size_of
from comfy_gen.cli.models.engines import ask_engines
from comfy_gen.cli.models.listing import local_json
from comfy_gen.cli.visible import visible
from comfy_gen.cli.workflow.control import saved_in
from comfy_gen.config import read_settings
from comfy_gen.errors import ModelIntegrityError, ModelReferenceError
from comfy_gen.models.architecture import family_of, kind_of
from comfy_gen.models.coverage import needs_of_template
from comfy_gen.models.manifest import load_manifest
from comfy_gen.models.model import Model
from comfy_gen.models.safetensors import read_header
from comfy_gen.workflows.catalogue import all_templates
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from comfy_gen.app import JobQueue
    from comfy_gen.cli.models.engines import EngineModels
    from comfy_gen.models.folder import LocalModel
    from comfy_gen.models.manifest import Manifest
    from comfy_gen.models.registry import Entry
    from comfy_gen.workflows.template import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """All that is known of one model."""

    model: Model
    local: LocalModel | None = None
    """Its file on this machine."""
    entry: Entry | None = None
    """What the registry says of it."""
    content: str = ""
    """What its file says of itself."""
    used_by: tuple[str, ...] = ()
    """The workflows that need it."""
    engines: tuple[str, ...] = ()
    """Those that have it."""
    silent: tuple[str, ...] = ()
    """Those that did not say."""

    def as_json(self) -> dict[str, Any]:
        """Return what a program is told of it."""
        local = None if self.local is None else local_json(self.local, self.entry) | {"content": self.content}
        return {
            **self.model.as_json(),
            "local": local,
            "used_by": list(self.used_by),
            "engines": list(self.engines),
            "silent_engines": list(self.silent),
        }


def show(name: str, engines: Sequence[str], *, as_json: bool) -> None:
    """Print all that is known of the models that a name means.

    Raises:
        ModelReferenceError: none has it.
        EngineNotFoundError: there is no engine of such a name.
    """
    sights = ask(lambda queue: _look(queue, name, engines))
    if as_json:
        print_json({"models": [one.as_json() for one in sights]})
        return
    for number, one in enumerate(sights):
        if number:
            Console().print()
        Console().print(Text(visible(one.model.title or one.model.name or one.model.file), style="bold"))
        Console().print(rows((title, Text(visible(said))) for title, said in card_rows(one) if said))


async def _look(queue: JobQueue, name: str, names: Sequence[str]) -> list[Sight]:
    settings = read_settings()
    local = open_models(settings)
    files, entries = local.folder.files(), local.registry.entries()
    engines = await ask_engines(queue, names)
    users = _users([*all_templates(), *(one.template for one in await saved_in(queue).list())])
    found = models_called(name, load_manifest(settings.models.manifest), files, engines)
    return [_sight(model, files, entries, users, engines) for model in found]


def _sight(
    model: Model,
    files: Sequence[LocalModel],
    entries: Mapping[str, Entry],
    users: Mapping[tuple[str, str], Sequence[str]],
    engines: Sequence[EngineModels],
) -> Sight:
    place = model.folder, model.file
    local = next((one for one in files if (one.folder, one.file) == place), None)
    entry = entries.get("/".join(place))
    return Sight(
        model=_merged(model, entry),
        local=local,
        entry=entry,
        content=_content(local),
        used_by=tuple(users.get(place, ())),
        engines=tuple(one.name for one in engines if model.file in one.models.get(model.folder, ())),
        silent=tuple(one.name for one in engines if one.error),
    )


def _merged(model: Model, entry: Entry | None) -> Model:
    """Return what the manifest says, and where it is silent, what was learnt as the file was fetched."""
    if entry is None:
        return model
    told = {name: getattr(entry.model, name) for name in ("title", "source", "licence", "base", "triggers", "page")}
    missing = {name: value for name, value in told.items() if not getattr(model, name)}
    return replace(model, sha256=entry.sha256, size=entry.size, **missing)


def _content(local: LocalModel | None) -> str:
    """Return what a file says of itself; what cannot be read says why."""
    if local is None or not local.file.endswith((".safetensors", ".sft")):
        return ""
    try:
        header = read_header(local.path)
    except ModelIntegrityError as error:
        return error.reason
    kind, family = kind_of(header) or "an unknown kind", family_of(header) or "unknown family"
    return f"{kind}, {family}, {header.parameters:,} parameters, most in {header.precision}"


def _users(templates: Sequence[Template]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for template in templates:
        for need in needs_of_template(template):
            found.setdefault(need, []).append(template.name)
    return found


def models_called(
    name: str, manifest: Manifest, files: Sequence[LocalModel], engines: Sequence[EngineModels]
) -> list[Model]:
    """Return the models that a name means: those of the manifest, or files of this machine or of an engine.

    Raises:
        ModelReferenceError: there is none.
    """
    try:
        return manifest.find(name)
    except ModelReferenceError as error:
        known = {(one.folder, one.file) for one in files}
        known |= {(folder, file) for one in engines for folder, names in one.models.items() for file in names}
        found = sorted(place for place in known if name in (place[1], "/".join(place)))
        if not found:
            near = nearest_names(name, (*error.nearest, *(file for _, file in sorted(known))))
            raise ModelReferenceError(name, error.reason, near) from None
    return [manifest.model_of(*place) or Model(folder=place[0], file=place[1]) for place in found]


def card_rows(sight: Sight) -> Iterator[tuple[str, str]]:
    """Yield what is to be said of a model, each thing with what it is."""
    model, local = sight.model, sight.local
    yield "file", f"{model.folder or '?'}/{model.file}"
    yield "here", "no" if local is None else f"{local.path}, {size_of(local.size)}"
    yield "content", sight.content
    yield "base", model.base
    yield "triggers", ", ".join(model.triggers)
    yield "licence", model.licence
    yield "source", model.source
    yield "size", size_of(model.size) if model.size and local is None else ""
    yield "sha256", model.sha256
    yield "page", model.page
    yield "checked", "" if sight.entry is None else sight.entry.checked_at
    yield "used by", ", ".join(sight.used_by)
    yield "engines", ", ".join(sight.engines) or "none has it"
    yield "silent", ", ".join(sight.silent)
