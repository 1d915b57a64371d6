"""Decides which job goes to which engine next. Pure, and the same for the same arguments.

Jobs are served in the order of their ranks, with one exception: a job whose weights an engine has loaded may go
before jobs that would have it load others. Loading takes seconds, so that strict order wastes most of an engine's
time as soon as people mix models; unbounded affinity starves those who ask for the rarer ones.

The bound is a number of turns, the `patience`: **no engine that could run a job is given to one that is more than so
many turns behind it** (unless another engine will run the job sooner, see below). A rank counts turns (priority,
ageing and fairness between owners are in it already), so the bound needs no clock, nothing to remember from call to
call, and is the same for every worker. A round through all the weights that are waited for costs one load each; the
patience is as many turns as it takes for those loads to be no more than a quarter of the work done meanwhile. Where
loading is cheap compared with the jobs it is a few turns; it never exceeds `SchedulerOptions.most_patience`, which is
a step of priority: affinity does not overtake that.

Where a job goes is a matter of the least cost, in jobs' worths of time by the engine's weight: what is in front of it
there; a load if it needs one; another if somebody waits for what that pushes out; and another if the job's weights are
on some engine already, while somebody waits for weights that are on none and could use this one. So a job is left to a
busy engine that has its weights for as long as it will be there sooner than another could have loaded them.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Seat:
    """One engine as the scheduler sees it. Engines that are down, resting, draining or stuck have no seat."""

    name: str
    room: int
    """How many more jobs it may get; 0 for one that is busy."""
    running: int = 0
    """How many it has, those that wait in its own queue included."""
    weight: float = 1.0
    """How much work it should get, compared with the others."""
    loaded: tuple[str, ...] = ()
    """The weights that it will have loaded when it has done all that it has."""
    tags: frozenset[str] = frozenset()
    failures: int = 0
    """How often it failed in a row."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One job that waits."""

    job_id: str
    rank: float
    """The lowest goes first."""
    weights: tuple[str, ...] = ()
    """The big files that it needs loaded."""
    can_run: frozenset[str] = frozenset()
    """Names of the engines that have all it needs."""
    avoided: frozenset[str] = frozenset()
    """Names of engines that failed it: the last to get it."""
    not_before: float = 0.0
    order: int = 0
    """Decides between equal ranks."""
    tags: frozenset[str] = frozenset()
    """What an engine must be marked with, where ``can_run`` does not heed that."""


class Placement(NamedTuple):
    """A job and the engine that gets it."""

    job_id: str
    engine: str


@dataclass(frozen=True, slots=True)
class SchedulerOptions:
    """What is known of times, and how far affinity may go."""

    load_seconds: float | None = None
    """How long an engine takes to load weights, as learnt; until then a load is taken to last as long as a job."""
    job_seconds: float | None = None
    """How long a job takes, as learnt."""
    patience: float | None = None
    """How many turns a job may be overtaken by at most; None computes it, 0 keeps to the ranks."""
    most_patience: float = 100.0
    """The computed patience goes no further; as many turns as a step of priority is worth."""

    @property
    def load_cost(self) -> float:
        """How many jobs an engine would do while it loads weights."""
        if self.load_seconds is None or not self.job_seconds:
            return 1.0
        return self.load_seconds / self.job_seconds


_DEFAULTS = SchedulerOptions()
_LOADING_SHARE = 0.25


def choose(
    candidates: Iterable[Candidate], seats: Sequence[Seat], *, now: float, options: SchedulerOptions = _DEFAULTS
) -> list[Placement]:
    """Return who goes where now; each engine gets what it gets in this order.

    Never more than a seat has room for. Leaves room only where no job can run, or where each that could is served
    sooner by an engine that has its weights.
    """
    if not any(seat.room > 0 for seat in seats):
        return []
    due = sorted(
        (one for one in candidates if one.not_before <= now), key=lambda one: (one.rank, one.order, one.job_id)
    )
    patience = options.patience if options.patience is not None else patience_for(due, options)
    table = _Table(seats, due, options.load_cost)
    for index, is_last_call in _turns(due, patience):
        if not table.roomy:
            break
        table.serve(index, is_last_call=is_last_call)
    return table.placements


