"""Reads what people write where a model is meant: a reference of ours, or the address of a page or a file. Pure.

``hf:OWNER/REPOSITORY/FILE`` (``@REVISION`` after the repository), ``civitai:VERSION``, or a URL. Addresses of pages of
Hugging Face and Civitai are taken for what they show, so that they can be copied out of a browser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlsplit, urlunsplit

from comfy_gen.errors import ModelReferenceError

if TYPE_CHECKING:
    from urllib.parse import SplitResult

LONGEST = 4000
"""Characters of a reference."""
MAIN = "main"
_HUGGING_FACE = frozenset({"huggingface.co", "www.huggingface.co", "hf.co"})
_CIVITAI = frozenset({"civitai.com", "www.civitai.com", "civitai.green", "civitai.red"})
_NAME = re.compile(r"[A-Za-z0-9_][\w.-]*", re.ASCII)
"""An owner or a repository; never ``..``, and nothing that changes the path of a request."""
_LETS_IN = re.compile(r"token|key|sig|secret|auth|passw|credential", re.IGNORECASE)
"""In the name of what a URL asks for: its value opens a door, as those of signed addresses do."""
_OURS = re.compile(r"(hf|huggingface|civitai):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HuggingFaceFile:
    """A file of a repository on Hugging Face."""

    repository: str
    """With its owner: ``stabilityai/sdxl-vae``."""
    path: str = ""
    """Empty: the repository's only file of weights."""
    revision: str = MAIN

    def __str__(self) -> str:
        at = "" if self.revision == MAIN else f"@{quote(self.revision, safe='')}"
        return f"hf:{self.repository}{at}{f'/{self.path}' if self.path else ''}"

    @property
    def file(self) -> str:
        """The file's own name."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class CivitaiVersion:
    """A version of a model on Civitai."""

    version: int
    """0: the newest of ``model``."""
    file: str = ""
    """One of its files by name; empty: the one that Civitai puts first."""
    model: int = 0

    def __str__(self) -> str:
        name = f"{self.version}" if self.version else f"models/{self.model}"
        return f"civitai:{name}{f'/{self.file}' if self.file else ''}"


@dataclass(frozen=True, slots=True)
class WebFile:
    """A file at an address."""

    url: str

    def __str__(self) -> str:
        return self.url

    @property
    def file(self) -> str:
        """What the address calls the file; perhaps nothing."""
        return unquote(urlsplit(self.url).path.rpartition("/")[2])


Reference = HuggingFaceFile | CivitaiVersion | WebFile


def is_reference(text: str) -> bool:
    """Tell whether a text is meant as a reference rather than as a name."""
    return "://" in text or _OURS.match(text) is not None


def without_login(source: str) -> str:
    """Return where a model comes from without what lets somebody in: for lists, files and eyes."""
    if "://" not in source:
        return source
    parts = urlsplit(source)
    asked = "&".join(one for one in parts.query.split("&") if not _LETS_IN.search(one.partition("=")[0]))
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=asked))


def parse_reference(text: str) -> Reference:
    """Return what a text refers to.

    Raises:
        ModelReferenceError: it is no reference, or does not say which model.
    """
    said = text.strip()
    if len(said) > LONGEST or not said.isprintable():
        raise ModelReferenceError(said[:80], "it is too long, or has characters that cannot be seen")
    scheme, _, rest = said.partition(":")
    match scheme.lower():
        case "hf" | "huggingface":
            return _hugging_face(said, rest.removeprefix("//"))
        case "civitai":
            return _civitai(said, rest.removeprefix("//"))
        case "http" | "https":
            return _address(said)
        case _ if "://" in said:
            raise ModelReferenceError(said, "only http and https addresses are asked")
        case _:
            raise ModelReferenceError(said, "it is neither hf:, nor civitai:, nor a URL")


def _hugging_face(text: str, rest: str) -> HuggingFaceFile:
    owner, _, after = rest.partition("/")
    repository, _, path = after.partition("/")
    name, _, revision = repository.partition("@")
    return _file(text, owner, name, path, unquote(revision))


def _file(text: str, owner: str, name: str, path: str, revision: str) -> HuggingFaceFile:
    if not _NAME.fullmatch(owner) or not _NAME.fullmatch(name):
        raise ModelReferenceError(text, "it does not say which repository: OWNER/REPOSITORY")
    if path and not all(part.strip(". ") for part in path.split("/")):
        raise ModelReferenceError(text, f"{path!r} is not a file of a repository")
    if not all(part.strip(". ") for part in (revision or MAIN).split("/")):
        raise ModelReferenceError(text, f"{revision!r} is not a revision")
    return HuggingFaceFile(f"{owner}/{name}", path, revision or MAIN)


def _civitai(text: str, rest: str) -> CivitaiVersion:
    kind, _, after = rest.partition("/")
    number, _, file = after.partition("/") if kind == "models" else rest.partition("/")
    if "@" in number:  # an AIR ends with MODEL@VERSION
        number = number.rpartition("@")[2]
    if not _number(number):
        raise ModelReferenceError(text, "it does not say which version, by its number")
    if kind == "models":
        return CivitaiVersion(0, file, _number(number))
    return CivitaiVersion(_number(number), file)


def _address(text: str) -> Reference:
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").lower()
    except ValueError as error:
        raise ModelReferenceError(text, "it is not a URL") from error
    if not host:
        raise ModelReferenceError(text, "it is not a URL")
    if host in _HUGGING_FACE:
        return _hugging_face_page(text, parts)
    if host in _CIVITAI:
        return _civitai_page(text, parts)
    return WebFile(text)


def _hugging_face_page(text: str, parts: SplitResult) -> Reference:
    match [unquote(part) for part in parts.path.split("/") if part]:
        case [owner, name]:
            return _file(text, owner, name, "", "")
        case [owner, name, "tree", revision]:
            return _file(text, owner, name, "", revision)
        case [owner, name, "blob" | "resolve" | "raw", revision, *path] if path:
            return _file(text, owner, name, "/".join(path), revision)
        case _:
            raise ModelReferenceError(text, "this page of Hugging Face is neither of a file nor of a repository")


def _civitai_page(text: str, parts: SplitResult) -> Reference:
    match [part for part in parts.path.split("/") if part]:
        case ["api", "download", "models", version] if _number(version):
            return CivitaiVersion(_number(version))
        case ["models", model, *_] if _number(model):
            version = _number(parse_qs(parts.query).get("modelVersionId", [""])[0])
            return CivitaiVersion(version, model=0 if version else _number(model))
        case _:
            raise ModelReferenceError(text, "this page of Civitai is not of a model")


def _number(text: str) -> int:
    """Return a number that counts something; 0 where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
