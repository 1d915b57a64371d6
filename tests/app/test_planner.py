"""What a face was asked for becomes a workflow, or is refused with everything that stands against it."""

import copy
from dataclasses import dataclass, field

import pytest

from comfy_gen.app.planner import Bounds, Modified, Planner, Raw, Run
from comfy_gen.errors import (
    GraphTooLargeError,
    InvalidParameterError,
    InvalidRequestError,
    ModelNotFoundError,
    ModifierNotFoundError,
    NoCapableEngineError,
    NodeNotAllowedError,
    NoEngineError,
    WorkflowFormatError,
    WorkflowNotFoundError,
)
from comfy_gen.jobs.saved import Saved
from comfy_gen.pipeline.modifiers import Modifiers
from comfy_gen.pipeline.request import GenerationRequest, Lora
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.roles import find_roles, value_of
from comfy_gen.workflows.rules import NodeRules

GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 1}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}
MODELS = {"checkpoints": ["photo-xl.safetensors"], "loras": ["style/ink.safetensors"]}


@dataclass
class Knowledge:
    """Engines that have these models and lack those things."""

    known: dict[str, list[str]] = field(default_factory=lambda: dict(MODELS))
    lacking: tuple[str, ...] = ()

    async def models(self, *, need):
        if not self.known:
            raise NoEngineError(need)
        return self.known

    async def object_info(self, *, need):
        raise NoEngineError(need)

    def lacks(self, need):
        return self.lacking


class NothingSaved:
    async def get(self, name):
        raise WorkflowNotFoundError(name)


class SavedAs:
    def __init__(self, name, template):
        self.saved = Saved(name=name, owner="", template=template, created=0.0, updated=0.0)

    async def get(self, name):
        if name != self.saved.name:
            raise WorkflowNotFoundError(name, (self.saved.name,))
        return self.saved


def planner(*, knowledge=None, saved=None, denied=(), max_nodes=100):
    return Planner(
        modifiers=Modifiers.load(None),
        saved=saved or NothingSaved(),
        knowledge=knowledge or Knowledge(),
        bounds=Bounds(NodeRules((), denied), max_nodes),
    )


async def test_raw_workflow_is_planned_as_it_is():
    planned = await planner().plan(Raw(copy.deepcopy(GRAPH)))
    assert planned.workflow == GRAPH


async def test_body_of_post_prompt_is_unwrapped():
    assert (await planner().plan(Raw({"prompt": GRAPH}))).workflow == GRAPH


@pytest.mark.parametrize(("data", "error"), [([1], InvalidParameterError), ({"a": 1}, WorkflowFormatError)])
async def test_what_is_no_workflow_is_refused(data, error):
    with pytest.raises(error):
        await planner().plan(Raw(data))


async def test_workflow_of_the_editor_needs_an_engine_to_be_read():
    with pytest.raises(NoEngineError, match="convert a workflow"):
        await planner().plan(Raw({"nodes": [], "links": []}))


@pytest.mark.parametrize("graph", [GRAPH, {"nodes": [{}, {}], "links": []}])
async def test_too_many_nodes_are_refused_in_either_format(graph):
    with pytest.raises(GraphTooLargeError):
        await planner(max_nodes=1).plan(Raw(graph))


async def test_denied_node_is_refused_by_name():
    with pytest.raises(NodeNotAllowedError, match="SaveImage"):
        await planner(denied=("Save*",)).plan(Raw(GRAPH))


async def test_what_no_engine_can_run_is_refused_at_once():
    with pytest.raises(NoCapableEngineError, match="gpu-1 lacks"):
        await planner(knowledge=Knowledge(lacking=("gpu-1 lacks the node class X",))).plan(Raw(GRAPH))


