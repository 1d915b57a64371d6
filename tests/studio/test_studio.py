"""What the studio consists of: its modules, and how they hang together."""

from __future__ import annotations

import re

import pytest

from comfy_gen import studio


def test_every_module_that_is_imported_is_there() -> None:
    files = studio.files()
    for name, file in files.items():
        if name.endswith(".js"):
            missing = [one for one in studio.imports_of(name, file.content.decode()) if one not in files]
            assert not missing, f"{name} imports {missing}"


@pytest.mark.parametrize("view", studio.VIEWS)
def test_what_is_needed_at_once_is_of_one_view(view: str) -> None:
    at_once = studio.needed_at_once(view)
    assert at_once[0] == studio.ENTRY
    assert len(at_once) == len({*at_once})
    assert {"core/signals.js", f"views/{view}/view.js"} <= {*at_once}
    others = [name for name in at_once if name.startswith("views/") and not name.startswith(f"views/{view}/")]
    assert not [name for name in others if name.endswith("view.js")]


IMPORTS = """import { a } from './a.js';
import {
    b,
    c,
} from '../core/b.js';
import './side.js';
export { d } from './d.js';
const later = () => import('./later.js');
// import { no } from './no.js';
"""


def test_imports_are_found_however_they_are_written() -> None:
    assert studio.imports_of("views/one.js", IMPORTS) == ["views/a.js", "core/b.js", "views/side.js", "views/d.js"]


def test_stamp_is_the_same_as_long_as_the_files_are() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", studio.stamp())
    assert studio.stamp() == studio.stamp()


def test_nothing_names_another_place() -> None:
    for name, file in studio.files().items():
        found = re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", file.content.decode())
        assert not [one for one in found if "www.w3.org" not in one], name


def test_nothing_writes_markup() -> None:
    forbidden = re.compile(r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|new Function)\b")
    assert not [name for name, file in studio.files().items() if forbidden.search(file.content.decode())]


def test_views_of_the_page_are_those_that_are_served() -> None:
    named = re.findall(r"^    (\w+): \{ title", studio.files()["shell/views.js"].content.decode(), re.MULTILINE)
    assert tuple(named) == studio.VIEWS


def test_styles_come_as_one_with_what_the_others_stand_on_first() -> None:
    sheet = studio.files()[studio.STYLES].content.decode()
    names = {path.name for path in (studio.STATIC / "styles").iterdir()}
    assert all((studio.STATIC / "styles" / name).read_text(encoding="utf-8") in sheet for name in names)
    assert sheet.index(":root") < sheet.index(".button") < sheet.index(".frame") < sheet.index(".fleet-")
    assert not [name for name in studio.files() if name.startswith("styles/")]
