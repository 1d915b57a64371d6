from __future__ import annotations


async def test_wildcards_are_told_with_some_of_their_lines(serve, tmp_path):
    folder = tmp_path / "wildcards"
    (folder / "animals").mkdir(parents=True)
    (folder / "animals" / "small.txt").write_text("# few\n" + "\n".join(f"mouse {n}" for n in range(9)))
    (folder / "colours.txt").write_text("red\n" + "b" * 900)
    served = await serve(composition={"wildcards_dir": folder})
    told = (await served.client.get("/wildcards")).json()["wildcards"]
    assert told == [
        {"name": "animals/small", "total": 9, "samples": [f"mouse {n}" for n in range(5)]},
        {"name": "colours", "total": 2, "samples": ["red", "b" * 200]},
    ]
    body = {"input": "a __animals/small__", "dry_run": True}
    assert (await served.client.post("/compose/preview", json=body | {"dry_run": None})).status_code == 422
    assert (await served.client.post("/compose/preview", json={"input": body["input"]})).status_code == 200


async def test_without_a_folder_there_are_none(served):
    assert (await served.client.get("/wildcards")).json() == {"wildcards": []}