async def test_modifier_is_applied():
    planned = await planner().plan(Modified("Text2Image", {"prompt": "a fox", "steps": 7}))
    roles = find_roles(planned.workflow)
    assert value_of(planned.workflow, roles.positive) == "a fox"
    assert value_of(planned.workflow, roles.steps) == 7
    with pytest.raises(ModifierNotFoundError):
        await planner().plan(Modified("Text3Image"))


async def test_named_template_runs_with_its_parameters_and_a_random_seed():
    plans = [await planner().plan(Run("sd15", {"prompt": "a fox"})) for _ in range(2)]
    seeds = {value_of(one.workflow, find_roles(one.workflow).seed) for one in plans}
    assert len(seeds) == 2
    given = await planner().plan(Run("sd15", {"prompt": "a fox", "seed": 5}))
    assert value_of(given.workflow, find_roles(given.workflow).seed) == 5


async def test_wrong_parameters_of_a_template_are_told_together():
    with pytest.raises(InvalidParameterError) as caught:
        await planner().plan(Run("sd15", {"steps": 0, "colour": "red"}))
    assert len(caught.value.others) >= 1


async def test_saved_workflow_is_found_by_its_name_and_nearest_names_are_told():
    mine = planner(saved=SavedAs("poster", load_template("sd15")))
    assert (await mine.plan(Run("poster", {"prompt": "a fox"}))).workflow
    with pytest.raises(WorkflowNotFoundError) as caught:
        await mine.plan(Run("postr"))
    assert "poster" in caught.value.nearest


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "workflows/../secret.json", "."])
async def test_no_file_is_read_by_a_name_that_a_caller_gave(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.json").write_text("{}")
    with pytest.raises(WorkflowNotFoundError):
        await planner().plan(GenerationRequest(prompt="x", workflow=name))


async def test_prompt_alone_gets_a_workflow_that_the_engines_can_run():
    planned = await planner().plan(GenerationRequest(prompt="a fox", width=512, height=512))
    assert planned.title == "sdxl"
    roles = find_roles(planned.workflow)
    assert value_of(planned.workflow, roles.models) == "photo-xl.safetensors"
    assert planned.notes


async def test_prompt_for_a_named_workflow_needs_no_engine():
    planned = await planner(knowledge=Knowledge(known={})).plan(GenerationRequest(prompt="a fox", workflow="sd15.json"))
    assert value_of(planned.workflow, find_roles(planned.workflow).positive) == "a fox"
    with pytest.raises(NoEngineError):
        await planner(knowledge=Knowledge(known={})).plan(GenerationRequest(prompt="a fox"))


async def test_engines_without_a_checkpoint_can_run_no_prompt():
    with pytest.raises(ModelNotFoundError):
        await planner(knowledge=Knowledge(known={"loras": []})).plan(GenerationRequest(prompt="a fox"))


async def test_loras_and_models_are_found_by_a_part_of_their_name():
    wish = GenerationRequest(prompt="a fox", workflow="sdxl", model="photo-xl", loras=(Lora("ink", 0.5),))
    planned = await planner().plan(wish)
    said = str(planned.workflow)
    assert "style/ink.safetensors" in said
    assert "photo-xl.safetensors" in said


async def test_all_that_is_wrong_with_a_request_is_told():
    with pytest.raises(InvalidRequestError) as caught:
        await planner().plan(GenerationRequest(prompt="a fox", workflow="upscale", steps=3))
    assert len(caught.value.errors) == 2


async def test_input_picture_is_named_in_the_workflow_and_not_read():
    url = "https://example.com/fox.png"
    planned = await planner().plan(GenerationRequest(prompt="a fox", workflow="sd15-img2img", input_image=url))
    assert url in str(planned.workflow)


@pytest.mark.parametrize("wish", [lambda values: Modified("Text2Image", values), lambda values: Run("sdxl", values)])
async def test_more_values_than_anything_takes_are_not_looked_at(wish):
    with pytest.raises(InvalidParameterError, match="500 at most"):
        await planner().plan(wish({f"x{number}": 1 for number in range(501)}))
