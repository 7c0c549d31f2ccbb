"""Timelines: when each thing happened, each thing once, and nothing that cannot stand alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.library import Library
from corpus.articles import Article
from corpus.text.calendar import Precision
from retrieval.passages import Passage
from retrieval.questions.understand import Narrowing
from retrieval.reports.lines import Line, lines_of
from retrieval.reports.timeline import Event, TimelineMaker, dated, gathered, with_openings
from retrieval.reports.topics import Topic
from retrieval.similarity import Sameness
from tests.fakes.articles import NOON, days, read_article, stored_article
from tests.fakes.embedding import HashedWords
from tests.fakes.indexed import IndexedCorpus

THURSDAY = NOON.date()
"""4 April 2019."""


def line(text: str, *, number: int = 1, article: Article | None = None) -> Line:
    """A sentence as paragraph `number` of an article of Thursday 4 April 2019."""
    filling = ["Nothing else was known that day."] * (number - 1)
    article = article or stored_article("a", *filling, text)
    (found,) = lines_of([Passage(article, article.paragraph(number), 1.0)])
    return found


# -- when it happened --------------------------------------------------------------------------

DATES = [
    ("Forces of the east took the airport of Tripoli on Wednesday.", "2019-04-03", "day"),
    ("On 1 April Faki met Sarraj in the city of Tripoli.", "2019-04-01", "day"),
    ("Faki met Sarraj in the city of Tripoli on Monday 1 April 2019.", "2019-04-01", "day"),
    ("Faki met Sarraj in Tripoli early on Thursday after long talks.", "2019-04-04", "day"),
    ("The leaders agreed in the early hours of Thursday 4 April.", "2019-04-04", "day"),
    ("Bashir took power in Khartoum in a coup in June 1989.", "1989-06-01", "month"),
    ("Libya held its last presidential talks in Geneva in 2014.", "2014-01-01", "year"),
    ("In 2014 Libya held its last presidential talks in Geneva.", "2014-01-01", "year"),
    ("Ministers of the G7 met in Dinard in France on 2 and 3 April.", "2019-04-02", "range"),
]


@pytest.mark.parametrize(("text", "first", "precision"), DATES)
def test_the_date_of_a_sentence_is_read_from_its_words(
    text: str, first: str, precision: str
) -> None:
    found = dated(line(text, number=2))
    assert found is not None
    assert (found.first.isoformat(), found.precision.value) == (first, precision)
    assert not found.reported


NO_DATES = [
    "Libya has had two rival governments in east and west since 2014.",
    "The Council is to meet on Libya in New York on Friday 5 April.",
    "May had asked the Council for an extension until 30 June.",
    "Fayez al-Sarraj said that “everything in Tripoli changed on Wednesday for all”.",
    "If the vote is lost on Wednesday, Brexit follows at once.",
    "The deadline that the Union gave Sudan on 1 April has passed.",
    "The 2016 agreement of Skhirat is the base of the government.",
    "Ri said that relief was sought from those adopted in 2016.",
    "The conference in Ghadames was due to open on Wednesday.",
    "Forces of the east moved west and met little resistance.",
]


@pytest.mark.parametrize("text", NO_DATES)
def test_a_date_that_is_not_when_it_happened_dates_nothing(text: str) -> None:
    assert dated(line(text, number=2)) is None


def test_a_lead_without_a_date_was_reported_on_its_day() -> None:
    found = dated(line("Forces of the east moved west and met little resistance."))
    assert found is not None
    assert (found.first, found.precision, found.reported) == (THURSDAY, Precision.DAY, True)


def test_an_undated_article_tells_only_of_dates_with_their_year() -> None:
    undated = stored_article("a", "Faki met Sarraj in Tripoli on Monday.", published_at=None)
    assert dated(line("", article=undated)) is None
    exact = stored_article("a", "Faki met Sarraj in Tripoli on 1 April 2019.", published_at=None)
    found = dated(line("", article=exact))
    assert found is not None
    assert found.first == date(2019, 4, 1)


# -- one entry an event ------------------------------------------------------------------------

OUSTED = "Sudan’s army removed President Omar al-Bashir from power on 11 April 2019."


def events_of(*lines: Line) -> list[tuple[str, int]]:
    """What tells each event, and how many lines tell it."""
    found = [one for given in lines if (one := dated(given))]
    gathering = gathered(found, Sameness(HashedWords().encode))
    return [(event.told.line.text, 1 + len(event.others)) for event in gathering]


def of_article(name: str, text: str, published: datetime, **given: str) -> Line:
    return line("", article=stored_article(name, text, published_at=published, **given))


def test_later_mentions_of_an_old_event_are_one_entry_told_by_the_first() -> None:
    told = of_article("a", OUSTED, datetime(2019, 4, 11, 18, tzinfo=UTC))
    later = of_article(
        "b",
        "The army of Sudan removed President Omar al-Bashir on 11 April after months of protest.",
        datetime(2019, 6, 6, 18, tzinfo=UTC),
    )
    assert events_of(later, told) == [(OUSTED, 2)]


def test_a_report_without_a_date_joins_the_account_that_has_one() -> None:
    told = of_article("a", OUSTED, datetime(2019, 4, 11, 18, tzinfo=UTC))
    report = of_article(
        "b",
        "Sudan’s army has removed President Omar al-Bashir from power after almost 30 years.",
        datetime(2019, 4, 12, 8, tzinfo=UTC),
    )
    assert events_of(report, told) == [(OUSTED, 2)]


def test_look_alike_events_of_other_days_stay_apart() -> None:
    first = "The House of Commons rejected the withdrawal agreement on 15 January 2019."
    second = first.replace("15 January", "12 March")
    lines = [of_article(str(n), text, NOON) for n, text in enumerate((second, first))]
    assert events_of(*lines) == [(first, 1), (second, 1)]


def test_two_events_of_one_day_stay_apart() -> None:
    first = "Guterres arrived in Tripoli to meet the heads of the government on Wednesday."
    second = "Clashes with allied militias were reported near Gharyan on Wednesday."
    lines = [of_article(str(n), text, NOON) for n, text in enumerate((first, second))]
    assert len(events_of(*lines)) == 2


# -- a small corpus ----------------------------------------------------------------------------


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[IndexedCorpus]:
    with IndexedCorpus(tmp_path) as opened:
        yield opened


def maker(corpus: IndexedCorpus) -> TimelineMaker:
    return TimelineMaker(corpus.search, corpus.embeddings.encode)


def told(events: tuple[Event, ...]) -> list[tuple[str, str]]:
    return [(event.first.isoformat(), event.text) for event in events]


TOOK = "Forces of the east took the airport of Tripoli on Wednesday."
MEETS = "The Security Council will meet on Libya in New York on 9 April."


def test_what_is_ahead_is_marked_announced(corpus: IndexedCorpus) -> None:
    corpus.read(read_article("a", TOOK, MEETS))
    past, ahead = maker(corpus).timeline("Libya").events
    assert (past.text, past.announced) == (TOOK, False)
    assert (ahead.text, ahead.first, ahead.announced) == (MEETS, date(2019, 4, 9), True)


def test_what_was_announced_is_no_event_once_later_reports_could_tell(
    corpus: IndexedCorpus,
) -> None:
    later = "Heavy rain fell on the fields around Tripoli in Libya on Thursday."
    corpus.read(read_article("a", TOOK, MEETS))
    corpus.read(read_article("b", later, published_at=NOON + days(14)))
    assert [event.announced for event in maker(corpus).timeline("Libya").events] == [False, False]


def test_the_time_asked_for_is_that_of_the_events(corpus: IndexedCorpus) -> None:
    old = "In Libya, forces of the east had taken the port of Sirte on 5 March 2019."
    corpus.read(read_article("a", TOOK, old))
    made = maker(corpus).timeline("Libya", Narrowing(until=datetime(2019, 3, 31, tzinfo=UTC)))
    assert told(made.events) == [("2019-03-05", old)]
    made = maker(corpus).timeline("Libya", Narrowing(since=datetime(2019, 4, 1, tzinfo=UTC)))
    assert told(made.events) == [("2019-04-03", TOOK)]


def test_as_of_a_moment_nothing_later_is_known(corpus: IndexedCorpus) -> None:
    later = "Forces of the east lost the airport of Tripoli on Wednesday."
    corpus.read(read_article("a", TOOK))
    corpus.read(read_article("b", later, published_at=NOON + days(7)))
    made = maker(corpus).timeline("Libya", Narrowing(as_of=NOON + days(1)))
    assert told(made.events) == [("2019-04-03", TOOK)]


def test_sentences_that_lean_on_others_and_comments_tell_nothing(corpus: IndexedCorpus) -> None:
    corpus.read(
        read_article("a", TOOK, "They had arrived in Tripoli in Libya by sea on Tuesday."),
        read_article("b", TOOK.replace("took", "lost"), title="Comment: the airport of Tripoli"),
    )
    assert told(maker(corpus).timeline("Libya").events) == [("2019-04-03", TOOK)]


def test_only_so_many_events_and_how_many_more(corpus: IndexedCorpus) -> None:
    names = ("Ali met the mayor", "Rain fell on fields", "Ships left port", "A bridge was opened")
    texts = [f"{name} in Libya on {day} April 2019 at noon." for day, name in enumerate(names, 1)]
    corpus.read(read_article("a", *texts))
    made = maker(corpus).timeline("Libya", most=2)
    assert (len(made.events), made.left_out) == (2, 2)
    assert [event.mark for event in made.events] == [1, 2]
    assert made.events[0].first < made.events[1].first


def test_nothing_dated_gives_what_came_near(corpus: IndexedCorpus) -> None:
    corpus.read(read_article("a", TOOK, title="Tripoli"))
    made = maker(corpus).timeline("airport of Oslo")
    assert made.events == ()
    assert [passage.text for passage in made.nearest] == [TOOK]


# -- the sample --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def of_sample(sample_library: Library) -> TimelineMaker:
    return TimelineMaker(sample_library.search, sample_library.embeddings.encode)


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("Brexit", ["2019-01-15", "2019-03-12", "2019-03-29", "2019-04-11", "2019-05-24"]),
        ("Sudan", ["2019-04-11", "2019-04-12", "2019-06-03", "2019-06-06"]),
        ("north korea", ["2019-02-28", "2019-06-30"]),
        ("Libya", ["2019-04-04", "2019-04-05", "2019-04-09", "2019-06-26"]),
    ],
)
@pytest.mark.slow
def test_the_days_that_matter_are_there(
    of_sample: TimelineMaker, topic: str, expected: list[str]
) -> None:
    found = {event.first.isoformat() for event in of_sample.timeline(topic).events}
    assert set(expected) <= found


@pytest.mark.parametrize("topic", ["Libya", "Sudan", "Brexit", "north korea", "Iran"])
def test_every_event_is_a_sentence_of_its_paragraph(of_sample: TimelineMaker, topic: str) -> None:
    made = of_sample.timeline(topic)
    assert made.events
    assert list(made.events) == sorted(made.events, key=lambda event: event.first)
    for event in made.events:
        assert event.text in event.citation.paragraph.text
        assert event.citation.link.startswith(event.citation.article.url)
        published = event.citation.article.published_at
        assert published is not None
        assert event.announced == (event.first > published.date())


def test_bashir_is_removed_once(of_sample: TimelineMaker) -> None:
    found = [e for e in of_sample.timeline("Sudan").events if e.first == date(2019, 4, 11)]
    assert len(found) == 1
    assert found[0].origins > 1 or found[0].citation.carried_by


def test_a_timeline_of_one_place_leaves_its_neighbours_out(of_sample: TimelineMaker) -> None:
    texts = " ".join(event.text for event in of_sample.timeline("Sudan").events)
    assert "Tripoli" not in texts
    assert "Libya" not in texts


def test_a_country_named_in_passing_has_no_entry_in_its_timeline(corpus: IndexedCorpus) -> None:
    corpus.read(
        read_article("a", TOOK),
        read_article(
            "b",
            "The ministers met in Rome on Tuesday. They also spoke of Libya.",
            title="Ministers meet in Rome",
        ),
    )
    assert told(maker(corpus).timeline("Libya").events) == [("2019-04-03", TOOK)]


def test_what_opens_an_article_is_read_where_the_search_finds_it_further_down() -> None:
    article = stored_article("a", TOOK, "Libya has known no peace.", title="War in Libya")
    below = Passage(article, article.paragraph(2), 1.0)
    opened = with_openings(Topic.of("Libya"), [below])
    assert [one.paragraph.number for one in opened] == [2, 1]
    assert with_openings(Topic.of("Chad"), [below]) == [below]
