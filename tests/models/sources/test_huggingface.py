import logging

import pytest

from comfy_gen.errors import ModelReferenceError, ModelSourceError
from comfy_gen.models.model import Model
from comfy_gen.models.reference import HuggingFaceFile
from comfy_gen.models.sources import huggingface
from comfy_gen.models.sources.huggingface import HuggingFaceSource
from tests.models.sources.servers import COMMIT, CONTENT, LET_IN, REPOSITORIES, SHA256, TOKEN, hugging_face, served


@pytest.fixture
async def app():
    return hugging_face()


@pytest.fixture
async def url(app):
    async with served(app) as url:
        yield url


async def test_repositorys_only_file_is_found_with_all_that_is_said_of_it(url):
    offer = await HuggingFaceSource(url).find(HuggingFaceFile("maker/styles"))
    assert offer.url == f"{url}/maker/styles/resolve/{COMMIT}/watercolour.safetensors"
    assert dict(offer.headers) == {}
    assert offer.model == Model(
        file="watercolour.safetensors",
        folder="loras",
        title="maker/styles",
        source="hf:maker/styles/watercolour.safetensors",
        sha256=SHA256,
        size=len(CONTENT),
        licence="openrail++",
        base="sdxl",
        triggers=("in watercolour",),
        page="https://huggingface.co/maker/styles",
    )


async def test_folder_is_read_off_the_path_and_the_licences_own_name_is_told(url):
    offer = await HuggingFaceSource(url).find(HuggingFaceFile("maker/several", "split_files/vae/one.safetensors"))
    assert (offer.model.folder, offer.model.licence) == ("vae", "their-own")


async def test_revision_is_kept_in_what_is_told(url):
    offer = await HuggingFaceSource(url).find(HuggingFaceFile("maker/styles", revision="refs/pr/1"))
    assert offer.model.source == "hf:maker/styles@refs%2Fpr%2F1/watercolour.safetensors"


async def test_name_that_many_have_becomes_the_repositorys(url):
    assert (await HuggingFaceSource(url).find(HuggingFaceFile("maker/common"))).model.file == "common.fp16.safetensors"


async def test_name_that_is_a_path_out_of_the_folder_becomes_plain(url):
    offer = await HuggingFaceSource(url).find(HuggingFaceFile("maker/evil"))
    assert offer.model.file == "evil.safetensors"


async def test_token_goes_with_the_file(url):
    offer = await HuggingFaceSource(url, token=TOKEN).find(HuggingFaceFile("maker/styles"))
    assert offer.headers == {"Authorization": f"Bearer {TOKEN}"}
    assert TOKEN not in repr(offer)


async def test_token_that_somebody_keeps_goes_to_the_hub_alone(url, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "kept")
    offer = await HuggingFaceSource(url).find(HuggingFaceFile("maker/styles"))
    assert dict(offer.headers) == {}


@pytest.mark.parametrize(
    ("reference", "reason", "nearest"),
    [
        (
            HuggingFaceFile("maker/several"),
            "2 files of weights",
            [
                "hf:maker/several/split_files/vae/one.safetensors",
                "hf:maker/several/split_files/text_encoders/two.safetensors",
            ],
        ),
        (
            HuggingFaceFile("maker/styles", "watercolor.safetensors"),
            "no such file",
            ["hf:maker/styles/watercolour.safetensors"],
        ),
        (HuggingFaceFile("maker/words"), "0 files of weights", []),
    ],
)
async def test_file_that_is_not_there_is_told_with_those_that_are(url, reference, reason, nearest):
    with pytest.raises(ModelReferenceError) as caught:
        await HuggingFaceSource(url).find(reference)
    assert reason in caught.value.message
    assert list(caught.value.nearest) == nearest


