"""The words that every front end shares: who says so, from where, what was withheld, who waits.

Pure text without markup, which answers, pages and forms lay out. `plain` and `printed` make text
that can be pasted or shown elsewhere: no character in it that is not seen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from bot.render.catalogues import (
    N_,
    comma,
    dated,
    gettext,
    is_right_to_left,
    language_name,
    ngettext,
)
from corpus.articles import Article, SourceKind, Withdrawal
from corpus.text.words import paragraph_language
from retrieval.outcomes import EXTRACTIVE, Answer, Citation, NoAnswer, Outcome, Said, Statement
from retrieval.passages import Passage
from retrieval.questions.understand import Intent
from retrieval.reports.report import Digest, Summary

AND = re.compile(
    r"\s{0,9}(?:[,;/]\s{0,9}(?:and|or)\s|[,;]|\s/\s|\s&\s|\s\+\s|\band\b|\bor\b)\s{0,9}", re.I
)


def quoted_item(item: str) -> str:
    """An item as it can be written in a list: in quotation marks where it would be taken apart."""
    return f"“{item}”" if AND.search(item) or not item[:1].isalnum() else item


# Spaces of no width, joiners, marks of direction, soft hyphens, byte order marks: they are lost or
# become boxes in other programs, and hide what is pasted. Joiners are looked at apart.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)
_JOINERS = re.compile("[\u200c\u200d]+")


def plain(text: str) -> str:
    """Text in one line, without characters that are not seen.

    A joiner stays where letters need it to be spelled (Persian, the scripts of India) or an emoji
    to be one; beside anything else it is left out.
    """
    shown = " ".join(_UNSEEN.sub("", text).split())
    return _JOINERS.sub(lambda match: _needed(match, shown), shown)


def _needed(match: re.Match[str], text: str) -> str:
    before, after = text[: match.start()][-1:], text[match.end() : match.end() + 1]
    return match[0][:1] if _joins(before) and _joins(after) else ""


def _joins(character: str) -> bool:
    if not character or character.isascii():
        return False
    # Letters, the vowel signs after them, and the pictures that emoji are made of.
    return (
        unicodedata.category(character)[0] in "LM"
        or unicodedata.category(character) == "So"
        or ("\U0001f3fb" <= character <= "\U0001f3ff" or character == "\ufe0f")
    )


# Names, titles and questions come from elsewhere and can be of any length.
LONGEST_NAME = 120
LONGEST_QUESTION = 300
MOST_CARRIERS = 10
# Terminals obey escape sequences, and every display obeys marks that turn the direction of
# writing round; texts from elsewhere must do neither. What a name needs to be spelled (joiners,
# and marks that only state a direction) stays.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066\u2067]")
# The isolate that takes its direction from what stands in it, and the end of one.
_ISOLATE, _END = "\u2068", "\u2069"
_SEPARATORS = " \t\n·•:—-,;"
_RIGHT_TO_LEFT = frozenset(("R", "AL"))


@dataclass(frozen=True, slots=True)
class Account:
    """Statements that rest on the same article, under one attribution."""

    attribution: str
    statements: tuple[Statement, ...]


def accounts(answer: Answer) -> list[Account]:
    """The statements of an answer in their order, run by run of one article."""
    citations = {citation.mark: citation for citation in answer.citations}
    runs: list[tuple[str, list[Statement]]] = []
    for statement in answer.statements:
        attribution = attribution_of([citations[mark].article for mark in statement.citations])
        if runs and runs[-1][0] == attribution:
            runs[-1][1].append(statement)
        else:
            runs.append((attribution, [statement]))
    return [Account(attribution, tuple(statements)) for attribution, statements in runs]


def according_to() -> tuple[str, str]:
    """What stands before and after who says so: "According to ", ": "."""
    before, _, after = gettext("According to {source}: ").partition("{source}")
    return before, after


def attribution_of(articles: Sequence[Article]) -> str:
    """Who says so and when: "Sample Wire Desk, 4 April 2019"."""
    named = dict.fromkeys(
        f"{publisher(article)}{comma()} {long_date(article.published_at)}" for article in articles
    )
    return " · ".join(named)


def publisher(article: Article) -> str:
    """The source's name, else the site, else the document's title; long ones are cut."""
    if article.source and article.source.strip():
        return isolated(excerpt(article.source, LONGEST_NAME))
    parts = urlsplit(article.url)
    if parts.scheme in ("http", "https") and parts.hostname:
        return isolated(excerpt(parts.hostname.removeprefix("www."), LONGEST_NAME))
    if article.title.strip():
        return isolated(f"“{excerpt(article.title, LONGEST_NAME)}”")
    return isolated(excerpt(parts.path.rpartition("/")[2], LONGEST_NAME))


def long_date(moment: datetime | None) -> str:
    """ "4 April 2019", or "undated"."""
    return isolated(dated(moment, "%-d %B %Y")) if moment else gettext("undated")


def short_date(moment: datetime | None) -> str:
    """ "4 Apr 2019", or "undated"."""
    return isolated(dated(moment, "%-d %b %Y")) if moment else gettext("undated")


def citation_line(citation: Citation) -> str:
    """Where a citation stands: "UN News · official · 4 Apr 2019 · ¶13 of 14"."""
    return place_line([citation])


def place_line(citations: Sequence[Citation]) -> str:
    """Where citations of one article stand: "UN News · official · 4 Apr 2019 · ¶2, ¶13 of 14"."""
    article = citations[0].article
    numbers = sorted({citation.paragraph.number for citation in citations})
    parts = [publisher(article), kind_name(article.kind), short_date(article.published_at)]
    if spoken := spoken_in(citations[0].paragraph.text, article.language):
        parts.append(spoken)
    line = " · ".join([*parts, place_in(article, numbers)])
    if since := since_then(article):
        line += f" · {since}"
    return line + carried_words([copy for citation in citations for copy in citation.carried_by])


def place_in(article: Article, numbers: Iterable[int]) -> str:
    """Which of its paragraphs: "¶2, ¶13 of 14"."""
    shown = f"{comma()} ".join(isolated(f"¶{number}") for number in numbers)
    return gettext("{paragraphs} of {count}", paragraphs=shown, count=len(article.paragraphs))


def carried_words(copies: Sequence[Article]) -> str:
    """ " · also carried by Agency B, Agency C and 2 more"; nothing for none."""
    carriers = list(dict.fromkeys(publisher(copy) for copy in copies))
    if not carriers:
        return ""
    named, more = ", ".join(carriers[:MOST_CARRIERS]), len(carriers) - MOST_CARRIERS
    if more > 0:
        also = gettext("also carried by {names} and {count} more")
        return f" · {also.format(names=named, count=more)}"
    also = gettext("also carried by {names}")
    return f" · {also.format(names=named)}"


def kind_name(kind: SourceKind) -> str:
    """What a kind of source is called."""
    return {
        SourceKind.OFFICIAL: gettext("official"),
        SourceKind.WIRE: gettext("wire"),
        SourceKind.STATE_MEDIA: gettext("state media"),
        SourceKind.INDEPENDENT: gettext("independent"),
        SourceKind.OPINION: gettext("opinion"),
        SourceKind.UNKNOWN: gettext("unknown"),
    }[kind]


def spoken_in(text: str, article: str | None) -> str | None:
    """The language of a paragraph by its name, where it is another than the reader's."""
    language = paragraph_language(text, article)
    return language_name(language) if language else None


