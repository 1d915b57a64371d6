"""Who wants to be told of what happens to jobs. What a callback raises is logged, and harms nobody."""

from __future__ import annotations

import inspect
import logging
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import InvalidParameterError
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

EVENTS = ("job_started", "job_retried", "job_completed", "job_failed", "job_cancelled", "queue_empty")


class Callbacks:
    """Callbacks by event, in the order in which they were registered."""

    def __init__(self) -> None:
        self._registered: dict[str, list[Callable[..., object]]] = defaultdict(list)

    def on(self, event_type: str, callback: Callable[..., object]) -> None:
        """Register one more callback for an event.

        Raises:
            InvalidParameterError: there is no such event.
        """
        if event_type not in EVENTS:
            advice = f"the nearest is {nearest_names(str(event_type), EVENTS, limit=1)[0]}."
            raise InvalidParameterError("event", event_type, f"one of {', '.join(EVENTS)}", advice)
        self._registered[event_type].append(callback)

    def tell(self, event: str, subject: Any) -> None:
        """Call everybody who wants to know."""
        for callback in tuple(self._registered[event]):
            notify(callback, event, subject)


def notify(callback: Callable[..., object], event: str, subject: Any) -> None:
    """Call one callback. ``queue_empty`` concerns no job, and some expect no argument then."""
    try:
        if event == "queue_empty" and not _takes_one(callback):
            callback()
        else:
            callback(subject)
    except Exception:  # a caller's bug must reach neither the other callbacks nor the queue
        log.exception("a callback for %s raised", event)


def _takes_one(callback: Callable[..., object]) -> bool:
    try:
        inspect.signature(callback).bind(None)
    except TypeError:
        return False
    except ValueError:  # a built-in that does not tell
        return True
    return True
