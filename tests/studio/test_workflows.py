from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from comfy_gen.workflows.catalogue import load_template
from tests.ports import free_port
from tests.served import ServedProcess, environment_of
from tests.studio.browser import PHONE, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.studio.browser import Studio
from tests.studio.workflow_files import graph_of

ATTACKS = ("<img src=x onerror=alert(1)>", '"><script>alert(1)</script>')


def lacking() -> dict[str, Any]:
    graph = graph_of()
    graph["1"]["inputs"]["ckpt_name"] = "nowhere.safetensors"
    graph["5"] |= {"class_type": "KSamplerr"}
    return graph


def large(count: int) -> dict[str, Any]:
    """Return as many nodes, in which each takes from the one before and from one further back."""
    graph: dict[str, Any] = {"0": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64}}}
    for at in range(1, count):
        inputs = {"image1": [str(at - 1), 0], "image2": [str(max(0, at - 1 - at * 7 % 11)), 0], "blend_factor": 0.5}
        graph[str(at)] = {"class_type": "ImageBlend", "inputs": {**inputs, "blend_mode": "normal"}}
    return graph


def keep(studio: Studio, name: str, graph: dict[str, Any], title: str = "", summary: str = "") -> None:
    params = {"title": title, "summary": summary}
    answer = studio.context.request.put(f"{studio.url}/workflows/{name}", data=graph, params=params)
    assert answer.ok, answer.text()


def graph_node(page: Page, name: str):
    return page.get_by_role("group", name=re.compile("^Graph of")).get_by_role("button", name=re.compile(f"^{name}"))


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[ServedProcess]:
    """A service whose only engine does not answer."""
    with ServedProcess(tmp_path, environment_of(f"http://127.0.0.1:{free_port()}", tmp_path)) as served:
        yield served


@pytest.fixture
def alone(browser: Browser, lonely: ServedProcess) -> Iterator[Studio]:
    """Its studio."""
    yield from opened(browser, lonely.url)


def test_workflows_are_searched_and_filtered(studio: Studio) -> None:
    keep(studio, "mine-first", graph_of(), "My own workflow", "What I use.")
    page = studio.open("workflows")
    cards = page.get_by_role("list", name="Workflows").get_by_role("listitem")
    expect(cards.first).to_contain_text("My own workflow")
    assert cards.count() > 8
    page.get_by_label("Search workflows").fill("inpaint stable")
    expect(cards).to_have_count(1)
    page.get_by_label("Whose").select_option("saved")
    expect(page.get_by_role("heading", name="No workflow is like that")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("What they make").select_option("video")
    expect(cards).to_have_count(2)
    page.get_by_label("What they make").select_option("")
    studio.check_accessible()
    studio.look("workflows")


def test_graph_is_drawn_and_its_nodes_are_looked_at(studio: Studio) -> None:
    page = studio.open("workflows")
    page.get_by_role("link", name="Stable Diffusion 1.5", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Stable Diffusion 1.5")).to_be_focused()
    expect(page.locator(".workflow-node")).to_have_count(len(load_template("sd15").workflow))
    panel = page.get_by_role("region", name="Node")
    graph_node(page, "Sampler").click()
    expect(panel.get_by_role("heading", name="Sampler")).to_be_visible()
    expect(panel).to_contain_text("euler")
    studio.check_accessible()
    studio.look("workflows-graph")
    panel.get_by_role("button", name="Positive prompt").click()
    expect(panel).to_contain_text("a red fox in fresh snow, soft morning light, photograph")
    expect(graph_node(page, "Positive prompt")).to_be_focused()
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Workflows")).to_be_visible()


def test_graph_is_gone_through_by_keyboard_in_the_order_of_the_work(studio: Studio) -> None:
    page = studio.open("workflows", "name=sd15")
    page.get_by_role("tabpanel").focus()
    page.keyboard.press("Tab")
    heard = [page.evaluate("document.activeElement.getAttribute('aria-label')")]
    for _ in range(6):
        page.keyboard.press("ArrowRight")
        heard.append(page.evaluate("document.activeElement.getAttribute('aria-label')"))
    assert [one.partition("; ")[2].partition(";")[0] for one in heard] == [f"node {at} of 7" for at in range(1, 8)]
    sampler = next(one for one in heard if one.startswith("Sampler"))
    assert "takes model from Model, positive from Positive prompt" in sampler
    assert "gives to VAEDecode" in sampler
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Node").get_by_role("heading", level=2)).to_have_text("Model")
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="Node")).to_contain_text("Choose one")