def since_then(article: Article) -> str:
    """ "version 1 of 2, changed since on 5 Apr 2019" or "withdrawn since"; "" for current text."""
    if article.withdrawal is Withdrawal.RETRACTED:
        said = gettext("version {number}, withdrawn since on {date}")
        return said.format(number=article.version, date=short_date(article.withdrawn_at))
    if article.withdrawn_at is not None:
        return gettext("version {number}, no longer kept here", number=article.version)
    if article.later is not None:
        return gettext(
            "version {number} of {count}, changed since on {date}",
            number=article.version,
            count=article.later.version,
            date=short_date(article.later.read_at),
        )
    return ""


def footing(outcome: Outcome) -> str:
    """What the answer rests on and what was withheld: "1 article, 1 origin · nothing withheld".

    Of a refusal for which nothing was written there is nothing to say, and of sentences that are
    the sources' own none can be withheld.
    """
    parts = []
    if isinstance(outcome, Answer):
        parts.append(articles_words(outcome.articles, outcome.origins))
    elif not outcome.withheld:
        return ""
    verbatim = outcome.answerer == EXTRACTIVE
    parts.append(gettext("extractive") if verbatim else isolated(outcome.answerer))
    if outcome.withheld or outcome.answerer != EXTRACTIVE:
        parts.append(withheld_line(outcome))
    return " · ".join(parts)


