import json

import pytest

from comfy_gen.errors import (
    OutputPathError,
    WorkflowFormatError,
    WorkflowIsUiFormatError,
    WorkflowNotFoundError,
    WorkflowSyntaxError,
    WorkflowUnreadableError,
)
from comfy_gen.workflows.files import load_workflow, save_workflow
from tests.workflows.samples import plain


def test_saved_workflow_is_loaded_again(tmp_path):
    graph = plain()
    graph["42"]["inputs"]["text"] = "ein Fuchs für 狐"
    save_workflow(graph, tmp_path / "w.json")
    assert load_workflow(str(tmp_path / "w.json")) == graph
    assert "für 狐" in (tmp_path / "w.json").read_text(encoding="utf-8")


def test_byte_order_mark_is_no_error(tmp_path):
    (tmp_path / "w.json").write_text(json.dumps(plain()), encoding="utf-8-sig")
    assert load_workflow(tmp_path / "w.json") == plain()


def test_missing_file_is_a_file_not_found_error_too(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        load_workflow(tmp_path / "no.json")
    assert isinstance(caught.value, WorkflowNotFoundError)
    assert "no.json" in str(caught.value)


def test_folder_cannot_be_read(tmp_path):
    with pytest.raises(WorkflowUnreadableError, match=r"cannot read .*: Is a directory") as caught:
        load_workflow(tmp_path)
    assert caught.value.hint == "give the path of a file that you may read."


def test_invalid_json_is_told_with_line_and_column(tmp_path):
    (tmp_path / "w.json").write_text('{\n  "1": {"class_type": }\n}')
    with pytest.raises(json.JSONDecodeError) as caught:
        load_workflow(tmp_path / "w.json")
    assert isinstance(caught.value, WorkflowSyntaxError)
    assert str(caught.value).endswith("w.json is not valid JSON: Expecting value at line 2, column 23")


def test_ui_format_is_told_with_the_way_to_export(tmp_path):
    (tmp_path / "w.json").write_text('{"nodes": [], "links": []}')
    with pytest.raises(WorkflowIsUiFormatError) as caught:
        load_workflow(tmp_path / "w.json")
    assert "UI format" in str(caught.value)
    assert "Export (API)" in caught.value.hint


@pytest.mark.parametrize("text", ["[]", "3", "null", "{}", '{"1": 3}', '{"1": {"class_type": "X"}}'])
def test_other_json_is_no_workflow(tmp_path, text):
    (tmp_path / "w.json").write_text(text)
    with pytest.raises(WorkflowFormatError, match=r"w\.json is not a workflow in API format"):
        load_workflow(tmp_path / "w.json")


def test_picture_given_for_a_workflow_is_no_text(tmp_path):
    (tmp_path / "w.png").write_bytes(b"\x89PNG\r\n")
    with pytest.raises(WorkflowFormatError, match=r"it is not UTF-8 text \(byte 0\)"):
        load_workflow(tmp_path / "w.png")


def test_missing_folder_is_told_when_saving(tmp_path):
    with pytest.raises(OutputPathError, match="No such file or directory"):
        save_workflow(plain(), tmp_path / "no" / "w.json")
