"""Create: from what a person types to the pictures that come of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.served import ServedProcess
    from tests.studio.browser import Studio

WITH_LOST_LORA = '{"text": "xyzzy", "loras": [{"name": "lost.safetensors", "strength": 1}]}'
XSS = '"><img src=x onerror=alert(1)><script>alert(1)</script>'


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Prompt", exact=True)


def chip(page: Page, name: str) -> Locator:
    return page.get_by_role("list", name="Categories of the prompt").get_by_text(name, exact=True)


def expect_pictures(page: Page, count: int = 1) -> None:
    """Wait for so many pictures: an engine takes a while."""
    expect(results(page).locator("img[src*='/thumbnail']")).to_have_count(count, timeout=20_000)


def results(page: Page) -> Locator:
    return page.get_by_role("list", name="Results of this sitting").get_by_role("listitem")


def generated(service: ServedProcess, count: int = 1) -> list[dict[str, Any]]:
    """Return the newest generations, the newest first."""
    return service.ask(f"/library?limit={count}")[1]["generations"]


def opened_with(studio: Studio, text: str) -> Page:
    page = studio.open()
    box(page).fill(text)
    return page


def open_part(page: Page, title: str) -> None:
    page.locator("summary", has_text=title).click()


def test_chips_appear_while_typing(studio: Studio) -> None:
    page = studio.open()
    box(page).press_sequentially("@portrait of a woman in the city at sunset, oil painting", delay=10)
    expect(chip(page, "@Portrait")).to_be_visible()
    expect(chip(page, "City")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Categories used: Portrait")).to_be_attached()


def test_chip_of_a_tag_is_taken_out_of_the_text(studio: Studio) -> None:
    page = opened_with(studio, "@portrait of a fox")
    page.get_by_role("button", name="Remove Portrait").click()
    expect(box(page)).to_have_value("of a fox")
    expect(box(page)).to_be_focused()
    expect(chip(page, "@Portrait")).to_have_count(0)


def test_inferred_category_goes_and_comes_back(studio: Studio) -> None:
    page = opened_with(studio, "a lighthouse by the beach at sunset")
    page.get_by_role("button", name="Remove Sunset").click()
    expect(page.get_by_role("button", name="Remove Sunset")).to_have_count(0)
    expect(box(page)).to_have_value("a lighthouse by the beach at sunset")
    page.get_by_role("button", name="Use Sunset again").click()
    expect(page.get_by_role("button", name="Remove Sunset")).to_be_visible()


def test_category_that_found_no_room_is_added_by_a_click(studio: Studio) -> None:
    page = opened_with(studio, "@portrait of a woman in the city at sunset")
    page.get_by_role("button", name="Use People, too").click()
    expect(box(page)).to_have_value("@portrait of a woman in the city at sunset @people")
    expect(chip(page, "@People")).to_be_visible()


def test_misspelt_tag_is_corrected_by_a_click(studio: Studio) -> None:
    page = opened_with(studio, "a fox, @cyberpnk")
    expect(page.get_by_text("There is no category @cyberpnk.")).to_be_visible()
    page.get_by_role("button", name="Write @cyberpunk instead of @cyberpnk").click()
    expect(box(page)).to_have_value("a fox, @cyberpunk")
    expect(chip(page, "@Cyberpunk")).to_be_visible()


def test_generating_waits_for_a_misspelt_tag_to_be_corrected(studio: Studio) -> None:
    page = opened_with(studio, "a fox, @cyberpnk")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no category @cyberpnk: correct it")
    expect(results(page)).to_have_count(0)


def test_categories_are_added_by_type(studio: Studio) -> None:
    page = opened_with(studio, "a fox")
    page.get_by_role("combobox", name="Add style").fill("water")
    page.get_by_role("option", name="Watercolor").click()
    expect(box(page)).to_have_value("a fox @watercolor")
    page.get_by_role("combobox", name="Add setting").fill("beach")
    page.keyboard.press("Enter")
    expect(box(page)).to_have_value("a fox @watercolor @beach")
    expect(chip(page, "@Beach")).to_be_visible()


def test_conflict_is_told_in_words(studio: Studio) -> None:
    page = opened_with(studio, "a fox @night @golden-hour")
    expect(page.get_by_text(re.compile("Night goes before Golden Hour"))).to_be_visible()


def test_tier_is_raised_where_the_text_needs_it(studio: Studio) -> None:
    page = opened_with(studio, "a house full of gore")
    expect(page.get_by_text("“gore” needs the tier mature.")).to_be_visible()
    page.get_by_role("button", name="Use the tier mature").click()
    expect(page.get_by_label("What it may show")).to_have_value("mature")
    expect(page.get_by_text("“gore” needs the tier mature.")).to_have_count(0)


def test_recipe_is_shown_and_kept_as_the_text(studio: Studio) -> None:
    page = opened_with(studio, "@portrait of a xyzzy")
    open_part(page, "Recipe")
    expect(page.get_by_text("Merged recipe")).to_be_visible()
    expect(page.get_by_text(re.compile("sharp focus on eyes")).first).to_be_visible()
    page.locator("summary", has_text="How it came to be").click()
    page.locator("summary", has_text="Settings").last.click()
    page.get_by_label("Steps", exact=True).fill("33")
    expect(page.get_by_text("steps 33, as asked for")).to_be_visible()
    page.get_by_role("button", name="Remove Portrait").click()
    expect(page.get_by_text("Name or describe a category")).to_be_visible()
    open_part(page, "Recipe")


def test_prompt_with_categories_becomes_a_picture_right_here(studio: Studio, service: ServedProcess) -> None:
    page = opened_with(studio, "@portrait of a fox at sunset")
    page.get_by_role("button", name="Remove Sunset").click()
    page.get_by_role("button", name="Generate").click()
    expect_pictures(page)
    made = generated(service)[0]
    assert made["categories"] == ["portrait"]
    assert made["title"] == "@portrait of a fox at sunset"
    page.get_by_role("link", name="Done: @portrait of a fox at sunset").click()
    expect(page).to_have_url(re.compile(f"/studio/gallery.*{made['generation_id']}"))


def test_what_was_set_is_made_with_seeds_that_count_up(studio: Studio, service: ServedProcess) -> None:
    page = opened_with(studio, "xyzzy")
    page.get_by_role("combobox", name="Workflow").fill("XL")
    page.get_by_role("option", name="Stable Diffusion XL").click()
    page.get_by_role("radio", name="3:2").check(force=True)
    page.get_by_label("Steps", exact=True).fill("3")
    page.get_by_label("Cfg", exact=True).fill("5.5")
    page.get_by_label("Sampler", exact=True).select_option("euler")
    page.get_by_label("Seed", exact=True).fill("41")
    page.get_by_label("Negative prompt", exact=True).fill("hats")
    page.get_by_role("combobox", name="LoRAs").fill("water")
    page.keyboard.press("Enter")
    page.get_by_role("spinbutton", name="watercolor.safetensors").fill("0.4")
    page.get_by_label("Pictures", exact=True).select_option("2")
    page.get_by_role("button", name="Generate 2").click()
    expect_pictures(page, 2)
    made = generated(service, 2)
    assert sorted(one["seed"] for one in made) == [41, 42]
    recipe = made[0]["recipe"]
    assert (recipe["steps"], recipe["cfg"], recipe["sampler"]) == (3, 5.5, "euler")
    assert (recipe["width"], recipe["height"]) == (1256, 840)
    assert recipe["loras"] == [{"filename": "watercolor.safetensors", "strength": 0.4}]
    assert made[0]["negative_prompt"] == "hats"


def test_fields_show_what_the_template_does_by_itself(studio: Studio) -> None:
    page = studio.open()
    page.get_by_role("combobox", name="Workflow").fill("XL")
    page.get_by_role("option", name="Stable Diffusion XL").click()
    expect(page.get_by_label("Steps", exact=True)).to_have_attribute("placeholder", "28")
    page.get_by_label("Preset", exact=True).select_option("draft")
    expect(page.get_by_label("Steps", exact=True)).to_have_attribute("placeholder", "14")
    page.get_by_role("combobox", name="Workflow").fill("upscale")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Steps", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("alert")).to_contain_text("This template starts from a picture")


def test_size_keeps_its_proportions_when_the_template_changes(studio: Studio) -> None:
    page = studio.open()
    page.get_by_role("radio", name="3:2").check(force=True)
    expect(page.get_by_role("group", name="Size")).to_contain_text("1256 \u00d7 840")
    page.get_by_role("combobox", name="Workflow").fill("1.5")
    page.get_by_role("option", name=re.compile("^Stable Diffusion 1.5 ?image$")).click()
    expect(page.get_by_role("group", name="Size")).to_contain_text("624 \u00d7 416")


def test_seed_can_be_drawn_and_kept(studio: Studio) -> None:
    page = studio.open()
    seed = page.get_by_label("Seed", exact=True)
    page.get_by_role("button", name="Draw a seed").click()
    drawn = seed.input_value()
    assert drawn.isdigit()
    keep = page.get_by_role("button", name="Keep the seed")
    expect(keep).to_have_attribute("aria-pressed", "true")
    keep.click()
    expect(seed).to_have_value("")
    expect(keep).to_have_attribute("aria-pressed", "false")


def test_preset_is_saved_and_filled_in(studio: Studio) -> None:
    page = opened_with(studio, "@portrait of a fox")
    page.get_by_label("Steps", exact=True).fill("17")
    page.get_by_role("button", name="Save these settings as a preset").click()
    page.get_by_label("Name", exact=True).fill("Bad name!")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Up to 48 of a-z")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("faces")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“faces” is saved.")).to_be_visible()
    page.get_by_role("button", name="Start afresh").click()
    expect(page.get_by_label("Steps", exact=True)).to_have_value("")
    page.get_by_label("Preset", exact=True).select_option(label="Fill in “faces”")
    expect(page.get_by_label("Steps", exact=True)).to_have_value("17")
    expect(box(page)).to_have_value("@portrait")
    page = studio.open("create", "preset=faces")
    expect(page.get_by_label("Steps", exact=True)).to_have_value("17")


def test_draft_is_undone_done_again_and_there_after_a_reload(studio: Studio) -> None:
    page = opened_with(studio, "a fox")
    page.get_by_label("Steps", exact=True).fill("12")
    page.get_by_role("heading", name="Create").click()
    page.keyboard.press("Control+z")
    expect(page.get_by_label("Steps", exact=True)).to_have_value("")
    expect(box(page)).to_have_value("a fox")
    page.keyboard.press("Control+Shift+z")
    expect(page.get_by_label("Steps", exact=True)).to_have_value("12")
    page.get_by_role("button", name="Start afresh").click()
    expect(box(page)).to_have_value("")
    page.get_by_role("button", name="Undo").click()
    expect(box(page)).to_have_value("a fox")
    page.reload()
    expect(box(page)).to_have_value("a fox")
    expect(page.get_by_label("Steps", exact=True)).to_have_value("12")


def test_what_cannot_be_is_said_at_its_field_before_anything_is_sent(studio: Studio) -> None:
    page = opened_with(studio, "a fox")
    page.get_by_label("Steps", exact=True).fill("0")
    expect(page.get_by_text("From 1 to 10000.")).to_be_visible()
    expect(page.get_by_label("Steps", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("alert")).to_contain_text("Put right first: steps.")


def test_refusal_is_shown_at_the_field_that_it_is_about(studio: Studio) -> None:
    studio.allowed.append("422")
    page = opened_with(studio, "xyzzy")
    page.evaluate(f"localStorage.setItem('comfygen:create:draft', {WITH_LOST_LORA!r})")
    page.reload()
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("alert")).to_contain_text("lacks the file loras/lost.safetensors")
    expect(page.get_by_role("combobox", name="LoRAs")).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Remove lost.safetensors").click()
    expect(page.get_by_role("combobox", name="LoRAs")).not_to_have_attribute("aria-invalid", "true")


def test_job_that_fails_says_so_in_its_place(studio: Studio) -> None:
    page = studio.open("create", "image=missing.png")
    box(page).fill("xyzzy")
    expect(page.get_by_text("because there is a picture to start from")).to_be_visible()
    page.get_by_role("button", name="Generate").click()
    expect(results(page).first.get_by_role("link")).to_have_accessible_name("Failed: xyzzy")
    expect(results(page).first).to_contain_text("missing.png")


def test_same_settings_vary_and_input_of_a_picture(studio: Studio, service: ServedProcess) -> None:
    job = service.ask("/generate", {"prompt": "xyzzy", "workflow": "sdxl", "steps": 4, "seed": 99, "title": "one"})[1]
    service.ended(job["id"])
    page = studio.open("create", f"from={job['id']}&as=settings")
    expect(page.get_by_label("Seed", exact=True)).to_have_value("99")
    expect(page.get_by_label("Steps", exact=True)).to_have_value("4")
    expect(box(page)).to_have_value("xyzzy")
    expect(page).to_have_url(re.compile("/studio/create$"))
    page = studio.open("create", f"from={job['id']}&as=vary")
    expect(page.get_by_text("with another seed each time")).to_be_visible()
    expect(page.get_by_label("Seed", exact=True)).to_have_value("")
    page = studio.open("create", f"from={job['id']}&as=input")
    expect(page.get_by_text("The picture is the one to start from now.")).to_be_visible()
    page.get_by_role("combobox", name="Workflow").fill("image to image")
    page.keyboard.press("Enter")
    page.get_by_label("Steps", exact=True).fill("2")
    page.get_by_role("button", name="Generate").click()
    expect_pictures(page)
    assert generated(service)[0]["workflow"] == "sd15-img2img"


def test_result_is_the_next_input_and_a_template_without_a_prompt_runs(studio: Studio, service: ServedProcess) -> None:
    page = opened_with(studio, "xyzzy")
    page.get_by_label("Steps", exact=True).fill("2")
    page.get_by_role("button", name="Generate").click()
    expect_pictures(page)
    page.get_by_role("button", name="Go on from xyzzy").click()
    page.get_by_role("menuitem", name="Use as input").click()
    expect(page.get_by_text("The picture is the one to start from now.")).to_be_visible()
    page.get_by_role("combobox", name="Workflow").fill("upscale")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Steps", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Generate").click()
    expect_pictures(page, 2)
    assert generated(service)[0]["workflow"] == "upscale"


def test_variants_are_chosen_anew_for_each_picture(studio: Studio, service: ServedProcess) -> None:
    page = opened_with(studio, "@portrait of a {red|red|crimson} __missing fox")
    page.get_by_label("Steps", exact=True).fill("2")
    page.get_by_label("Pictures", exact=True).select_option("2")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(service.url)))
    page.get_by_role("button", name="Generate").click()
    expect_pictures(page, 2)
    assert [path for path in asked if path in {"/compose", "/generate"}] == ["/compose", "/generate"] * 2


def test_address_adds_a_category_and_chooses_a_workflow(studio: Studio) -> None:
    page = opened_with(studio, "a fox")
    page = studio.open("create", "category=night&workflow=sdxl")
    expect(box(page)).to_have_value("a fox @night")
    expect(page.get_by_role("combobox", name="Workflow")).to_have_value("Stable Diffusion XL")


def test_all_of_it_works_by_keyboard(studio: Studio) -> None:
    page = studio.open()
    box(page).focus()
    page.keyboard.type("@portrait of a fox")
    expect(chip(page, "@Portrait")).to_be_visible()
    remove = page.get_by_role("button", name="Remove Portrait")
    while not remove.evaluate("(one) => one === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("of a fox")
    page.keyboard.press("Control+Enter")
    expect_pictures(page)


def test_what_anybody_writes_is_only_ever_text(studio: Studio) -> None:
    page = opened_with(studio, f"@portrait {XSS} @nope{XSS}")
    expect(chip(page, "@Portrait")).to_be_visible()
    expect(page.get_by_text("There is no category @nope.")).to_be_visible()
    box(page).fill(f"@portrait {XSS}")
    expect(page.get_by_text("There is no category @nope.")).to_have_count(0)
    page.get_by_role("button", name="Generate").click()
    expect_pictures(page)
    open_part(page, "Recipe")
    expect(page.get_by_text("onerror=alert(1)").last).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    assert page.locator("main script").count() == 0
    open_part(page, "Recipe")


def test_first_visit_says_what_to_do(studio: Studio) -> None:
    page = studio.open()
    expect(page.get_by_role("heading", name="Your pictures appear here")).to_be_visible()
    expect(page.get_by_text("Categories that are recognised in the text appear here.")).to_be_visible()
    studio.look("create")


def test_what_stands_against_a_text_is_accessible(studio: Studio) -> None:
    page = opened_with(studio, "@portrait of a woman in the city at sunset, no cars, @cyberpnk with gore")
    expect(page.get_by_text("There is no category @cyberpnk.")).to_be_visible()
    page.get_by_role("combobox", name="LoRAs").fill("water")
    page.keyboard.press("Enter")
    page.get_by_role("radio", name="Custom").check(force=True)
    studio.look("create-chips")
    studio.check_accessible()


def test_recipe_and_results_are_accessible(studio: Studio) -> None:
    page = opened_with(studio, "@portrait of a woman in the city at sunset")
    page.get_by_label("Steps", exact=True).fill("2")
    page.get_by_label("Pictures", exact=True).select_option("3")
    page.get_by_role("button", name="Generate").click()
    expect_pictures(page, 3)
    open_part(page, "Recipe")
    expect(page.get_by_text("Merged recipe")).to_be_visible()
    studio.look("create-results")
    studio.check_accessible()
