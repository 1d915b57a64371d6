"""The scripts for buckets, as people run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from comfy_gen.jobs.ids import new_job_id

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def run(moto_bucket, tmp_path):
    """Run a script on a bucket of the test's own."""
    pytest.importorskip("boto3", reason="pip install 'comfygen-server[s3]'")
    surroundings = {
        **os.environ,
        "MINIO_ENDPOINT": moto_bucket.endpoint_url,
        "MINIO_ACCESS_KEY": moto_bucket.access_key,
        "MINIO_SECRET_KEY": moto_bucket.secret_key,
        "MINIO_BUCKET": f"scripts-{new_job_id()}",
        "COLUMNS": "200",
    }

    def started(script, *arguments):
        command = [sys.executable, str(SCRIPTS / script), *arguments]
        return subprocess.run(
            command, env=surroundings, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )

    return started


def test_bucket_is_made_opened_and_listed(run):
    made = run("create_bucket.py")
    assert (made.returncode, "Made the bucket" in made.stdout) == (0, True), made.stderr
    assert "is there already" in run("create_bucket.py").stdout
    opened = run("set_bucket_policy.py")
    assert (opened.returncode, "by its policy" in opened.stdout) == (0, True), opened.stderr
    listed = run("list_images.py")
    assert (listed.returncode, "no such files" in listed.stderr) == (0, True), listed.stderr


@pytest.mark.parametrize("script", ["set_bucket_policy.py", "list_images.py"])
def test_bucket_that_is_not_there_is_a_failure(run, script):
    failed = run(script)
    assert failed.returncode == 1
    assert "comfygen storage create-bucket" in failed.stderr


@pytest.mark.parametrize("script", ["create_bucket.py", "set_bucket_policy.py", "list_images.py"])
def test_help_is_had(run, script):
    helped = run(script, "--help")
    assert helped.returncode == 0
    assert "Usage" in helped.stdout


def test_wrong_option_is_exit_code_1(run):
    assert run("create_bucket.py", "--nonsense").returncode == 1
