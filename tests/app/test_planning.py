"""The settings reach whatever plans and composes."""

import asyncio
from dataclasses import replace

import pytest

from comfy_gen.app import open_queue
from comfy_gen.app.planner import Raw
from comfy_gen.app.planning import build_composer, build_planner
from comfy_gen.composition.ask import Ask
from comfy_gen.config import Settings
from comfy_gen.errors import GraphTooLargeError, NodeNotAllowedError
from comfy_gen.library.recipes import Recipes
from tests.composition.builders import write

GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 1}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}
OWN = """
from modifiers.basemodifier import BaseModifier

class Poster(BaseModifier):
    WORKFLOW_JSON = "sd15"
"""


def settings(folder, *, composition=None, jobs=None, **api):
    usual = Settings()
    return replace(
        usual,
        comfyui=replace(usual.comfyui, url="http://127.0.0.1:9"),
        jobs=replace(usual.jobs, data_dir=folder / "data", **(jobs or {})),
        composition=replace(usual.composition, **(composition or {})),
        api=replace(usual.api, **api),
    )


@pytest.fixture
async def open_one(tmp_path):
    """Open a queue, and build for it what plans: ``await open_one(max_nodes=1)``; names are those of settings."""
    opened = []

    async def go(**said):
        chosen = settings(tmp_path, **said)
        opening = open_queue(chosen)
        opened.append(opening)
        queue = await opening.__aenter__()
        return queue, chosen, await build_planner(queue, chosen)

    async with asyncio.timeout(30):
        yield go
        for opening in opened:
            await opening.__aexit__(None, None, None)


async def test_bounds_of_the_settings_are_those_of_the_planner(open_one):
    *_, planner = await open_one(max_nodes=1)
    with pytest.raises(GraphTooLargeError):
        await planner.plan(Raw(GRAPH))
    *_, planner = await open_one(denied_nodes=("Save*",))
    with pytest.raises(NodeNotAllowedError, match="SaveImage"):
        await planner.plan(Raw(GRAPH))


async def test_modifiers_are_read_from_the_folder_of_the_settings(open_one, tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    *_, planner = await open_one(jobs={"modifiers_dir": tmp_path})
    assert "Poster" in planner.modifiers.names()


async def test_composer_reads_the_folders_of_the_settings_and_keeps_in_the_database(open_one, tmp_path):
    for name in ("categories", "wild"):
        (tmp_path / name).mkdir()
    write(tmp_path / "categories", "teapot")
    (tmp_path / "wild" / "tea.txt").write_text("green tea\n")
    folders = {"categories_dir": tmp_path / "categories", "wildcards_dir": tmp_path / "wild"}
    queue, chosen, planner = await open_one(composition=folders)
    recipe = (await build_composer(queue, chosen, planner).compose(Ask(input="@teapot with __tea__"))).recipe
    assert recipe.categories == ("teapot",)
    assert "green tea" in recipe.positive_prompt
    assert await Recipes(queue.store.transactions).get(recipe.id) == recipe


async def test_planner_asks_the_engines_of_the_fleet_that_it_is_given(tmp_path):
    class Fleet:
        names = ()

        def lacks(self, need):
            return ()

        def health(self):
            return []

    chosen = settings(tmp_path)
    async with asyncio.timeout(30), open_queue(chosen) as queue:
        planner = await build_planner(queue, chosen, fleet=Fleet)
        assert (await planner.plan(Raw(GRAPH))).workflow == GRAPH
        assert await planner.knowledge.count() == 0
