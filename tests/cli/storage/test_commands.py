"""``comfygen storage``: buckets, files, and room for more."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import pytest

from comfy_gen.jobs.ids import new_job_id
from comfy_gen.pipeline.artifact import artifact_id
from comfy_gen.pipeline.collect import key_of
from comfy_gen.storage.bucket_rules import BucketRules
from tests.contracts.job_stores import artifact, open_desk
from tests.library.shelf import end, graph

YEARS_AGO = 1_600_000_000.0


@pytest.fixture
def data(comfygen, tmp_path, monkeypatch):
    """The folder where the command line finds jobs and files."""
    folder = tmp_path / "data"
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(folder))
    return folder


@pytest.fixture
def bucket(comfygen, data, moto_bucket, monkeypatch):
    """A bucket that the command line finds; not made yet."""
    pytest.importorskip("boto3", reason="pip install 'comfygen-server[s3]'")
    options = replace(moto_bucket, name=f"cli-{new_job_id()}")
    for name, value in (
        ("MINIO_ENDPOINT", options.endpoint_url),
        ("MINIO_ACCESS_KEY", options.access_key),
        ("MINIO_SECRET_KEY", options.secret_key),
        ("MINIO_BUCKET", options.name),
    ):
        monkeypatch.setenv(name, value)
    return options


def put(bucket, *keys):
    rules = BucketRules(bucket)
    for key in keys:
        rules._client.put_object(Bucket=bucket.name, Key=key, Body=b"pixels")


def key(job_id, suffix=".png"):
    return key_of(job_id, artifact_id(job_id, "9", "images", 0), suffix)


def made(data, *, ended=YEARS_AGO, size=1000):
    """Have a job with a file of some size; return its id."""

    async def go():
        async with open_desk(f"sqlite:///{data}/comfygen.db") as desk:
            desk.now = ended
            job = await desk.accept(workflow=graph())
            return await end(desk, job.job_id, artifacts=[replace(artifact(job.job_id), key=key(job.job_id))])

    job_id = asyncio.run(go())
    lay(data, key(job_id), size)
    return job_id


def lay(data, name, size=1000):
    path = data / "artifacts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    return path


def test_bucket_is_made_once(comfygen, bucket):
    assert "Made the bucket" in comfygen("storage", "create-bucket").out
    said = comfygen("storage", "create-bucket")
    assert said.code == 0
    assert "is there already" in said.out


def test_bucket_of_another_name_is_made(comfygen, bucket):
    name = f"other-{new_job_id()}"
    assert comfygen("storage", "create-bucket", name, "--json").json == {
        "bucket": name,
        "endpoint": bucket.endpoint_url,
        "created": True,
    }


def test_bucket_is_opened_and_closed(comfygen, bucket):
    comfygen("storage", "create-bucket")
    put(bucket, "a.png")
    opened = comfygen("storage", "set-policy")
    assert opened.code == 0
    assert "read a file whose address they know: yes" in opened.out
    assert comfygen("storage", "set-policy", "public-read", "--json").json["public"]
    closed = comfygen("storage", "set-policy", "private")
    assert "read a file whose address they know: no" in closed.out
    assert not comfygen("storage", "set-policy", "private", "--json").json["public"]


def test_policy_of_an_empty_bucket_is_told_as_such(comfygen, bucket):
    comfygen("storage", "create-bucket")
    assert "there is no file to try it with" in comfygen("storage", "set-policy").out


def test_policy_of_no_bucket_says_how_it_is_made(comfygen, bucket):
    said = comfygen("storage", "set-policy", "--bucket", "nowhere-at-all")
    assert said.code == 1
    assert "comfygen storage create-bucket nowhere-at-all" in said.err


def test_unknown_policy_is_refused(comfygen, bucket):
    assert comfygen("storage", "set-policy", "public-write").code == 2


def test_bucket_is_listed_with_links_that_fit_its_policy(comfygen, bucket):
    comfygen("storage", "create-bucket")
    put(bucket, "2026/a.png", "2026/notes.txt", "b.png")
    listed = comfygen("storage", "list", "--prefix", "2026/", "--images", "--json").json
    assert [file["key"] for file in listed["files"]] == ["2026/a.png"]
    assert "X-Amz-Signature" in listed["files"][0]["link"]
    comfygen("storage", "set-policy", "public-read")
    said = comfygen("storage", "list", "--limit", "2")
    assert f"{bucket.endpoint_url}/{bucket.name}/" in said.out
    assert "X-Amz" not in said.out
    assert "2 of 3 files, 18 B" in said.err


def test_signed_links_do_not_fill_the_table(comfygen, bucket):
    comfygen("storage", "create-bucket")
    put(bucket, "a.png")
    said = comfygen("storage", "list", "--in", "bucket")
    assert "a.png" in said.out
    assert "X-Amz" not in said.out


def test_folder_is_listed_where_there_is_no_bucket(comfygen, data):
    lay(data, "ab/one.png", 2_500)
    said = comfygen("storage", "list")
    assert "ab/one.png" in said.out
    assert said.err.endswith(f"in {data / 'artifacts'}.\n")
    assert "2.5 KB" in said.out
    assert comfygen("storage", "list", "--json").json["total_size"] == 2_500


def test_empty_place_is_told(comfygen, data):
    said = comfygen("storage", "list")
    assert (said.code, said.out) == (0, "")
    assert "no such files" in said.err


def test_rehearsal_says_what_would_go_and_deletes_nothing(comfygen, data):
    job_id = made(data)
    said = comfygen("storage", "prune", "--older-than", "30d", "--dry-run")
    assert said.code == 0
    assert f"To go for their age: 1 job with 1 file, 1 KB.\n  {job_id[:4]}" in said.out
    assert "That leaves 0 B." in said.out
    assert (data / "artifacts" / key(job_id)).exists()


def test_nothing_goes_unless_somebody_is_sure(comfygen, data):
    job_id = made(data)
    said = comfygen("storage", "prune", "--older-than", "30d")
    assert said.code == 2
    assert "--yes" in said.err
    assert (data / "artifacts" / key(job_id)).exists()


def test_old_jobs_go_and_favorites_stay(comfygen, data):
    old, kept = made(data), made(data)
    comfygen("favorites", "add", kept)
    said = comfygen("storage", "prune", "--older-than", "30d", "--yes")
    assert said.code == 0
    assert "1 favorite would go too, and stay." in said.out
    assert "1 job deleted: 1 KB." in said.out
    assert not (data / "artifacts" / key(old)).exists()
    assert (data / "artifacts" / key(kept)).exists()
    assert comfygen("jobs", "show", old).code != 0


def test_longest_ended_go_for_the_room(comfygen, data):
    first, second = made(data), made(data, ended=YEARS_AGO + 1)
    pruned = comfygen("storage", "prune", "--max-size", "1KB", "--yes", "--json").json
    assert pruned["deleted"]["jobs"] == [first]
    assert (pruned["left"], pruned["enough"]) == (1000, True)
    assert (data / "artifacts" / key(second)).exists()


def test_too_little_that_may_go_is_a_failure(comfygen, data):
    kept = made(data)
    comfygen("favorites", "add", kept)
    said = comfygen("storage", "prune", "--max-size", "10B", "--yes")
    assert said.code == 1
    assert "favorites and running jobs have it" in said.out


def test_orphans_go_when_asked(comfygen, data):
    made(data)
    lost = lay(data, key(new_job_id()))
    os.utime(lost, (YEARS_AGO, YEARS_AGO))
    assert lost.name[:8] in comfygen("storage", "prune", "--orphans", "--dry-run").out
    said = comfygen("storage", "prune", "--orphans", "--yes")
    assert "0 jobs and 1 file that no job knew deleted" in said.out
    assert not lost.exists()


def test_many_are_not_all_named(comfygen, data):
    for _ in range(12):
        os.utime(lay(data, key(new_job_id())), (YEARS_AGO, YEARS_AGO))
    assert "… and 2 more" in comfygen("storage", "prune", "--orphans", "--dry-run").out


@pytest.mark.parametrize("arguments", [(), ("--older-than", "soon"), ("--max-size", "much")])
def test_what_cannot_be_understood_is_refused(comfygen, data, arguments):
    assert comfygen("storage", "prune", *arguments, "--yes").code == 2


def test_room_for_nothing_at_all_can_be_asked_for(comfygen, data):
    made(data)
    assert "1 job deleted: 1 KB." in comfygen("storage", "prune", "--max-size", "0B", "--yes").out


def test_missing_login_is_told_as_such(comfygen, bucket, monkeypatch, tmp_path):
    for name in ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    said = comfygen("storage", "list", "--in", "bucket")
    assert said.code == 1
    assert "there is no login to it" in said.err
    assert "S3_ACCESS_KEY_ID" in said.err


def test_name_that_no_bucket_has_is_told_as_such(comfygen, bucket):
    said = comfygen("storage", "create-bucket", "No Good Name")
    assert said.code == 1
    assert "3 to 63 small letters" in said.err
    assert "regex" not in said.err


def test_bucket_is_pruned_as_a_folder_is(comfygen, bucket, data):
    comfygen("storage", "create-bucket")
    job_id = made(data)
    put(bucket, key(job_id), "holiday.png")
    assert comfygen("storage", "prune", "--older-than", "30d", "--yes", "--json").json["deleted"]["jobs"] == [job_id]
    assert [file.key for file in BucketRules(bucket).files()] == ["holiday.png"]