def patience_for(candidates: Iterable[Candidate], options: SchedulerOptions) -> float:
    """Return how many turns those who wait may be overtaken by."""
    kinds = len({one.weights for one in candidates if one.weights})
    return min(kinds * options.load_cost / _LOADING_SHARE, options.most_patience)


def _turns(due: Sequence[Candidate], patience: float) -> Iterator[tuple[int, bool]]:
    """Yield each job twice: at its rank, for engines that have its weights, and ``patience`` later for any."""
    late = 0
    for index, candidate in enumerate(due):
        while late < len(due) and due[late].rank + patience <= candidate.rank:
            yield late, True
            late += 1
        yield index, False
    yield from ((index, True) for index in range(late, len(due)))


@dataclass(slots=True, eq=False)
class _Kind:
    """Candidates that differ in nothing but rank. A set of seats is an int: seat 0 is its lowest bit."""

    weights: tuple[str, ...]
    allowed: int
    waiting: int = 0
    best: tuple[float, int] = (0.0, 0)
    """The roomy seat of least cost, and that cost, as they were …"""
    nearest: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    """A heap of the full seats that have the weights, each with its cost or less, as they were …"""
    found_at: int = -1
    """… after so many placements."""


class _Table:
    """The seats, and who waits for them, while placements are made."""

    def __init__(self, seats: Sequence[Seat], due: Sequence[Candidate], load_cost: float) -> None:
        self.placements: list[Placement] = []
        self._seats, self._due, self._load_cost = seats, due, load_cost
        self._room = [seat.room for seat in seats]
        self._busy = [float(seat.running) for seat in seats]
        self._loaded = [frozenset(seat.loaded) for seat in seats]
        self.roomy = sum(1 << number for number, room in enumerate(self._room) if room > 0)
        """The seats with room."""
        self._with_file: dict[str, int] = {}
        """The seats that have a file loaded."""
        for number in range(len(seats)):
            self._mark(number)
        self._kinds = _kinds_of(due, seats)
        self._by_weights: dict[tuple[str, ...], list[_Kind]] = {}
        for kind in dict.fromkeys(self._kinds):
            self._by_weights.setdefault(kind.weights, []).append(kind)
        self._wanting = _by_first_file(self._by_weights)
        self._is_placed = [False] * len(due)
        self._passed: dict[tuple[str, ...], list[int]] = {}
        """Whose rank has come, by weights."""

    def serve(self, index: int, *, is_last_call: bool) -> None:
        """Place a candidate, if it can be and its turn has come."""
        if self._is_placed[index]:
            return
        kind = self._kinds[index]
        if is_last_call:
            self._settle(index, kind)
        else:
            self._passed.setdefault(kind.weights, []).append(index)
            self._place_if_loaded(index, kind)

    def _place_if_loaded(self, index: int, kind: _Kind) -> None:
        warm = self._having(kind.weights)
        if warm & kind.allowed & self.roomy:
            _, number = self._best(kind)
            if warm >> number & 1:
                self._place(index, number)

    def _settle(self, index: int, kind: _Kind) -> None:
        """Place a candidate now, or leave it to a full seat that has its weights and will be there sooner."""
        if kind.allowed & self.roomy:
            cost, number = self._best(kind)
            if not self._leave(kind, cost):
                self._place(index, number)

    def _leave(self, kind: _Kind, cost: float) -> bool:
        """Count a candidate in at a full seat that costs it no more; tell whether there is one."""
        nearest = kind.nearest
        while nearest and nearest[0][0] <= cost:
            known, number = nearest[0]
            current = self._cost(number)
            if known == current:
                self._busy[number] += 1
                return True
            heapq.heapreplace(nearest, (current, number))  # others were left to it since
        return False

    def _place(self, index: int, number: int) -> None:
        kind, bit = self._kinds[index], 1 << number
        self.placements.append(Placement(self._due[index].job_id, self._seats[number].name))
        self._is_placed[index] = True
        kind.waiting -= 1
        self._room[number] -= 1
        self._busy[number] += 1
        if not self._room[number]:
            self.roomy &= ~bit
        if not self._having(kind.weights) & bit:
            self._load(number, kind.weights)

    def _load(self, number: int, weights: tuple[str, ...]) -> None:
        """Note what a seat will have loaded, and give those who were passed over for it their chance."""
        self._busy[number] += self._load_cost
        for file in self._loaded[number]:
            self._with_file[file] &= ~(1 << number)
        self._loaded[number] = frozenset(weights)
        self._mark(number)
        for index in self._passed.get(weights, ()):
            if not self._room[number]:
                return
            if not self._is_placed[index]:
                self._place_if_loaded(index, self._kinds[index])

    def _mark(self, number: int) -> None:
        for file in self._loaded[number]:
            self._with_file[file] = self._with_file.get(file, 0) | 1 << number

    def _having(self, weights: tuple[str, ...]) -> int:
        """Return the seats that need load nothing for these weights."""
        seats = -1
        for file in weights:
            seats &= self._with_file.get(file, 0)
        return seats

    def _best(self, kind: _Kind) -> tuple[float, int]:
        """Return the least cost of a seat that has room, and the seat."""
        if kind.found_at != len(self.placements):
            self._find(kind)
        return kind.best

    def _find(self, kind: _Kind) -> None:
        warm, roomy = self._having(kind.weights) & kind.allowed, self.roomy & kind.allowed
        needed = self._needed() if warm else 0
        key = min(self._key(number, warm=warm, needed=needed) for number in _members(roomy))
        kind.best = key[0], key[-1]
        kind.nearest = [(self._cost(number), number) for number in _members(warm & ~roomy)]
        heapq.heapify(kind.nearest)
        kind.found_at = len(self.placements)

    def _needed(self) -> int:
        """Return the roomy seats that somebody could load weights on that no seat has."""
        needed = 0
        for weights, kinds in self._by_weights.items():
            if not self._having(weights):
                for kind in kinds:
                    needed |= kind.allowed if kind.waiting else 0
        return needed & self.roomy

    def _key(self, number: int, *, warm: int, needed: int) -> tuple[float, int, int, int]:
        failures = self._seats[number].failures
        if warm >> number & 1:
            return self._cost(number), failures, 0, number
        loads = 1 + self._is_wanted(number) + (needed >> number & 1)
        return self._cost(number, loads=loads), failures, self._rarity(number), number

    def _cost(self, number: int, *, loads: int = 0) -> float:
        return (self._busy[number] + 1 + loads * self._load_cost) / self._seats[number].weight

    def _is_wanted(self, number: int) -> bool:
        """Tell whether somebody waits for what a seat has loaded."""
        loaded = self._loaded[number]
        return any(
            kind.waiting and kind.allowed >> number & 1
            for file in loaded
            for weights in self._wanting.get(file, ())
            if loaded.issuperset(weights)
            for kind in self._by_weights[weights]
        )

    def _rarity(self, number: int) -> int:
        """Return 0 for a seat with nothing loaded, 1 where another has the same loaded, 2 for the only one."""
        loaded = self._loaded[number]
        if not loaded:
            return 0
        return 2 if self._having(tuple(loaded)) == 1 << number else 1


