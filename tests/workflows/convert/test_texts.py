import pytest

from comfy_gen.workflows.convert.texts import fill_in, has_date, settle


@pytest.mark.parametrize(
    ("text", "settled", "is_random"),
    [
        ("a cat", "a cat", False),
        ("a {red|blue} cat", "a red cat", True),
        ("a {{red|pink} hat|bow} {x}", "a red hat x", True),
        ("a {hat|{red|pink} bow}!", "a hat!", True),
        (r"a \{red|blue\} cat", "a {red|blue} cat", False),
        (r"back\slash and | and }", r"back\slash and | and }", False),
        ("a cat // no dog\non a mat", "a cat \non a mat", False),
        ("a /* big\nfat */cat", "a cat", False),
        ("a {red|blue", "a red", True),
        ("ends with \\", "ends with \\", False),
    ],
)
def test_text_is_what_the_editor_sends_if_its_dice_fall_on_the_first(text, settled, is_random):
    assert settle(text) == (settled, is_random)


def known(node, widget):
    return {("KSampler", "seed"): 5, ("Loader", "name"): "sd/x:y.ckpt"}.get((node, widget))


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("ComfyUI", "ComfyUI"),
        ("%KSampler.seed%_x", "5_x"),
        ("out/%Loader.name%", "out/sd_x_y.ckpt"),
        ("%KSampler.steps% %width% %None.seed%", "%KSampler.steps% %width% %None.seed%"),
        ("%date:yyyy-MM-dd%/%date:hhmmss%", "%year%-%month%-%day%/%hour%%minute%%second%"),
        ("%date:yy-M%", "%date:yy-M%"),
        ("100%", "100%"),
    ],
)
def test_file_name_has_what_it_names(text, filled):
    assert fill_in(text, known) == filled


def test_date_that_is_left_can_be_told():
    assert has_date("%date:yy%")
    assert not has_date("%year%")
