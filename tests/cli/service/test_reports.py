"""Instances that are looked at together."""

from __future__ import annotations

import pytest

from comfy_gen.cli.service.reports import answers, report_all
from comfy_gen.config.settings import ComfyUIOptions, JobOptions, Settings
from comfy_gen.errors import InstanceNotFoundError
from comfy_gen.supervisor.state import write_instance
from comfy_gen.supervisor.supervisor import Supervisor
from tests.supervisor.fake_comfyui import instance_of, make_comfyui


@pytest.fixture
def settings(tmp_path):
    return Settings(jobs=JobOptions(data_dir=tmp_path), comfyui=ComfyUIOptions(url="http://127.0.0.1:1"))


async def test_instance_that_does_not_run_is_told_of_with_its_disk(settings, tmp_path):
    folder = tmp_path / "instances" / "gpu0"
    folder.mkdir(parents=True)
    write_instance(folder, instance_of(make_comfyui(tmp_path / "comfyui"), name="gpu0"))
    (report,) = await report_all(Supervisor(settings.instances_dir), ["gpu0"], settings)
    assert (report.name, report.is_well, report.look.phase) == ("gpu0", False, "ended")
    assert report.disk.folder == tmp_path / "comfyui"
    assert await answers(Supervisor(settings.instances_dir), settings) == []


async def test_default_one_need_not_have_been_started_here_but_others_must(settings, background_sandbox):
    supervisor = Supervisor(settings.instances_dir)
    (report,) = await report_all(supervisor, ["default"], settings)
    assert (report.look, report.answer.url) == (None, "http://127.0.0.1:1")
    with pytest.raises(InstanceNotFoundError):
        await report_all(supervisor, ["gpu0"], settings)
