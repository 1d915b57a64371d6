"""Looks at a job's pictures before they are stored, and keeps what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.errors import PictureWithheldError
from comfy_gen.validation.safety import unjudged

if TYPE_CHECKING:
    from PIL import Image

    from comfy_gen.pipeline.artifact import Artifact
    from comfy_gen.validation.safety import SafetyCheck, Verdict


class Inspection:
    """What was found of one job's pictures. Make a new one where they are stored once more."""

    def __init__(self, check: SafetyCheck) -> None:
        self._check = check
        self._found: list[tuple[Artifact, Verdict]] = []
        self._overlooked: set[str] = set()

    async def passes(self, artifact: Artifact, image: Image.Image | None) -> bool:
        """Tell whether a picture may be stored; one that did not open may not."""
        verdict = unjudged("it could not be opened") if image is None else await self._check.check(image)
        self._found.append((artifact, verdict))
        return verdict.passed

    def overlook(self, artifact: Artifact) -> None:
        """Remember that there was something which nobody looks at."""
        self._overlooked.add(artifact.kind)

    @property
    def verdicts(self) -> list[dict[str, Any]]:
        """What was said of each picture."""
        return [verdict.as_json() | {"artifact_id": artifact.artifact_id} for artifact, verdict in self._found]

    @property
    def withheld(self) -> list[Verdict]:
        """What was said of the pictures that are not to be stored."""
        return [verdict for _, verdict in self._found if not verdict.passed]

    @property
    def notes(self) -> list[str]:
        """What the job's owner is told."""
        reasons = "; ".join(dict.fromkeys(verdict.reason for verdict in self.withheld))
        were = "was" if len(self.withheld) == 1 else "were"
        counted = f"{len(self.withheld)} of {len(self._found)} pictures {were} withheld: {reasons}"
        unseen = [f"files of the kind {kind} are not looked at" for kind in sorted(self._overlooked)]
        return [*([counted] if self.withheld else []), *unseen]

    def check_any_left(self) -> None:
        """Do nothing, if a picture passed or there was none.

        Raises:
            PictureWithheldError: none passed.
        """
        withheld = self.withheld
        if withheld and len(withheld) == len(self._found):
            worst = max(withheld, key=lambda verdict: verdict.score)
            raise PictureWithheldError(len(withheld), worst.score, worst.reason)
