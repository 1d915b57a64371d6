import sys
import urllib.request

import pytest

from comfy_gen.errors import MissingExtraError, StorageError
from comfy_gen.storage.s3 import Bucket, BucketOptions

boto3 = pytest.importorskip("boto3", reason="pip install 'comfygen-server[s3]'")


@pytest.fixture
def options(bucket_endpoint, request):
    return BucketOptions(
        name=f"b-{abs(hash(request.node.name))}", endpoint_url=bucket_endpoint, access_key="a", secret_key="b"
    )


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(b"pixels")
    return path


def test_file_is_stored_where_the_url_says(options, picture):
    url = Bucket(options).upload(picture, "2026/a picture.png")
    assert url == f"{options.endpoint_url}/{options.name}/2026/a%20picture.png"
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"pixels"
        assert answer.headers["Content-Type"] == "image/png"


def test_bucket_that_is_missing_is_made_readable_by_all(options, picture):
    bucket = Bucket(options)
    bucket.upload(picture, "a.png")
    assert '"s3:GetObject"' in bucket._client.get_bucket_policy(Bucket=options.name)["Policy"]


def test_rules_of_a_bucket_that_exists_are_left_alone(options, picture):
    bucket = Bucket(options)
    bucket._client.create_bucket(Bucket=options.name)
    bucket.upload(picture, "a.png")
    with pytest.raises(bucket._client.exceptions.ClientError, match="NoSuchBucketPolicy"):
        bucket._client.get_bucket_policy(Bucket=options.name)


def test_public_url_replaces_the_endpoint_for_readers():
    options = BucketOptions(name="b", endpoint_url="http://inside:9000", public_url="https://pictures.example/")
    assert Bucket(options).url("a.png") == "https://pictures.example/b/a.png"


def test_missing_file_is_a_storage_error(options, tmp_path):
    with pytest.raises(StorageError, match=r"gone\.png in bucket"):
        Bucket(options).upload(tmp_path / "gone.png", "a.png")


def test_server_that_is_not_there_is_a_storage_error(picture):
    options = BucketOptions(endpoint_url="http://127.0.0.1:9", access_key="a", secret_key="b")
    with pytest.raises(StorageError, match="Could not connect"):
        Bucket(options).upload(picture, "a.png")


def test_missing_extra_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(MissingExtraError) as caught:
        Bucket(BucketOptions())
    assert caught.value.hint == "install it: pip install 'comfygen-server[s3]'"
