"""Positions: what an actor said on a matter, in order of time."""
