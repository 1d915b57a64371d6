"""What the doctor sees of this machine; it makes nothing."""

from __future__ import annotations

import os
import socket
from dataclasses import replace

import pytest
from aiohttp import web

from comfy_gen.app.doctor.looking import look
from comfy_gen.config import Settings
from comfy_gen.storage.s3 import BucketOptions
from tests.s3 import LOGIN

DEAD = "http://127.0.0.1:1"


def changed(settings, section, **values):
    return replace(settings, **{section: replace(getattr(settings, section), **values)})


@pytest.fixture
def settings(tmp_path, free_port):
    """Those of a machine where nothing was ever done."""
    usual = changed(Settings(), "jobs", data_dir=tmp_path / "data")
    usual = changed(usual, "output", output_dir=tmp_path / "outputs")
    return changed(changed(usual, "comfyui", url=DEAD), "api", port=free_port)


@pytest.fixture
def free_port():
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


async def test_nothing_is_made(settings, tmp_path):
    sights = await look(settings)
    assert os.listdir(tmp_path) == []
    assert not sights.database.is_made
    assert not sights.store.is_made
    assert (sights.database.error, sights.store.error) == ("", "")
    assert [engine.error for engine in sights.engines] == ["connection refused"]
    assert sights.port.is_free
    assert sights.instances == ()


async def test_disk_with_several_folders_is_told_once(settings, tmp_path):
    (disk,) = (await look(settings)).disks
    assert disk.folder == tmp_path
    assert disk.holds == "jobs and outputs, models, results"
    assert 0 < disk.free <= disk.total


async def test_jobs_that_wait_are_counted(settings):
    from comfy_gen.app import open_queue
    from comfy_gen.jobs.request import JobRequest
    from comfy_gen.workflows.catalogue import load_template

    async with open_queue(settings) as queue:
        await queue.submit([JobRequest(load_template("sd15").workflow)])
    sights = await look(settings)
    assert (sights.database.is_made, sights.database.waiting, sights.database.clock_ahead) == (True, 1, None)


async def test_database_that_cannot_be_opened_is_told_of_with_what_to_do(settings):
    settings.jobs.data_dir.mkdir()
    (settings.jobs.data_dir / "comfygen.db").write_text("this is no database, whatever it is called" * 100)
    database = (await look(settings)).database
    assert database.error == "file is not a database"
    assert database.advice.startswith("move the file away")


async def test_engine_that_only_commands_ask_is_looked_at_beside_those_of_the_queue(settings):
    sights = await look(changed(settings, "fleet", engines="a=http://127.0.0.1:2"))
    assert [(engine.name, engine.is_queued) for engine in sights.engines] == [("a", True), ("127.0.0.1:1", False)]
    same = await look(changed(settings, "fleet", engines=f"a={DEAD}"))
    assert [(engine.name, engine.is_queued) for engine in same.engines] == [("a", True)]


async def test_address_of_another_machine_is_not_taken_for_a_busy_port(settings):
    port = (await look(changed(settings, "api", host="192.0.2.1"))).port
    assert not port.is_free
    assert port.error


async def test_folder_without_a_comfyui_is_told_of(settings, tmp_path):
    assert not (await look(settings)).has_comfyui
    assert (await look(changed(settings, "service", container="comfyui"))).has_comfyui


async def test_url_of_no_database_is_told_of(settings):
    database = (await look(changed(settings, "jobs", database="mysql://u:secret@db/x"))).database
    assert "mysql" in database.error
    assert "secret" not in repr(database)


async def test_clock_of_another_machine_is_read(settings, postgres_url):
    database = (await look(changed(settings, "jobs", database=postgres_url))).database
    assert database.error == ""
    assert abs(database.clock_ahead) < 30


async def test_file_where_a_folder_should_be_is_told_of(settings):
    settings.jobs.data_dir.write_text("a file")
    assert (await look(settings)).store.error == f"{settings.jobs.data_dir} is no folder"


async def test_bucket_is_asked_and_not_made(settings, rclone_endpoint):
    options = BucketOptions("doctor-made-none", rclone_endpoint, *LOGIN)
    store = (await look(replace(settings, bucket=options))).store
    assert (store.is_bucket, store.is_made, store.error) == (True, False, "")
    again = (await look(replace(settings, bucket=options))).store
    assert not again.is_made


async def test_bucket_that_does_not_answer_is_told_of(settings):
    store = (await look(replace(settings, bucket=BucketOptions("b", DEAD, *LOGIN)))).store
    assert store.error
    assert LOGIN[1] not in repr(store)


async def answer_with(port, said):
    """Serve JSON at a port."""

    async def health(_):
        return web.json_response(said)

    application = web.Application()
    application.router.add_get("/health", health)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


@pytest.mark.parametrize(
    ("said", "serves"), [({"version": "0.9", "comfyui_available": True}, "0.9"), ({"version": "7"}, ""), ([], "")]
)
async def test_who_has_the_port_is_told(settings, free_port, said, serves):
    runner = await answer_with(free_port, said)
    try:
        port = (await look(settings)).port
    finally:
        await runner.cleanup()
    assert (port.is_free, port.serves) == (False, serves)
