from __future__ import annotations

from dataclasses import replace

from comfy_gen.app.models import build_fetcher, build_sources, open_models
from comfy_gen.config import Settings
from comfy_gen.models.registry import FILE_NAME


def settings_for(folder):
    settings = Settings()
    return replace(settings, models=replace(settings.models, directory=folder, civitai_url="http://civitai.test"))


def test_models_are_kept_where_the_settings_say_with_their_list_among_them(tmp_path):
    local = open_models(settings_for(tmp_path))
    assert local.folder.root == tmp_path
    assert local.registry.path == tmp_path / FILE_NAME


def test_another_folder_goes_before_that_of_the_settings(tmp_path):
    assert open_models(settings_for(tmp_path), tmp_path / "other").folder.root == tmp_path / "other"


async def test_fetcher_plans_into_the_folder(tmp_path):
    (tmp_path / "vae").mkdir()
    assert await build_fetcher(settings_for(tmp_path)).plan([]) == []


def test_sources_are_those_of_the_settings(tmp_path):
    sources = build_sources(settings_for(tmp_path), allow_private=True)
    assert sources.civitai is not None
