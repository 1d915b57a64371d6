import pytest

from comfy_gen.config import DEFAULT_ENGINE, Settings, read_settings


def test_nothing_set_gives_the_defaults():
    settings = read_settings({})
    assert settings == Settings()
    assert settings.engine_url == DEFAULT_ENGINE == "http://127.0.0.1:8188"
    assert settings.bucket.name == "comfy-gen"


def test_empty_variable_counts_as_not_set():
    assert read_settings({"COMFYUI_API_BASE": ""}).engine_url == DEFAULT_ENGINE


def test_engine_is_read():
    assert read_settings({"COMFYUI_API_BASE": "http://gpu-1:8188"}).engine_url == "http://gpu-1:8188"


@pytest.mark.parametrize(
    "environ",
    [
        {
            "S3_ENDPOINT_URL": "http://store:9000",
            "S3_ACCESS_KEY_ID": "key",
            "S3_SECRET_ACCESS_KEY": "secret",
            "S3_BUCKET_NAME": "pictures",
        },
        {
            "MINIO_ENDPOINT": "store:9000",
            "MINIO_ACCESS_KEY": "key",
            "MINIO_SECRET_KEY": "secret",
            "MINIO_BUCKET": "pictures",
        },
    ],
)
def test_bucket_is_read_by_either_name(environ):
    bucket = read_settings(environ).bucket
    assert (bucket.endpoint_url, bucket.access_key, bucket.secret_key) == ("http://store:9000", "key", "secret")
    assert bucket.name == "pictures"


def test_secret_is_not_shown():
    assert "hunter2" not in repr(read_settings({"S3_SECRET_ACCESS_KEY": "hunter2"}))