def _members(seats: int) -> Iterator[int]:
    while seats:
        lowest = seats & -seats
        yield lowest.bit_length() - 1
        seats ^= lowest


def _kinds_of(due: Sequence[Candidate], seats: Sequence[Seat]) -> list[_Kind]:
    """Return the kind of each candidate."""
    bits = {seat.name: 1 << number for number, seat in enumerate(seats)}
    kinds: dict[tuple[object, ...], _Kind] = {}
    found: list[_Kind] = []
    for one in due:
        key = (one.weights, one.can_run, one.avoided, one.tags)
        kind = kinds.get(key)
        if kind is None:
            kind = kinds[key] = _Kind(one.weights, _allowed(one, seats, bits))
        kind.waiting += 1
        found.append(kind)
    return found


def _allowed(candidate: Candidate, seats: Sequence[Seat], bits: Mapping[str, int]) -> int:
    """Return the seats that may get a candidate: those that it avoids only where there is no other."""
    able = _seats_of(candidate.can_run, bits)
    if candidate.tags:
        able &= _seats_of((seat.name for seat in seats if candidate.tags <= seat.tags), bits)
    return able & ~_seats_of(candidate.avoided, bits) or able


def _seats_of(names: Iterable[str], bits: Mapping[str, int]) -> int:
    seats = 0
    for name in names:
        seats |= bits.get(name, 0)
    return seats


def _by_first_file(all_weights: Iterable[tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for weights in all_weights:
        if weights:
            found.setdefault(weights[0], []).append(weights)
    return found