def articles_words(count: int, origins: int | None = None) -> str:
    """ "6 articles", "6 articles, 3 origins"."""
    articles = ngettext("{count} article", "{count} articles", count)
    if origins is None:
        return articles
    both = gettext("{articles}, {origins}")
    return both.format(articles=articles, origins=origins_counted(origins))


def origins_counted(count: int) -> str:
    return ngettext("{count} origin", "{count} origins", count)


def withheld_line(outcome: Outcome | Digest | Summary) -> str:
    """ "2 statements withheld: not supported by the cited paragraphs", or "nothing withheld"."""
    if not outcome.withheld:
        return gettext("nothing withheld")
    return ngettext(
        "{count} statement withheld: not supported by the cited paragraphs",
        "{count} statements withheld: not supported by the cited paragraphs",
        len(outcome.withheld),
    )


def differing_line(answer: Answer) -> str:
    """ "Accounts differ: control of Gharyan.", or nothing."""
    if not answer.differing:
        return ""
    about = "; ".join(excerpt(one, LONGEST_NAME) for one in answer.differing)
    return gettext("Accounts differ: {about}.", about=about)


def unanswered_line(answer: Answer) -> str:
    """ "I found nothing that answers “How many were killed?”.", or nothing."""
    parts = [f"“{excerpt(part, LONGEST_QUESTION).rstrip(' .!')}”" for part in answer.unanswered]
    asked = gettext(" or ").join(parts)
    return gettext("I found nothing that answers {questions}.", questions=asked) if asked else ""


def refusal(outcome: NoAnswer) -> str:
    """What a person is told when there is no answer."""
    asked = excerpt(outcome.question.text, LONGEST_QUESTION).rstrip(" ?.!")
    if not outcome.nearest and outcome.question.narrow:
        said = gettext("I found nothing on “{question}” in the time and places asked for.")
    elif not outcome.nearest:
        said = gettext("I found nothing on “{question}”.")
    elif outcome.withheld:
        said = gettext("I found no answer to “{question}” that the sources carry.")
    else:
        said = gettext("I found nothing that answers “{question}”.")
    if outcome.question.intent is Intent.YES_NO:
        said = f"{gettext('Sources do not say.')} {said}"
    return said.replace("{question}", isolated(asked))


def nearest_line(passage: Passage, most: int = 140) -> str:
    """A passage that was near and is not an answer: excerpt, source, date, paragraph."""
    return f"{isolated(f'“{excerpt(passage.text, most)}”')} ({nearest_place(passage)})"


def nearest_place(passage: Passage) -> str:
    """Where a passage stands: "UN News, 4 Apr 2019, ¶3"."""
    article = passage.article
    published = short_date(article.published_at)
    where = (publisher(article), published, isolated(f"¶{passage.paragraph.number}"))
    return f"{comma()} ".join(where)


