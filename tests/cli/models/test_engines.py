from __future__ import annotations

import pytest

from comfy_gen.cli.models.engines import EngineModels, all_models, vram_of
from comfy_gen.engines.registry import make_entry

ENTRY = make_entry("http://gpu-1:8188", name="gpu-1", tags=(), weight=1.0, depth=2, taken=())


def test_only_folders_with_files_are_told_and_built_in_names_are_no_files():
    engine = EngineModels(ENTRY, {"vae": ["pixel_space"], "loras": ["b", "a"], "gligen": [], "checkpoints": ["c"]})
    assert engine.files() == {"checkpoints": ["c"], "loras": ["b", "a"]}
    assert engine.files("loras") == {"loras": ["b", "a"]}
    assert engine.files("vae") == {}
    assert engine.name == "gpu-1"


def test_files_of_all_engines_are_put_together():
    engines = [EngineModels(ENTRY, {"loras": ["b"]}), EngineModels(ENTRY, {"loras": ["a", "b"], "vae": ["c"]})]
    assert all_models(engines) == {"loras": ["a", "b"], "vae": ["c"]}


@pytest.mark.parametrize(
    ("devices", "vram"),
    [
        ([{"type": "cuda", "vram_total": 8}, {"type": "cuda", "vram_total": 24}], 24),
        ([{"type": "cpu", "vram_total": 64}], None),
        ([{"type": "cuda", "vram_total": "many"}, 7, {"type": "mps", "vram_total": 16}], 16),
        ([], None),
        (None, None),
    ],
)
def test_memory_is_that_of_the_largest_device_but_the_processor(devices, vram):
    assert vram_of({"devices": devices}) == vram