def sight(page: Page) -> tuple[float, float, float]:
    text = page.locator(".workflow-drawing > g").get_attribute("transform") or ""
    x, y, scale = (float(one) for one in re.findall(r"-?[\d.]+(?:e-\d+)?", text))
    return x, y, scale


def test_graph_is_moved_and_made_larger_in_every_way(studio: Studio) -> None:
    page = studio.open("workflows", "name=sdxl")
    window = page.locator(".workflow-window")
    expect(page.locator(".workflow-node").first).to_be_visible()
    box = window.bounding_box()
    assert box is not None
    before = sight(page)
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.wheel(0, -300)
    assert sight(page)[2] > before[2]
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] + 60, steps=3)
    page.mouse.up()
    x, y, _ = sight(page)
    page.get_by_role("button", name="Larger").click()
    page.get_by_role("button", name="Show all of it").click()
    assert sight(page) == pytest.approx(before)
    assert (x, y) != before[:2]
    page.locator(".workflow-node[tabindex='0']").focus()
    now = sight(page)
    page.keyboard.press("+")
    assert sight(page)[2] == pytest.approx(now[2] * 1.25)
    now = sight(page)
    page.keyboard.press("Shift+ArrowLeft")
    assert sight(page)[0] == pytest.approx(now[0] + 60)
    page.keyboard.press("0")
    assert sight(page) == pytest.approx(before)


def test_two_fingers_make_the_graph_larger(studio: Studio) -> None:
    page = studio.open("workflows", "name=sdxl")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    expect(page.locator(".workflow-node").first).to_be_visible()
    before = sight(page)
    box = page.locator(".workflow-window").bounding_box()
    assert box is not None
    cdp = studio.context.new_cdp_session(page)
    middle = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 100}
    for kind, apart in (("touchStart", 40), ("touchMove", 60), ("touchMove", 120)):
        points = [{**middle, "x": middle["x"] + side * apart / 2, "id": at} for at, side in enumerate((-1, 1))]
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator(".workflow-drawing > g")).to_have_attribute(
        "transform", re.compile(r"scale\(1\.8|scale\(1\.79")
    )
    assert before[2] == pytest.approx(0.6)


def test_nodes_are_a_table_too(studio: Studio) -> None:
    page = studio.open("workflows", "name=sd15&part=nodes")
    row = page.get_by_role("row", name=re.compile("^Sampler"))
    expect(row).to_contain_text("positive from Positive prompt")
    expect(row).to_contain_text("steps: 25")
    studio.look("workflows-nodes")


