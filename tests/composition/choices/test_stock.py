import pytest

from comfy_gen.composition.choices.stock import Located, Stock
from comfy_gen.workflows.template import ModelNeed

FILES = {
    "checkpoints": frozenset({"base.safetensors", "xl/other.safetensors", "win\\third.ckpt", "a/two.pt", "b/two.pt"}),
    "loras": frozenset({"Ink_Brush_Style_v3.safetensors", "ink-brush-style-v3-flux.safetensors"}),
}
STOCK = Stock((), FILES, names=(("mapped*", "base.safetensors"), ("mapped-again", "two"), ("lost", "gone")))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("base.safetensors", Located("base.safetensors")),
        (
            "other.safetensors",
            Located("xl/other.safetensors", "other.safetensors is xl/other.safetensors on the engines"),
        ),
        ("Other.ckpt", Located("xl/other.safetensors", "Other.ckpt is xl/other.safetensors on the engines")),
        ("third.ckpt", Located("win\\third.ckpt", "third.ckpt is win\\third.ckpt on the engines")),
        ("mapped-again", Located("base.safetensors", "mapped-again is called base.safetensors here")),
        ("two.pt", None),
        ("lost", None),
        ("none", None),
    ],
)
def test_model_is_found_by_what_it_is_called(name, found):
    assert STOCK.locate(name, "checkpoints") == found


def test_engines_without_a_folder_have_nothing_in_it():
    assert STOCK.locate("base.safetensors", "vae") is None
    assert STOCK.similar("base.safetensors", "vae") is None


def test_where_nothing_is_known_every_name_is_taken_for_what_it_says():
    unknown = Stock((), names=(("mapped*", "base.safetensors"),))
    assert unknown.locate("any", "loras") == Located("any")
    assert unknown.locate("mapped", "loras") == Located("base.safetensors", "mapped is called base.safetensors here")
    assert unknown.has(ModelNeed("vae", "ae.safetensors", (), ""))
    assert unknown.nearest("any", "loras") == ()


def test_another_version_is_similar_and_another_family_is_not():
    found = STOCK.similar("ink-brush-style-v2.safetensors", "loras")
    assert found is not None
    assert found.file == "Ink_Brush_Style_v3.safetensors"
    assert STOCK.similar("crayon.safetensors", "loras") is None
    assert STOCK.similar("ink-brush-style-v3-xl.safetensors", "loras") is None


def test_files_are_there_by_their_name_in_either_slash_or_come_with_the_engine():
    assert STOCK.has(ModelNeed("checkpoints", "win/third.ckpt", (), ""))
    assert not STOCK.has(ModelNeed("checkpoints", "third.ckpt", (), ""))
    assert STOCK.has(ModelNeed("vae", "taesd", (), ""))


def test_nearest_files_are_told():
    assert STOCK.nearest("bass", "checkpoints")[0] == "base.safetensors"