def excerpt(text: str, most: int) -> str:
    """The beginning of a text, cut between words, at most `most` characters."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(" .,;:–—-…") + "…"


# The world is not told in these: "remind me", "my morning".
_OURSELVES = re.compile(r"\b(?:i|me|my|mine|myself|you|your|yours)\b", re.I)


def is_topic(text: str) -> bool:
    """Whether words can be what is followed; what speaks of the two who talk cannot."""
    return not _OURSELVES.search(text)


def listed_words(items: Iterable[str]) -> str:
    """ "Libya, Sudan and Mali" in the reader's language; "" for none."""
    *before, last = [isolated(item) for item in items] or [""]
    if not before:
        return last
    several = f"{comma()} ".join(before)
    return gettext("{several} and {last}", several=several, last=last)


def safe(text: str) -> str:
    """Text without characters that a terminal or a display would obey.

    Isolates that begin and end in it (`isolated`) stay: they turn nothing round.
    """
    text = _CONTROL.sub("", text)
    return _balanced(text) if _ISOLATE in text or _END in text else text


def printed(text: str) -> str:
    """Safe text for a terminal, which draws isolates as boxes or not at all."""
    return safe(text).replace(_ISOLATE, "").replace(_END, "")


def isolated(text: str) -> str:
    """Text set apart from what stands around it, where either is written from right to left.

    Else the date, the number or the mark that follows an Arabic or Hebrew name is drawn before it.
    Separators at its ends belong to the line that it stands in.
    """
    if not is_right_to_left() and not any(
        unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text
    ):
        return text
    inner = safe(text).strip(_SEPARATORS)
    if inner.startswith(_ISOLATE) and inner.endswith(_END):
        return text
    if not inner:
        return text
    before, _, after = safe(text).partition(inner)
    return f"{before}{_ISOLATE}{inner}{_END}{after}"


def worded(text: object) -> str:
    """What `retrieval` says of its own, in the reader's language; any other text as it stands."""
    if not isinstance(text, Said):
        return isolated(str(text))
    return gettext(text.form, **{name: worded(one) for name, one in text.fields.items()})


def runs_otherwise(text: str) -> bool:
    """Whether a text is written in the other direction than the reader's language: on a line of its
    own it runs its own way, and what stands after it is drawn at its end."""
    kinds = map(unicodedata.bidirectional, text)
    first = next((kind for kind in kinds if kind == "L" or kind in _RIGHT_TO_LEFT), None)
    return first is not None and (first in _RIGHT_TO_LEFT) != is_right_to_left()


def _balanced(text: str) -> str:
    """Text without isolates that never end, and without ends of none."""
    open_at: list[int] = []
    kept = list(text)
    for place, character in enumerate(text):
        if character == _ISOLATE:
            open_at.append(place)
        elif character == _END and open_at:
            open_at.pop()
        elif character == _END:
            kept[place] = ""
    for place in open_at:
        kept[place] = ""
    return "".join(kept)


INTERRUPTED = N_(
    "I was interrupted before I could answer what you wrote here, and that is a while ago. "
    "Write it again if you still want to know."
)


def position(before: int, seconds: float) -> tuple[str, tuple[str, ...]]:
    """The status of a question that waits: beside our name, and as lines in the reply's place.

    `before` is how many come first, `seconds` how long that probably takes.
    """
    if before <= 0:
        status = gettext("is busy: yours is the next question…")
        return status, (gettext("Yours is the next question…"),)
    waits = ngettext(
        "{count} question is before yours…", "{count} questions are before yours…", before
    )
    lines = (waits, gettext("About {time} to go…", time=_roughly(seconds)))
    status = ngettext(
        "is busy: {count} question before yours…",
        "is busy: {count} questions before yours…",
        before,
    )
    return status, lines


def limited(asked: int, seconds: float) -> str:
    """What somebody is told who asked too many questions within a minute."""
    return gettext(
        "You asked {questions} within a minute; this one is answered in {time}.",
        questions=ngettext("{count} question", "{count} questions", asked),
        time=_roughly(seconds),
    )


def _roughly(seconds: float) -> str:
    if seconds < 90:
        return ngettext("{count} second", "{count} seconds", max(1, round(seconds)))
    return ngettext("{count} minute", "{count} minutes", round(seconds / 60))
