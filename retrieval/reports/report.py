"""What readers are sent of a span of time: digests and summaries, and the briefs they are made of.

    Digest | Summary ─▶ Brief, one a story ─▶ Statement, Spoken, Dispute, Announcement
                     ─▶ Coverage, Correction, and one list of citations

Every sentence comes with the paragraph it stands in. Marks count through the whole document in the
order of reading. `Interests` is what a reader cares for, `Told` what was sent before.

The headline of a story: the words of one of its articles' titles.

    titles -> cleaned of source names and labels -> scored -> the best

The best says what happened: most like what the story's articles tell, reported rather than
argued, new rather than old, with names and a verb, neither a question nor a heading. A title that
names only a form ("Remarks at …") is taken where the story has no other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from html import unescape

from corpus.articles import Article, SourceKind
from corpus.fetch.urls import host_of
from corpus.text.tables import either
from corpus.text.words import fold, names, words
from retrieval.outcomes import EXTRACTIVE, Citation, Statement, Withheld
from retrieval.passages import Passage
from retrieval.reports.lines import first_prose, is_opinion, is_travel_note, names_only_form
from retrieval.similarity import Sameness
from retrieval.stories.story import Status, Story, moment_of

MOST_STORIES = 5


@dataclass(frozen=True, slots=True)
class Interests:
    """What a reader cares for; an empty one cares for everything.

    `topics` are words as the reader wrote them, `places` ISO 3166 codes or names, `sources`
    names. `length` is the number of stories told at most.
    """

    topics: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    length: int = MOST_STORIES


@dataclass(frozen=True, slots=True)
class Told:
    """What a reader was sent before: versions by article id, and the day each story began."""

    versions: Mapping[str, int] = field(default_factory=dict)
    stories: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FailedSource:
    """A source that could not be read; `since` is when it was last read, None for never."""

    name: str
    reason: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a digest or summary was made from.

    `sources` counts the sources that were to be read in the span, those that failed among
    them. `by_day` counts articles a local day, days without any included; `by_place` counts
    articles a place, most first.
    """

    sources: int
    failed: tuple[FailedSource, ...] = ()
    articles: int = 0
    origins: int = 0
    by_day: tuple[tuple[str, int], ...] = ()
    by_place: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A paragraph told before that its source has changed; None stands for taken away."""

    article: Article
    number: int
    before: str
    after: str | None
    mark: int | None


@dataclass(frozen=True, slots=True)
class Digest:
    """What is told of [since, until); a digest without briefs is a quiet day.

    `left_out` counts stories that fit the reader's interests and did not fit the length;
    `withheld` are the sentences that did not pass the checks. `answerer` is who wrote it, and
    `notice` says why that is not who should have.
    """

    since: datetime
    until: datetime
    briefs: tuple[Brief, ...]
    announced: tuple[Announcement, ...]
    corrections: tuple[Correction, ...]
    coverage: Coverage
    citations: tuple[Citation, ...]
    left_out: int = 0
    withheld: tuple[Withheld, ...] = ()
    answerer: str = EXTRACTIVE
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What was found on a topic in [since, until); without briefs, `nearest` is what came near.

    `left_out` counts further stories that fit the topic; `withheld` are the sentences that did
    not pass the checks. `newest` is when the newest on the topic was published before, where
    nothing was in the span. `answerer` and `notice` are as in a digest.
    """

    topic: str
    since: datetime
    until: datetime
    briefs: tuple[Brief, ...]
    coverage: Coverage
    citations: tuple[Citation, ...]
    nearest: tuple[Passage, ...] = ()
    left_out: int = 0
    withheld: tuple[Withheld, ...] = ()
    newest: datetime | None = None
    answerer: str = EXTRACTIVE
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """Verbatim words with who said them; `direct` tells speech from the writer's report of it.

    `translation` is what a language model makes of words in another language than English.
    """

    speaker: str
    role: str | None
    verb: str
    quote: str
    direct: bool
    mark: int
    translation: str = ""


