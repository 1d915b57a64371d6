"""Hugging Face as a source of models, through its own client in a thread."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any, TypeVar, cast

from comfy_gen.errors import ModelReferenceError, ModelSourceError
from comfy_gen.models.model import Model, Offer
from comfy_gen.models.names import WEIGHTS, family_said, folder_in, is_weights, own_name
from comfy_gen.models.reference import HuggingFaceFile
from comfy_gen.models.sources.source import Found
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.hf_api import ModelInfo, RepoSibling

NAME = "Hugging Face"
OFFICIAL = "https://huggingface.co"
TIMEOUT = 30.0
"""Seconds without a word until the server is given up."""
FILES_SHOWN = 20
_LARGEST = 10**15
"""Bytes of a file; a server that tells more is wrong."""
_SHA256 = re.compile(r"[0-9a-f]{64}")

_AnswerT = TypeVar("_AnswerT")


class HuggingFaceSource:
    """The models of Hugging Face, or of a server that speaks as it does."""

    def __init__(self, url: str = OFFICIAL, *, token: str = "") -> None:
        self._url = url.rstrip("/")
        self._token = token

    async def find(self, reference: HuggingFaceFile) -> Offer:
        """Return a file of a repository, as it is at the revision's newest commit.

        Raises:
            ModelReferenceError: the repository has no such file, or several and none was named.
            ModelSourceError: it is not there, wants to be asked first, or the server does not answer.
        """
        return await asyncio.to_thread(self._asked, lambda: self._find(reference), reference)

    async def search(self, text: str, *, folder: str = "", limit: int = 20) -> list[Found]:
        """Return the repositories of models for ComfyUI and Diffusers that a text finds.

        Raises:
            ModelSourceError: the server does not answer.
        """
        found = await asyncio.to_thread(self._asked, lambda: self._search(text, limit))
        return [one for one in found if not folder or one.model.folder in ("", folder)]

    def _find(self, reference: HuggingFaceFile) -> Offer:
        info = self._api().model_info(
            reference.repository, revision=reference.revision, timeout=TIMEOUT, files_metadata=True
        )
        file = _file_of(reference, info.siblings or [])
        if info.gated:
            self._check_access(reference.repository)
        return self._offer(reference, info, file)

    def _search(self, text: str, limit: int) -> list[Found]:
        from huggingface_hub.hf_api import ModelInfo  # noqa: PLC0415  # a second to load

        asked = {"search": text, "sort": "downloads", "limit": str(limit), "full": "true", "cardData": "true"}
        told = cast("list[dict[str, Any]]", self._get("/api/models", asked))
        return [found for one in told[:limit] if (found := _found(ModelInfo(**one)))]

    def _offer(self, reference: HuggingFaceFile, info: ModelInfo, file: RepoSibling) -> Offer:
        from huggingface_hub import hf_hub_url  # noqa: PLC0415  # a second to load

        placed = HuggingFaceFile(reference.repository, file.rfilename, reference.revision)
        # The commit rather than the branch: what is fetched is what was told of here.
        url = hf_hub_url(
            reference.repository, file.rfilename, revision=info.sha or reference.revision, endpoint=self._url
        )
        return Offer(model=_model(info, placed, file), url=url, headers=self._headers())

    def _check_access(self, repository: str) -> None:
        if not self._bearer():
            raise self._gated(repository, "it wants to know who fetches it")
        self._get(f"/api/models/{repository}/auth-check")

    def _get(self, path: str, asked: Mapping[str, str] | None = None) -> object:
        """Ask what the client has verbs for that would wait for a silent server without end, or for minutes."""
        from huggingface_hub.utils import get_session, hf_raise_for_status  # noqa: PLC0415  # a second to load

        response = get_session().get(self._url + path, params=asked, headers=self._headers(), timeout=TIMEOUT)
        hf_raise_for_status(response)
        return response.json()

    def _api(self) -> HfApi:
        from huggingface_hub import HfApi  # noqa: PLC0415  # a second to load

        # False: the token that somebody keeps for Hugging Face is not for other servers.
        return HfApi(endpoint=self._url, token=self._bearer() or False)

    def _headers(self) -> dict[str, str]:
        token = self._bearer()
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _bearer(self) -> str:
        from huggingface_hub import get_token  # noqa: PLC0415  # a second to load

        return self._token or (self._url == OFFICIAL and get_token()) or ""

    def _asked(self, ask: Callable[[], _AnswerT], reference: HuggingFaceFile | None = None) -> _AnswerT:
        """Ask, and say what went wrong in words of ours: those of the client quote requests."""
        from huggingface_hub import errors  # noqa: PLC0415  # a second to load

        # It writes to the terminal itself, also what a server sends as a warning: all that matters is raised.
        logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)
        repository = reference.repository if reference else ""
        try:
            return ask()
        except errors.GatedRepoError as error:
            raise self._gated(repository, "its makers have not let this account in") from error
        except errors.RepositoryNotFoundError as error:
            raise self._missing(repository) from error
        except errors.RevisionNotFoundError as error:
            revision = reference.revision if reference else ""
            raise ModelSourceError(NAME, f"{repository} has no revision {revision!r}") from error
        except errors.OfflineModeIsEnabled as error:
            raise ModelSourceError(NAME, "it is not to be asked: HF_HUB_OFFLINE is set", "unset it.") from error
        except errors.HfHubHTTPError as error:
            raise self._refused(error) from error
        except (errors.HTTPError, OSError) as error:  # pyright: ignore[reportPrivateImportUsage]  # of httpx or httpx2
            raise self._silent(type(error).__name__) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            # Raised where the client reads an answer: nothing that Hugging Face says.
            raise ModelSourceError(NAME, f"{self._url} answers otherwise than Hugging Face does") from error

    def _gated(self, repository: str, reason: str) -> ModelSourceError:
        token = "a token of that account in HF_TOKEN" if not self._token else "the token of that account in HF_TOKEN"
        page = f"{self._url}/{repository}"
        return ModelSourceError(
            NAME, f"{repository} is gated: {reason}", f"accept its terms at {page}, and put {token}."
        )

    def _missing(self, repository: str) -> ModelSourceError:
        advice = "look for its name with comfygen models search"
        more = "." if self._bearer() else "; for a private one, put a token in HF_TOKEN."
        return ModelSourceError(NAME, f"there is no {repository}, or it is private", f"{advice}{more}")

    def _refused(self, error: HfHubHTTPError) -> ModelSourceError:
        status = error.response.status_code
        if status in (401, 403):
            return ModelSourceError(NAME, f"it refuses the token (status {status})", "see whether HF_TOKEN is right.")
        if status == 429:
            return ModelSourceError(NAME, "it was asked too often", "try later, or put a token in HF_TOKEN.")
        return ModelSourceError(NAME, f"{self._url} answers with status {status}", "try later.")

    def _silent(self, kind: str) -> ModelSourceError:
        advice = "see whether this machine reaches it; models.huggingface_url names another server."
        return ModelSourceError(NAME, f"{self._url} does not answer ({kind})", advice)


def _file_of(reference: HuggingFaceFile, siblings: list[RepoSibling]) -> RepoSibling:
    files = {sibling.rfilename: sibling for sibling in siblings}
    if reference.path in files:
        return files[reference.path]
    weights = [name for name in files if is_weights(name)]
    if reference.path:
        nearest = _references(reference, nearest_names(reference.path, weights, 3))
        raise ModelReferenceError(str(reference), f"{reference.repository} has no such file", nearest)
    if only := _only(weights):
        return files[only]
    reason = f"{reference.repository} has {len(weights)} files of weights: say which"
    raise ModelReferenceError(str(reference), reason, _references(reference, weights))


def _references(reference: HuggingFaceFile, paths: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(HuggingFaceFile(reference.repository, path, reference.revision)) for path in paths)


def _only(weights: list[str]) -> str:
    """Return the one file that is meant where a repository is: its only one of the safest kind that it has."""
    for ending in WEIGHTS:
        of_kind = [name for name in weights if name.lower().endswith(ending)]
        if of_kind:
            return of_kind[0] if len(of_kind) == 1 else ""
    return ""


def _model(info: ModelInfo, reference: HuggingFaceFile, file: RepoSibling | None = None) -> Model:
    return Model(
        file=own_name(reference.path, reference.repository),
        folder=folder_in(reference.path, info.tags or ()),
        title=_text(info.id),
        source=str(reference),
        sha256=_sha256(file.lfs.sha256) if file and file.lfs else "",
        size=_size(file.size) if file else None,
        licence=_licence(info),
        base=family_said([*_base_models(info), reference.path, info.id]),
        triggers=_triggers(info),
        page=f"{OFFICIAL}/{info.id}",
    )


def _found(info: ModelInfo) -> Found | None:
    weights = [sibling.rfilename for sibling in info.siblings or [] if is_weights(sibling.rfilename)]
    if not weights:
        return None
    only = _only(weights)
    files = [HuggingFaceFile(info.id, path) for path in weights[:FILES_SHOWN]]
    return Found(
        model=_model(info, HuggingFaceFile(info.id, only)),
        where="huggingface",
        downloads=info.downloads or 0,
        is_gated=bool(info.gated),
        files=() if only else tuple(map(str, files)),
    )


def _licence(info: ModelInfo) -> str:
    card = info.card_data
    if card is None:
        return ""
    # `other` says only that the licence has a name of its own.
    named = card.get("license_name") if card.get("license") in (None, "other") else card.get("license")
    return _text(named or card.get("license"))


def _base_models(info: ModelInfo) -> list[str]:
    said: object = info.card_data.get("base_model") if info.card_data else None
    return [_text(one) for one in (cast("list[object]", said) if isinstance(said, list) else [said])]


def _triggers(info: ModelInfo) -> tuple[str, ...]:
    said = _text(info.card_data.get("instance_prompt")) if info.card_data else ""
    return (said,) if said and said != "None" else ()


def _size(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < _LARGEST else None


def _sha256(value: object) -> str:
    said = _text(value).lower()
    return said if _SHA256.fullmatch(said) else ""


def _text(value: object) -> str:
    return " ".join(value.split())[:200] if isinstance(value, str) else ""
