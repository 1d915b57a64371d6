"""How pictures and their prompts are found together."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from comfy_gen.cli.quality.pairs import LeftOut, Prompt, read, read_pairs, spread_over, stored_prompt
from comfy_gen.errors import InputImageError, InvalidParameterError

GRAPH = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd15.safetensors"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a red fox", "clip": ["1", 1]}},
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["1", 1]}},
    "4": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
    "5": {
        "class_type": "KSampler",
        "inputs": {"model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0]},
    },
    "6": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}},
    "7": {"class_type": "SaveImage", "inputs": {"images": ["6", 0]}},
}
A1111 = "a blue car <lora:paint:0.8>\nNegative prompt: blurry\nSteps: 20, Sampler: Euler, CFG scale: 7"


def png(**texts):
    target, info = io.BytesIO(), PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    Image.new("RGB", (8, 8), "red").save(target, "PNG", pnginfo=info)
    return target.getvalue()


@pytest.fixture
def put(tmp_path):
    def put(name, content):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return put


def test_prompt_is_read_of_the_graph_inside():
    content = png(prompt=json.dumps(GRAPH), parameters=A1111)
    assert stored_prompt(content, source="a.png") == Prompt("a red fox", "blurry")


def test_prompt_is_read_of_the_text_of_a1111():
    assert stored_prompt(png(parameters=A1111), source="a.png") == Prompt("a blue car", "blurry")


@pytest.mark.parametrize("texts", [{}, {"workflow": "{}"}, {"parameters": ""}, {"workflow": '{"nodes": []}'}])
def test_picture_without_a_prompt_has_none(texts):
    assert stored_prompt(png(**texts), source="a.png") is None


def test_prompts_come_of_table_text_or_picture_in_this_order(tmp_path, put):
    for name in ("a.png", "b.PNG", "c.png"):
        put(name, png(parameters=A1111))
    put("a.txt", "a white cat")
    put("b.txt", "\ufeff a black dog\n")
    put("metadata.jsonl", '{"file_name": "a.png", "text": "a red fox"}\n\n')
    pairs = read_pairs(tmp_path)
    assert pairs.prompts == {"a.png": "a red fox", "b.PNG": "a black dog", "c.png": "a blue car"}
    assert pairs.left_out == []


def test_table_may_be_csv_with_lines_in_its_texts_and_name_folders(tmp_path, put):
    put("metadata.csv", 'file_name,caption\nsub/a.png,"a red\nfox"\n')
    assert read_pairs(tmp_path).prompts == {"sub/a.png": "a red\nfox"}


def test_what_is_wrong_is_said_of_each_file(tmp_path, put):
    put("a.png", png())
    put("b.png", png())
    put("b.txt", b"\xff\xfe\xff")
    put("c.png", b"not a picture")
    put("d.png", png())
    put("d.txt", "  \n")
    put("metadata.jsonl", '{"file_name": "../e.png", "text": "a"}\nno JSON\n{"file_name": "/f.png", "text": "a"}\n[]')
    pairs = read_pairs(tmp_path)
    assert pairs.prompts == {}
    row = "has no file_name in this folder, or no text"
    assert pairs.left_out == [
        *(LeftOut("metadata.jsonl", f"row {number} {row}") for number in (1, 2, 3, 4)),
        LeftOut("a.png", "it has no prompt"),
        LeftOut("b.png", "b.txt is not UTF-8"),
        LeftOut("c.png", "it is no picture, or it is corrupt"),
        LeftOut("d.png", "it has no prompt"),
    ]


def test_table_without_rows_is_left_out(tmp_path, put):
    put("metadata.csv", "nonsense\n")
    assert read_pairs(tmp_path).left_out == [LeftOut("metadata.csv", "it has no rows below its first line")]


def test_table_that_cannot_be_read_is_left_out(tmp_path, put):
    put("metadata.csv", b"\xff\xfe\xff")
    assert read_pairs(tmp_path).left_out == [LeftOut("metadata.csv", "metadata.csv is not UTF-8")]


def test_hidden_and_other_files_are_passed_over(tmp_path, put):
    put(".part-1.png", b"half of one")
    put("notes.md", "a")
    (tmp_path / "folder.png").mkdir()
    assert read_pairs(tmp_path).prompts == {}
    assert read_pairs(tmp_path).left_out == []


def test_what_is_no_folder_is_refused(tmp_path, put):
    put("a.png", png())
    for path in (tmp_path / "a.png", tmp_path / "none"):
        with pytest.raises(InvalidParameterError, match="a folder"):
            read_pairs(path)


def test_missing_picture_is_told(tmp_path):
    with pytest.raises(InputImageError, match="No such file"):
        read(tmp_path / "a.png")


def test_sample_is_from_all_over():
    names = [str(number) for number in range(10)]
    assert spread_over(names, 4) == ["0", "2", "5", "7"]
    assert spread_over(names, 10) == spread_over(names, 99) == names
    assert spread_over([], 4) == []
