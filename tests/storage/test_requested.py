import pytest

from comfy_gen.errors import InvalidParameterError, SealError, StorageError
from comfy_gen.storage.destination import Destination
from comfy_gen.storage.requested import RequestedBuckets
from comfy_gen.storage.seal import Login, Seal
from tests.s3 import LOGIN

SEAL = Seal("a secret of tests")
GUARDED = RequestedBuckets(SEAL, allow_private=False)
FREE = RequestedBuckets(SEAL, allow_private=True)
ASKED = {
    "endpoint_url": "https://s3.example.com",
    "bucket": "their-bucket",
    "region": "eu-west-1",
    "login": Login("their-key", "their-secret"),
}


def test_destination_holds_the_login_sealed():
    made = GUARDED.destination(**ASKED)
    assert (made.endpoint_url, made.bucket, made.region) == ("https://s3.example.com", "their-bucket", "eu-west-1")
    assert SEAL.open(made.sealed) == ASKED["login"]
    assert "their-secret" not in str(made.as_json())
    assert made.sealed not in repr(made)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"endpoint_url": "http://127.0.0.1:9000"}, "not public"),
        ({"endpoint_url": "http://169.254.169.254/"}, "not public"),
        ({"endpoint_url": "http://2130706433/"}, "not written as addresses are"),
        ({"endpoint_url": "ftp://s3.example.com"}, "only http and https"),
        ({"endpoint_url": "https://s3.example.com/\r\nx"}, "not a URL"),
        ({"endpoint_url": "https://" + "x" * 3_000}, "not a URL"),
        ({"endpoint_url": "https://me:hidden@s3.example.com"}, "access_key_id"),
        ({"bucket": "../other"}, "s3.bucket_name"),
        ({"bucket": "ab"}, "s3.bucket_name"),
        ({"region": "eu west"}, "s3.region"),
        ({"login": Login("", "their-secret")}, "s3.access_key_id"),
        ({"login": Login("their-key", "")}, "s3.secret_access_key"),
        ({"login": Login("their-key", "a\nb")}, "s3.secret_access_key"),
    ],
)
def test_destination_that_cannot_be_asked_is_refused(change, said):
    with pytest.raises(InvalidParameterError, match=said) as caught:
        GUARDED.destination(**ASKED | change)
    assert "hidden" not in str(caught.value)
    assert "their-secret" not in str(caught.value)


def test_private_address_is_for_those_who_allow_it():
    assert FREE.destination(**ASKED | {"endpoint_url": "http://127.0.0.1:9000"}).bucket == "their-bucket"


async def test_opened_bucket_takes_files(rclone_bucket):
    made = FREE.destination(
        endpoint_url=rclone_bucket.endpoint_url, bucket=rclone_bucket.name, region="us-east-1", login=Login(*LOGIN)
    )
    store = await FREE.open(made)
    await store.make_if_missing()
    assert not await store.exists("job/x.png")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9000", "http://localhost:9000"])
async def test_inner_address_is_not_opened_though_it_was_accepted(address):
    kept = Destination(address, "their-bucket", "us-east-1", SEAL.seal(ASKED["login"]))
    with pytest.raises(StorageError, match="public") as caught:
        await GUARDED.open(kept)
    assert caught.value.is_refused


async def test_empty_login_never_falls_back_to_one_of_this_machine():
    kept = Destination("https://s3.example.com", "their-bucket", "us-east-1", SEAL.seal(Login("", "")))
    with pytest.raises(InvalidParameterError, match="access_key_id"):
        await FREE.open(kept)


async def test_login_sealed_elsewhere_is_not_opened():
    kept = Destination("https://s3.example.com", "their-bucket", "us-east-1", Seal("other").seal(ASKED["login"]))
    with pytest.raises(SealError):
        await FREE.open(kept)
