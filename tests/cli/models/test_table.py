from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from comfy_gen.cli.models import table as model_table
from comfy_gen.cli.models.missing import Readiness
from comfy_gen.models.coverage import Coverage, NeedState
from comfy_gen.models.fallbacks import Fallback
from comfy_gen.models.fetching import Fetched, Planned
from comfy_gen.models.folder import LocalModel
from comfy_gen.models.model import Model, Offer
from comfy_gen.models.recommendation import Recommendation
from comfy_gen.models.registry import Entry
from comfy_gen.models.sources import Found
from comfy_gen.models.verification import Checked

VAE = Model(file="a.safetensors", folder="vae", name="a", source="hf:x/y/a.safetensors", size=2 * 10**9, licence="mit")


def lines(table, width=80):
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def plain(texts):
    return [text.plain for text in texts]


def local(file="a.safetensors"):
    return LocalModel(folder="vae", file=file, path=Path(file), size=1500, mtime_ns=0)


def test_folder_is_said_once():
    table = model_table.engine_table({"loras": ["a", "b"], "vae": ["c"]})
    assert [line.split() for line in lines(table)] == [["folder", "file"], ["loras", "a"], ["b"], ["vae", "c"]]
    table = model_table.local_table([local(), local("b")], {})
    assert [line.split()[0] for line in lines(table)] == ["folder", "vae", "b"]


def test_manifest_shows_folder_and_licence_where_there_is_room():
    table = model_table.manifest_table({"a": VAE}, {("vae", "a.safetensors")}, is_wide=False)
    assert lines(table)[1].split() == ["a", "yes", "a.safetensors", "2", "GB"]
    table = model_table.manifest_table({"a": VAE}, (), is_wide=True)
    assert lines(table, 120)[1].split() == ["a", "a.safetensors", "2", "GB", "vae", "mit"]


def test_search_shows_what_a_download_takes():
    found = [
        Found(model=Model(file="", folder="", title="Ink", source="civitai:7"), where="civitai", downloads=12345),
        Found(model=VAE, where="huggingface", is_gated=True),
    ]
    shown = lines(model_table.found_table(found))
    assert shown[1].split() == ["civitai:7", "Ink", "12,345"]
    assert "a.safetensors (gated)" in shown[2]


def test_plan_tells_what_is_here_and_what_nobody_knows():
    plans = [
        Planned(model=VAE, path=Path("a")),
        *(
            Planned(model=VAE, path=Path("a"), offer=Offer(model=VAE, url="u"), to_fetch=size)
            for size in (None, 5 * 10**8)
        ),
    ]
    shown = [line.split() for line in lines(model_table.plan_table(plans))[1:]]
    assert [words[1:-1] for words in shown] == [["here"], ["unknown"], ["500", "MB"]]


def test_fetched_model_tells_what_was_here_before():
    fetched = Fetched(model=VAE, path=Path("a"), size=2000, sha256="ab" * 32, is_new=True, resumed_bytes=500)
    assert model_table.fetched_line(fetched).plain == "Fetched a  2 KB, 500 B of it before, sha256 abababababab…"
    again = Fetched(model=VAE, path=Path("a"), size=2000, sha256="ab" * 32, is_new=False)
    assert model_table.fetched_line(again).plain == "Here    a  it was here already"


def test_check_tells_the_reason_or_else_the_hash():
    checked = [
        Checked(model=local(), state="good", sha256="cd" * 32),
        Checked(model=local("b"), state="damaged", reason="its SHA-256 is another"),
    ]
    shown = lines(model_table.checked_table(checked))
    assert shown[1].split() == ["good", "vae/a.safetensors", "sha256", "cdcdcdcdcdcd…"]
    assert shown[2].startswith("damaged  vae/b")
    assert "its SHA-256 is another" in shown[2]


def test_missing_model_is_told_once_with_all_who_need_it():
    there = NeedState("loras", "b", is_there=True)
    missing = NeedState("vae", "a", is_there=False, fallbacks=(Fallback("c", "the same, smaller"),), model=VAE)
    found = [
        Readiness("one", "gpu-1", Coverage((missing, there))),
        Readiness("two", "gpu-1", Coverage((missing,))),
        Readiness("three", "gpu-1", Coverage((there,))),
    ]
    assert plain(model_table.readiness_lines(found)) == [
        "ready    three",
        "missing  vae/a  for one, two",
        "         instead  c (the same, smaller)",
        "            from  hf:x/y/a.safetensors, 2 GB, mit",
        "All models of a shipped workflow: comfygen models download template:NAME",
    ]


def test_recommendation_says_how_to_follow_it_unless_all_is_here():
    def recommended(*models):
        return Recommendation(
            name="sdxl", task="text-to-image", models=models, reason="because", bytes_to_fetch=0, fits=True
        )

    assert plain(model_table.recommended_lines([recommended(VAE)]))[1:] == [
        "  because",
        "  comfygen models download template:sdxl",
    ]
    assert len(plain(model_table.recommended_lines([recommended()]))) == 2
    pickle = recommended(Model(file="a.pth", folder="upscale_models"))
    assert plain(model_table.recommended_lines([pickle]))[2].endswith("template:sdxl --allow-pickle")


HOSTILE = "[/x]\x1b[2J\x9b\x07a"


def test_names_of_strangers_neither_steer_the_terminal_nor_style_it():
    wicked = Model(file=HOSTILE, folder="vae", title=HOSTILE, source="hf:x/y", licence=HOSTILE, base=HOSTILE)
    damaged = Checked(model=local(HOSTILE), state="damaged", reason=f"its tensor {HOSTILE}")
    entry = Entry(model=wicked, sha256="", size=1, mtime_ns=0)
    need = NeedState(HOSTILE, HOSTILE, is_there=False, fallbacks=(Fallback(HOSTILE, "alike"),))
    shown = [
        *lines(model_table.engine_table({HOSTILE: [HOSTILE]})),
        *lines(model_table.local_table([local(HOSTILE)], {f"vae/{HOSTILE}": entry})),
        *lines(model_table.found_table([Found(model=wicked, where="civitai")])),
        *lines(model_table.checked_table([damaged])),
        *plain(model_table.readiness_lines([Readiness("fox", "gpu", Coverage((need,)))])),
    ]
    assert "[/x]" in "".join(shown)
    assert all(line.isprintable() for line in shown)


def test_tables_keep_within_eighty_columns():
    long = "a_rather_long_name_of_a_model_" * 4 + ".safetensors"
    model = Model(file=long, folder="diffusion_models", title=long, source=f"hf:x/y/{long}", licence=long, base=long)
    plan = Planned(model=model, path=Path(long), offer=Offer(model=model, url="u"), to_fetch=5 * 10**9)
    entry = Entry(model=model, sha256="", size=1, mtime_ns=0)
    tables = [
        model_table.engine_table({"diffusion_models": [long]}),
        model_table.local_table([local(long)], {f"vae/{long}": entry}),
        model_table.manifest_table({"name": model}, (), is_wide=False),
        model_table.set_table({"template:wan": [long, long]}),
        model_table.found_table([Found(model=model, where="civitai", downloads=10**7, is_gated=True)]),
        model_table.plan_table([plan]),
        model_table.checked_table([Checked(model=local(long), state="damaged", reason=long)]),
    ]
    assert all(len(line) <= 80 for table in tables for line in lines(table))
