from comfy_gen.models.model import Model
from comfy_gen.models.sources.source import Found


def test_program_is_told_of_the_choice():
    found = Found(model=Model(file="", folder="vae", source="hf:a/b"), where="huggingface", files=("hf:a/b/c.ckpt",))
    told = found.as_json()
    assert (told["source"], told["where"], told["files"]) == ("hf:a/b", "huggingface", ["hf:a/b/c.ckpt"])
