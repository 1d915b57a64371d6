from __future__ import annotations

import json
from http import HTTPStatus

import pytest

from comfy_gen.workflows.checks.declarations import Declarations
from comfy_gen.workflows.checks.findings import Scope
from comfy_gen.workflows.checks.report import Report, check, class_problem, find_outputs, no_outputs


def node(class_type, **inputs):
    return {"class_type": class_type, "inputs": inputs}


EMPTY = node("EmptyImage", width=8, height=8, batch_size=1, color=0)


def sentences(report: Report) -> list[str]:
    return [str(problem) for problem in report.problems]


@pytest.fixture
def see(object_info):
    return lambda workflow, **options: check(workflow, object_info, **options)


# --- agreement with the real server --------------------------------------------------------------------------


@pytest.fixture
def graphs(trace, prompts_posted):
    """The graphs that were posted in one recording, with their targets, and whether ComfyUI queued them."""

    def graphs(name):
        for body, line in prompts_posted(trace(name)):
            prompt = body.get("prompt") if isinstance(body, dict) else None
            if isinstance(prompt, dict):
                yield prompt, body.get("partial_execution_targets"), line["status"] == HTTPStatus.OK

    return graphs


NO_GRAPH = {"07_val_no_prompt_key", "07_val_prompt_list", "07_val_prompt_null"}


@pytest.mark.traces("07_*")
def test_accepts_and_refuses_as_the_recorded_server(trace_name, graphs, see):
    recorded = list(graphs(trace_name))
    assert bool(recorded) is (trace_name not in NO_GRAPH)
    for prompt, targets, accepted in recorded:
        report = see(prompt, targets=targets)
        assert report.accepted is accepted
        assert accepted or report.problems


@pytest.mark.traces("02_success*", "03_*", "04_*", "05_*", "06_*", "09_*", "10_*", "16_after*")
def test_what_a_real_server_ran_is_without_problems(trace_name, graphs, see):
    recorded = list(graphs(trace_name))
    assert recorded
    for prompt, targets, _ in recorded:
        assert see(prompt, targets=targets).problems == ()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("07_val_unknown_class_unused", ["node 99 (NoSuchNode): the engine has no node class of this name; nearest: "]),
        ("07_val_no_class_type", ["node 9: it has no class_type", "the workflow has no output node"]),
        (
            "07_val_node_not_dict",
            ["node 1: it has no class_type", "the workflow has no output node, such as SaveImage"],
        ),
        ("07_val_no_inputs_key", ["node 5 (EmptyLatentImage): it has no inputs"]),
        (
            "07_val_missing_input",
            [
                "node 3 (KSampler): it needs the input model, which is missing",
                "node 3 (KSampler): it needs the input seed, which is missing",
            ],
        ),
        ("07_val_bad_int", ["node 3 (KSampler): steps is 'abc', which is no INT"]),
        (
            "07_val_too_small",
            [
                "node 5 (EmptyLatentImage): width is 8, below the smallest allowed, 16",
                "node 3 (KSampler): steps is 0, below the smallest allowed, 1",
            ],
        ),
        (
            "07_val_too_big",
            [
                "node 3 (KSampler): steps is 10001, above the largest allowed, 10000",
                "node 3 (KSampler): cfg is 101.0, above the largest allowed, 100.0",
                "node 3 (KSampler): denoise is 1.5, above the largest allowed, 1.0",
            ],
        ),
        (
            "07_val_missing_model",
            [
                "node 4 (CheckpointLoaderSimple): ckpt_name is 'no_such_model.safetensors', which the engine",
            ],
        ),
        (
            "07_val_bad_link_shape",
            [
                "node 3 (KSampler): model is ['4', 0, 1], but a list must be a link [node id, output slot]",
                "node 9 (SaveImage): images is linked to output 'x' of node 8 (VAEDecode), which has only 0 (IMAGE)",
            ],
        ),
        (
            "07_val_link_unknown_node",
            ["node 9 (SaveImage): images is linked to node '77', which is not in the workflow"],
        ),
        ("07_val_type_mismatch", ["node 9 (SaveImage): images takes IMAGE, but output 0 of node 3 gives LATENT"]),
        ("07_val_cycle", ["nodes feed each other in a circle: 1 (ImageInvert) → 2 (ImageInvert) → 1 (ImageInvert)"]),
        ("07_val_no_outputs", ["the workflow has no output node, such as SaveImage"]),
        (
            "07_val_custom_loadimage",
            ["node 1 (LoadImage): image is 'does_not_exist.png', a file that the engine does not have; nearest: "],
        ),
        ("07_val_one_good_one_bad_output", ["node 20 (SaveImage): it needs the input images, which is missing"]),
    ],
)
def test_recorded_refusal_is_told_in_a_sentence(name, said, graphs, see):
    prompt, targets, _ = next(graphs(name))
    found = sentences(see(prompt, targets=targets))
    assert len(found) == len(said)
    for sentence, beginning in zip(found, said, strict=True):
        assert sentence.startswith(beginning)


