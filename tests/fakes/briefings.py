"""Digests, summaries, alerts and corrections of the bundled sample, made by hand to be looked at.

Every sentence stands verbatim in the paragraph that its mark names, as the makers would have it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from bot.render.notes import Alert, CitationChange, CorrectionNote, PostedTurn, Wording
from bot.render.report_wording import DigestHeading
from corpus.articles import Article, Paragraph, SourceKind, article_id
from corpus.quotations.extraction import Quotation
from corpus.quotations.speaker_names import Speaker
from corpus.samples import sample_articles, sample_sources
from corpus.text.calendar import Precision
from corpus.text.differences import word_changes
from retrieval.outcomes import Citation, Statement
from retrieval.questions.understand import Narrowing
from retrieval.reports.quotes import Position, Positions, Reworded
from retrieval.reports.report import (
    Announcement,
    Brief,
    Correction,
    Coverage,
    Digest,
    Dispute,
    FailedSource,
    Spoken,
    Summary,
)
from retrieval.reports.timeline import Event, Timeline
from retrieval.stories.story import Status, Story

TRIPOLI = ZoneInfo("Africa/Tripoli")


@cache
def sample() -> dict[str, Article]:
    """The sample's articles as stored, by the last part of their address."""
    kinds = {source.name: source.kind for source in sample_sources()}
    stored = {}
    for read in sample_articles():
        moment = read.published_at or datetime(2019, 1, 1, tzinfo=UTC)
        stored[read.url.rpartition("/")[2]] = Article(
            id=read.id,
            url=read.url,
            title=read.title,
            source=read.source,
            kind=kinds.get(read.source or "", SourceKind.UNKNOWN),
            author=read.author,
            published_at=read.published_at,
            language=read.language,
            version=1,
            read_at=moment,
            first_read_at=moment,
            paragraphs=tuple(
                Paragraph(read.id, number, text)
                for number, text in enumerate(read.paragraphs, start=1)
            ),
        )
    return stored


@dataclass(slots=True)
class Citing:
    """Gives marks in the order of use; a paragraph cited with the same words keeps its mark."""

    citations: list[Citation] = field(default_factory=list)

    def mark(self, name: str, number: int, quote: str) -> int:
        article = sample()[name]
        paragraph = article.paragraph(number)
        assert quote in paragraph.text, f"¶{number} of {name} does not say: {quote}"
        for held in self.citations:
            if (held.article, held.paragraph, held.quote) == (article, paragraph, quote):
                return held.mark
        self.citations.append(Citation(len(self.citations) + 1, article, paragraph, quote))
        return len(self.citations)

    def sentence(self, name: str, number: int, begins: str) -> Statement:
        """The sentence of a paragraph that begins so."""
        text = sample()[name].paragraph(number).text
        start = text.index(begins)
        end = text.find(". ", start)
        quote = text[start : end + 1] if end >= 0 else text[start:]
        return Statement(quote, (self.mark(name, number, quote),))

    def spoken(
        self,
        speaker: str,
        role: str | None,
        verb: str,
        quote: str,
        where: tuple[str, int],
        *,
        direct: bool = True,
    ) -> Spoken:
        return Spoken(speaker, role, verb, quote, direct, self.mark(*where, quote))


def story(*names: str) -> Story:
    articles = tuple(sample()[name] for name in names)
    return Story(f"story-{names[0]}", articles)


