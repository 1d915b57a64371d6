"""Looks at a job's pictures before they are stored, and keeps what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.errors import PictureWithheldError
from comfy_gen.pipeline.expected import Expected
from comfy_gen.validation.safety import unjudged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from comfy_gen.pipeline.artifact import Artifact
    from comfy_gen.validation.gate import Gate, PictureVerdict, Seen
    from comfy_gen.validation.quality import Quality
    from comfy_gen.validation.safety import SafetyCheck, Verdict


class Inspection:
    """What was found of one prompt's pictures. Make a new one where they are stored once more."""

    def __init__(
        self,
        safety: SafetyCheck | None = None,
        gate: Gate | None = None,
        *,
        expected: Expected | None = None,
    ) -> None:
        """``safety`` has pictures withheld, ``gate`` judges the others by what is ``expected`` of them."""
        self._safety = safety
        self._gate = gate
        self._expected = expected or Expected()
        self._found: list[tuple[Artifact, Verdict]] = []
        self._seen: list[tuple[Artifact, Seen]] = []
        self._judged: Sequence[PictureVerdict] = ()
        self._overlooked: set[str] = set()

    async def passes(self, artifact: Artifact, image: Image.Image | None) -> bool:
        """Tell whether a picture may be stored; where somebody has to know what it shows, it must open."""
        if self._safety is not None:
            verdict = unjudged("it could not be opened") if image is None else await self._safety.check(image)
            self._found.append((artifact, verdict))
            if not verdict.passed:
                return False
        if image is None:
            self.overlook(artifact)
        elif self._gate is not None:
            batch = self._expected.batch_of(artifact.node_id, artifact.artifact_id)
            seen = await self._gate.look(image, self._expected.sizes.get(artifact.node_id), batch=batch)
            self._seen.append((artifact, seen))
        return True

    def overlook(self, artifact: Artifact) -> None:
        """Remember that there was something which nobody looks at."""
        self._overlooked.add(artifact.kind)

    async def judge(self, quality: Quality, *, prompt: str, negative_prompt: str) -> Sequence[PictureVerdict]:
        """Return what the gate says of each picture that is stored, now that all are there."""
        if self._gate is not None:
            seen = [one for _, one in self._seen]
            self._judged = await self._gate.judge(seen, quality, prompt=prompt, negative_prompt=negative_prompt)
        return self._judged

    @property
    def verdicts(self) -> list[dict[str, Any]]:
        """What was said of each picture."""
        safe = [verdict.as_json() | {"artifact_id": artifact.artifact_id} for artifact, verdict in self._found]
        return [*safe, *self.judged]

    @property
    def judged(self) -> list[dict[str, Any]]:
        """What the gate said of each picture."""
        return [
            verdict.as_json() | {"artifact_id": artifact.artifact_id}
            for (artifact, _), verdict in zip(self._seen, self._judged, strict=False)  # none before `judge`
        ]

    @property
    def withheld(self) -> list[Verdict]:
        """What was said of the pictures that are not to be stored."""
        return [verdict for _, verdict in self._found if not verdict.passed]

    @property
    def notes(self) -> list[str]:
        """What the job's owner is told."""
        unseen = [f"files of the kind {kind} are not looked at" for kind in sorted(self._overlooked)]
        return [*self.lacks, *unseen]

    @property
    def lacks(self) -> list[str]:
        """Why there are fewer pictures than were made; empty where all of them may be stored."""
        if not self.withheld:
            return []
        reasons = "; ".join(dict.fromkeys(verdict.reason for verdict in self.withheld))
        were = "was" if len(self.withheld) == 1 else "were"
        return [f"{len(self.withheld)} of {len(self._found)} pictures {were} withheld: {reasons}"]

    def check_any_left(self) -> None:
        """Do nothing, if a picture may be stored or there was none.

        Raises:
            PictureWithheldError: all are withheld.
        """
        withheld = self.withheld
        if withheld and len(withheld) == len(self._found):
            worst = max(withheld, key=lambda verdict: verdict.score)
            raise PictureWithheldError(len(withheld), worst.score, worst.reason)
