"""What the submitters order: jobs of every kind, each with what must come of it. Pure; the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.request import JobRequest, Webhook
from comfy_gen.validation.quality import Quality
from tests.contracts.peer import node

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Graph = dict[str, dict[str, Any]]

CHECKPOINTS = ("v1-5-pruned-emaonly-fp16.safetensors", "sd_xl_base_1.0.safetensors", "sd-v1-5-inpainting.ckpt")
OWNERS = ("ada", "ben", "cleo")
STEPS = 4
SIDE = 32


class Kind(StrEnum):
    """What an order asks for."""

    PICTURE = "picture"
    BATCH = "batch"
    """Three pictures from two nodes."""
    TWIN = "twin"
    """The very graph of the order before it, which an engine has in its cache."""
    FETCHED = "fetched"
    """It scales a picture from a URL, which is uploaded to the engine."""
    PARTIAL = "partial"
    """One of its two outputs cannot be made: the engine drops it, and says so."""
    REFUSED = "refused"
    """No engine takes it: a value is outside of what a node allows."""
    HOMELESS = "homeless"
    """No engine has its model."""
    BROKEN = "broken"
    """Its model cannot decode its latent: the node raises."""
    JUDGED = "judged"
    """Its picture is judged, and made again where an engine spoils it."""
    BLACK = "black"
    """Its picture is judged, and comes out black however often it is made."""


WEIGHTS: Mapping[Kind, float] = {
    Kind.PICTURE: 66,
    Kind.BATCH: 8,
    Kind.TWIN: 5,
    Kind.FETCHED: 6,
    Kind.PARTIAL: 2,
    Kind.REFUSED: 1,
    Kind.HOMELESS: 1,
    Kind.BROKEN: 1,
    Kind.JUDGED: 5,
    Kind.BLACK: 5,
}
QUALITY = Quality(auto_retry=True, retry_limit=3)
"""What is asked of pictures that are judged."""
_JUDGED_SIDE = 128
"""Of pictures that are judged: what an engine spoils in smaller ones is not seen."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What must come of a job, if nobody cancels it."""

    state: JobState
    artifacts: int = 0
    code: str = ""
    """Of its failure."""
    is_judged: bool = False
    takes: int = 1
    """How many there must be at least, of one that is judged."""


OUTCOMES: Mapping[Kind, Outcome] = {
    Kind.PICTURE: Outcome(JobState.COMPLETED, 1),
    Kind.BATCH: Outcome(JobState.COMPLETED, 3),
    Kind.TWIN: Outcome(JobState.COMPLETED, 1),
    Kind.FETCHED: Outcome(JobState.COMPLETED, 1),
    Kind.PARTIAL: Outcome(JobState.PARTIAL, 1),
    Kind.REFUSED: Outcome(JobState.FAILED, code="prompt_rejected"),
    Kind.HOMELESS: Outcome(JobState.FAILED, code="no_capable_engine"),
    Kind.BROKEN: Outcome(JobState.FAILED, code="invalid_input"),
    Kind.JUDGED: Outcome(JobState.COMPLETED, 1, is_judged=True),
    Kind.BLACK: Outcome(JobState.COMPLETED, 1, is_judged=True, takes=QUALITY.most_takes),
}


@dataclass(frozen=True, slots=True)
class Order:
    """One request, under a key of its own, so that it can be repeated without harm."""

    number: int
    kind: Kind
    graph: Graph
    owner: str
    priority: int

    @property
    def key(self) -> str:
        """The idempotency key."""
        return f"order-{self.number}"

    @property
    def outcome(self) -> Outcome:
        """What must come of it."""
        return OUTCOMES[self.kind]

    def request(self, webhook: str) -> JobRequest:
        """Return it as it is submitted."""
        return JobRequest(
            self.graph,
            title=f"{self.kind} {self.number}",
            owner=self.owner,
            priority=self.priority,
            idempotency_key=self.key,
            webhook=Webhook(webhook, {"order": self.number}),
            metadata={"order": self.number},
            quality=QUALITY if self.outcome.is_judged else None,
        )


