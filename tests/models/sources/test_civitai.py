import socket

import pytest

from comfy_gen.errors import ModelReferenceError, ModelSourceError
from comfy_gen.models.model import Model
from comfy_gen.models.reference import CivitaiVersion
from comfy_gen.models.sources.civitai import CivitaiSource
from tests.models.sources.servers import SHA256, TOKEN, civitai, served


@pytest.fixture
async def url():
    async with served(civitai()) as url:
        yield url


async def test_version_is_found_with_all_that_is_said_of_it(url):
    offer = await CivitaiSource(url).find(CivitaiVersion(7))
    assert offer.url == f"{url}/api/download/models/7"
    assert offer.model == Model(
        file="pencil.safetensors",
        folder="loras",
        title="Pencil v2",
        source="civitai:7",
        sha256=SHA256,
        licence="Civitai: credit the maker; may sell pictures, services",
        base="sdxl",
        triggers=("in pencil", "a"),
        page="https://civitai.com/models/70?modelVersionId=7",
    )


async def test_models_newest_version_is_found(url):
    assert (await CivitaiSource(url).find(CivitaiVersion(0, model=70))).model.source == "civitai:7"


async def test_file_that_is_named_is_the_one(url):
    offer = await CivitaiSource(url).find(CivitaiVersion(7, "pencil-vae.safetensors"))
    assert (offer.model.file, offer.model.folder) == ("pencil-vae.safetensors", "vae")
    assert offer.model.source == "civitai:7/pencil-vae.safetensors"


async def test_token_goes_with_a_file_of_the_server_itself(url):
    offer = await CivitaiSource(url, token=TOKEN).find(CivitaiVersion(7))
    assert offer.headers == {"Authorization": f"Bearer {TOKEN}"}
    assert TOKEN not in repr(offer)


async def test_token_does_not_go_elsewhere_and_names_become_plain(url):
    offer = await CivitaiSource(url, token=TOKEN).find(CivitaiVersion(8))
    assert offer.url == "https://elsewhere.test/evil"
    assert dict(offer.headers) == {}
    assert offer.model.file == "evil.safetensors"


async def test_values_of_other_kinds_count_as_not_there(url):
    model = (await CivitaiSource(url).find(CivitaiVersion(10))).model
    assert (model.sha256, model.triggers, model.title) == ("", (), "Pencil")


async def test_file_that_is_not_there_is_told_with_those_that_are(url):
    with pytest.raises(ModelReferenceError) as caught:
        await CivitaiSource(url).find(CivitaiVersion(7, "pencils.safetensors"))
    assert caught.value.nearest[0] == "civitai:7/pencil.safetensors"


async def test_version_without_files_says_so(url):
    with pytest.raises(ModelReferenceError, match="no such file"):
        await CivitaiSource(url).find(CivitaiVersion(9))


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (1, "no version 1"),
        (401, "to accounts only"),
        (429, "too often"),
        (500, "status 500"),
        (302, "status 302"),
        (16, "otherwise than Civitai"),
        (4, "otherwise than Civitai"),
    ],
)
async def test_what_is_not_given_away_says_why_and_never_the_token(url, number, reason):
    with pytest.raises(ModelSourceError) as caught:
        await CivitaiSource(url, token=TOKEN).find(CivitaiVersion(number))
    assert reason in caught.value.message
    assert TOKEN not in f"{caught.value} {caught.value.hint}"


async def test_model_without_versions_says_so(url):
    with pytest.raises(ModelSourceError, match="no version"):
        await CivitaiSource(url).find(CivitaiVersion(0, model=71))


async def test_nobody_there_says_so():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ModelSourceError, match="connection refused"):
            await CivitaiSource(f"http://127.0.0.1:{taken.getsockname()[1]}").find(CivitaiVersion(7))


async def test_search_tells_what_comfyui_loads_and_nothing_for_adults(url):
    (found,) = await CivitaiSource(url).search("pencil", folder="loras")
    assert (found.model.title, found.model.source, found.downloads) == ("Pencil v2", "civitai:7", 500)


async def test_search_in_a_folder_that_civitai_has_nothing_for_asks_nobody():
    assert await CivitaiSource("http://127.0.0.1:1").search("pencil", folder="clip_vision") == []


@pytest.mark.parametrize("text", ["broken", "list"])
async def test_answer_of_another_kind_is_told(url, text):
    with pytest.raises(ModelSourceError, match="otherwise than Civitai"):
        await CivitaiSource(url).search(text)
