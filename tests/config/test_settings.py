import pytest

from comfy_gen.comfyui.http import ClientOptions
from comfy_gen.config.settings import (
    DEFAULT_ENGINE,
    ApiOptions,
    ComfyUIOptions,
    Settings,
    WebSocketOptions,
)
from comfy_gen.storage.s3 import BucketOptions


def test_nothing_set_gives_the_client_its_own_options():
    assert Settings().client_options() == ClientOptions()


@pytest.mark.parametrize(
    ("options", "address"),
    [
        (ComfyUIOptions(), DEFAULT_ENGINE),
        (ComfyUIOptions(protocol="https", host="gpu-1", port=443), "https://gpu-1:443"),
        (ComfyUIOptions(host="::1"), "http://[::1]:8188"),
        (ComfyUIOptions(url="http://proxy/gpu-1", host="other"), "http://proxy/gpu-1"),
    ],
)
def test_engine_is_what_the_section_says(options, address):
    assert Settings(comfyui=options).engine_url == address


def test_websocket_section_is_how_the_client_behaves():
    options = Settings(websocket=WebSocketOptions(enable=False, reconnect_attempts=5, reconnect_delay=2))
    made = options.client_options()
    assert made.use_websocket is False
    assert made.reconnect_delay == 2
    assert made.give_up == 2 + 4 + 8 + 10 + 10


def test_long_delay_is_never_shortened():
    made = Settings(websocket=WebSocketOptions(reconnect_delay=60, reconnect_attempts=2)).client_options()
    assert (made.reconnect_delay_max, made.give_up) == (60, 120)


@pytest.mark.parametrize(("timeout", "read_timeout"), [(10, 10), (300, 60), (None, 60)])
def test_request_waits_no_longer_than_a_prompt(timeout, read_timeout):
    assert Settings(comfyui=ComfyUIOptions(timeout=timeout)).client_options().read_timeout == read_timeout


def test_secrets_are_never_shown():
    settings = Settings(
        comfyui=ComfyUIOptions(url="http://u:hunter2@h"), bucket=BucketOptions(secret_key="correct horse")
    )
    assert "hunter2" not in repr(settings)
    assert "correct horse" not in repr(settings)
    assert settings.secrets == ("correct horse",)
    assert Settings().secrets == ()


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("pictures.local", "http://pictures.local:8000"),
    ],
)
def test_address_is_one_that_can_be_opened(host, address):
    assert ApiOptions(host=host).address == address
