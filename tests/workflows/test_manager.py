import copy
import json
from pathlib import Path

import pytest

from comfy_gen import workflow_manager
from comfy_gen.errors import (
    InputNotFoundError,
    InvalidParameterError,
    NodeNotFoundError,
    NotRegisteredError,
    OutputPathError,
    TemplateCardError,
    WorkflowFormatError,
    WorkflowNotFoundError,
    WorkflowSyntaxError,
)
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.manager import WorkflowManager
from tests.workflows.samples import enlarging, node, plain, two_passes

PARAMETERS = {
    "prompt": {"node_id": "42", "input_name": "text"},
    "seed": {"node_id": "40", "input_name": "seed"},
    "steps": {"node_id": "40", "input_name": "steps", "type": "integer", "minimum": 1, "maximum": 100},
}


class FakeEngine:
    def __init__(self, object_info):
        self._object_info = object_info

    def get_object_info(self):
        return self._object_info


@pytest.fixture
def manager():
    manager = WorkflowManager()
    manager.create_template("fox", plain(), PARAMETERS)
    return manager


def test_documented_name_is_this_class():
    assert workflow_manager.WorkflowManager is WorkflowManager


@pytest.mark.parametrize("kind", [str, Path])
def test_saved_workflow_is_loaded_again(manager, tmp_path, kind):
    manager.save_workflow(plain(), kind(tmp_path / "w.json"))
    assert manager.load_workflow(kind(tmp_path / "w.json")) == plain()


def test_shipped_workflow_is_loaded_by_name(manager):
    assert manager.load_workflow("sd15") == load_template("sd15").workflow


def test_missing_file_is_told(manager, tmp_path):
    with pytest.raises(WorkflowNotFoundError):
        manager.load_workflow(tmp_path / "no.json")


def test_sound_workflow_is_valid(manager):
    assert manager.validate_workflow(plain()) == (True, [])


def test_all_errors_of_structure_are_told(manager):
    graph = plain(model=["99", 0], positive=["45", 0])
    graph["1"] = {"inputs": {}}
    is_valid, errors = manager.validate_workflow(graph)
    assert not is_valid
    assert errors[:2] == [
        "node 40 (KSampler): model is linked to node '99', which is not in the workflow",
        "node 1: it has no class_type",
    ]
    assert errors[2].startswith("nodes feed each other in a circle: ")
    assert len(errors) == 3


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "it is a JSON array"),
        ({}, "it has no nodes"),
        (None, "it is a JSON null"),
        ({"nodes": [], "links": []}, "UI format"),
    ],
)
def test_what_is_no_graph_is_not_valid(manager, data, said):
    is_valid, errors = manager.validate_workflow(data)
    assert not is_valid
    assert len(errors) == 1
    assert said in errors[0]


def test_body_for_the_server_is_validated_as_what_it_holds(manager):
    assert manager.validate_workflow({"prompt": plain()}) == (True, [])


@pytest.mark.parametrize("wrap", [FakeEngine, dict])
def test_engine_knows_more(manager, object_info, wrap):
    graph = plain(steps=0, sampler_name="eller")
    assert manager.validate_workflow(graph)[0]
    is_valid, errors = manager.validate_workflow(graph, engine=wrap(object_info))
    assert not is_valid
    assert "node 40 (KSampler): steps is 0, below the smallest allowed, 1" in errors
    assert any("'eller'" in error and "nearest: euler" in error for error in errors)


def test_what_is_no_engine_is_told(manager):
    with pytest.raises(InvalidParameterError, match="engine is 'http://x', but must be a ComfyUIClient"):
        manager.validate_workflow(plain(), engine="http://x")


def test_registered_workflow_is_kept_apart_from_the_callers(manager):
    graph = plain()
    manager.register_workflow("base", graph)
    graph.clear()
    manager.get_workflow("base")["40"]["inputs"]["steps"] = 1
    assert manager.get_workflow("base") == plain()
    assert manager.list_workflows() == ["base"]


def test_unknown_name_is_told_with_the_nearest(manager):
    manager.register_workflow("base", plain())
    with pytest.raises(NotRegisteredError, match="no workflow is registered under the name 'bass'") as caught:
        manager.get_workflow("bass")
    assert caught.value.hint == "nearest: base."
    with pytest.raises(NotRegisteredError) as caught:
        WorkflowManager().get_workflow("base")
    assert caught.value.hint == "register the workflow before it is asked for."


def test_input_is_set_in_the_workflow_itself(manager):
    graph = plain()
    manager.update_node_input(graph, "40", "seed", 99)
    assert graph == plain(seed=99)


def test_shallow_copies_are_changed_one_by_one(manager):
    graph = plain()
    copies = [graph.copy() for _ in range(3)]
    for seed, one in enumerate(copies):
        manager.update_node_input(one, "40", "seed", seed)
    assert [one["40"]["inputs"]["seed"] for one in copies] == [0, 1, 2]
    assert graph == plain()


def test_place_that_is_not_there_is_told_and_nothing_changes(manager, object_info):
    graph = plain()
    with pytest.raises(NodeNotFoundError, match="no node '4'"):
        manager.update_node_input(graph, "4", "seed", 1)
    with pytest.raises(InputNotFoundError, match="no input 'sede'") as caught:
        manager.update_node_input(graph, "40", "sede", 1)
    assert caught.value.nearest[0] == "seed"
    with pytest.raises(InputNotFoundError):
        manager.update_node_input(graph, "40", "sede", 1, engine=object_info)
    assert graph == plain()


