"""Turns what a face was asked for into a workflow that can be queued, or says everything that stands against it.

Nothing here reads a file that a caller named: workflows are those that ship and those that were saved, pictures are
URLs, which the worker fetches under guard, or names of files that the engine has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.app.wishes import request_of, title_of
from comfy_gen.composition.policy.shown import all_texts
from comfy_gen.composition.recipe import Recipe, graph_digest, recipe_of
from comfy_gen.engines.need import need_of
from comfy_gen.errors import (
    GraphTooLargeError,
    InvalidParameterError,
    NoCapableEngineError,
    NodeNotAllowedError,
    NoEngineError,
    WorkflowNotFoundError,
)
from comfy_gen.pipeline.choice import choose
from comfy_gen.pipeline.own_inputs import faults_in, is_sized_by_picture, said_once, write_inputs
from comfy_gen.pipeline.request import (
    GenerationRequest,
    compose,
    fill,
    preset_values,
    raise_all,
    seeds,
    with_seed,
)
from comfy_gen.validation.retry import new_seed
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.convert import Conversion, convert
from comfy_gen.workflows.deriving import derive_template
from comfy_gen.workflows.graph import as_workflow
from comfy_gen.workflows.matching import match_model
from comfy_gen.workflows.models import folder_of
from comfy_gen.workflows.passes import samplers_of
from comfy_gen.workflows.roles import find_roles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.app.knowledge import Knowledge
    from comfy_gen.composition.texts.variants import Choice
    from comfy_gen.jobs.saved import SavedWorkflows
    from comfy_gen.pipeline.modifiers import Modifiers
    from comfy_gen.workflows.graph import Workflow
    from comfy_gen.workflows.rules import NodeRules
    from comfy_gen.workflows.template import Template

MAX_TEXT = 200_000
"""Characters of all prompts of a workflow: each is looked at for what may not be painted."""
MAX_VALUES = 500
"""That a workflow or modifier is given by name."""
MAX_SAMPLERS = 100
"""Of a workflow: to find out what its inputs are for, the way is followed that leads to each of them."""


@dataclass(frozen=True, slots=True)
class Modified:
    """A modifier, and what to do with its workflow."""

    modifier: str
    modifications: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Raw:
    """A whole workflow, in API format or as the editor saves it."""

    data: Any


@dataclass(frozen=True, slots=True)
class Run:
    """A workflow by name, with values for its parameters."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    preset: str | None = None


@dataclass(frozen=True, slots=True)
class Varied:
    """A request whose prompt had variants."""

    request: GenerationRequest
    """With those that were chosen."""
    input: str
    """The prompt as it was written."""
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """A recipe, with what was said beside it."""

    recipe: Recipe
    """With as much of it as a recipe can say."""
    said: GenerationRequest = field(default_factory=GenerationRequest)


@dataclass(frozen=True, slots=True)
class Altered:
    """A workflow that ran before, and what is to be different."""

    workflow: Workflow
    changes: GenerationRequest


Wish = Modified | Raw | Run | GenerationRequest | Varied | Recipe | Replayed | Altered


@dataclass(frozen=True, slots=True)
class Planned:
    """What can be queued."""

    workflow: Workflow
    title: str = ""
    """What people may call it, where nobody said."""
    notes: tuple[str, ...] = ()
    """What was decided on the caller's behalf."""
    template: str = ""
    """The name of the workflow that was filled in; empty where somebody brought one."""
    recipe: Recipe | None = None
    """What it was made of, where that says more than the workflow does."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a workflow may be."""

    rules: NodeRules
    max_nodes: int