def test_workflow_of_300_nodes_stays_smooth(studio: Studio) -> None:
    keep(studio, "large", large(300))
    page = studio.open("workflows", "name=large")
    expect(page.locator(".workflow-node")).to_have_count(300)
    page.get_by_role("button", name="Show all of it").click()
    box = page.locator(".workflow-window").bounding_box()
    assert box is not None
    page.evaluate(
        """() => {
            window.frames_at = [];
            const note = (now) => { window.frames_at.push(now); requestAnimationFrame(note); };
            requestAnimationFrame(note);
        }"""
    )
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    for turn in (*[-120] * 10, *[120] * 6):
        page.mouse.wheel(0, turn)
    page.mouse.down()
    for step in range(20):
        page.mouse.move(box["x"] + 300 - step * 10, box["y"] + 200)
    page.mouse.up()
    frames = page.evaluate("window.frames_at")
    lasted = sorted(after - before for before, after in pairwise(frames))
    assert len(lasted) > 10
    assert lasted[len(lasted) // 2] < 100, lasted


def test_inputs_are_named_and_their_names_taken_away(studio: Studio) -> None:
    keep(studio, "named", graph_of())
    page = studio.open("workflows", "name=named&part=inputs")
    steps = page.get_by_role("group", name="steps of Sampler")
    steps.get_by_label("Name", exact=True).fill("Not a name")
    expect(steps).to_contain_text("Use a-z")
    steps.get_by_label("Name", exact=True).fill("rounds")
    steps.get_by_label("Title").fill("How many rounds")
    prefix = page.get_by_role("group", name=re.compile("filename_prefix"))
    page.get_by_label("Search inputs").fill("filename")
    prefix.get_by_role("button", name=re.compile("^Name")).click()
    expect(prefix.get_by_label("Name", exact=True)).to_be_focused()
    expect(prefix.get_by_label("Name", exact=True)).to_have_value("filename_prefix")
    page.get_by_label("Search inputs").fill("")
    page.get_by_role("button", name="Take the name away from cfg of Sampler").click()
    expect(page.get_by_role("button", name="Name cfg of Sampler")).to_be_focused()
    expect(page.get_by_text("3 changes, not saved yet")).to_be_visible()
    studio.check_accessible()
    studio.look("workflows-inputs")
    page.get_by_role("button", name="Save the names").click()
    expect(page.get_by_text("Nothing changed")).to_be_visible()
    page.get_by_role("tab", name="Try it").click()
    expect(page.get_by_label("How many rounds", exact=True)).to_be_visible()
    expect(page.get_by_label("Cfg", exact=True)).to_have_count(0)


def test_workflow_is_tried_and_what_came_of_it_is_there_after_a_reload(studio: Studio) -> None:
    keep(studio, "tried", graph_of())
    page = studio.open("workflows", "name=tried&part=try")
    form = page.get_by_role("region", name="Its inputs")
    form.get_by_label("Steps", exact=True).fill("0")
    form.get_by_role("button", name="Run it").click()
    expect(form.get_by_role("alert")).to_contain_text("Steps: 1 is the least.")
    form.get_by_label("Steps", exact=True).fill("3")
    form.get_by_label("Prompt", exact=True).fill("a lighthouse")
    form.get_by_role("button", name="Run it").click()
    outcome = page.get_by_role("region", name="What came of it")
    expect(outcome.get_by_role("img", name="Picture 1 of a lighthouse")).to_be_visible()
    expect(outcome).to_contain_text("Completed")
    studio.check_accessible()
    studio.look("workflows-try")
    page.reload()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("a lighthouse")
    expect(page.get_by_role("img", name="Picture 1 of a lighthouse")).to_be_visible()


def test_own_workflow_is_deleted_after_asking(studio: Studio) -> None:
    keep(studio, "to-delete", graph_of(), "To delete")
    page = studio.open("workflows", "name=to-delete")
    page.get_by_role("button", name="More for to-delete").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", level=1, name="Workflows")).to_be_visible()
    expect(page.get_by_role("link", name="To delete", exact=True)).to_have_count(0)


def test_missing_nodes_and_models_are_told_with_what_to_do(studio: Studio) -> None:
    keep(studio, "lacking", lacking(), "Lacking")
    page = studio.open("workflows", "name=lacking")
    expect(page.get_by_text("1 node class and 1 model missing")).to_be_visible()
    expect(graph_node(page, "Sampler")).to_have_attribute("aria-label", re.compile("no engine has it"))
    page.get_by_role("button", name="See what is missing").click()
    nodes = page.get_by_role("region", name="1 node class missing")
    expect(nodes).to_contain_text("KSamplerr")
    expect(nodes).to_contain_text("Used by Sampler (5)")
    expect(nodes).to_contain_text("Called alike: KSampler")
    models = page.get_by_role("region", name="1 model missing")
    expect(models).to_contain_text("checkpoints/nowhere.safetensors")
    expect(models).to_contain_text("Used by Model (1)")
    studio.check_accessible()
    studio.look("workflows-needs")


def test_shipped_workflow_is_copied_to_name_its_inputs(studio: Studio) -> None:
    page = studio.open("workflows", "name=sd15&part=inputs")
    expect(page.get_by_role("row", name=re.compile("^steps"))).to_contain_text("steps Steps")
    page.get_by_role("button", name="Save a copy").click()
    expect(page.get_by_role("dialog").get_by_label("Name")).to_have_value("sd15-copy")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1, name="Stable Diffusion 1.5 (copy)")).to_be_visible()


