"""One engine of a fleet, live: its client and socket, its health, what it has, and what is on it.

It knows nothing of the others. Who asks it when is the fleet's business; `pulse` and `health` say what comes of that.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.comfyui.aio import AsyncComfyUIClient
from comfy_gen.comfyui.messages import Status, parse
from comfy_gen.engines.health import Health
from comfy_gen.engines.machine import Machine
from comfy_gen.engines.probe import ask, clear, is_refusal, learn, survey
from comfy_gen.engines.pulse import Circumstances, Pulse
from comfy_gen.engines.scheduler import Seat
from comfy_gen.engines.verdict import Verdict, is_of_a_gone_engine, is_out_of_memory, judge, may_lack
from comfy_gen.errors import EngineError, EngineLostError, EngineUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from comfy_gen.comfyui.http import ClientOptions
    from comfy_gen.comfyui.messages import Raw
    from comfy_gen.engines.capability import Capability
    from comfy_gen.engines.lease import Lease, Stray
    from comfy_gen.engines.options import FleetOptions
    from comfy_gen.engines.registry import EngineEntry

log = logging.getLogger(__name__)

_SIGNS_OF_LIFE = (
    "status",
    "execution_start",
    "execution_cached",
    "executing",
    "progress",
    "progress_state",
    "executed",
    "execution_success",
    "execution_error",
)


class Surroundings(NamedTuple):
    """What an engine has from its fleet."""

    options: FleetOptions
    client_options: ClientOptions | None
    clock: Callable[[], float]
    on_change: Callable[[], object]
    """Called when it may have got room, or lost some."""
    on_learn: Callable[[], object]
    """Called when it turned out to have other nodes or models."""
    is_wanted: Callable[[str], bool]
    """Tells whether a job that lost its place still waits for a result."""


class LiveEngine:
    """One engine. Lives on one loop, with everything that it holds."""

    def __init__(self, entry: EngineEntry, around: Surroundings) -> None:
        self.entry = entry
        self.client = AsyncComfyUIClient(url=entry.url, options=around.client_options)
        self.health = Health(is_doubted=True)
        self.pulse = Pulse(around.options, around.clock())
        self.capability: Capability | None = None
        """None until it told."""
        self.version = ""
        self.machine = Machine()
        """As it told of it last; without memory where that is not known now."""
        self.latency: float | None = None
        """Seconds that its last answer took."""
        self.error: Exception | None = None
        """The last failure that was its own."""
        self.leases: list[Lease] = []
        """Oldest first."""
        self.strays: dict[str, Stray] = {}
        self.is_asked = False
        """Whether somebody asks it right now."""
        self.beginnings = 0
        """How often it was found to have begun anew."""
        self._around = around
        self._options = around.options
        self._clock = around.clock
        self._loaded: tuple[str, ...] = ()
        self._last_prompt: str | None = None
        """The last that went well: an engine that does not remember it has begun anew."""
        self._told: int | None = None
        self._learned_at: float | None = None
        self._learn_tried_at: float | None = None
        self._is_new = False
        """Whether it may have begun anew: its socket came back by itself, or it was silent."""
        self._is_stale = False
        """Whether it may have other nodes and models than we think."""
        self._is_full = False
        """Whether it ran out of memory, and is to free some."""
        self._is_polled = False
        """Whether no WebSocket gets through to it."""
        self._is_greeting_due = False
        """Whether the first message of a socket that we opened ourselves is yet to come."""
        for kind in _SIGNS_OF_LIFE:
            self.client.on(kind, self._hear)

    # --- what is known of it

    @property
    def name(self) -> str:
        """What it is called."""
        return self.entry.name

    @property
    def is_up(self) -> bool:
        """Whether it may get jobs, if it has room."""
        return not self.health.is_doubted and self.capability is not None and not self.entry.is_draining

    @property
    def is_done(self) -> bool:
        """Whether nobody needs it any more, once it has left the fleet."""
        is_at_work = self.leases or self.is_asked
        return not is_at_work and (self.pulse.silent_since is not None or not self.unwanted_strays())

    @property
    def seated(self) -> int:
        """How many of its places our jobs take."""
        return sum(lease.is_seated for lease in self.leases)

    @property
    def queue(self) -> int | None:
        """How many prompts it has by its own account, whoever queued them; None where that is not known now."""
        is_fresh = self.client.is_connected or self._since(self.pulse.asked_at) <= self._options.idle_every
        return self._told if is_fresh else None

    @property
    def others(self) -> int:
        """How many of its places other people's prompts take, and those of ours that nobody follows."""
        return max((self.queue or 0) - sum(lease.is_posted for lease in self.leases), 0)

    @property
    def room(self) -> int:
        """How many more jobs it may get."""
        if not self.is_up or self.unwanted_strays():
            return 0
        left = self.entry.depth - self.others - self.seated
        return max(min(left, self.health.room(self.seated, capacity=self.entry.depth)), 0)

    @property
    def loaded(self) -> tuple[str, ...]:
        """The weights that it will have loaded when it has done all that it has."""
        promised = [lease.weights for lease in self.leases if lease.is_seated and lease.weights]
        return promised[-1] if promised else self._loaded

    @property
    def seat(self) -> Seat:
        """What the scheduler sees of it."""
        return Seat(
            name=self.name,
            room=self.room,
            running=self.seated + self.others,
            weight=self.entry.weight,
            loaded=self.loaded,
            tags=frozenset(self.entry.tags),
            failures=self.health.failures,
        )

    # --- what happens on it

    def change(self) -> None:
        """Say that it may have got room, or lost some."""
        self._around.on_change()

    def succeed(self, prompt_id: str | None = None, weights: tuple[str, ...] = ()) -> None:
        """Take in that a prompt went well."""
        self.health = self.health.recovered() if self.pulse.silent_since is None else self.health
        self._last_prompt = prompt_id or self._last_prompt
        self._loaded = weights or self._loaded
        self.change()

    def fail(self, error: Exception) -> None:
        """Take in that a job failed on it, through whosever fault."""
        self._is_stale = self._is_stale or may_lack(error)
        self._is_full = self._is_full or is_out_of_memory(error)
        if isinstance(error, EngineLostError):
            self._loaded = ()
        if judge(error) is not Verdict.REQUEST and not self.health.is_doubted:  # three jobs that one crash took are one
            self._strike(error, is_gone=is_of_a_gone_engine(error))
        self.change()

    def let_go(self, lease: Lease) -> None:
        """Take in that a lease is closed."""
        if lease in self.leases:
            self.leases.remove(lease)
        self.change()

    async def free(self) -> None:
        """Have it unload its models and drop its caches.

        Raises:
            EngineError: it does not answer.
        """
        await self.client.free()
        self._loaded, self._is_full = (), False

    # --- strays

    def add_stray(self, stray: Stray) -> None:
        """Note a prompt that it may have though nobody follows it. One that was told to stop stays unwelcome."""
        known = self.strays.get(stray.prompt_id)
        is_welcome = stray.is_welcome and (known is None or known.is_welcome)
        self.strays[stray.prompt_id] = replace(stray, is_welcome=is_welcome)

    def drop_strays(self, prompt_ids: Collection[str]) -> None:
        """Forget strays: somebody follows them again."""
        for prompt_id in prompt_ids:
            self.strays.pop(prompt_id, None)

    def welcome_strays(self, key: str) -> tuple[str, ...]:
        """Return the prompts of a job that it may have, and whose result would do."""
        return tuple(one.prompt_id for one in self.strays.values() if one.key == key and one.is_welcome)

    def unwanted_strays(self) -> list[Stray]:
        """Return the prompts that it is to be rid of before it gets new ones."""
        if not self.strays:
            return []
        here = {lease.key for lease in self.leases}
        wanted = self._around.is_wanted
        return [one for one in self.strays.values() if not (one.is_welcome and (one.key in here or wanted(one.key)))]

    # --- asking

    def is_due(self, now: float) -> bool:
        """Tell whether it is to be asked now."""
        return not self.is_asked and now >= self.pulse.next_look(self.health, self._circumstances())

    async def look(self) -> None:
        """Ask it how it is; never raises what an engine can do to us."""
        self.is_asked = True
        self.pulse.asked_at = began = self._clock()
        was_up = self.is_up
        try:
            await self._examine()
        except (EngineError, TimeoutError) as error:
            self._miss(error, began)
        else:
            self._note_answer()
            self.change()
            await self._survey()
        finally:
            self.is_asked = False
        if self.is_up != was_up:
            log.info("%s is %s", self.name, "up" if self.is_up else f"not available: {self.error}")
        self.change()

    def lose_all(self) -> None:
        """Call off all attempts on it."""
        is_refused = self.pulse.refused_since is not None
        reason = "nobody listens there any more" if is_refused else "it says nothing any more"
        for lease in self.leases:
            if lease.attempt is not None:
                lease.call_off(EngineLostError(self.entry.address, lease.attempt.prompt_id, reason))

    async def close(self) -> None:
        """Close its client; prompts go on."""
        await self.client.close()

    def _circumstances(self) -> Circumstances:
        return Circumstances(
            has_jobs=bool(self.leases),
            is_cut_off=self._is_cut_off,
            is_suspect=self._is_new or self._must_learn_again,
            has_strays=bool(self.unwanted_strays()),
        )

    @property
    def _is_cut_off(self) -> bool:
        """Whether its socket broke."""
        return self.client.options.use_websocket and not self.client.is_connected and not self._is_polled

    @property
    def _must_learn_again(self) -> bool:
        """Whether there is doubt of what it has. Hundreds of bad jobs may raise it: it is asked now and then."""
        return self._is_stale and self._since(self._learn_tried_at) >= self._options.learn_again

    def _since(self, moment: float | None) -> float:
        return float("inf") if moment is None else self._clock() - moment

    async def _examine(self) -> None:
        is_new = self._is_new or self._is_cut_off or self.health.gone_since is not None
        self._is_new = False
        async with asyncio.timeout(self._options.ask_timeout):
            await self._greet(is_new=is_new)
            await self._sweep()
            if self._is_full:
                await self.free()
        is_old = self._since(self._learned_at) >= self._options.learn_every
        if is_new or is_old or self._must_learn_again:
            await self._learn()

    async def _greet(self, *, is_new: bool) -> None:
        """Have an answer of it, listen to it, and find out whether it has begun anew."""
        began = self._clock()
        told = await ask(self.client)
        self.latency = self._clock() - began
        if is_new or not self.version:
            self.version = await self.client.identify()
        if is_new and self._last_prompt is not None and await self.client.find_history(self._last_prompt) is None:
            self._loaded, self._last_prompt = (), None
            self.beginnings += 1
        if not self.client.is_connected:
            self._told = told
            await self._connect()

    async def _connect(self) -> None:
        """Open the socket now: left to itself it may wait for seconds, and what is sent before then is only polled."""
        if not self.client.options.use_websocket:
            return
        self._is_greeting_due = True
        try:
            await self.client.disconnect_websocket()
            await self.client.connect_websocket()
            self._is_polled = False
        except EngineUnreachableError as error:
            self._is_polled, self._is_greeting_due = True, False
            log.info("%s answers, but its WebSocket does not get through: %s", self.name, error)

    async def _sweep(self) -> None:
        """Rid it of strays that nobody wants."""
        unwanted = {stray.prompt_id for stray in self.unwanted_strays() if not stray.is_on_its_way}
        if unwanted:
            self.drop_strays(unwanted - await clear(self.client, unwanted))

    async def _learn(self) -> None:
        """Find out what it can run. Who has told that once keeps what he told if he does not answer now."""
        self._learn_tried_at = self._clock()
        self._is_stale = False
        try:
            async with asyncio.timeout(self._options.learn_timeout):
                capability = await learn(self.client)
        except (EngineError, TimeoutError):
            if self.capability is None:
                raise
            self._is_stale = True
            return
        self._learned_at = self._clock()
        if capability != self.capability:
            self.capability = capability
            self._around.on_learn()

    async def _survey(self) -> None:
        """Find out how much memory it has left. Nothing hangs on that: an engine that does not tell is well."""
        try:
            async with asyncio.timeout(self._options.ask_timeout):
                self.machine = await survey(self.client)
        except (EngineError, TimeoutError):
            self._forget_memory()

    # --- what comes of it

    def _forget_memory(self) -> None:
        self.machine = replace(self.machine, memory=None)

    def _note_answer(self) -> None:
        self.pulse.answer()
        if self._clock() >= self.health.resting_until:
            self.health = self.health.answered()

    def _miss(self, error: Exception, began: float) -> None:
        self._told, self._is_new = None, True
        self._forget_memory()
        self.pulse.miss(began, is_refused=is_refusal(error))
        if isinstance(error, TimeoutError):
            error = EngineUnreachableError(self.entry.address, "it says nothing", may_have_arrived=True)
        self.error = error
        if not self.health.is_doubted or self._clock() >= self.health.resting_until:
            self._strike(error, is_gone=True)

    def _strike(self, error: Exception, *, is_gone: bool) -> None:
        self.error = error
        longest = self._options.absence_max if is_gone else self._options.rest_max
        self.health = self.health.struck(self._clock(), is_gone=is_gone, first=self._options.rest, longest=longest)

    def _hear(self, raw: Raw) -> None:
        """Take in a message of its socket."""
        self.pulse.heard_at = self._clock()
        message = parse(raw)
        if not isinstance(message, Status):
            return
        if message.sid is not None:
            self._is_new, self._is_greeting_due = not self._is_greeting_due, False
        before, self._told = self._told, message.queue_remaining
        if before != self._told:
            self.change()