class Planner:
    """Plans; knows the modifiers, the workflows and the engines."""

    def __init__(self, *, modifiers: Modifiers, saved: SavedWorkflows, knowledge: Knowledge, bounds: Bounds) -> None:
        self.modifiers = modifiers
        self.saved = saved
        self.knowledge = knowledge
        self._bounds = bounds

    async def plan(self, wish: Wish, *, tags: Sequence[str] = (), targets: Sequence[str] | None = None) -> Planned:
        """Return the workflow that a wish means. Only engines with all of the ``tags`` are to run it.

        ``targets`` are the only output nodes that are to run, where not all are.

        Raises:
            ComfyGenError: the one thing that cannot work, or an `InvalidRequestError` with all of them.
            NoEngineError: an engine has to be asked, and none answers.
        """
        planned = await self.draw(wish)
        if lacking := self.knowledge.lacks(need_of(planned.workflow, frozenset(tags), targets)):
            raise NoCapableEngineError(lacking)
        return planned

    async def draw(self, wish: Wish) -> Planned:
        """Return the workflow that a wish means, whether or not any engine has what it needs.

        Raises:
            ComfyGenError: as `plan`, but for what engines lack.
        """
        planned = await self._planned(wish)
        self.check(planned.workflow)
        return planned

    def check(self, workflow: Workflow) -> None:
        """Do nothing, if this service may run a workflow.

        Raises:
            GraphTooLargeError: it has too many nodes, or too much text.
            NodeNotAllowedError: it has nodes of classes that are not run here.
        """
        if len(workflow) > self._bounds.max_nodes:
            raise GraphTooLargeError(len(workflow), self._bounds.max_nodes)
        if (samplers := len(samplers_of(workflow))) > MAX_SAMPLERS:
            raise GraphTooLargeError(samplers, MAX_SAMPLERS, "nodes that sample")
        if (length := sum(map(len, all_texts(workflow)))) > MAX_TEXT:
            raise GraphTooLargeError(length, MAX_TEXT, "characters of text")
        if refused := self._bounds.rules.refused(workflow):
            raise NodeNotAllowedError(refused)

    async def template(self, name: str) -> Template:
        """Return a workflow that ships or was saved, with its parameters.

        Raises:
            WorkflowNotFoundError: there is neither.
        """
        plain = name.removesuffix(".json").removeprefix("workflows/")
        try:
            return load_template(plain)
        except WorkflowNotFoundError as error:
            try:
                return (await self.saved.get(plain)).template
            except WorkflowNotFoundError as other:
                nearest = tuple(dict.fromkeys((*error.nearest, *other.nearest)))
                raise WorkflowNotFoundError(name, nearest) from None

    async def graph(self, data: object, *, source: str = "the workflow") -> Workflow:
        """Return a workflow in API format of what somebody sent, in whichever of the two formats.

        Raises:
            ComfyGenError: as `conversion`.
        """
        return (await self.conversion(data, source=source)).workflow

    async def conversion(self, data: object, *, source: str = "the workflow") -> Conversion:
        """Return a workflow of what somebody sent, and what there is to say of how it came about.

        Raises:
            WorkflowError: it is neither.
            GraphTooLargeError: it has too many nodes.
            NoEngineError: it is in the editor's format, and no engine says what its nodes are.
        """
        if not isinstance(data, Mapping):
            raise InvalidParameterError(source, _shown(data), "a JSON object of nodes")
        fields = cast("Mapping[str, Any]", data)
        size = len(fields["nodes"]) if isinstance(fields.get("nodes"), list) else len(fields)
        if size > self._bounds.max_nodes:  # before anything looks at each of them
            raise GraphTooLargeError(size, self._bounds.max_nodes)
        if isinstance(fields.get("nodes"), list):
            info = await self.knowledge.object_info(need="convert a workflow from the editor's format")
            return await asyncio.to_thread(convert, fields, info, source=source)  # as long as the graph is large
        return Conversion(as_workflow(fields, source=source), (), ())

    async def derived(self, name: str, data: object) -> Template:
        """Return a template of what somebody sent, in whichever format; an engine's bounds are in it, if one answers.

        Raises:
            WorkflowError: it is no workflow.
            ConfigurationError: it is none that may be run here.
            NoEngineError: it is in the editor's format, and no engine says what its nodes are.
        """
        workflow = await self.graph(data)
        self.check(workflow)
        try:
            info = await self.knowledge.object_info(need="tell what its inputs may be")
        except NoEngineError:
            info = None
        return await asyncio.to_thread(derive_template, name, workflow, info)

    # --- each kind of wish

    async def _planned(self, wish: Wish) -> Planned:
        match wish:
            case Modified():
                _check_amount("modifications", wish.modifications)
                workflow = await self.modifiers.apply(wish.modifier, wish.modifications)
                return Planned(workflow, wish.modifier)
            case Raw():
                return Planned(await self.graph(wish.data))
            case Run():
                return await self._run(wish)
            case Recipe():
                return await self._replayed(Replayed(wish))
            case Replayed():
                return await self._replayed(wish)
            case Varied():
                return await self._varied(wish)
            case Altered():
                return await self._altered(wish)
            case _:
                return await self._generation(wish)

    async def _run(self, wish: Run) -> Planned:
        _check_amount("inputs", wish.values)
        template = await self.template(wish.name)
        workflow = template.instantiate(preset=wish.preset, **_without_preset(template, wish.values))
        roles = find_roles(workflow)
        if roles.seed and not any(_is_seed(template, name) for name in wish.values):
            workflow = with_seed(workflow, new_seed())
        return Planned(workflow, template.name, template=template.name)

    async def _replayed(self, wish: Replayed) -> Planned:
        recipe, said = wish.recipe, wish.said
        if not recipe.workflow:
            advice = "repeat the generation that it is of: POST /library/ID/rerun, or comfygen library rerun."
            raise InvalidParameterError("recipe_id", recipe.id, "a recipe whose workflow has a name", advice)
        template = await self.template(recipe.workflow)
        digest = graph_digest(template.workflow)
        if said.workflow is not None:  # it is another one than the recipe was composed for
            recipe = replace(recipe, workflow_digest=digest)
        if is_sized_by_picture(template):
            recipe = replace(recipe, width=said.width, height=said.height)
        request = replace(request_of(recipe), input_image=said.input_image, inputs=said.inputs)
        planned = await self._generation(request, said=said)
        is_same = digest == recipe.workflow_digest
        changed = () if is_same else (f"the workflow {recipe.workflow} is not what it was for this recipe",)
        return replace(
            planned,
            title=title_of(recipe.input or recipe.positive_prompt),
            notes=(*planned.notes, *changed),
            recipe=recipe,
        )

    async def _varied(self, wish: Varied) -> Planned:
        planned = await self._generation(wish.request)
        recipe = replace(
            recipe_of(planned.workflow, name=planned.template, input=wish.input),
            workflow_digest=graph_digest((await self.template(planned.template)).workflow),
            expansions=wish.choices,
        )
        return replace(planned, recipe=recipe)

    async def _altered(self, wish: Altered) -> Planned:
        request = await self._matched(wish.changes, wish.workflow)
        composed = compose(request, wish.workflow)
        raise_all(composed.errors)
        seed = seeds(request, composed.workflow)[0] if request.seed is not None else None
        return Planned(composed.workflow if seed is None else with_seed(composed.workflow, seed))

    async def _generation(self, request: GenerationRequest, said: GenerationRequest | None = None) -> Planned:
        """Return the workflow of a request; ``said`` is as much of it as somebody said outright."""
        template, request, note = await self._base(request)
        _check_amount("inputs", request.inputs)
        faults = [*faults_in(said or request, template)]
        request = said_once(request, template)
        if request.preset is not None:
            request = fill(request, preset_values(request.preset, template.workflow, template))
        request = await self._matched(request, template.workflow)
        composed = compose(request, template.workflow, image=request.input_image)
        raise_all([*composed.errors, *faults])
        planned = seeds(request, composed.workflow)
        workflow = with_seed(composed.workflow, planned[0] if planned else None)
        write_inputs(request, template, workflow)
        return Planned(workflow, template.name, tuple(filter(None, [note])), template.name)

    async def _base(self, request: GenerationRequest) -> tuple[Template, GenerationRequest, str]:
        if request.workflow is not None:
            return await self.template(request.workflow), request, ""
        models = await self.knowledge.models(need="choose a workflow")
        has_image = request.input_image is not None or "image" in request.inputs
        has_mask = "mask" in request.inputs
        choice = choose(models, load=load_template, model=request.model, has_image=has_image, has_mask=has_mask)
        return load_template(choice.template), fill(request, {"model": choice.model}), choice.note

    async def _matched(self, request: GenerationRequest, workflow: Workflow) -> GenerationRequest:
        """Replace the names of model and LoRAs by those of the files that they mean."""
        if not (request.model or request.loras):
            return request
        models = await self.knowledge.models(need="find a model")
        slot = next(iter(find_roles(workflow).models), None)
        folder = folder_of(str(workflow[slot.node_id]["class_type"]), slot.input_name) if slot else ""
        known = models.get(folder or "", ())
        return replace(
            request,
            model=match_model(request.model, known) if request.model and known else request.model,
            loras=tuple(one._replace(name=match_model(one.name, models.get("loras", ()))) for one in request.loras),
        )


def _check_amount(what: str, values: Mapping[str, Any]) -> None:
    """Do nothing, if there are not more values than anything takes: for each that is unknown the nearest are found.

    Raises:
        InvalidParameterError: there are more.
    """
    if len(values) > MAX_VALUES:
        raise InvalidParameterError(what, len(values), f"{MAX_VALUES} at most")


def _without_preset(template: Template, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values, none of which may be called as the argument that chooses between sets of them."""
    if "preset" in values:
        raise InvalidParameterError("preset", _shown(values["preset"]), f"given beside the inputs of {template.name}")
    return values


def _is_seed(template: Template, name: str) -> bool:
    parameter = template.parameter(name)
    return parameter is not None and parameter.role == "seed"


def _shown(data: object) -> str:
    said = repr(data)
    return said if len(said) <= 60 else f"{said[:60]} …"
