from __future__ import annotations

from comfy_gen.sandbox.options import DEFAULT_MODELS, FOLDERS, SandboxOptions
from comfy_gen.workflows.catalogue import load_template, template_names


def test_default_models_are_in_folders_that_exist():
    assert DEFAULT_MODELS.keys() <= set(FOLDERS)
    assert SandboxOptions().models is DEFAULT_MODELS


def test_default_models_are_enough_for_every_shipped_template():
    wanted = {(model.folder, model.file) for name in template_names() for model in load_template(name).models}
    assert {(folder, file) for folder, file in wanted if file not in DEFAULT_MODELS[folder]} == set()