@pytest.mark.parametrize(
    ("name", "token", "reason", "advice"),
    [
        ("maker/nothing", "", "there is no maker/nothing", "HF_TOKEN"),
        ("maker/nothing", TOKEN, "there is no maker/nothing", "models search"),
        ("maker/gated", "", "gated", "/maker/gated"),
        ("maker/gated", TOKEN, "have not let this account in", "accept its terms"),
        ("maker/styles", "wrong", "refuses the token", "HF_TOKEN"),
        ("maker/busy", "", "too often", "later"),
        ("maker/broken", TOKEN, "status 500", "later"),
        ("maker/other", "", "otherwise than Hugging Face", ""),
        ("maker/words-only", "", "otherwise than Hugging Face", ""),
    ],
)
async def test_what_is_not_given_away_says_why_and_never_the_token(url, name, token, reason, advice):
    with pytest.raises(ModelSourceError) as caught:
        await HuggingFaceSource(url, token=token).find(HuggingFaceFile(name))
    assert reason in caught.value.message
    assert advice in caught.value.hint
    assert not token or token not in f"{caught.value} {caught.value.hint}"


async def test_revision_that_is_not_there_is_told(url):
    with pytest.raises(ModelSourceError, match="no revision 'v9'"):
        await HuggingFaceSource(url).find(HuggingFaceFile("maker/styles", revision="v9"))


async def test_account_that_was_let_in_gets_what_is_gated(app, url):
    app._state[LET_IN] = True
    offer = await HuggingFaceSource(url, token=TOKEN).find(HuggingFaceFile("maker/gated"))
    assert offer.model.file == "gated.safetensors"


async def test_silent_server_is_given_up(url, monkeypatch):
    monkeypatch.setattr(huggingface, "TIMEOUT", 0.05)
    with pytest.raises(ModelSourceError, match="does not answer"):
        await HuggingFaceSource(url).find(HuggingFaceFile("maker/slow"))


async def test_search_of_a_silent_server_is_given_up(url, monkeypatch):
    monkeypatch.setattr(huggingface, "TIMEOUT", 0.05)
    with pytest.raises(ModelSourceError, match="does not answer"):
        await HuggingFaceSource(url).search("slow")


async def test_hub_that_is_not_to_be_asked_is_not(url, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelSourceError, match="HF_HUB_OFFLINE"):
        await HuggingFaceSource(url).find(HuggingFaceFile("maker/styles"))


async def test_search_tells_models_and_choices(url):
    found = {one.model.title: one for one in await HuggingFaceSource(url).search("maker")}
    assert found["maker/styles"].model.source == "hf:maker/styles/watercolour.safetensors"
    assert found["maker/styles"].files == ()
    assert found["maker/several"].model.file == ""
    assert found["maker/several"].files[0] == "hf:maker/several/split_files/vae/one.safetensors"
    assert found["maker/gated"].is_gated
    assert "maker/words" not in found


async def test_search_in_a_folder_leaves_out_what_is_for_another(url):
    titles = {one.model.title for one in await HuggingFaceSource(url).search("maker", folder="loras")}
    assert "maker/styles" in titles
    assert "maker/common" not in titles


async def test_client_says_nothing_of_its_own_at_the_terminal(url, capfd):
    await HuggingFaceSource(url).search("maker")
    logging.getLogger("huggingface_hub.utils").warning("said by the server")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("size", "sha256", "told"),
    [
        ("9", SHA256, (None, SHA256)),
        (-1, "../x", (None, "")),
        (10**16, "", (None, "")),
        (5, SHA256.upper(), (5, SHA256)),
    ],
)
async def test_size_and_hash_that_are_none_count_as_not_told(url, monkeypatch, size, sha256, told):
    sibling = {"rfilename": "a.safetensors", "size": size, "lfs": {"size": 1, "sha256": sha256, "pointerSize": 1}}
    monkeypatch.setitem(REPOSITORIES, "maker/odd", REPOSITORIES["maker/styles"] | {"siblings": [sibling]})
    model = (await HuggingFaceSource(url).find(HuggingFaceFile("maker/odd"))).model
    assert (model.size, model.sha256) == told
