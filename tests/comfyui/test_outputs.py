import pytest

from comfy_gen.comfyui.outputs import extract_output_images, extract_output_texts, extract_outputs, kind_of

ENTRY = {
    "outputs": {
        "9": {"images": [{"filename": "a.png", "subfolder": "x", "type": "output"}], "animated": [False]},
        "10": {"images": [{"filename": "b.mp4", "subfolder": "", "type": "output"}]},
        "11": {"text": ["hello", 3], "audio": [{"filename": "c.flac"}]},
        "12": {"text": "no list"},
    },
    "status": {"status_str": "success"},
}


def test_files_of_every_kind_are_told_apart_by_their_names():
    assert [(file["filename"], file["kind"]) for file in extract_outputs(ENTRY)] == [
        ("a.png", "image"),
        ("b.mp4", "video"),
        ("c.flac", "audio"),
    ]


def test_pictures_are_as_the_client_wants_them():
    (picture,) = extract_output_images(ENTRY)
    assert picture == {"filename": "a.png", "subfolder": "x", "type": "output", "node_id": "9", "kind": "image"}


def test_whole_history_is_searched():
    assert len(extract_outputs({"p1": ENTRY, "p2": ENTRY, "odd": 3})) == 6
    assert extract_outputs({}) == []


def test_texts_that_nodes_showed_are_returned():
    assert extract_output_texts(ENTRY) == ["hello", "3"]


@pytest.mark.parametrize(
    ("name", "kind"), [("A.PNG", "image"), ("a.glb", "3d"), ("a.txt", "text"), ("a.latent", "file"), ("a", "file")]
)
def test_kind_is_that_of_the_suffix(name, kind):
    assert kind_of(name) == kind
