import pytest

from comfy_gen.workflows.convert import Kind
from tests.workflows.convert.drawing import converted, drawing, inputs_of, link, node, out, socket, subgraph


def test_list_is_wrapped_so_as_not_to_be_taken_for_a_link():
    info = {"Wheel": {"input": {"required": {"colors": ["COLORS"], "range": ["RANGE"]}}}}
    ui = drawing(node(1, "Wheel", values=(["5", 0], {"min": 1})))
    assert inputs_of(ui, "1", info) == {"colors": {"__value__": ["5", 0]}, "range": {"min": 1}}


def test_prompt_with_alternatives_has_the_first_and_a_note():
    conversion = converted(drawing(node(1, "Text", values=("a {red|blue} cat // hm",))))
    assert conversion.workflow["1"]["inputs"] == {"text": "a red cat "}
    (note,) = conversion.notes
    assert note.kind is Kind.RANDOM_TEXT
    assert note.input_name == "text"


def test_prompt_without_alternatives_needs_no_note():
    assert converted(drawing(node(1, "Text", values=("a cat",)))).notes == ()


def test_other_text_stays_as_it_is():
    info = {"Plain": {"input": {"required": {"text": ["STRING", {}]}}}}
    assert inputs_of(drawing(node(1, "Plain", values=("{a|b} %x.y%",))), "1", info) == {"text": "{a|b} %x.y%"}


@pytest.mark.parametrize("naming", [{"properties": {"Node name for S&R": "Mine"}}, {"title": "Mine"}])
def test_file_name_has_values_of_other_nodes(naming):
    sampler = node(1, "Sampler", values=(5, "fixed", 9, 1.0), **naming)
    ui = drawing(sampler, node(2, "Save", values=("%Mine.seed%_%Other.seed%",)))
    assert inputs_of(ui, "2") == {"filename_prefix": "5_%Other.seed%"}


def test_date_that_the_engine_cannot_write_is_noted():
    conversion = converted(drawing(node(2, "Save", values=("%date:yyyy%_%date:yy%",))))
    assert conversion.workflow["2"]["inputs"] == {"filename_prefix": "%year%_%date:yy%"}
    assert [note.kind for note in conversion.notes] == [Kind.FIXED_DATE]


def test_value_that_a_browser_makes_is_told():
    info = {"Webcam": {"input": {"required": {"image": ["WEBCAM", {}], "width": ["INT"]}}}}
    conversion = converted(drawing(node(1, "Webcam", values=("", 64))), info)
    assert conversion.workflow["1"]["inputs"] == {"image": "", "width": 64}
    assert [(problem.kind, problem.input_name) for problem in conversion.problems] == [(Kind.MADE_IN_BROWSER, "image")]


def test_value_that_a_browser_would_make_may_be_linked():
    info = {"Webcam": {"input": {"required": {"image": ["WEBCAM", {}]}}}}
    ui = drawing(node(1, "Webcam", socket("image", "WEBCAM", 3), outputs=out("WEBCAM")), node(2, "Webcam"))
    assert converted({**ui, "links": [link(3, 2)]}, info).problems == ()


def test_input_that_only_the_node_has_is_kept():
    ui = drawing(
        node(1, "Picture", outputs=out("IMAGE")), node(2, "Save", socket("extra_1", link=3)), links=[link(3, 1)]
    )
    assert inputs_of(ui, "2")["extra_1"] == ["1", 0]


def test_problem_inside_a_subgraph_has_the_id_that_the_engine_will_know():
    ui = drawing(node(57, "sub"), subgraphs=[subgraph("sub", node(8, "Stranger", values=(1,)))])
    assert {problem.node_id for problem in converted(ui).problems} == {"57:8"}
