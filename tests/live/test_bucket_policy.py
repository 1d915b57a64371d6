"""Who may read a bucket, on a real S3 server that holds its buckets' policies: Ceph's gateway.

Where ``tests/live/ceph/install.py`` has not unpacked one, these are skipped.
"""

from __future__ import annotations

import shutil
import tempfile
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from comfy_gen.cli import main
from comfy_gen.errors import StorageError
from comfy_gen.jobs.ids import new_job_id
from comfy_gen.storage.boto import connect
from comfy_gen.storage.bucket_rules import Access, BucketRules
from comfy_gen.storage.s3 import Bucket, BucketOptions
from tests.components import running
from tests.live.ceph.install import default_directory, is_installed
from tests.live.ceph.server import Ceph
from tests.s3 import LOGIN

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTHING = Access((), reads=False, lists=False)
READING = Access(("s3:GetObject",), reads=True, lists=False)


@pytest.fixture(scope="module")
def ceph() -> Iterator[Ceph]:
    """A Ceph of this module's own."""
    root = default_directory()
    if not is_installed(root):
        pytest.skip("no Ceph is unpacked: python tests/live/ceph/install.py")
    folder = Path(tempfile.mkdtemp(prefix="ceph-"))
    try:
        with running(Ceph(root, folder), folder) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def options(ceph: Ceph) -> BucketOptions:
    """A bucket of the test's own, not made yet."""
    return BucketOptions(f"test-{new_job_id()}", ceph.endpoint, *LOGIN)


@pytest.fixture
def rules(options: BucketOptions) -> BucketRules:
    """A bucket with one picture."""
    made = BucketRules(options)
    assert made.make()
    assert not made.make()
    connect(options).client.put_object(Bucket=options.name, Key="a picture.png", Body=b"pixels")
    return made


def fetch(url: str) -> bytes | int:
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def stranger_may(options: BucketOptions, operation: str, **arguments: object) -> bool:
    connection = connect(options, is_signed=False)
    try:
        getattr(connection.client, operation)(Bucket=options.name, **arguments)
    except connection.failures:
        return False
    return True


def test_new_bucket_is_nobody_elses(rules: BucketRules) -> None:
    assert rules.access() == NOTHING
    assert fetch(rules.link("a picture.png", is_public=True)) == 403
    assert fetch(rules.link("a picture.png", is_public=False)) == b"pixels"


def test_public_bucket_is_read_by_everybody_and_neither_listed_nor_written(rules: BucketRules) -> None:
    assert rules.open_to_all() == READING
    assert fetch(rules.link("a picture.png", is_public=True)) == b"pixels"
    assert not stranger_may(rules.options, "list_objects_v2")
    assert not stranger_may(rules.options, "put_object", Key="theirs.png", Body=b"x")
    assert not stranger_may(rules.options, "delete_object", Key="a picture.png")
    assert not stranger_may(rules.options, "put_bucket_policy", Policy="{}")
    assert [file.key for file in rules.files()] == ["a picture.png"]


def test_bucket_that_is_closed_is_read_by_nobody(rules: BucketRules) -> None:
    rules.open_to_all()
    assert rules.close_to_all() == NOTHING
    assert fetch(rules.link("a picture.png", is_public=True)) == 403


def test_what_else_everybody_might_do_is_taken_back_and_other_rules_hold(rules: BucketRules) -> None:
    name = rules.options.name
    everything = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
    }
    guarding = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": f"arn:aws:s3:::{name}/a*"}
    rules._set({"Version": "2012-10-17", "Statement": [everything, guarding]})
    assert rules.access() == Access(("s3:*",), reads=True, lists=True)
    assert stranger_may(rules.options, "put_object", Key="theirs.png", Body=b"x")
    assert rules.open_to_all() == READING
    assert not stranger_may(rules.options, "put_object", Key="theirs.png", Body=b"x")
    assert rules.close_to_all() == NOTHING
    assert (rules.policy() or {})["Statement"] == [guarding]


def test_bucket_of_the_function_api_is_read_by_everybody(options: BucketOptions, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"pixels")
    assert fetch(Bucket(options).upload(path, "2026/a.png")) == b"pixels"
    assert BucketRules(options).access() == READING


def test_bucket_of_another_login_is_told(options: BucketOptions) -> None:
    with pytest.raises(StorageError) as caught:
        BucketRules(replace(options, secret_key="wrong")).make()
    assert caught.value.is_refused


def test_commands_do_the_same(
    options: BucketOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    for name, value in (
        ("MINIO_ENDPOINT", options.endpoint_url),
        ("MINIO_ACCESS_KEY", options.access_key),
        ("MINIO_SECRET_KEY", options.secret_key),
        ("MINIO_BUCKET", options.name),
    ):
        monkeypatch.setenv(name, value)
    assert main(["storage", "create-bucket"]) == 0
    connect(options).client.put_object(Bucket=options.name, Key="a.png", Body=b"pixels")
    assert main(["storage", "set-policy", "public-read"]) == 0
    assert "read a file whose address they know: yes\n  list the files: no" in capsys.readouterr().out
    assert main(["storage", "list", "--in", "bucket"]) == 0
    assert f"{options.endpoint_url}/{options.name}/a.png" in capsys.readouterr().out
    assert main(["storage", "set-policy", "private"]) == 0
    assert "read a file whose address they know: no" in capsys.readouterr().out
