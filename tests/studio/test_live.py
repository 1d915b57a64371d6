"""The Live view: what runs, waits and has ended, and what a person does with it."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.served import ServedProcess, environment_of
from tests.studio.browser import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.background import BackgroundSandbox
    from tests.studio.browser import Studio
from tests.studio.live_jobs import emptied, engine, line, ordered, part, paused, service

__all__ = ["emptied", "engine", "service"]


SLOW = 30
"""Steps of a job that is still running when a test looks at it."""
MARKUP = '"><script>alert(1)</script>'
"""What must only ever be text."""


def test_nothing_there_leads_to_create(studio: Studio) -> None:
    page = studio.open("live")
    expect(page.get_by_role("heading", name="Nothing runs, and nothing waits")).to_be_visible()
    studio.check_accessible()
    studio.look("live-empty")
    page.get_by_role("main").get_by_role("link", name="Create a picture").click()
    expect(page.get_by_role("link", name="Create", exact=True)).to_have_attribute("aria-current", "page")


def test_job_is_seen_from_its_acceptance_to_its_end(studio: Studio, service: ServedProcess) -> None:
    page = studio.open("live")
    (job,) = ordered(service, "a lighthouse at dusk", steps=SLOW)
    card = part(page, "Running").locator(".live-card")
    expect(card).to_contain_text("a lighthouse at dusk")
    expect(card).to_contain_text(re.compile(r"Step \d+ of 30 · KSampler"))
    expect(card).to_contain_text(re.compile(r"\d+ %"))
    expect(card).to_contain_text("so far")
    expect(card).to_contain_text("127.0.0.1")
    expect(card.get_by_role("img")).to_have_attribute("src", re.compile("^data:image/jpeg"))
    assert int(card.get_by_role("progressbar").get_attribute("aria-valuenow") or 0) > 0
    expect(page).to_have_title("(1) Live · ComfyGen Studio")
    row = part(page, "Ended lately").locator(".live-row")
    expect(row).to_contain_text("Completed")
    expect(row.get_by_role("img")).to_have_attribute("src", re.compile("thumbnail"))
    expect(row.get_by_role("link")).to_have_attribute("href", re.compile(f"/studio/gallery\\?open={job}"))
    expect(page.get_by_text("a lighthouse at dusk: completed")).to_be_attached()
    expect(page).to_have_title("Live · ComfyGen Studio")


def test_job_that_failed_says_why_and_is_tried_again(
    studio: Studio, service: ServedProcess, engine: BackgroundSandbox
) -> None:
    ordered(service, "an earlier one")
    page = studio.open("live")
    expect(part(page, "Ended lately").locator(".live-row")).to_have_count(1)
    engine.sandbox.add_fault("out_of_memory")
    ordered(service, "a teapot")
    row = part(page, "Ended lately").locator(".live-row").filter(has_text="a teapot")
    expect(row).to_contain_text("Failed")
    expect(row.locator(".live-trouble p")).to_have_count(2)
    expect(page.get_by_text("a teapot failed:")).to_be_attached()
    row.get_by_role("button", name="Retry a teapot").click()
    expect(row).to_contain_text("Completed")


def test_running_job_is_cancelled(studio: Studio, service: ServedProcess) -> None:
    page = studio.open("live")
    ordered(service, "a slow one", steps=1000)
    page.get_by_role("button", name="Cancel a slow one").click()
    expect(part(page, "Ended lately").locator(".live-row")).to_contain_text("Cancelled")


def test_job_opens_with_all_that_is_known_of_it(studio: Studio, service: ServedProcess) -> None:
    (job,) = ordered(service, MARKUP)
    service.ended(job)
    page = studio.open("live")
    page.get_by_role("button", name=MARKUP, exact=True).click()
    dialog = page.get_by_role("dialog", name=MARKUP)
    expect(page).to_have_url(re.compile(f"job={job}"))
    expect(dialog.get_by_role("table")).to_contain_text("succeeded")
    dialog.get_by_text("What happened").click()
    expect(dialog.locator(".live-events li").last).to_contain_text("completed", ignore_case=True)
    dialog.get_by_text("Settings and workflow").click()
    expect(dialog).to_contain_text("a lighthouse")
    studio.check_accessible()
    studio.look("live-job")
    page.reload()
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("/live$"))
    expect(page.get_by_role("button", name=MARKUP, exact=True)).to_be_visible()


def test_job_that_is_gone_says_so(studio: Studio) -> None:
    studio.allowed.append("404")
    page = studio.open("live", "job=00000000-0000-4000-8000-000000000000")
    expect(page.get_by_role("dialog")).to_contain_text("no job has the id")


def test_some_are_found_among_many(studio: Studio, service: ServedProcess) -> None:
    paused(service, *[f"a fox {number}" for number in range(8)], f"teapot {MARKUP}")
    page = studio.open("live")
    page.get_by_role("searchbox", name="Find").press_sequentially("teap")
    expect(line(page)).to_have_text([f"teapot {MARKUP}"])
    expect(part(page, "Waiting").locator(".live-number")).to_have_text(["9"])
    page.reload()
    expect(page.get_by_role("searchbox", name="Find")).to_have_value("teap")
    page.get_by_label("Show", exact=True).select_option("failed")
    expect(page.get_by_role("heading", name="No job is like that")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(line(page)).to_have_count(9)


def test_view_with_all_its_parts_is_accessible(
    studio: Studio, service: ServedProcess, engine: BackgroundSandbox
) -> None:
    engine.sandbox.add_fault("out_of_memory")
    (failed,) = ordered(service, "a city of glass under two moons")
    service.ended(failed)
    (done,) = ordered(service, "a fox in fresh snow, oil painting, warm light", steps=4)
    service.ended(done)
    ordered(service, "portrait of an old sailor, film grain, 85 mm", "a lighthouse at dusk", steps=2000)
    page = studio.open("live")
    expect(part(page, "Running").get_by_role("img").first).to_be_visible()
    titles = ["teapot, studio light", MARKUP, "a red sports car", "a held one", "a harbour in the rain"]
    ids = ordered(service, *titles)
    service.ask(f"/jobs/{ids[3]}/hold", {})
    expect(part(page, "Held")).to_be_visible()
    expect(part(page, "Waiting")).to_contain_text("done in about")
    studio.look("live")
    service.ask("/queue/pause", {})
    expect(page.locator(".live-paused")).to_be_visible()
    expect(part(page, "Waiting")).not_to_contain_text("done in")
    studio.check_accessible()


def asked(service: ServedProcess, key: str, path: str, body: object) -> dict[str, Any]:
    """Post something as the owner of a key."""
    headers = {"Content-Type": "application/json", "X-API-Key": key}
    request = urllib.request.Request(service.url + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def entered(studio: Studio, key: str) -> Page:
    """Show the view to whoever has the key."""
    page = studio.open("live")
    page.get_by_label("Key").fill(key)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Live")
    return page


def test_administrator_sees_whose_a_job_is_and_nobody_else_can_pause(
    browser: Browser, engine: BackgroundSandbox, tmp_path: Path
) -> None:
    doors = "the-key-of-all-doors"
    with ServedProcess(tmp_path, environment_of(engine.url, tmp_path, COMFYGEN_API_KEY=doors)) as service:
        made = asked(service, doors, "/keys", {"name": "anna's", "owner": "anna", "scopes": ["read", "generate"]})
        asked(service, doors, "/queue/pause", {})
        asked(service, made["key"], "/generate", {"prompt": "a lighthouse", "title": "hers"})
        asked(service, doors, "/generate", {"prompt": "a lighthouse", "title": "his"})
        for studio in opened(browser, service.url):
            page = entered(studio, doors)
            expect(line(page)).to_have_text(["hers", "his"])
            expect(page.get_by_text("for anna")).to_have_count(1)
        for studio in opened(browser, service.url):
            page = entered(studio, made["key"])
            expect(line(page)).to_have_text(["hers"])
            expect(page.locator(".live-paused")).to_contain_text("An administrator can resume it.")
            expect(page.get_by_role("button", name="Resume the queue")).to_have_count(0)
            expect(page.get_by_text("for anna")).to_have_count(0)


PUT = """async (count) => {
    const main = [...document.scripts].map((one) => one.src).find((one) => one.endsWith('main.js'));
    const live = await import(main.replace('main.js', 'core/live.js'));
    const job = (at, more) => ({
        id: `job-${at}`, state: 'queued', title: `a lighthouse, number ${at}`, priority: 0, is_held: false, owner: '',
        engine: null, attempt: 0, created: 1, started: null, ended: null, rank: 0, seq: at, steps: null, eta: null,
        output: [], error: null, metadata: {}, passed: null, ...more,
    });
    for (let at = 0; at < count; at += 1) live.put(job(at, {}));
    window.tick = (value) => live.put(job(0, { state: 'generating', steps: { value, max: 500, node: 'KSampler' } }));
}"""
"""Has the page know of jobs that nobody has to make."""
TOUCHED = """async () => {
    tick(0);
    const touched = new Set();
    const watching = new MutationObserver((seen) => {
        for (const { target } of seen) touched.add(target.closest?.('[data-job]')?.dataset.job ?? 'elsewhere');
    });
    watching.observe(document.querySelector('main'), { subtree: true, childList: true, attributes: true });
    for (let value = 1; value <= 50; value += 1) tick(value);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    return [...touched];
}"""
"""Says what changes on the page when a job comes on."""


def test_five_hundred_that_wait_cost_as_much_as_those_that_are_seen(studio: Studio) -> None:
    page = studio.open("live")
    expect(page.get_by_role("heading", name="Nothing runs, and nothing waits")).to_be_visible()
    page.evaluate(PUT, 500)
    rows = part(page, "Waiting").locator(".live-row")
    expect(rows).to_have_count(500)
    assert rows.locator("button").count() < 200
    assert page.evaluate(TOUCHED) == ["job-0"]
    rows.last.scroll_into_view_if_needed()
    expect(rows.last.locator(".live-title")).to_have_text("a lighthouse, number 499")
    expect(rows.last.locator(".live-number")).to_have_text("499")


@pytest.fixture
def frail(engine: BackgroundSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    """A service that may be killed."""
    folder = tmp_path_factory.mktemp("frail")
    with ServedProcess(folder, environment_of(engine.url, folder)) as served:
        yield served


def test_service_that_is_killed_among_thirty_jobs_loses_none_of_them(browser: Browser, frail: ServedProcess) -> None:
    for studio in opened(browser, frail.url):
        studio.allowed += ["net::ERR"]
        page = studio.open("live")
        ids = ordered(frail, *[f"job {number}" for number in range(30)], steps=3)
        ended = part(page, "Ended lately").locator(".live-row")
        expect(ended.nth(4)).to_be_visible(timeout=30_000)
        frail.kill()
        expect(page.get_by_text("The service does not answer.")).to_be_visible()
        studio.look("live-broken")
        frail.start()
        expect(page.get_by_text("The service does not answer.")).to_be_hidden(timeout=20_000)
        expect(ended).to_have_count(30, timeout=60_000)
        shown: list[Any] = ended.evaluate_all("rows => rows.map((row) => row.dataset.job)")
        assert sorted(shown) == sorted(ids)
        expect(ended.filter(has_text="Completed")).to_have_count(30)
        expect(part(page, "Running")).to_be_hidden()
        expect(part(page, "Waiting")).to_be_hidden()
        page.reload()
        expect(ended).to_have_count(30)