def test_use_in_create_and_download_go_where_they_say(studio: Studio) -> None:
    page = studio.open("workflows", "name=sd15")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "sd15.json"
    assert json.loads(download.value.path().read_text(encoding="utf-8")) == load_template("sd15").workflow
    assert (page.get_by_role("link", name="Use in Create").get_attribute("href") or "").endswith(
        "/create?workflow=sd15"
    )


def test_texts_of_a_workflow_are_only_ever_text(studio: Studio) -> None:
    first, second = ATTACKS
    graph = graph_of()
    graph["5"]["_meta"] = {"title": first}
    graph["2"]["inputs"]["text"] = second
    graph["7"]["inputs"]["filename_prefix"] = first
    keep(studio, "attack", graph, first, second)
    page = studio.open("workflows")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=first, exact=True))
    expect(card).to_contain_text(second)
    card.get_by_role("link", name=first, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(first)
    graph_node(page, "Positive prompt").click()
    expect(page.get_by_role("region", name="Node")).to_contain_text(second)
    for tab in ("Nodes", "Inputs"):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tabpanel")).to_contain_text(first)
        expect(page.get_by_role("tabpanel")).to_contain_text(second)
    page.get_by_role("tab", name="Try it").click()
    expect(page.get_by_placeholder(second)).to_be_visible()
    assert page.locator("main script, main img[src='x']").count() == 0


def test_failed_try_says_why(studio: Studio) -> None:
    studio.allowed.append("422")
    keep(studio, "fails", lacking() | {"1": graph_of()["1"]}, "Fails")
    page = studio.open("workflows", "name=fails&part=try")
    page.get_by_role("button", name="Run it").click()
    region = page.get_by_role("tabpanel")
    expect(region).to_contain_text("KSamplerr")


def test_workflow_that_is_not_there_says_so(studio: Studio) -> None:
    page = studio.open("workflows", "name=nothing-like-it")
    expect(page.get_by_role("heading", name="No workflow is called nothing-like-it")).to_be_visible()
    page.get_by_role("link", name="All workflows").click()
    expect(page.get_by_role("heading", level=1, name="Workflows")).to_be_visible()


def test_without_an_engine_what_is_missing_waits_for_one(alone: Studio) -> None:
    page = alone.open("workflows", "name=sd15&part=needs")
    expect(page.get_by_role("heading", name="No engine answers")).to_be_visible()
    page.get_by_role("tab", name="Graph").click()
    expect(page.locator(".workflow-node").first).to_be_visible()


def test_service_that_is_gone_is_said(alone: Studio, lonely: ServedProcess) -> None:
    alone.allowed += ["Failed to load resource", "net::ERR"]
    page = alone.open("workflows")
    expect(page.get_by_role("link", name="Stable Diffusion 1.5", exact=True)).to_be_visible()
    lonely.stop()
    page.get_by_role("link", name="Stable Diffusion 1.5", exact=True).click()
    expect(page.get_by_role("heading", name="The service does not answer")).to_be_visible()
    lonely.start()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".workflow-node").first).to_be_visible()