def test_input_that_the_class_declares_can_be_added(manager, object_info):
    graph = {"1": node("SaveImage", images=["2", 0])}
    manager.update_node_input(graph, "1", "filename_prefix", "y", engine=object_info)
    assert graph["1"]["inputs"]["filename_prefix"] == "y"


def test_nodes_are_found_by_type(manager):
    assert manager.find_nodes_by_type(two_passes(), "KSampler") == ["39", "40"]
    assert manager.find_nodes_by_type(plain(), "Nothing") == []


def test_info_has_the_facts(manager):
    graph = plain()
    graph["47"] = node("LoraLoader", lora_name="a/snow.safetensors", strength_model=0.5, model=["41", 0])
    graph["48"] = node("LoraLoader", lora_name="b.safetensors", strength_model=["9", 0], model=["47", 0])
    info = manager.get_workflow_info(graph)
    assert info["total_nodes"] == 9
    assert info["node_types"]["CLIPTextEncode"] == 2
    assert info["links"] == 12
    assert {name: info["roles"][name] for name in ("positive", "width", "height", "steps")} == {
        "positive": "a fox",
        "width": 512,
        "height": 768,
        "steps": 20,
    }
    assert "length" not in info["roles"]
    assert info["models"][0] == {
        "folder": "checkpoints",
        "name": "tiny_sd15.safetensors",
        "node_id": "41",
        "input_name": "ckpt_name",
    }
    assert info["loras"] == [
        {"name": "a/snow.safetensors", "strength": 0.5, "node_id": "47"},
        {"name": "b.safetensors", "strength": None, "node_id": "48"},
    ]
    json.dumps(info)


def test_merged_graph_has_the_nodes_of_both(manager):
    assert list(manager.merge_workflows(plain(), enlarging()))[-1] == "merged_4"
    assert list(manager.merge_workflows(plain(), enlarging(), node_id_prefix="b:"))[-1] == "b:4"


def test_template_gives_workflows_of_their_own(manager):
    graph = manager.instantiate_template("fox", {"prompt": "an owl", "seed": 1, "steps": 5})
    assert graph["42"]["inputs"]["text"] == "an owl"
    assert graph["40"] == plain(seed=1, steps=5)["40"]
    graph.clear()
    assert manager.instantiate_template("fox", {}) == plain()
    assert manager.list_templates() == ["fox"]


def test_every_wrong_value_is_told_at_once(manager):
    with pytest.raises(InvalidParameterError) as caught:
        manager.instantiate_template("fox", {"steps": 101, "sed": 1, "prompt": 3})
    assert [caught.value.name, *(other.name for other in caught.value.others)] == ["sed", "prompt", "steps"]
    assert "nearest: seed" in caught.value.hint


def test_unknown_template_is_told(manager):
    with pytest.raises(NotRegisteredError, match="no template is registered under the name 'fix'"):
        manager.instantiate_template("fix", {})


def test_template_for_a_node_that_is_not_there_is_not_made(manager):
    with pytest.raises(NodeNotFoundError, match="'99'"):
        manager.create_template("bad", plain(), {"x": {"node_id": "99", "input_name": "y"}})
    assert manager.list_templates() == ["fox"]


def test_engine_gives_a_template_its_ranges(manager, object_info):
    manager.create_template("typed", plain(), {"cfg": {"node_id": "40", "input_name": "cfg"}}, engine=object_info)
    with pytest.raises(InvalidParameterError, match=r"cfg is -1, but must be a number from 0\.0 to 100\.0"):
        manager.instantiate_template("typed", {"cfg": -1})


def test_saved_template_is_loaded_again(manager, tmp_path):
    manager.save_template("fox", tmp_path / "fox.json")
    other = WorkflowManager()
    assert other.load_template(str(tmp_path / "fox.json")) == "fox"
    values = {"prompt": "an owl für 狐", "steps": 3}
    assert other.instantiate_template("fox", values) == manager.instantiate_template("fox", values)
    with pytest.raises(InvalidParameterError):
        other.instantiate_template("fox", {"steps": 0})


def test_template_is_not_saved_where_there_is_no_folder(manager, tmp_path):
    with pytest.raises(OutputPathError):
        manager.save_template("fox", tmp_path / "no" / "fox.json")
    with pytest.raises(NotRegisteredError):
        manager.save_template("owl", tmp_path / "owl.json")


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("{", WorkflowSyntaxError, "not valid JSON"),
        ("[]", TemplateCardError, "it has no workflow"),
        (json.dumps(plain()), TemplateCardError, "it has no workflow"),
        ('{"workflow": {}, "name": "x"}', WorkflowFormatError, "it has no nodes"),
        (json.dumps({"workflow": plain()}), TemplateCardError, "it has no name"),
        ("[" * 100_000, TemplateCardError, "nested too deeply"),
        (
            json.dumps(
                {"name": "x", "workflow": plain(), "parameters": [{"name": "y", "node_id": "9", "input_name": "z"}]}
            ),
            NodeNotFoundError,
            "no node '9'",
        ),
    ],
)
def test_file_that_is_no_template_is_told_and_nothing_is_registered(tmp_path, text, error, said):
    (tmp_path / "t.json").write_text(text)
    manager = WorkflowManager()
    with pytest.raises(error, match=said):
        manager.load_template(tmp_path / "t.json")
    assert manager.list_templates() == []


def test_nothing_that_is_given_is_changed(manager, object_info):
    graph = plain()
    before = copy.deepcopy(graph)
    manager.validate_workflow(graph, engine=object_info)
    manager.get_workflow_info(graph)
    manager.register_workflow("base", graph)
    manager.create_template("t", graph, {"steps": {"node_id": "40", "input_name": "steps", "default": 3}})
    assert graph == before
