"""What people are told of an engine."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from comfy_gen.engines.engine import LiveEngine
    from comfy_gen.engines.machine import Memory

Condition = Literal["up", "down", "resting", "trying", "unknown"]


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """How one engine is."""

    name: str
    address: str
    """Without a login."""
    state: str
    """``active`` or ``draining``."""
    condition: Condition
    """``resting`` after failures, then ``trying`` with one job; ``unknown`` before it was asked."""
    queue: int | None
    """How many prompts it has by its own account, whoever queued them."""
    running: int
    """How many of them are ours."""
    depth: int
    weight: float
    tags: tuple[str, ...]
    latency_ms: float | None
    version: str
    loaded: tuple[str, ...]
    failures: int
    """In a row."""
    strays: int
    """Prompts that it may have though nobody follows them."""
    error: str
    """The last failure that was its own."""
    memory: Memory | None = None
    """As it was when it was asked last; None where that is not known now."""
    is_sandbox: bool = False
    """Whether it only paints."""

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


def status_of(engine: LiveEngine) -> EngineStatus:
    """Return how an engine is."""
    entry = engine.entry
    return EngineStatus(
        name=entry.name,
        address=entry.address,
        state=entry.state,
        condition=_condition_of(engine),
        queue=engine.queue,
        running=engine.seated,
        depth=entry.depth,
        weight=entry.weight,
        tags=entry.tags,
        latency_ms=None if engine.latency is None else round(engine.latency * 1000, 1),
        version=engine.version,
        loaded=engine.loaded,
        failures=engine.health.failures,
        strays=len(engine.strays),
        error="" if engine.error is None else str(engine.error),
        memory=engine.machine.memory,
        is_sandbox=engine.machine.is_sandbox,
    )


def _condition_of(engine: LiveEngine) -> Condition:
    if engine.pulse.silent_since is not None or engine.health.gone_since is not None:
        return "down"
    if engine.health.failures:
        return "resting" if engine.health.is_doubted else "trying"
    return "unknown" if engine.health.is_doubted or engine.capability is None else "up"
