"""The library as a gallery leafs through it, over HTTP."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from tests.many_pictures import fill


def refused(answer):
    return answer.status_code, answer.json()["error"]["code"]


async def told(served, path, client=None, **asked):
    answer = await (client or served.client).get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def archived(served, *ids, client=None):
    answer = await (client or served.client).get("/library/archive", params={"id": list(ids)})
    assert answer.status_code == 200, answer.text
    return answer, zipfile.ZipFile(io.BytesIO(answer.content))


# --- tiles


async def test_tile_shows_what_was_made(served):
    composed = await served.composed("@portrait a lighthouse keeper", seed=5, title="the keeper")
    generation = await told(served, f"/library/{composed['generation_id']}")
    liked = await served.client.post(
        "/favorites", json={"generation_id": composed["generation_id"], "rating": 4, "tags": ["best"]}
    )
    found = await told(served, "/library/tiles")
    (tile,) = found["tiles"]
    (output,) = generation["output"]
    assert tile == {
        "id": composed["generation_id"],
        "created": generation["created"],
        "title": "the keeper",
        "prompt": generation["prompt"][:300],
        "artifact_id": output["id"],
        "media_type": "image/png",
        "width": output["width"],
        "height": output["height"],
        "has_thumbnail": True,
        "files": 1,
        "rating": 4,
        "favorite_id": liked.json()["id"],
        "tags": ["best"],
        "passed": None,
        "score": None,
        "seed": 5,
        "workflow": generation["workflow"],
    }
    assert found["total"] == 1


async def test_tiles_are_read_from_any_place(served, tmp_path):
    ids = fill(tmp_path, 25)
    for offset, limit in ((0, 10), (10, 10), (20, 10), (24, 1)):
        page = await told(served, "/library/tiles", offset=offset, limit=limit)
        assert [tile["id"] for tile in page["tiles"]] == list(ids[offset : offset + limit])
        assert page["total"] == 25
    assert await told(served, "/library/tiles", offset=25) == {"tiles": [], "total": 25}


async def test_tiles_are_those_that_the_list_has(served, tmp_path):
    fill(tmp_path, 90)
    for asked in ({}, {"text": "fox"}, {"category": "cat"}, {"min_rating": 3}, {"tag": "best"}, {"workflow": "sdxl"}):
        listed = await told(served, "/library", limit=100, **asked)
        page = await told(served, "/library/tiles", **asked)
        ids = [one["generation_id"] for one in listed["generations"]]
        assert ids
        assert ([tile["id"] for tile in page["tiles"]], page["total"]) == (ids, len(ids)), asked


async def test_each_tile_leads_to_its_thumbnail(served, tmp_path):
    fill(tmp_path, 12)
    for tile in (await told(served, "/library/tiles"))["tiles"]:
        small = await served.client.get(f"/artifacts/{tile['artifact_id']}/thumbnail")
        assert (small.status_code, small.headers["content-type"]) == (200, "image/webp")


@pytest.mark.parametrize(
    "asked", ["limit=0", "limit=501", "offset=-1", "offset=x", "order=prettiest", "min_rating=9", f"offset={2**53}"]
)
async def test_tiles_that_cannot_be_are_refused(served, asked):
    assert refused(await served.client.get(f"/library/tiles?{asked}")) == (422, "invalid_request")


# --- facets


async def test_facets_tell_what_there_is_to_choose_of(served):
    composed = await served.composed("@portrait a lighthouse keeper")
    await served.client.post("/favorites", json={"generation_id": composed["generation_id"], "tags": ["best"]})
    facets = await told(served, "/library/facets")
    assert (facets["total"], facets["favorites"]) == (1, 1)
    assert [one["name"] for one in facets["categories"]] == sorted(composed["categories_used"])
    assert facets["models"] == [{"name": composed["recipe"]["checkpoint"], "count": 1}]
    assert facets["tags"] == [{"name": "best", "count": 1}]
    assert facets["workflows"] == [{"name": composed["recipe"]["workflow"], "count": 1}]


async def test_facets_of_an_empty_library_are_empty(served):
    nothing = {"categories": [], "models": [], "tags": [], "workflows": []}
    assert await told(served, "/library/facets") == {"total": 0, "favorites": 0, **nothing}


# --- archives


async def test_archive_has_the_files_and_what_is_known_of_them(served):
    first, second = (await served.done())["id"], (await served.done())["id"]
    answer, archive = await archived(served, second, first)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="comfygen-2-generations.zip"'
    assert archive.testzip() is None
    listing = json.loads(archive.read("generations.json"))
    assert [one["generation_id"] for one in listing] == [second, first]
    for one in listing:
        (output,) = one["output"]
        whole = await told(served, f"/library/{one['generation_id']}")
        assert output == {**whole["output"][0], "url": None, "file": output["file"]}
        fetched = await served.client.get(whole["output"][0]["url"])
        assert archive.read(output["file"]) == fetched.content
    assert len(archive.namelist()) == 3


async def test_archive_holds_no_link_that_opens_the_service(served):
    job_id = (await served.done())["id"]
    await served.client.post("/favorites", json={"generation_id": job_id})
    _, archive = await archived(served, job_id)
    listing = archive.read("generations.json")
    assert (b"token" in listing, json.loads(listing)[0]["favorite"]["image_url"]) == (False, None)


async def test_archive_takes_each_generation_once(served):
    job_id = (await served.done())["id"]
    _, archive = await archived(served, job_id, job_id.upper(), job_id)
    assert len(archive.namelist()) == 2


async def test_archive_of_what_is_not_there_names_all_that_is_missing(served):
    job_id = (await served.done())["id"]
    answer = await served.client.get("/library/archive", params={"id": [job_id, "nothing", "4f1d"]})
    assert refused(answer) == (404, "generation_not_found")
    assert "'nothing', '4f1d'" in answer.json()["error"]["message"], answer.text
    assert job_id not in answer.json()["error"]["message"]


async def test_archive_of_a_file_that_is_gone_is_not_begun(served):
    job_id = (await served.done())["id"]
    (artifact,) = await served.service.queue.store.artifacts(job_id)
    await served.service.artifacts.delete(artifact.key)
    answer = await served.client.get("/library/archive", params={"id": job_id})
    assert refused(answer) == (410, "artifact_gone")


@pytest.mark.parametrize("ids", [[], ["a"] * 201, ["a" * 101]])
async def test_archive_of_nothing_or_too_much_is_refused(served, ids):
    answer = await served.client.get("/library/archive", params={"id": ids})
    assert refused(answer) == (422, "invalid_request")


# --- whose


async def test_gallery_has_nothing_of_somebody_elses(served):
    ada, bob = await served.caller("ada"), await served.caller("bob")
    admin = await served.caller("root", "read", "generate", "admin")
    job_id = (await served.done(client=ada))["id"]
    await ada.post("/favorites", json={"generation_id": job_id, "tags": ["mine"]})
    for client, number in ((ada, 1), (bob, 0), (admin, 1)):
        assert (await told(served, "/library/tiles", client))["total"] == number
        for order in ("oldest", "rating", "score"):
            assert len((await told(served, "/library/tiles", client, order=order))["tiles"]) == number
        facets = await told(served, "/library/facets", client)
        assert (facets["total"], facets["favorites"], len(facets["tags"])) == (number, number, number)
    assert refused(await bob.get("/library/archive", params={"id": job_id})) == (404, "generation_not_found")
    await archived(served, job_id, client=admin)


async def test_gallery_is_for_who_has_a_key_once_somebody_has_one(served):
    await served.caller("ada")
    for path in ("/library/tiles", "/library/facets", "/library/archive?id=4f1d"):
        assert (await served.client.get(path)).status_code == 401, path
