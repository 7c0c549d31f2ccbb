"""Watches: what a reader wants to be told of as soon as it comes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a watch looks for.

    `words` are words or phrases of which one must fit, in words or in meaning; `aliases` are
    other names for any of them, matched to the letter. Of `actors` one must be named, of `places`
    (ISO 3166 codes or names) one must be spoken of; `sources` and `kinds` narrow who says it.
    What is empty does not narrow; at least one of words, actors and places is not.
    """

    words: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
