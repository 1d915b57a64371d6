"""Pictures by whatever an agent knows of them."""

from __future__ import annotations

import pytest

from comfy_gen.errors import InvalidParameterError, ServiceProblemError
from comfy_gen.mcp.places import Folders
from comfy_gen.mcp.sources import identity_of, image_of, picture_of

JOB = "6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10"
ARTIFACT = "91b2a3c4-8f0b-4a53-9a53-1d1f6c1b7a10"


class Kept:
    """A service with a job that made a video and a picture."""

    def __init__(self, output=None, status=404, ended=1.0):
        self.output = [{"id": "v", "media_type": "video/mp4"}, {"id": "p", "media_type": "image/png"}]
        self.output = self.output if output is None else output
        self.status, self.ended = status, ended
        self.asked = []

    async def get(self, path):
        if path != f"/jobs/{JOB}":
            raise ServiceProblemError(self.status, "job_not_found", "no")
        return {"output": self.output, "ended": self.ended}

    async def content(self, path, *, most):
        assert most
        self.asked.append(path)
        return b"content", "image/png"

    async def upload(self, content):
        return {"image": f"comfygen://uploads/{content.decode()}.png"}


@pytest.mark.parametrize(
    ("reference", "fetched"),
    [
        (JOB, "/artifacts/p"),
        (f"comfygen://jobs/{JOB}", "/artifacts/p"),
        (ARTIFACT, f"/artifacts/{ARTIFACT}"),
        (f" comfygen://artifacts/{ARTIFACT} ", f"/artifacts/{ARTIFACT}"),
    ],
)
async def test_picture_of_the_service_is_given_to_it_as_an_input(reference, fetched):
    kept = Kept()

    assert await image_of(kept, Folders(()), reference, name="image") == "comfygen://uploads/content.png"
    assert kept.asked == [fetched]


@pytest.mark.parametrize("reference", ["https://example.com/x.png", "comfygen://uploads/x.png", "example.png"])
async def test_what_the_service_or_an_engine_knows_is_left_as_it_is(reference, tmp_path):
    assert await image_of(Kept(), Folders([tmp_path]), reference, name="image") == reference


async def test_file_in_a_folder_is_uploaded(tmp_path):
    (tmp_path / "mine.png").write_bytes(b"mine")

    assert await image_of(Kept(), Folders([tmp_path]), "mine.png", name="image") == "comfygen://uploads/mine.png"


@pytest.mark.parametrize("reference", ["/etc/x.png", "../x.png", "a/b.png"])
async def test_file_elsewhere_is_refused(reference, tmp_path):
    with pytest.raises(InvalidParameterError, match=r"^mask is "):
        await image_of(Kept(), Folders([tmp_path]), reference, name="mask")


@pytest.mark.parametrize(("ended", "advice"), [(None, "call wait until it has ended."), (1.0, "choose another.")])
async def test_job_without_a_picture_is_refused(ended, advice):
    with pytest.raises(InvalidParameterError, match="must be a job that has made a picture") as error:
        await picture_of(Kept([], ended=ended), JOB, name="image")
    assert error.value.hint == advice


async def test_service_that_breaks_does_not_make_a_job_an_artifact():
    with pytest.raises(ServiceProblemError):
        await picture_of(Kept(status=503), ARTIFACT, name="image")


def test_only_ids_are_ids():
    assert identity_of(f"comfygen://artifacts/{JOB.upper()}") == JOB.upper()
    assert identity_of("photo.png") == identity_of(JOB + "0") == ""


@pytest.mark.parametrize("reference", ["comfygen://artifacts/../x", "comfygen://jobs/1", "comfygen://workflows/sd15"])
async def test_address_of_ours_that_is_no_picture_is_refused_before_anything_is_made(reference, tmp_path):
    with pytest.raises(InvalidParameterError, match=r"^image is "):
        await image_of(Kept(), Folders([tmp_path]), reference, name="image")


async def test_name_that_no_disk_takes_is_one_that_an_engine_may_have(tmp_path):
    name = f"{'x' * 300}.png"

    assert await image_of(Kept(), Folders([tmp_path]), name, name="image") == name
