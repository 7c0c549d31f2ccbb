"""What became of the paragraphs that something posted rests on: pure.

    as cited, as told last, as it stands  ->  note_on  ->  CorrectionNote | None

A paragraph that moved, was broken otherwise or spelled with other quotation marks is unchanged.
What is worth a note is that its wording differs from what the readers were told last; what the
note shows is what it reads now against what was cited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from corpus.articles import Article, Withdrawal
from corpus.differences import paragraph_changes, same_words


@dataclass(frozen=True, slots=True)
class CitedPlace:
    """A mark of something posted: the paragraph, and the sentences that rest on it, from 1.

    No sentences where they are not counted, as in a digest.
    """

    mark: int
    number: int
    quote: str
    sentences: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PostedTurn:
    """Something posted with citations, as far as it rests on one version of one article."""

    id: str
    kind: str
    title: str
    reader: str
    channel: str
    thread: str
    at: datetime
    article_id: str
    version: int
    places: tuple[CitedPlace, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """What a cited paragraph reads in another version: where it stands there, and its text."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class CitationChange:
    """A cited paragraph that reads otherwise now; `now` is None where it stands no more.

    `marks` cite it; `sentences` rest on it. `quote_stands` tells whether the words that were
    quoted are still there.
    """

    marks: tuple[int, ...]
    sentences: tuple[int, ...]
    number: int
    before: str
    now: Wording | None
    quote_stands: bool


@dataclass(frozen=True, slots=True)
class CorrectionNote:
    """What the readers of something posted are told of one article that it cites.

    Without changes it reads again as cited (`restored`), after a note had said otherwise.
    """

    turn: PostedTurn
    cited: Article = field(repr=False)
    current: Article = field(repr=False)
    changes: tuple[CitationChange, ...]

    @property
    def restored(self) -> bool:
        return not self.changes

    @property
    def retracted(self) -> bool:
        return is_retracted(self.current)

    @property
    def changed_at(self) -> datetime:
        """When the change was read."""
        return self.current.withdrawn_at or self.current.read_at


def note_on(
    turn: PostedTurn, cited: Article, told: Article, current: Article
) -> CorrectionNote | None:
    """What the readers of a turn must be told, or None.

    `cited` is the version that the turn cites, `told` the one of the last note (the cited one
    before any), `current` what stands now. An article that was taken out here, since its source
    was removed or it grew old, was not corrected by anybody.
    """
    if current.withdrawal in (Withdrawal.REMOVED, Withdrawal.EXPIRED):
        return None
    numbers = sorted({place.number for place in turn.places})
    then, now = wordings(cited, numbers, told), wordings(cited, numbers, current)
    if all(_alike(then.get(number), now.get(number)) for number in numbers):
        return None
    return CorrectionNote(turn, cited, current, _changes(turn.places, cited, now))


def wordings(cited: Article, numbers: Iterable[int], other: Article) -> dict[int, Wording]:
    """What the paragraphs of `cited` read in another version; those that are gone left out."""
    if is_retracted(other):
        return {}
    wanted = set(numbers)
    old = [paragraph.text for paragraph in cited.paragraphs]
    new = [paragraph.text for paragraph in other.paragraphs]
    found: dict[int, Wording] = {}
    for change in paragraph_changes(old, new):
        if change.old in wanted and change.new is not None and change.old not in found:
            # Where only the breaks between paragraphs are others, the words are the cited ones.
            text = old[change.old - 1] if change.kind == "same" else new[change.new - 1]
            found[change.old] = Wording(change.new, text)
    return found


def is_retracted(article: Article) -> bool:
    return article.withdrawal is Withdrawal.RETRACTED


def _changes(
    places: Sequence[CitedPlace], cited: Article, now: Mapping[int, Wording]
) -> tuple[CitationChange, ...]:
    changes = []
    for number in sorted({place.number for place in places}):
        if not 1 <= number <= len(cited.paragraphs):
            continue
        before, after = cited.paragraphs[number - 1].text, now.get(number)
        if after is not None and same_words(before, after.text):
            continue
        resting = [place for place in places if place.number == number]
        changes.append(
            CitationChange(
                marks=tuple(place.mark for place in resting),
                sentences=tuple(sorted({one for place in resting for one in place.sentences})),
                number=number,
                before=before,
                now=after,
                quote_stands=after is not None
                and all(_stands(place.quote, after.text) for place in resting),
            )
        )
    return tuple(changes)


def _alike(first: Wording | None, second: Wording | None) -> bool:
    if first is None or second is None:
        return first is second
    return same_words(first.text, second.text)


def _stands(quote: str, text: str) -> bool:
    return " ".join(quote.split()) in " ".join(text.split())
