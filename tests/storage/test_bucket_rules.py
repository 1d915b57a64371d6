"""What a bucket's rules let everybody do; `tests/live` has the same against a server that holds them all."""

import dataclasses
import urllib.error
import urllib.request

import pytest

from comfy_gen.errors import StorageError
from comfy_gen.storage.bucket_rules import BucketRules
from comfy_gen.storage.policies import allowed_to_all
from comfy_gen.storage.s3 import BucketOptions

pytest.importorskip("boto3", reason="pip install 'comfygen-server[s3]'")
MINE = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::{}/kept"}


@pytest.fixture
def rules(moto_bucket):
    return BucketRules(moto_bucket)


def put(rules, *keys):
    for key in keys:
        rules._client.put_object(Bucket=rules.options.name, Key=key, Body=b"pixels")


def fetch(url):
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_bucket_is_made_once_and_is_private(rules):
    assert rules.make()
    assert not rules.make()
    put(rules, "a.png")
    assert rules.access().reads is False
    assert fetch(rules.link("a.png", is_public=True)) == 403


def test_bucket_elsewhere_is_made_there(moto_bucket):
    rules = BucketRules(dataclasses.replace(moto_bucket, region="eu-central-1"))
    assert rules.make()
    place = rules._client.get_bucket_location(Bucket=rules.options.name)
    assert place["LocationConstraint"] == "eu-central-1"


def test_public_bucket_is_read_by_everybody_and_not_written(rules):
    rules.make()
    put(rules, "a b.png")
    access = rules.open_to_all()
    assert (access.allowed, access.reads, access.is_public) == (("s3:GetObject",), True, True)
    assert fetch(rules.link("a b.png", is_public=True)) == b"pixels"


def test_bucket_that_is_closed_again_is_read_by_nobody(rules):
    rules.make()
    put(rules, "a.png")
    rules.open_to_all()
    access = rules.close_to_all()
    assert (access.allowed, access.reads, access.is_public) == ((), False, False)
    assert rules.policy() is None


def test_private_object_is_had_by_a_signed_link(rules):
    rules.make()
    put(rules, "a.png")
    assert fetch(rules.link("a.png", is_public=False)) == b"pixels"


def test_rules_of_others_stay(rules):
    rules.make()
    mine = {**MINE, "Resource": MINE["Resource"].format(rules.options.name)}
    rules._set({"Version": "2012-10-17", "Statement": [mine]})
    rules.open_to_all()
    assert mine in rules.policy()["Statement"]
    rules.close_to_all()
    assert rules.policy()["Statement"] == [mine]
    assert allowed_to_all(rules.policy()) == ()


def test_empty_bucket_is_as_public_as_its_policy_says(rules):
    rules.make()
    access = rules.open_to_all()
    assert access.reads is None
    assert access.is_public


def test_every_object_is_listed_beyond_one_page(rules, monkeypatch):
    rules.make()
    put(rules, *(f"a/{number}.png" for number in range(5)), "b.png")
    whole = rules._client.list_objects_v2
    monkeypatch.setattr(rules._client, "list_objects_v2", lambda **how: whole(**how, MaxKeys=2))
    files = list(rules.files("a/"))
    assert [file.key for file in files] == [f"a/{number}.png" for number in range(5)]
    assert {file.size for file in files} == {6}


def test_missing_bucket_says_how_it_is_made(rules):
    with pytest.raises(StorageError, match="NoSuchBucket") as caught:
        rules.open_to_all()
    assert caught.value.hint == f"make it: comfygen storage create-bucket {rules.options.name}"


def test_server_without_policies_says_so(rclone_bucket):
    rules = BucketRules(rclone_bucket)
    rules.make()
    with pytest.raises(StorageError) as caught:
        rules.open_to_all()
    assert caught.value.is_refused
    assert "keeps no policies" in caught.value.hint


def test_wrong_login_is_refused(rclone_endpoint):
    rules = BucketRules(BucketOptions("b-" + "x" * 8, rclone_endpoint, "somebody", "else"))
    with pytest.raises(StorageError) as caught:
        rules.make()
    assert caught.value.is_refused
    assert "login" in caught.value.hint


def test_endpoint_that_is_no_url_is_a_storage_error():
    with pytest.raises(StorageError, match="Invalid endpoint"):
        BucketRules(BucketOptions(endpoint_url="nowhere"))


def test_public_address_is_what_links_hold(moto_bucket):
    options = dataclasses.replace(moto_bucket, public_url="https://pictures.example/")
    rules = BucketRules(options)
    assert rules.link("a.png", is_public=True) == f"https://pictures.example/{options.name}/a.png"
    assert rules.link("a.png", is_public=False).startswith(f"https://pictures.example/{options.name}/a.png?")
