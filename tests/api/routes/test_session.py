"""Tests of the routes about who asks, and of what a browser may do with its cookie."""

from __future__ import annotations

import logging

import pytest

from comfy_gen.api.cookies import NAME
from tests.api.conftest import client_of
from tests.security.operations import ALL, SAFE

SOME_ID = "6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10"


async def told(client, **headers):
    answer = await client.get("/session", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def entered(served, name="anna", *scopes):
    """Return a browser that was let in, and the text of its key."""
    _, text = await served.service.keys.create(name, name, frozenset(scopes or ("read", "generate")), now=1.0)
    browser = client_of(served.app, peer="192.168.1.7")
    answer = await browser.post("/session", json={"key": text})
    assert answer.status_code == 204, answer.text
    return browser, text


async def test_this_machine_is_admitted_as_long_as_there_is_no_key(served):
    session = await told(served.client)
    assert (session["is_admitted"], session["with"], session["tier"]) == (True, "place", "explicit")
    assert session["scopes"] == ["admin", "generate", "read"]


async def test_other_machines_are_told_that_they_are_not(served):
    session = await told(client_of(served.app, peer="192.168.1.7"))
    assert (session["is_admitted"], session["with"], session["scopes"]) == (False, "nothing", [])


async def test_open_service_admits_everybody(serve):
    served = await serve(access="open")
    session = await told(client_of(served.app, peer="192.168.1.7"))
    assert (session["with"], session["scopes"]) == ("open", ["generate", "read"])


async def test_key_is_told_what_it_may(served):
    session = await told(await served.caller("anna", "read"))
    assert (session["with"], session["name"], session["scopes"]) == ("key", "anna", ["read"])
    assert (await told(served.client, **{"X-API-Key": "wrong"}))["is_admitted"] is False


async def test_browser_does_with_its_cookie_what_the_key_may_and_no_more(served):
    browser, text = await entered(served, "anna", "read")
    session = await told(browser)
    assert (session["with"], session["owner"], session["scopes"]) == ("cookie", "anna", ["read"])
    assert (await browser.get("/jobs")).status_code == 200
    assert (await browser.post("/generate", json={"prompt": "x"})).status_code == 403
    assert text not in browser.cookies[NAME]
    assert text.rpartition("_")[2] not in browser.cookies[NAME]


async def test_browser_that_leaves_has_no_cookie_any_more(served):
    browser, _ = await entered(served)
    assert (await browser.delete("/session")).status_code == 204
    assert NAME not in browser.cookies
    assert (await browser.get("/jobs")).status_code == 401


async def test_cookie_opens_nothing_once_its_key_is_revoked(served):
    browser, _ = await entered(served)
    assert (await browser.get("/jobs")).status_code == 200
    await served.service.keys.revoke("anna", now=2.0)
    assert (await browser.get("/jobs")).status_code == 401
    assert (await told(browser))["is_admitted"] is False
    assert (await browser.delete("/session")).status_code == 204


async def test_cookie_is_good_for_the_key_of_the_settings(serve):
    served = await serve(key="master of the settings")
    browser = client_of(served.app, peer="192.168.1.7")
    assert (await browser.post("/session", json={"key": "master of the settings"})).status_code == 204
    session = await told(browser)
    assert (session["name"], session["scopes"]) == ("settings", ["admin", "generate", "read"])


async def test_cookie_and_key_are_counted_together(served):
    _, text = await served.service.keys.create("anna", rate="3/minute", now=1.0)
    browser = client_of(served.app)
    await browser.post("/session", json={"key": text})
    await client_of(served.app, {"X-API-Key": text}).get("/jobs")
    answers = [(await browser.get("/jobs")).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


@pytest.mark.parametrize("key", ["wrong", "ü", f"cg_aaaaaaaa_{'a' * 43}", " "])
async def test_wrong_key_lets_nobody_in(served, key):
    await served.caller("anna")
    answer = await served.client.post("/session", json={"key": key})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "unauthorized"
    assert "set-cookie" not in answer.headers


async def test_who_tries_keys_may_not_try_many(serve):
    served = await serve(rate="3/minute")
    await served.caller("anna")
    answers = [(await served.client.post("/session", json={"key": "wrong"})).status_code for _ in range(4)]
    assert answers == [401, 401, 401, 429]


async def test_who_tries_keys_where_others_may_ask_more_may_not_try_more(serve):
    served = await serve(rate="3/minute")
    await served.caller("anna")
    path = f"/artifacts/{SOME_ID}/thumbnail"
    answers = [(await served.client.get(path, headers={"X-API-Key": "wrong"})).status_code for _ in range(4)]
    assert answers == [401, 401, 401, 429]


async def test_only_small_pictures_may_be_asked_for_more_often(serve):
    served = await serve(rate="3/minute")
    answers = [(await served.client.get("/workflows/thumbnail")).status_code for _ in range(4)]
    assert answers == [404, 404, 404, 429]
    assert (await served.client.get(f"/artifacts/{SOME_ID}/thumbnail")).status_code == 404


async def test_body_of_a_stranger_is_short(served):
    for body in ({"key": "x" * 1_001}, {"key": ""}, {}, {"key": "x", "more": 1}, []):
        assert (await served.client.post("/session", json=body)).status_code == 422
    assert (await served.client.post("/session", json={"key": "x" * 5_000})).status_code == 413
    assert (await served.client.post("/session", data={"key": "x"})).status_code == 415


async def test_key_and_cookie_are_nowhere_in_the_log(served, caplog):
    caplog.set_level(logging.DEBUG)
    browser, text = await entered(served)
    assert (await browser.get("/jobs")).status_code == 200
    await browser.post("/session", json={"key": f"{text}x"})
    said = "".join(record.getMessage() for record in caplog.records if record.name.startswith("comfy_gen"))
    assert "POST /session" in said
    assert text not in said
    assert browser.cookies[NAME] not in said


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:8188"},
        {"Origin": "null"},
    ],
    ids=str,
)
async def test_cookie_gives_a_page_of_another_site_nothing(serve, headers):
    served = await serve(cors_origins=("http://127.0.0.1:8188",))
    browser, _ = await entered(served, "anna", "admin")
    wrong: dict[str, int] = {}
    for operation in ALL:
        if operation.path in {"/health", "/ready", "/session"}:
            continue
        asked = operation.content
        asked["headers"] = {**asked.get("headers", {}), **headers}
        path = operation.at(**dict.fromkeys(operation.parameters, SOME_ID))
        answer = await browser.request(operation.method, path, **asked)
        if answer.status_code not in ({401} if operation.method in SAFE else {401, 403}):
            wrong[str(operation)] = answer.status_code
    assert wrong == {}
    assert (await told(browser, **headers))["is_admitted"] is False


async def test_page_of_another_site_has_no_browser_enter_or_leave(served):
    _, text = await entered(served)
    for headers in ({"Origin": "http://127.0.0.1:8188"}, {"Sec-Fetch-Site": "cross-site"}):
        for method, said in (("POST", {"key": text}), ("DELETE", None)):
            answer = await served.client.request(method, "/session", json=said, headers=headers)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers


async def test_nobody_may_keep_the_answer(served):
    assert (await served.client.get("/session")).headers["cache-control"] == "no-store"
