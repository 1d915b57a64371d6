"""The similarity to its prompt from which a picture passes: given, learnt of the model, or else the usual one.

What was learnt is in one small file, `{"models": {"NAME": {…}}}`, written whole. It is looked at whenever a threshold
is wanted, so that a worker that runs takes a new calibration at once.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.atomic import replacing
from comfy_gen.errors import InvalidParameterError, OutputPathError, ThresholdFileError
from comfy_gen.validation.calibration import Calibration

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)

DEFAULT = 0.25
"""Where none was given and none learnt: what pictures that fit their prompts reach with OpenAI's CLIP, most of them."""

_Signature = tuple[int, int, int]
"""Of a file: another one has another, even where it was written within the same tick of the clock."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which similarity on a picture passes."""

    value: float
    source: str
    """``given``, ``calibrated`` or ``default``."""


class Thresholds:
    """The thresholds of models."""

    def __init__(self, file: Path | None) -> None:
        """``file`` has what was learnt, once there is something; None: nothing is."""
        self._file = file
        self._seen: _Signature | None = None
        self._known: Mapping[str, Calibration] = {}

    def of(self, model: str, *, given: float | None = None) -> Threshold:
        """Return the threshold for a model, a name or a folder; one that was given goes before all others."""
        if given is not None:
            return Threshold(given, "given")
        learnt = self._current().get(key_of(model))
        return Threshold(DEFAULT, "default") if learnt is None else Threshold(learnt.threshold, "calibrated")

    def kept(self) -> Mapping[str, Calibration]:
        """Return what was learnt, by model.

        Raises:
            ThresholdFileError: the file is damaged, or cannot be read.
        """
        return {} if self._file is None else _read(self._file)

    def keep(self, model: str, calibration: Calibration) -> None:
        """Have a model's threshold be this one from now on.

        Raises:
            ThresholdFileError: the file is damaged: what it has of other models is not thrown away.
            OutputPathError: it cannot be written.
        """
        self._write({**self.kept(), key_of(model): calibration})

    def forget(self, model: str) -> str:
        """Have a model's threshold be the default again; return the name that it was kept by.

        Raises:
            InvalidParameterError: nothing was learnt of it.
            ThresholdFileError: the file is damaged.
            OutputPathError: it cannot be written.
        """
        kept = dict(self.kept())
        # A folder that is gone is named as it was, too.
        name = next((name for name in (key_of(model), str(Path(model).resolve())) if name in kept), None)
        if name is None:
            known = (
                f"one of {', '.join(sorted(kept))}" if kept else "one that a threshold was learnt for: there is none"
            )
            raise InvalidParameterError("MODEL", model, known)
        del kept[name]
        self._write(kept)
        return name

    def _current(self) -> Mapping[str, Calibration]:
        """Return what was learnt; a file that cannot be used counts as none, and is told of once."""
        if self._file is None:
            return {}
        signature = _signature(self._file)
        if signature != self._seen:
            self._seen = signature
            try:
                self._known = _read(self._file)
            except ThresholdFileError as error:
                log.warning("pictures are judged by the default of %.2f: %s", DEFAULT, error)
                self._known = {}
        return self._known

    def _write(self, kept: Mapping[str, Calibration]) -> None:
        if self._file is None:
            raise OutputPathError(Path("thresholds.json"), "no folder is set for it")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputPathError(self._file.parent, error.strerror or str(error)) from error
        data = {"models": {name: kept[name].as_json() for name in sorted(kept)}}
        with replacing(self._file, is_durable=True) as file:
            file.write(json.dumps(data, ensure_ascii=False, indent=2).encode() + b"\n")


def key_of(model: str) -> str:
    """Return the name that a model's threshold is kept by: of a folder, the whole path."""
    return str(Path(model).resolve()) if model and Path(model).is_dir() else model


def _signature(file: Path) -> _Signature | None:
    try:
        facts = file.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


def _read(file: Path) -> Mapping[str, Calibration]:
    try:
        data: Any = json.loads(file.read_bytes())
        return {name: Calibration.from_json(kept) for name, kept in _models(data).items()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise ThresholdFileError(file, error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:  # of its encoding and of its JSON, too
        raise ThresholdFileError(file, str(error)) from error


def _models(data: object) -> Mapping[str, Any]:
    models = cast("dict[str, Any]", data).get("models") if isinstance(data, dict) else None
    if not isinstance(models, dict):
        raise ValueError('it has no "models"')  # noqa: TRY004  # it is the file that is wrong, not a type of ours
    return cast("dict[str, Any]", models)
