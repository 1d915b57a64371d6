"""How patient a fleet is with its engines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """Times in seconds."""

    tick: float = 0.25
    """This often it is looked which engine is to be asked."""
    rest: float = 1.0
    """How long an engine that failed gets no job; twice as long after each further failure, up to …"""
    rest_max: float = 120.0
    """… this, if it failed its jobs, or …"""
    absence_max: float = 3.0
    """… this, if it did not answer: to ask again costs nobody anything."""
    grace: float = 2.0
    """An engine that refuses connections for so long has lost the prompts it had."""
    patience: float = 60.0
    """One that takes them and says nothing for so long has, too. Long: a ComfyUI that loads a model may be mute."""
    ask_timeout: float = 10.0
    """How long one that is asked how it is may take."""
    look_every: float = 0.5
    """How often an engine is asked of which there is doubt: its socket broke, or it has what nobody wants."""
    busy_every: float = 5.0
    """How often one that has prompts is asked."""
    idle_every: float = 30.0
    """How often one that has nothing to do is asked."""
    learn_every: float = 300.0
    """How often it is looked what nodes and models an engine has."""
    learn_again: float = 10.0
    """How soon at most, if it refused a prompt for something that it was thought to have."""
    learn_timeout: float = 60.0
    """How long it may take to tell all that it has."""
    farewell: float = 5.0
    """How long closing the fleet waits for engines to drop what nobody wants."""