# --- all at once ---------------------------------------------------------------------------------------------


def test_everything_wrong_is_listed_at_once(see):
    report = see(
        {
            "1": node("EmptyImag", width=8),
            "2": node("ImageScale", image=["1", 0], upscale_method="nearest", width="x", height=-5, crop="center"),
            "3": node("PreviewImage", images=["2", 0]),
            "4": node("SaveImage", images=["77", 0]),
            "5": node("ImageInvert", image=["5", 0]),
            "6": node("PreviewImage", images=["5", 0]),
        }
    )
    assert [(problem.node_id, problem.type) for problem in report.problems] == [
        ("1", "invalid_prompt"),
        ("2", "value_not_in_list"),
        ("2", "invalid_input_type"),
        ("2", "value_smaller_than_min"),
        ("4", "exception_during_validation"),
        ("4", "required_input_missing"),
        (None, "dependency_cycle"),
    ]
    assert (report.ok, report.accepted) == (False, False)
    assert (report.outputs_ok, report.outputs_bad) == ((), ("3", "4", "6"))
    assert report.problems[0].nearest[0] == "EmptyImage"


def test_good_workflow_is_ok(see):
    report = see({"1": EMPTY, "2": node("PreviewImage", images=["1", 0])})
    assert report == Report(problems=(), outputs_ok=("2",), outputs_bad=())
    assert (report.ok, report.accepted) == (True, True)


def test_one_good_output_of_two_is_accepted_but_not_ok(see):
    report = see({"1": EMPTY, "2": node("PreviewImage", images=["1", 0]), "3": node("PreviewImage")})
    assert (report.ok, report.accepted) == (False, True)
    assert (report.outputs_ok, report.outputs_bad) == (("2",), ("3",))


def test_unknown_class_spoils_even_good_outputs(see):
    report = see({"1": EMPTY, "2": node("PreviewImage", images=["1", 0]), "3": node("Unknown")})
    assert (report.outputs_ok, report.outputs_bad) == ((), ("2",))


def test_what_feeds_an_unknown_class_is_checked_too(see):
    report = see(
        {
            "1": EMPTY,
            "2": node("PreviewImage", images=["1", 0]),
            "3": node("Save", a=["4", 0]),
            "4": node("ImageInvert"),
        }
    )
    assert [problem.node_id for problem in report.problems] == ["3", "4"]


def test_nodes_that_no_output_needs_are_left_alone(see):
    assert see({"1": EMPTY, "2": node("PreviewImage", images=["1", 0]), "3": node("ImageInvert")}).ok


def test_without_outputs_every_node_is_checked(see):
    report = see({"1": node("ImageInvert"), "2": EMPTY})
    assert [problem.type for problem in report.problems] == ["prompt_no_outputs", "required_input_missing"]