def heading(**changes: object) -> DigestHeading:
    """Friday 5 April 2019, 07:30 in Tripoli, for #libya-desk, which had one on Thursday."""
    usual = DigestHeading(
        name="#libya-desk",
        at=datetime(2019, 4, 5, 7, 30, tzinfo=TRIPOLI),
        zone_name="Africa/Tripoli",
        previous_at=datetime(2019, 4, 4, 7, 30, tzinfo=TRIPOLI),
        next_at=datetime(2019, 4, 6, 7, 30, tzinfo=TRIPOLI),
        shared=True,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def digest() -> Digest:
    """What the sample tells between Wednesday and Friday morning."""
    cited = Citing()
    march, alert = "haftar-orders-march-on-tripoli", "tripoli-alert-gharyan-clashes"
    guterres, units = "guterres-no-military-solution", "lna-moves-units-west"
    note, command = "unsc-meeting-note", "voice-message-general-command"
    advance = Brief(
        story(units, alert, guterres, march, command),
        Status.NEW,
        1,
        "Haftar orders his forces to march on Tripoli",
        (
            cited.sentence(march, 1, "Khalifa Haftar, commander"),
            cited.sentence(alert, 1, "The government in Tripoli declared"),
        ),
        (
            cited.spoken(
                "António Guterres",
                "Secretary-General of the United Nations",
                "wrote",
                "There is no military solution. Only intra-Libyan dialogue can solve Libyan "
                "problems.",
                (guterres, 2),
            ),
            cited.spoken(
                "Ahmed al-Mismari",
                "spokesman of the Libyan National Army",
                "told",
                "clashes south of Tripoli in Gharyan",
                (alert, 2),
                direct=False,
            ),
        ),
        (
            Dispute(
                "control of Gharyan",
                (
                    cited.sentence(march, 3, "The LNA said that it had taken"),
                    cited.sentence(alert, 3, "An LNA spokesman said"),
                ),
            ),
        ),
    )
    council = Brief(
        story(note),
        Status.NEW,
        1,
        "Security Council to meet on Libya on Friday at British request",
        (
            cited.sentence(note, 1, "The United Nations Security Council meets"),
            cited.sentence(note, 3, "The five governments urged"),
        ),
    )
    algeria = Brief(
        story("bouteflika-resigns"),
        Status.DEVELOPING,
        3,
        "Bouteflika resigns as president of Algeria after 20 years",
        (cited.sentence("bouteflika-resigns", 3, "Under the constitution"),),
    )
    conference = cited.sentence(guterres, 4, "The United Nations plans")
    brexit = cited.sentence("extension-12-april-22-may", 3, "That is the date")
    changed = sample()["faki-in-tripoli"]
    return Digest(
        since=datetime(2019, 4, 4, 5, 30, tzinfo=UTC),
        until=datetime(2019, 4, 5, 5, 30, tzinfo=UTC),
        briefs=(advance, council, algeria),
        announced=(
            Announcement(date(2019, 4, 12), date(2019, 4, 12), brexit),
            Announcement(date(2019, 4, 14), date(2019, 4, 16), conference),
        ),
        corrections=(
            Correction(
                changed,
                1,
                changed.paragraph(1).text.replace("Monday 1 April", "Sunday 31 March"),
                changed.paragraph(1).text,
                cited.mark("faki-in-tripoli", 1, changed.paragraph(1).text),
            ),
        ),
        coverage=Coverage(
            sources=12,
            articles=11,
            origins=9,
            by_day=(("2019-04-04", 8), ("2019-04-05", 3)),
            by_place=(("LY", 7), ("DZ", 2), ("GB", 1), ("SD", 1)),
        ),
        citations=tuple(cited.citations),
        left_out=2,
    )


def quiet_digest() -> Digest:
    return replace(
        digest(),
        briefs=(),
        announced=(),
        corrections=(),
        citations=(),
        left_out=0,
        coverage=Coverage(sources=12),
    )


def with_outage(given: Digest) -> Digest:
    """The same with two of twelve sources that could not be read."""
    failed = (
        FailedSource("Ministry A", "timed out", datetime(2019, 4, 5, 1, 10, tzinfo=UTC)),
        FailedSource("Agency B", "404 Not Found", datetime(2019, 4, 4, 16, 0, tzinfo=UTC)),
    )
    return replace(given, coverage=replace(given.coverage, failed=failed))


def summary() -> Summary:
    """Libya in the first week of April 2019."""
    cited = Citing()
    march, alert = "haftar-orders-march-on-tripoli", "tripoli-alert-gharyan-clashes"
    guterres, airport = "guterres-no-military-solution", "airport-both-sides-claim"
    leaves, volcano = "guterres-leaves-libya", "volcano-of-anger"
    halt, faki = "security-council-lna-halt", "faki-in-tripoli"
    advance = Brief(
        story("lna-moves-units-west", alert, march, airport, volcano),
        Status.DEVELOPING,
        5,
        "Tripoli forces announce counter-offensive as UN truce call goes unheeded",
        (
            cited.sentence(volcano, 1, "Forces loyal to the Government"),
            cited.sentence(volcano, 4, "The Libyan National Army said"),
        ),
        (
            cited.spoken(
                "Khalifa Haftar",
                "commander of the Libyan National Army (LNA)",
                "described",
                "victorious march",
                (march, 2),
            ),
            cited.spoken(
                "Fayez al-Sarraj",
                None,
                "said",
                "Haftar’s forces would meet with firm resistance",
                (airport, 3),
                direct=False,
            ),
        ),
        (
            Dispute(
                "control of Tripoli’s closed international airport",
                (
                    cited.sentence(airport, 2, "Ahmed al-Mismari"),
                    cited.sentence(airport, 2, "The Tripoli government said"),
                ),
            ),
        ),
        (
            Announcement(
                date(2019, 4, 14),
                date(2019, 4, 16),
                cited.sentence(airport, 4, "Ghassan Salamé, the UN envoy"),
            ),
        ),
    )
    council = Brief(
        story(guterres, leaves, halt, "security-council-urges-halt-libya"),
        Status.NEW,
        3,
        "Security Council calls on Haftar’s forces to halt all military movements",
        (cited.sentence(halt, 1, "The United Nations Security Council called"),),
        (
            cited.spoken(
                "Christoph Heusgen",
                "Germany’s ambassador to the United Nations",
                "said",
                "There can be no military solution to the conflict,",
                (halt, 2),
            ),
            cited.spoken(
                "António Guterres",
                "UN Secretary-General",
                "wrote",
                "I leave Libya with a heavy heart and deeply concerned. I still hope it is "
                "possible to avoid a bloody confrontation in and around Tripoli.",
                (leaves, 2),
            ),
        ),
    )
    visit = Brief(
        story(faki, "au-visit-libya-note"),
        Status.NEW,
        2,
        "African Union’s Faki meets Sarraj in Tripoli on reconciliation conference",
        (cited.sentence(faki, 1, "Moussa Faki Mahamat"),),
    )
    return Summary(
        topic="Libya",
        since=datetime(2019, 4, 1, tzinfo=UTC),
        until=datetime(2019, 4, 8, tzinfo=UTC),
        briefs=(advance, council, visit),
        coverage=Coverage(
            sources=0,
            articles=16,
            origins=15,
            by_day=tuple(
                (f"2019-04-{day:02d}", count)
                for day, count in enumerate((1, 0, 2, 4, 5, 3, 1), start=1)
            ),
            by_place=(("LY", 16), ("FR", 1), ("EG", 1)),
        ),
        citations=tuple(cited.citations),
        left_out=1,
    )


def alert() -> Alert:
    """A report from Gharyan that a watch of that name matched."""
    cited = Citing()
    statement = cited.sentence("tripoli-alert-gharyan-clashes", 2, "Ahmed al-Mismari")
    return Alert(
        "Gharyan",
        "U0DESK",
        "story-1",
        statement.text,
        cited.citations[0],
        TRIPOLI,
    )


def further_alert() -> Alert:
    """The next report on the same story."""
    cited = Citing()
    march = "haftar-orders-march-on-tripoli"
    statement = cited.sentence(march, 3, "The LNA said that it had taken")
    return replace(alert(), sentence=statement.text, citation=cited.citations[0])


def correction_note() -> CorrectionNote:
    """An answer of Thursday cites casualty figures that the desk has changed since."""
    cited = sample()["volcano-of-anger"]
    before = cited.paragraph(3).text
    after = before.replace("21 people had been killed and 27", "25 people had been killed and 80")
    current = replace(
        cited,
        version=2,
        read_at=datetime(2019, 4, 8, 8, 40, tzinfo=UTC),
        paragraphs=tuple(
            replace(held, text=after) if held.number == 3 else held for held in cited.paragraphs
        ),
    )
    turn = PostedTurn(
        "turn-1",
        "answer",
        "How many people were killed around Tripoli?",
        "U0DESK",
        "C0PRESS",
        "1554700000.000100",
        datetime(2019, 4, 8, 6, 0, tzinfo=UTC),
        cited.id,
        1,
        (),
    )
    change = CitationChange((2,), (2,), 3, before, Wording(3, after), quote_stands=False)
    return CorrectionNote(turn, cited, current, (change,))


def positions() -> Positions:
    """A minister on the fighting near Tripoli; the last statement varies the first."""
    first = "Norland expresses its grave concern at the fighting near Tripoli."
    second = "We call on all parties to return to the table."
    last = "Norland expresses its deep concern at the fighting south of Tripoli."
    stand = (
        _statement("2019/04/04/tripoli", datetime(2019, 4, 4, 12, 0, tzinfo=UTC), first, second),
        _statement("2019/04/07/tripoli", datetime(2019, 4, 7, 9, 0, tzinfo=UTC), last),
    )
    varied = Reworded(1, first, last, word_changes(first, last))
    said = (
        _position(1, stand[0], first),
        _position(2, stand[0], second),
        replace(_position(3, stand[1], last), reworded=varied),
    )
    speaker = Speaker(MINISTER, (MINISTER, "Solvang"), ("solvang",), (ROLE,), 7)
    return Positions("Solvang", "Tripoli", Narrowing(), speaker, said, left_out=4)


MINISTER, ROLE = "Marit Solvang", "Minister of Foreign Affairs of Norland"


def _statement(place: str, published: datetime, *sentences: str) -> Article:
    """A statement of an invented ministry: each sentence a paragraph of its own."""
    url = f"https://ministry.norland.example/{place}"
    return Article(
        id=article_id(url),
        url=url,
        title="Statement by the Minister of Foreign Affairs",
        source="Norland Ministry of Foreign Affairs",
        kind=SourceKind.OFFICIAL,
        author=None,
        published_at=published,
        language="en",
        version=1,
        read_at=published,
        first_read_at=published,
        paragraphs=tuple(
            Paragraph(article_id(url), number, f"“{text[:-1]},” {MINISTER} said.")
            for number, text in enumerate(sentences, start=1)
        ),
    )


def _position(mark: int, article: Article, sentence: str) -> Position:
    words = sentence[:-1]
    number = next(held.number for held in article.paragraphs if words in held.text)
    quotation = Quotation(MINISTER, ROLE, "said", words, number, 1, 1 + len(words), True)
    return Position(mark, quotation, article)


def timeline() -> Timeline:
    """Libya from the announcement of the conference to the first week of the battle."""
    cited = Citing()
    told = (
        (date(2019, 4, 1), cited.sentence("faki-in-tripoli", 1, "Moussa Faki"), 2),
        (date(2019, 4, 3), cited.sentence("lna-moves-units-west", 2, "Limited clashes"), 1),
        (date(2019, 4, 4), cited.sentence("haftar-orders-march-on-tripoli", 1, "Khalifa"), 3),
        (date(2019, 4, 4), cited.sentence("tripoli-alert-gharyan-clashes", 1, "The gov"), 1),
        (date(2019, 4, 5), cited.sentence("security-council-lna-halt", 1, "The United"), 1),
        (date(2019, 4, 6), cited.sentence("airport-both-sides-claim", 1, "Both sides"), 1),
        (date(2019, 4, 7), cited.sentence("volcano-of-anger", 1, "Forces loyal"), 1),
    )
    ahead = cited.sentence("airport-both-sides-claim", 4, "Ghassan Salamé")
    events = [
        Event(mark, day, day, Precision.DAY, one.text, False, mark == 4, citation, origins)
        for (day, one, origins), citation, mark in zip(
            told, cited.citations, range(1, 8), strict=False
        )
    ]
    conference = Event(
        8,
        date(2019, 4, 14),
        date(2019, 4, 16),
        Precision.RANGE,
        ahead.text,
        True,
        False,
        cited.citations[7],
    )
    return Timeline("Libya", Narrowing(), (*events, conference), (), 5)
