import copy
from typing import Any

import pytest

from comfy_gen.errors import WorkflowNotFoundError, WorkflowSyntaxError, WorkflowUnreadableError
from comfy_gen.workflows.catalogue import all_templates, find_template, find_workflow, load_template, template_names
from comfy_gen.workflows.checks import check
from comfy_gen.workflows.files import save_workflow
from comfy_gen.workflows.loras import insert_lora
from comfy_gen.workflows.models import models_of
from comfy_gen.workflows.roles import find_roles, value_of
from comfy_gen.workflows.template import PRESETS
from tests.workflows.samples import plain

NAMES = (
    *("flux-dev", "flux-schnell", "qwen-image", "sd15", "sd15-img2img", "sd15-inpaint", "sd3.5", "sdxl", "upscale"),
    *("wan2.2-i2v", "wan2.2-t2v"),
)
VIDEOS = {"wan2.2-i2v", "wan2.2-t2v"}
every_template = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pictures(template):
    return {"image": "photo.png"} if template.parameter("image") else {}


def engine_with(object_info, workflow):
    """The recorded engine, as if it had the model files and the picture that the workflow names."""
    used = {node["class_type"] for node in workflow.values()}
    declared = object_info | {class_type: copy.deepcopy(object_info[class_type]) for class_type in used}
    named = [(use.node_id, use.input_name, use.name) for use in models_of(workflow)]
    named += [(slot.node_id, slot.input_name, slot.value(workflow)) for slot in find_roles(workflow).images]
    for node_id, input_name, file in named:
        spec = declared[workflow[node_id]["class_type"]]["input"]["required"][input_name]
        (spec[0] if isinstance(spec[0], list) else spec[1]["options"]).append(file)
    return declared


def test_all_templates_are_listed():
    assert template_names() == NAMES


@every_template
def test_template_passes_the_checks_of_a_real_engine(name, object_info):
    template = load_template(name)
    for preset in (None, *PRESETS):
        graph = template.instantiate(preset=preset, **pictures(template))
        report = check(graph, engine_with(object_info, graph))
        assert [str(problem) for problem in report.problems] == []
        assert len(report.outputs_ok) == 1


@pytest.mark.parametrize("name", [name for name in NAMES if name != "upscale"])
def test_template_with_a_lora_passes_the_checks(name, object_info):
    graph = insert_lora(load_template(name).workflow, "some_lora.safetensors", 0.5)
    assert check(graph, engine_with(object_info, graph)).ok


@every_template
def test_card_tells_the_workflow_s_own_values_as_defaults(name):
    template = load_template(name)
    roles = find_roles(template.workflow)
    for parameter in template.parameters:
        if parameter.name == "mask":
            continue
        role = "guidance" if parameter.name == "cfg" and roles.guidance else parameter.role
        slots = parameter.slots or getattr(roles, str(role))
        assert slots, parameter.name
        assert value_of(template.workflow, slots) == parameter.default
        assert parameter.default is None or parameter.required or parameter.fault(parameter.default) is None


@every_template
def test_card_names_every_model_and_where_it_is_used(name):
    template = load_template(name)
    named = {(need.folder, need.file, s.node_id, s.input_name) for need in template.models for s in need.used_by}
    assert named == {(use.folder, use.name, use.node_id, use.input_name) for use in models_of(template.workflow)}
    assert all(need.page.startswith("https://") for need in template.models)


@every_template
def test_card_is_complete(name):
    template = load_template(name)
    assert template.name == name
    assert template.title
    assert template.summary
    assert template.output == ("video" if name in VIDEOS else "image")
    assert tuple(template.presets) == PRESETS
    assert all(parameter.description for parameter in template.parameters)
    assert template.from_card(template.as_card(), template.workflow) == template


@every_template
def test_every_parameter_changes_what_it_says(name):
    template = load_template(name)
    values = {"string": "other.safetensors", "image": "other.png"}
    for parameter in template.parameters:
        low = parameter.minimum if parameter.minimum != parameter.default else parameter.maximum
        given: dict[str, Any] = {**pictures(template), parameter.name: values.get(parameter.type, low)}
        assert template.instantiate(**given) != template.instantiate(**pictures(template)), parameter.name


@pytest.mark.parametrize("name", [name for name in NAMES if name != "upscale"])
def test_prompts_are_nodes_2_and_3_as_the_mission_s_examples_have_them(name):
    graph = load_template(name).workflow
    roles = find_roles(graph)
    assert [(slot.node_id, slot.input_name) for slot in roles.positive + roles.negative] == [
        ("2", "text"),
        ("3", "text"),
    ]


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        *(("flux", "flux-dev"), ("FLUX-Dev", "flux-dev"), ("sd1.5", "sd15"), ("img2img", "sd15-img2img")),
        *(("qwen", "qwen-image"), ("wan", "wan2.2-t2v"), ("sd35", "sd3.5"), ("inpaint", "sd15-inpaint")),
    ],
)
def test_template_answers_to_its_aliases(alias, name):
    assert load_template(alias).name == name


def test_no_alias_is_another_template_s():
    aliases = [alias for name in NAMES for alias in load_template(name).aliases]
    assert len({*aliases, *NAMES}) == len(aliases) + len(NAMES)


def test_each_load_gives_a_workflow_of_its_own():
    assert load_template("sd15").workflow is not load_template("sd15").workflow


def test_unknown_template_is_told_with_the_nearest():
    with pytest.raises(WorkflowNotFoundError) as caught:
        load_template("flux-def")
    assert {"flux-dev", "flux"} <= set(caught.value.nearest)
    assert caught.value.hint.startswith("nearest: flux")


@pytest.mark.parametrize("path", ["flux", "flux-dev.json", "workflows/flux-dev.json", "./workflows/flux-dev.json"])
def test_template_is_found_by_the_path_that_a_checkout_has(path, in_empty_folder):
    assert find_workflow(path) == load_template("flux-dev").workflow


def test_local_file_goes_before_a_template_of_that_file_name(in_empty_folder):
    save_workflow(plain(), in_empty_folder / "sd15.json")
    assert find_workflow("sd15.json") == plain()
    assert find_template(in_empty_folder / "sd15.json") is None
    assert find_workflow("sd15") == load_template("sd15").workflow


def test_template_of_a_path_is_told():
    template = find_template("sdxl")
    assert template is not None
    assert template.name == "sdxl"


@pytest.mark.parametrize("path", ["flux-dve", "workflows/flux-dve.json", "elsewhere/flux-dev.json"])
def test_unknown_workflow_is_told_with_the_nearest(path, in_empty_folder):
    with pytest.raises(WorkflowNotFoundError) as caught:
        find_workflow(path)
    assert caught.value.name == path
    assert "flux-dev" in caught.value.nearest


def test_file_that_is_no_workflow_is_told(in_empty_folder):
    (in_empty_folder / "broken.json").write_text("{")
    with pytest.raises(WorkflowSyntaxError):
        find_workflow("broken.json")


def test_folder_is_no_workflow(in_empty_folder):
    (in_empty_folder / "graphs").mkdir()
    with pytest.raises(WorkflowUnreadableError):
        find_workflow("graphs")


@pytest.mark.parametrize("find", [find_template, find_workflow])
def test_no_name_is_no_workflow(find):
    with pytest.raises(WorkflowNotFoundError, match="no workflow ''") as caught:
        find("")
    assert caught.value.nearest == ()


def test_all_templates_are_read_in_the_order_of_their_names():
    assert tuple(template.name for template in all_templates()) == template_names()
