"""Each client with a key and without, where one is needed: all but `comfy-ui-client`, which cannot bring any."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from comfy_api_simplified import ComfyApiError, ComfyApiWrapper

from tests.contracts.graphs import text_to_image
from tests.dialects.calls import try_client
from tests.dialects.conftest import over_a_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.dialects.calls import Calls
    from tests.dialects.peer import Peer

KEY = "a-key-for-these-tests"
REFUSED = {
    "comfyorg": ("Unauthorized", "httpStatus"),
    "openai": ("AuthenticationError", "status"),
    "saintno": ("Response", "status"),
    "stable-canvas": ("g", "status"),
}
"""The error of each, and what has its status; `runpod-sdk` has another one's."""


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """A service that nobody uses without the key."""
    with over_a_sandbox(tmp_path_factory.mktemp("locked"), COMFYGEN_API_KEY=KEY) as peer:
        yield peer


@pytest.fixture(scope="module")
def calls(locked: Peer) -> Mapping[str, Calls]:
    """What each client tells; they are tried at the same time."""
    places = {
        "comfyorg": locked.url,
        "openai": locked.url,
        "runpod": locked.url,
        "saintno": locked.comfyui_path,
        "stable-canvas": locked.comfyui,
    }
    with ThreadPoolExecutor() as pool:
        running = {name: pool.submit(try_client, f"{name}.mjs", url, "keyed", KEY) for name, url in places.items()}
        return {name: one.result() for name, one in running.items()}


@pytest.mark.parametrize("name", REFUSED)
def test_client_without_a_key_is_refused_with_its_own_error(calls: Mapping[str, Calls], name: str) -> None:
    kind, status = REFUSED[name]
    error = calls[name].error("without a key")
    assert (error["name"], error[status]) == (kind, 401)


def test_endpoint_without_a_key_is_refused(calls: Mapping[str, Calls]) -> None:
    assert "401" in calls["runpod"].error("without a key")["message"]


@pytest.mark.parametrize("name", [*REFUSED, "runpod"])
def test_client_with_a_key_has_its_picture(calls: Mapping[str, Calls], locked: Peer, name: str) -> None:
    assert calls[name].result("with a key")["sha256"] in locked.kept()


def test_client_that_signs_in_by_name_has_the_key_for_a_password(locked: Peer) -> None:
    with pytest.raises(ComfyApiError, match="401"):
        ComfyApiWrapper(locked.comfyui).queue_prompt(text_to_image())
    api = ComfyApiWrapper(locked.comfyui, user="anybody", password=KEY)
    graph = text_to_image()
    for node in graph.values():
        node["_meta"] = {"title": node["class_type"]}
    assert api.queue_and_wait_images(graph, "SaveImage")
