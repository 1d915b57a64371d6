"""A hook of MkDocs: what pages link to outside of ``docs/`` has a page on the site, too.

In the repository such a link leads to the file; on the site it leads to a page that shows it.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, Files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "benchmarks/REPORT.md": "benchmarks.md",
}
"""Pages of the project that lie elsewhere, and what they are called on the site."""
_ORIGINS = {place: origin for origin, place in PAGES.items()}
_SHOWN = "source/"
_LANGUAGES = {".py": "python", ".mjs": "javascript", ".js": "javascript", ".sh": "sh", ".yaml": "yaml", ".yml": "yaml"}
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#|/)([^)#\s]+)((?:#[^)\s]*)?)(?=\))")
"""What a link that is relative leads to, and where on it."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie elsewhere, and those that show what is linked to."""
    for origin, place in PAGES.items():
        if (ROOT / origin).exists():
            files.append(File.generated(config, place, abs_src_path=str(ROOT / origin)))
    for target in sorted({target for file in files.documentation_pages() for target in _outside(file)}):
        files.append(File.generated(config, _place_of(target), content=_show(ROOT / target)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Have links lead to the pages of what they mean."""
    here = page.file.src_uri
    if here.startswith(_SHOWN):
        return markdown

    def there(link: re.Match[str]) -> str:
        place = _place_of(_target_of(here, link[1]))
        return posixpath.relpath(place, posixpath.dirname(here) or ".") + link[2]

    return _LINK.sub(there, markdown)


def _outside(file: File) -> Iterator[str]:
    """Yield what a page links to that has no page yet."""
    for path, _ in _LINK.findall(file.content_string):
        target = _target_of(file.src_uri, path)
        if _place_of(target).startswith(_SHOWN) and (ROOT / target).exists():
            yield target


def _target_of(here: str, link: str) -> str:
    """Return what a link on a page leads to, from the root of the project."""
    origin = _ORIGINS.get(here, f"docs/{here}")
    return posixpath.normpath(posixpath.join(posixpath.dirname(origin), link))


def _place_of(target: str) -> str:
    """Return where on the site something of the project is."""
    if target == "README.md":
        return "index.md"
    if target in PAGES:
        return PAGES[target]
    return target.removeprefix("docs/") if target.startswith("docs/") else f"{_SHOWN}{target.lstrip('.')}.md"


def _show(path: Path) -> str:
    name = path.relative_to(ROOT).as_posix()
    head = f"---\ntitle: {path.name}\nsearch:\n  exclude: true\n---\n\n# {path.name}\n\n`{name}`\n\n"
    if path.is_dir():
        return head + "".join(f"- `{one.relative_to(path).as_posix()}`\n" for one in sorted(path.rglob("*.*")))
    return head + f"````{_LANGUAGES.get(path.suffix, 'text')}\n{path.read_text(encoding='utf-8')}\n````\n"
