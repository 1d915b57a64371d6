"""A CLIP or a SigLIP in memory: makes embeddings of pictures and of texts.

All that is said to torch and transformers while scoring is said here; they give no types worth checking.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from comfy_gen.validation.scoring.similarity import Vector

BATCH = 16
_REMEMBERED = 256
"""Texts whose embeddings are kept: those of a job come again with each of its takes."""

AT_WORK = threading.RLock()
"""Held while torch works: it uses all cores as it is, and two at once only share them."""


class ClipModel:
    """Makes embeddings; any thread may ask it, one at a time is served."""

    def __init__(self, model: Any, processor: Any, *, torch: Any, device: str, kind: str) -> None:
        """Take what `transformers` loaded."""
        self.model = model
        self.processor = processor
        self.device = device
        self._torch = torch
        self._is_siglip = kind.startswith("siglip")
        self._longest: int = model.config.text_config.max_position_embeddings
        self._known: OrderedDict[str, Vector] = OrderedDict()

    def leave_a_core(self) -> None:
        """Let torch use one core less than there are: it keeps its threads spinning, and a loop would wait for them."""
        spare = max(1, (os.cpu_count() or 1) - 1)
        with AT_WORK:
            if self._torch.get_num_threads() > spare:
                self._torch.set_num_threads(spare)

    def pictures(self, pictures: Sequence[Image.Image], batch_size: int = BATCH) -> list[Vector]:
        """Return the embeddings of decoded pictures; blocks."""
        found: list[Vector] = []
        for start in range(0, len(pictures), batch_size):
            batch = [picture.convert("RGB") for picture in pictures[start : start + batch_size]]
            with AT_WORK, self._torch.inference_mode():
                inputs = self.processor.image_processor(images=batch, return_tensors="pt")
                found += self._vectors(self.model.get_image_features(**self._placed(inputs)))
        return found

    def texts(self, texts: Sequence[str]) -> list[Vector]:
        """Return the embeddings of texts, each cut where the model reads no further; blocks."""
        with AT_WORK:
            if unknown := [text for text in dict.fromkeys(texts) if text not in self._known]:
                self._known.update(zip(unknown, self._embedded(unknown), strict=True))
            found = [self._known[text] for text in texts]
            self._forget(texts)
        return found

    def _embedded(self, texts: Sequence[str]) -> list[Vector]:
        # A SigLIP was taught with small letters, padded to their full length, and without being told of the padding.
        inputs = self.processor.tokenizer(
            [text.lower() for text in texts] if self._is_siglip else list(texts),
            padding="max_length" if self._is_siglip else True,
            truncation=True,
            max_length=self._longest,
            return_tensors="pt",
        )
        if self._is_siglip:
            inputs.pop("attention_mask", None)
        with self._torch.inference_mode():
            return self._vectors(self.model.get_text_features(**self._placed(inputs)))

    def _forget(self, used: Sequence[str]) -> None:
        """Drop the texts that were not asked for the longest time."""
        for text in used:
            self._known.move_to_end(text)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _placed(self, inputs: Any) -> Any:
        """Return inputs on the model's device; what is a fraction, as exact as its weights."""
        dtype = self.model.dtype
        return {
            name: value.to(self.device, dtype=dtype) if value.is_floating_point() else value.to(self.device)
            for name, value in inputs.items()
        }

    def _vectors(self, output: Any) -> list[Vector]:
        whole = output.pooler_output.float()
        lengths = self._torch.nn.functional.normalize(whole, dim=-1)
        return [tuple(row) for row in cast("list[list[float]]", lengths.tolist())]
