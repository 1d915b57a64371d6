from __future__ import annotations

import pytest

from comfy_gen.cli import completion
from comfy_gen.supervisor.instance import Instance
from comfy_gen.supervisor.state import write_instance


@pytest.fixture
def queue(comfygen, tmp_path, monkeypatch):
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMFYUI_API_BASE", "http://127.0.0.1:1")
    return comfygen


def test_tab_offers_jobs_engines_and_states(queue):
    (job_id,) = queue("jobs", "submit", "sd15", "-q").out.split()
    queue("engines", "add", "http://user:secret@127.0.0.1:1", "--name", "gpu-1")
    assert completion.jobs(job_id[:3]) == [(job_id[:8], "queued sd15")]
    assert completion.jobs(job_id[:12]) == [(job_id[:12], "queued sd15")]
    assert completion.jobs("sd1") == []
    assert completion.engines("gpu") == [("gpu-1", "http://127.0.0.1:1")]
    assert completion.states("c") == ["completed", "cancelled"]


def test_tab_neither_makes_a_database_nor_says_what_is_wrong(queue, tmp_path, monkeypatch):
    assert completion.jobs("") == []
    assert not (tmp_path / "data").exists()
    monkeypatch.setenv("COMFYGEN_JOBS_DATABASE", "mysql://x")
    assert completion.jobs("") == completion.engines("") == []


def test_tab_offers_the_comfyuis_of_this_machine(queue, tmp_path):
    folder = tmp_path / "data" / "instances" / "gpu0"
    folder.mkdir(parents=True)
    write_instance(folder, Instance("gpu0", tmp_path, port=8190))
    assert completion.instances("g") == [("gpu0", "http://127.0.0.1:8190")]
    assert completion.instances("x") == []
