"""One take of a job: what is changed for it, what the gate says of its pictures, and what follows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Finish
from comfy_gen.pipeline.expected import expected_of
from comfy_gen.pipeline.inspection import Inspection
from comfy_gen.pipeline.retake import origin_of, retaken
from comfy_gen.validation.gate import PictureVerdict
from comfy_gen.validation.takes import asks_for_more, best, changes, summary, take_of, wants_another

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.jobs.failure import JobFailure
    from comfy_gen.jobs.records import Claimed, Taken
    from comfy_gen.pipeline.artifact import Artifact
    from comfy_gen.validation.gate import Gate
    from comfy_gen.validation.quality import Quality
    from comfy_gen.validation.safety import SafetyCheck
    from comfy_gen.validation.takes import Take


REPEATS = "no further take was made: it would change nothing in this workflow, and come out the same"


class Taking:
    """The take that an attempt is to make, of a job whose pictures are judged. Make one for each attempt."""

    def __init__(self, gate: Gate, claimed: Claimed, quality: Quality) -> None:
        """Find out what it changes; blocks, for as long as the workflow is large."""
        self.number = len(claimed.takes) + 1
        self.quality = quality
        self._gate = gate
        self._claimed = claimed
        self._origin = origin_of(claimed.request.workflow)
        self.changes = changes(quality, self._origin, self.number)
        self.request = replace(claimed.request, workflow=retaken(claimed.request.workflow, self.changes))
        """What is asked of the engine this time."""
        self.take: Take | None = None
        """What came of it, once that is known."""
        self._expected = expected_of(self.request.workflow)

    def prepare(self) -> None:
        """Have all ready to judge pictures as somebody asks.

        Raises:
            MissingExtraError: they cannot.
        """
        self._gate.check(self.quality)
        self._gate.prepare()

    def inspection(self, safety: SafetyCheck | None) -> Inspection:
        """Return what is to look at the pictures."""
        return Inspection(safety, self._gate, expected=self._expected)

    async def judge(self, inspection: Inspection, *, dropped: Sequence[str], **known: Any) -> Take:
        """Have the pictures judged that the inspection has seen; by the first prompt, so that takes compare.

        ``dropped`` says what the engine did not make of all that was asked for.
        """
        judged = await inspection.judge(
            self.quality,
            prompt=self._origin.positive_prompt or "",
            negative_prompt=self._origin.negative_prompt or "",
        )
        withheld = [PictureVerdict(passed=False, reason=f"withheld: {one.reason}") for one in inspection.withheld]
        verdicts = [*judged, *withheld]
        known |= {"lacks": [*dropped, *inspection.lacks], "verdicts": inspection.judged}
        self.take = take_of(verdicts, number=self.number, changes=self.changes, **known)
        return self.take

    def ending(self, made: Finish, taken: Taken) -> Finish:
        """Return how the job ends, of how it would with this take alone: with the best of all."""
        chosen = best(self._all)
        is_cut_short = asks_for_more(self.quality, self._all)
        notes = [*made.notes, *self._gate.notes, *([REPEATS] if is_cut_short else [])]
        ending = replace(made, taken=taken, take=chosen.number, quality=summary(self._all), notes=notes)
        if chosen.number == self.number:
            return ending
        others = [note for note in notes if note not in taken.take.lacks]
        ending = replace(ending, record=None, verdicts=chosen.verdicts, notes=[*chosen.lacks, *others])
        if ending.state is JobState.FAILED:
            return ending
        return replace(ending, state=JobState.PARTIAL if chosen.lacks else JobState.COMPLETED)

    def fallback(self, mishap: JobFailure, artifacts: Sequence[Artifact]) -> Finish:
        """Return how the job ends with the best of its earlier takes, for this one could not be made."""
        chosen = best(self._claimed.takes)
        missing = f"take {self.number} could not be made: {mishap.message}"
        return Finish(
            JobState.PARTIAL if chosen.lacks else JobState.COMPLETED,
            artifacts,
            notes=[*chosen.lacks, *self._gate.notes, missing],
            verdicts=chosen.verdicts,
            take=chosen.number,
            quality=summary(self._claimed.takes),
            mishap=mishap,
        )

    @property
    def has_earlier(self) -> bool:
        """Whether there are takes that could be the result if this one cannot be made."""
        return bool(self._claimed.takes) and self.take is None

    @property
    def goes_on(self) -> bool:
        """Whether another take is to follow."""
        return self.take is not None and wants_another(self.quality, self._origin, self._all)

    @property
    def chosen(self) -> Take | None:
        """The best of all takes; None before there is any."""
        return best(self._all) if self._all else None

    @property
    def _all(self) -> list[Take]:
        return [*self._claimed.takes, *([self.take] if self.take else [])]