def test_targets_leave_other_outputs_out(see):
    workflow = {"1": EMPTY, "2": node("PreviewImage", images=["1", 0]), "3": node("PreviewImage")}
    assert see(workflow, targets=["2"]).ok
    assert see(workflow, targets=["3"]).outputs_bad == ("3",)
    assert see(workflow, targets=[]).problems[0].type == "prompt_no_outputs"


def test_known_files_are_there(see):
    workflow = {"1": node("LoadImage", image="new.png"), "2": node("PreviewImage", images=["1", 0])}
    assert not see(workflow).accepted
    assert see(workflow, known_files=["new.png"]).ok


def test_what_only_newer_servers_refuse_is_a_problem_and_yet_accepted(see):
    blend = node("ImageBlend", image1=["1", 0], image2=["1", 0], blend_factor=0.5, blend_mode="mutliply")
    report = see({"1": EMPTY, "2": blend, "3": node("PreviewImage", images=["2", 0])})
    assert (report.ok, report.accepted) == (False, True)
    assert report.problems[0].nearest[0] == "multiply"


def test_circle_is_told_as_newer_servers_do(see):
    workflow = {"1": node("ImageInvert", image=["2", 0]), "2": node("ImageInvert", image=["1", 0])}
    report = see({**workflow, "3": node("PreviewImage", images=["1", 0])})
    (problem,) = report.problems
    assert problem.message == "Dependency cycle detected"
    assert problem.details.count("(ImageInvert)") == 3
    assert sorted(problem.extra_info["cycle_nodes"]) == ["1", "2"]


def test_workflow_is_not_changed(see):
    workflow = {
        "1": node("EmptyImage", width="8", height=8, batch_size=1, color=0),
        "2": node("PreviewImage", images=["1", 0]),
    }
    before = json.dumps(workflow)
    assert see(workflow).ok
    assert json.dumps(workflow) == before


# --- the parts that the sandbox uses too ---------------------------------------------------------------------


@pytest.fixture
def scope(object_info):
    return lambda workflow: Scope(workflow, Declarations(object_info))


@pytest.mark.parametrize("bad", ["text", None, {}, {"inputs": {}}])
def test_node_without_class_type_says_so(bad, scope):
    problem = class_problem(scope({"7": bad}), "7")
    assert problem
    assert problem.message == "Cannot execute because a node is missing the class_type property."
    assert (problem.details, problem.class_type) == ("Node ID '#7'", None)


@pytest.mark.parametrize(("class_type", "name"), [("Nope", "Nope"), (None, "None"), (5, "5")])
def test_unknown_class_is_named(class_type, name, scope):
    problem = class_problem(scope({"7": {"class_type": class_type}}), "7")
    assert problem
    assert problem.message == f"Cannot execute because node {name} does not exist."
    assert len(problem.nearest) == 5


def test_known_class_is_no_problem(scope):
    assert class_problem(scope({"7": node("KSampler")}), "7") is None


def test_outputs_are_found_in_the_order_of_the_graph(scope):
    graph = scope({"9": node("SaveImage"), "1": EMPTY, "3": node("PreviewImage"), "4": node("Unknown")})
    assert find_outputs(graph) == ["9", "3"]
    assert find_outputs(graph, ["3", "1"]) == ["3"]


def test_lack_of_outputs_is_told_in_comfyuis_words():
    assert no_outputs().as_error() == {
        "type": "prompt_no_outputs",
        "message": "Prompt has no outputs",
        "details": "",
        "extra_info": {},
    }


def test_broken_link_of_a_node_of_unknown_class_is_told_without_a_class(see):
    said = sentences(see({"1": EMPTY, "2": node("Nope", image=["8", 0]), "3": node("SaveImage", images=["2", 0])}))
    assert not any("None" in one for one in said)
    assert any(one.startswith("node 2: image is linked to") for one in said)