@dataclass(frozen=True, slots=True)
class Dispute:
    """Accounts of one thing that differ, side by side; `about` says in a few words what."""

    about: str
    accounts: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something announced for a day, or for the days from `first` to `last`."""

    first: date
    last: date
    statement: Statement


@dataclass(frozen=True, slots=True)
class Brief:
    """One story as it is told: `day` counts from 1 since it began for this reader."""

    story: Story
    status: Status
    day: int
    headline: str
    happened: tuple[Statement, ...]
    spoken: tuple[Spoken, ...] = ()
    disputed: tuple[Dispute, ...] = ()
    announced: tuple[Announcement, ...] = ()


# Labels that a desk puts before what it says.

_any = partial(either, __package__, "titles")

_LABEL = re.compile(rf"^{_any('labels')}\s*(?:\d+\s*)?[:|–—-]\s+", re.IGNORECASE)
_TAIL = re.compile(r"\s+(?:\||[-–—]|::|»)\s+(?P<tail>[^|–—]{2,60})$")
_PUBLISHER_WORD = re.compile(rf"\b{_any('publishers')}\b", re.IGNORECASE)
_TELLS_NOTHING = re.compile(
    rf"\?\s*$|\b{_any('telling nothing')}\b|^{_any('asking')}\b|\.\.\.$|…$", re.IGNORECASE
)
_VERB = re.compile(r"\b(?:to|is|are|was|were|has|have|will)\b|\b[a-zà-ÿ]{2,}(?:s|ed)\b")

# How much each sign says, set by reading the headlines of the sample's stories: what most
# articles tell comes first, then who says it, then which is the newest.
KIND = {
    SourceKind.WIRE: 0.16,
    SourceKind.OFFICIAL: 0.12,
    SourceKind.INDEPENDENT: 0.12,
    SourceKind.UNKNOWN: 0.08,
    SourceKind.STATE_MEDIA: -0.06,
    SourceKind.OPINION: -0.6,
}
# Off for each day that an article is older than the newest, up to so many days.
A_DAY_OLD, OLDEST = 0.09, 4.0
SHAPE = 0.12
TELLS_NOTHING = -0.8
# A title that names only a form stands behind one that says what happened, before a question.
ONLY_FORM, TRAVEL_NOTE = -0.45, -0.15
FEWEST_WORDS, MOST_WORDS = 4, 18


@dataclass(frozen=True, slots=True)
class Headline:
    """A cleaned title and the article that bears it."""

    text: str
    article: Article


def headline_of(articles: Sequence[Article], sameness: Sameness) -> Headline:
    """The title that tells best what these articles tell; there is at least one article."""
    ids = {article.id for article in articles}
    articles = [one for one in articles if one.duplicate_of not in ids] or articles
    cleaned = [(clean_title(article), article) for article in articles]
    usable = [one for one in cleaned if one[0]] or [(_instead(one), one) for one in articles]
    if len(usable) == 1:
        return Headline(*usable[0])
    leads = [_lead(article) for article in articles]
    central = _centrality([title for title, _ in usable], leads, sameness)
    moments = [moment_of(article) for article in articles]
    newest = max(moments)
    best = max(
        range(len(usable)),
        key=lambda at: (
            central[at]
            + KIND[usable[at][1].kind]
            - A_DAY_OLD * min(OLDEST, (newest - moment_of(usable[at][1])) / timedelta(days=1))
            + _shape(usable[at][0], usable[at][1]),
            -at,
        ),
    )
    return Headline(*usable[best])


def clean_title(article: Article) -> str:
    """A title without the name of its source at the end or a desk's label in front.

    A title that was cut ("…") or is empty gives "".
    """
    title = " ".join(unescape(article.title).split())
    title = _LABEL.sub("", title)
    while (tail := _TAIL.search(title)) and _names_publisher(tail["tail"], article):
        title = title[: tail.start()].rstrip()
    title = title.rstrip(" .")
    return "" if title.endswith(("…", "..")) else title[:1].upper() + title[1:]


def _names_publisher(tail: str, article: Article) -> bool:
    known = set(words(f"{article.source or ''} {host_of(article.url).replace('.', ' ')}"))
    tail_words = [fold(word) for word in tail.split()]
    ours = {word for word in tail_words if len(word) > 2} & known
    joined = "".join(tail_words)
    return bool(
        len(tail_words) <= 6
        and (ours or _PUBLISHER_WORD.search(tail) or (len(joined) > 3 and joined in "".join(known)))
    )


def _shape(title: str, article: Article) -> float:
    """What speaks for a title as a headline: length, a verb, names; against: it tells nothing."""
    if is_opinion(article) or _TELLS_NOTHING.search(title):
        return TELLS_NOTHING
    count = len(title.split())
    fits = FEWEST_WORDS <= count <= MOST_WORDS
    named = min(len(names(title)), 3) / 3
    form = ONLY_FORM if names_only_form(title) else TRAVEL_NOTE * is_travel_note(title)
    return form + SHAPE * (fits + named + bool(_VERB.search(title))) / 3 - (0 if fits else SHAPE)


def _centrality(titles: Sequence[str], leads: Sequence[str], sameness: Sameness) -> list[float]:
    """Mean cosine of each title to the leads of all articles."""
    sameness.learn([*titles, *leads])
    cosines = sameness.vectors(titles) @ sameness.vectors(leads).T
    return [float(value) for value in cosines.mean(axis=1)]


def _lead(article: Article) -> str:
    number = first_prose(article) or 1
    first = article.paragraph(number).text if article.paragraphs else ""
    return f"{clean_title(article)}. {first[:300]}"


def _instead(article: Article) -> str:
    """Something to call an article by whose title is cut or absent: the title as it stands, or
    the beginning of its text."""
    if article.title.strip():
        return " ".join(article.title.split())
    text = " ".join(article.lead.split()) or article.url
    return text if len(text) <= 120 else text[:119].rsplit(" ", 1)[0] + "…"
