import pytest

from comfy_gen.errors import ModelIntegrityError, ModelReferenceError, ModelSourceError
from comfy_gen.models.model import Model
from comfy_gen.models.sources import Sources
from tests.models.sources.servers import CONTENT, SHA256, civitai, hugging_face, served, web_server


@pytest.fixture
async def sources():
    async with served(hugging_face()) as hub, served(civitai()) as models:
        yield Sources(huggingface_url=hub, civitai_url=models, allow_private=True)


async def test_what_is_known_goes_before_what_its_source_says(sources):
    known = Model(
        name="mine", file="renamed.safetensors", folder="checkpoints", source="hf:maker/styles", licence="mine", size=1
    )
    model = (await sources.find(known)).model
    assert (model.name, model.file, model.folder, model.licence) == (
        "mine",
        "renamed.safetensors",
        "checkpoints",
        "mine",
    )
    assert (model.sha256, model.base) == (SHA256, "sdxl")


async def test_length_is_what_the_source_says(sources):
    known = Model(file="x.safetensors", folder="loras", source="hf:maker/styles", size=1)
    assert (await sources.find(known)).model.size == len(CONTENT)


async def test_length_that_the_source_does_not_say_is_what_is_known(sources):
    known = Model(file="x.safetensors", folder="loras", source="civitai:7", size=12)
    assert (await sources.find(known)).model.size == 12


async def test_another_file_than_the_known_one_is_refused_before_it_is_fetched(sources):
    known = Model(file="x.safetensors", folder="loras", source="hf:maker/styles", sha256="0" * 64)
    with pytest.raises(ModelIntegrityError, match="000000000000… is wanted"):
        await sources.find(known)


async def test_file_at_an_address_is_found(sources):
    async with served(web_server()) as url:
        model = (await sources.find(Model(file="", folder="", source=f"{url}/vae/plain.safetensors"))).model
    assert (model.file, model.folder) == ("plain.safetensors", "vae")


async def test_model_from_nowhere_says_so(sources):
    with pytest.raises(ModelReferenceError, match="nobody has said"):
        await sources.find(Model(file="x.safetensors", folder="vae"))


async def test_search_asks_all_and_tells_the_most_fetched_first(sources):
    searched = await sources.search("maker")
    assert [one.where for one in searched.found[:2]] == ["huggingface", "civitai"]
    assert not searched.failures
    assert len((await sources.search("maker", limit=1)).found) == 1


async def test_search_asks_only_the_one_that_is_named(sources):
    assert {one.where for one in (await sources.search("maker", where="civitai")).found} == {"civitai"}


async def test_source_that_does_not_answer_keeps_none_from_the_others():
    async with served(hugging_face()) as hub:
        searched = await Sources(huggingface_url=hub, civitai_url="http://127.0.0.1:9").search("maker")
    assert {one.where for one in searched.found} == {"huggingface"}
    assert [one.source for one in searched.failures] == ["Civitai"]


async def test_search_fails_where_no_source_answers():
    nowhere = Sources(huggingface_url="http://127.0.0.1:9", civitai_url="http://127.0.0.1:9")
    with pytest.raises(ModelSourceError, match=r"^Hugging Face and Civitai: .*; .* connection refused"):
        await nowhere.search("maker")
    with pytest.raises(ModelSourceError, match=r"^Civitai: "):
        await nowhere.search("maker", where="civitai")
