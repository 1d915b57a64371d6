import pytest

from comfy_gen.workflows.matching import file_name, match_model, stem_of


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("styles/ink.safetensors", "styles/ink.safetensors"),
        ("ink.safetensors", "styles/ink.safetensors"),
        ("ink", "styles/ink.safetensors"),
        ("v1.5", "v1.5.ckpt"),
        ("win/line", "win\\line.pt"),
        ("two", "two"),
        ("none", "none"),
    ],
)
def test_file_is_found_by_what_people_call_it(name, file):
    files = ["styles/ink.safetensors", "v1.5.ckpt", "win\\line.pt", "two.ckpt", "two.safetensors"]
    assert match_model(name, files) == file


def test_name_and_stem_are_without_folder_whichever_slash_it_has():
    assert file_name("win\\line.v2.pt") == "line.v2.pt"
    assert stem_of("styles/line.v2.pt") == "line.v2"
    assert stem_of("styles/.hidden") == ".hidden"
