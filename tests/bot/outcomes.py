"""Articles, answers and refusals made to measure, and Hypothesis strategies for nasty ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from corpus.articles import Article, Paragraph, SourceKind, article_id
from retrieval.outcomes import Answer, Citation, NoAnswer, Statement, Withheld
from retrieval.passages import Passage
from retrieval.questions.understand import understand
from tests.conftest import NOW

URL = "https://news.example/2019/04/04/tripoli"
PARAGRAPHS = (
    "Haftar ordered his forces to march on Tripoli on Thursday.",
    "Guterres said that he was deeply concerned. “There is no military solution,” he wrote.",
    "The Council met behind closed doors.",
)


def article(
    url: str = URL,
    paragraphs: tuple[str, ...] = PARAGRAPHS,
    *,
    title: str = "Guterres warns of confrontation",
    source: str | None = "News Desk",
    kind: SourceKind = SourceKind.WIRE,
    published_at: datetime | None = datetime(2019, 4, 4, 18, 0, tzinfo=UTC),
    identity: str | None = None,
) -> Article:
    identity = identity or article_id(url)
    return Article(
        id=identity,
        url=url,
        title=title,
        source=source,
        kind=kind,
        author=None,
        published_at=published_at,
        language="en",
        version=1,
        read_at=NOW,
        first_read_at=NOW,
        paragraphs=tuple(
            Paragraph(identity, number, text) for number, text in enumerate(paragraphs, start=1)
        ),
    )


def citation(
    mark: int = 1, of: Article | None = None, number: int = 2, quote: str | None = None
) -> Citation:
    of = of or article()
    paragraph = of.paragraph(number)
    return Citation(mark, of, paragraph, paragraph.text if quote is None else quote)


def answer(question: str = "What did Guterres say?", notice: str | None = None) -> Answer:
    """Two statements of one article, the second with two marks."""
    return Answer(
        question=understand(question, NOW),
        statements=(
            Statement("Guterres said that he was deeply concerned.", (1,)),
            Statement("“There is no military solution,” he wrote.", (1, 2)),
        ),
        citations=(
            citation(1, quote="Guterres said that he was deeply concerned."),
            citation(2, number=1),
        ),
        answerer="extractive",
        notice=notice,
    )


def no_answer(question: str = "How many tons of wheat?", *, nearest: bool = True) -> NoAnswer:
    found = article()
    passages = tuple(
        Passage(found, paragraph, 0.2) for paragraph in (found.paragraphs[:2] if nearest else ())
    )
    return NoAnswer(understand(question, NOW), "nothing found answers it", passages, "extractive")


def withholding(outcome: Answer, *texts: str) -> Answer:
    return replace(outcome, withheld=tuple(Withheld(text, "not supported") for text in texts))


_NASTY = st.sampled_from(
    (
        "<!channel>",
        "<@U0DESK>",
        "<#C0PRESS|press>",
        "<https://evil.example|here>",
        "*bold* _italic_ ~struck~ `code`",
        "&lt;!everyone&gt; & < >",
        "[1](javascript:alert(1))",
        "\u202etxet desrever\u202c",
        "\u2066isolated\u2069",
        "\x1b[31mred\x1b[0m\x07\x9b2J",
        "\x00",
        "\n\n",
        "\t",
        "e\u0301\u200d\U0001f469\u200d\U0001f692",
        "”“\"'",
        "联合国秘书长古特雷斯说" * 20,
        "محادثات السلام " * 10,
        "x" * 7_000,
        "word " * 1_500,
        "\U0001f54a" * 600,
        ":tada:",
    )
)
texts = st.lists(_NASTY | st.text(max_size=30), min_size=1, max_size=6).map(" ".join)
"""Any text that an article, a question or a model could hold, from nothing to very long."""

words = texts.map(lambda text: f"w{text}")
"""Text with a character to be seen."""

urls = st.sampled_from(
    (
        URL,
        "http://plain.example/",
        "https://long.example/" + "a" * 4_000,
        "https://unquoted.example/<!channel>|x",
        "javascript:alert(1)",
        "file:///srv/cables/note.txt",
        "",
    )
)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    return article(
        draw(urls),
        tuple(draw(st.lists(texts, min_size=1, max_size=3))),
        title=draw(texts),
        source=draw(st.none() | texts),
        kind=draw(st.sampled_from(SourceKind)),
        published_at=draw(st.none() | st.just(NOW)),
        identity=f"{draw(st.integers(0, 2**32)):016x}",
    )


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Answers whose marks all stand for a citation, as the chain makes them."""
    cited = draw(st.lists(articles(), min_size=1, max_size=4))
    citations = []
    for mark, of in enumerate(cited, start=1):
        number = draw(st.integers(1, len(of.paragraphs)))
        quote = draw(st.sampled_from((of.paragraph(number).text, of.paragraph(number).text[:50])))
        copies = draw(st.lists(articles(), max_size=2)) * draw(st.sampled_from((1, 20)))
        citations.append(replace(citation(mark, of, number, quote), carried_by=tuple(copies)))
    marks = st.lists(st.integers(1, len(cited)), min_size=1, max_size=len(cited), unique=True)
    statements = draw(
        st.lists(st.builds(Statement, words, marks.map(tuple)), min_size=1, max_size=5)
    )
    return Answer(
        understand(draw(words), NOW),
        tuple(statements),
        tuple(citations),
        draw(st.sampled_from(("extractive", "openai:gpt-x"))),
        tuple(draw(st.lists(st.builds(Withheld, texts, texts), max_size=3))),
        draw(st.none() | texts),
        tuple(draw(st.lists(words, max_size=2))),
        tuple(draw(st.lists(words, max_size=2))),
    )


@st.composite
def no_answers(draw: st.DrawFn) -> NoAnswer:
    nearest = tuple(
        Passage(of, of.paragraphs[0], 0.1) for of in draw(st.lists(articles(), max_size=3))
    )
    return NoAnswer(
        understand(draw(words), NOW),
        draw(texts),
        nearest,
        "extractive",
        tuple(draw(st.lists(st.builds(Withheld, texts, texts), max_size=3))),
        draw(st.none() | texts),
    )