def make_orders(seed: int, count: int, *, pictures: str) -> Sequence[Order]:
    """Return so many orders; ``pictures`` is where those that begin with a picture find one under ``/NUMBER.png``."""
    chance = random.Random(f"orders {seed}")
    orders: list[Order] = []
    for number in range(count):
        kind = Kind.PICTURE if number == 0 else chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        earlier = orders[-1] if orders else None
        if kind is Kind.TWIN and earlier is not None and earlier.outcome == OUTCOMES[Kind.TWIN]:
            graph = earlier.graph
        else:
            graph = _graph(kind, number, chance.choice(CHECKPOINTS), f"{pictures}/{number % 7}.png")
        orders.append(Order(number, kind, graph, chance.choice(OWNERS), chance.choice((-1, 0, 0, 0, 1))))
    return orders


def _graph(kind: Kind, number: int, checkpoint: str, picture: str) -> Graph:
    graph = _picture(number, checkpoint)
    match kind:
        case Kind.BATCH:
            graph["5"]["inputs"]["batch_size"] = 2
            graph["10"] = node("ImageInvert", image=["8", 0])
            graph["11"] = node("ImageFromBatch", image=["10", 0], batch_index=0, length=1)
            graph["12"] = node("SaveImage", images=["11", 0], filename_prefix="inverted")
        case Kind.FETCHED:
            return _scaled(picture, side=SIDE + number)
        case Kind.PARTIAL:
            bad = node("ImageScaleBy", image=["8", 0], upscale_method="area", scale_by=1000.0)
            graph |= {"10": bad, "11": node("SaveImage", images=["10", 0], filename_prefix="bad")}
        case Kind.REFUSED:
            graph["3"]["inputs"]["cfg"] = 1000.0
        case Kind.HOMELESS:
            graph["4"]["inputs"]["ckpt_name"] = "nobody-has-this.safetensors"
        case Kind.BROKEN:
            graph["5"]["class_type"] = "EmptySD3LatentImage"
            graph["8"]["inputs"]["samples"] = ["5", 0]
            graph["4"]["inputs"]["ckpt_name"] = CHECKPOINTS[0]
        case Kind.JUDGED | Kind.BLACK:
            graph["5"]["inputs"] |= {"width": _JUDGED_SIDE, "height": _JUDGED_SIDE}
            if kind is Kind.BLACK:
                graph["10"] = node("EmptyImage", width=_JUDGED_SIDE, height=_JUDGED_SIDE, batch_size=1, color=0)
                how = {"blend_factor": 0.0, "blend_mode": "normal"}
                graph["11"] = node("ImageBlend", image1=["10", 0], image2=["8", 0], **how)
                graph["9"]["inputs"]["images"] = ["11", 0]
        case Kind.PICTURE | Kind.TWIN:
            pass
    return graph


def _picture(seed: int, checkpoint: str) -> Graph:
    settings = {"cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    links = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}
    return {
        "4": node("CheckpointLoaderSimple", ckpt_name=checkpoint),
        "5": node("EmptyLatentImage", width=SIDE, height=SIDE, batch_size=1),
        "6": node("CLIPTextEncode", text=f"a lighthouse, number {seed}", clip=["4", 1]),
        "7": node("CLIPTextEncode", text="blurry", clip=["4", 1]),
        "3": node("KSampler", seed=seed, steps=STEPS, **settings, **links),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": node("SaveImage", images=["8", 0], filename_prefix="picture"),
    }


def _scaled(picture: str, *, side: int) -> Graph:
    scale = {"upscale_method": "area", "width": side, "height": SIDE, "crop": "disabled"}
    return {
        "1": node("LoadImage", image=picture),
        "2": node("ImageScale", image=["1", 0], **scale),
        "3": node("SaveImage", images=["2", 0], filename_prefix="scaled"),
    }
