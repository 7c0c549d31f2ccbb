"""The form of an article: what of it is speech, and titles that name a form and not the news.

What a transcript holds is what people said: it may be quoted with its speaker, and is never told
as what happened. A speech that is printed without labels is its byline's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from corpus.articles import Article
from corpus.names import Kind, Names, read_run
from corpus.quotations.roles import shown_role
from corpus.quotations.transcripts import turns

SPEECH_SHARE = 0.4
"""A text under a title like "Remarks at …" is a speech if so many of its paragraphs say I or we."""
LONG_PARAGRAPH = 60
"""Characters; shorter ones are bylines, places and times."""
BYLINE_WITHIN = 3
"""Paragraphs at the beginning among which a byline stands."""

_SPOKEN_FORM = (
    r"(?:remarks|interview(?:ed)?|press (?:availability|conference|briefing|gaggle|roundtable)"
    r"|briefing|speech|keynote|toast|meet and greet|town hall|podcast|testimony|conversation"
    r"|fireside chat|opening statement|intervention|address(?= (?:to|at|before|on)\b))"
)
_IS_SPOKEN = re.compile(
    rf"\b{_SPOKEN_FORM}\b|\bbefore (?:their|his|her) meeting\b"
    r"|\b(?:on|with) (?:ABC|BBC|CBS|CNN|Fox|MSNBC|NBC|NPR|PBS)\b|\bof (?:ABC|BBC|CBS"
    r"|CNN|NBC|NPR)\b",
    re.IGNORECASE,
)
# "Remarks with …", "Joint Statement by …", "Department Press Briefing – July 19": who and how,
# not what. "Joint Statement on the Launch of …" says what it is about.
_FORM_FIRST = re.compile(
    r"^(?:(?:joint|press|media|written|virtual|special|official|department|daily|background"
    r"|telephonic|on-the-record|digital)\s+)*"
    rf"(?:{_SPOKEN_FORM}|statement|readout|communiqu[eé]|declaration|transcript|press release)\b"
    r"(?:\s*[:–—-]|\s+(?:by|of|from|with|at|before|to|between|in)\b|$)",
    re.IGNORECASE,
)
_FORM_AFTER_NAME = re.compile(
    rf"^(?:[A-ZÀ-Þ“\"][\w.’'“”\"/-]*,?\s+(?:(?:and|And|of|for|the)\s+)*){{2,12}}?"
    rf"(?:(?:[Aa]t|[Ii]n)\s+(?:an?|the|his|her|their)\s+(?:[\w-]+\s+){{0,3}}?(?i:{_SPOKEN_FORM})"
    r"(?=\s*(?:$|[,:–—-]|(?:with|in|at|on|and|before|after|following)\b))"
    r"|[Rr]emarks\b|[Ss]tatements? to the [Pp]ress|[Ii]nterview\b"
    r"|[Mm]eet and [Gg]reet|[Bb]efore [Tt]heir [Mm]eeting"
    r"|[Oo]n (?:ABC|BBC|CBS|CNN|Fox|MSNBC|NBC|NPR|PBS)\b|[Oo]n [A-Z][\w ]+[’']s\b"
    r"|[Ww]ith [^,]{4,60} of (?:ABC|BBC|CBS|CNN|Fox|MSNBC|NBC|NPR|PBS|the)\b)"
)
_TRAVEL_NOTE = re.compile(
    r"\b(?:upcoming )?(?:travel|trip) to [A-ZÀ-Þ]|\btravels? to [A-ZÀ-Þ]", re.IGNORECASE
)
_FIRST_PERSON = re.compile(r"\b(?:I|[Ww]e|[Oo]ur|[Mm]y)\b(?!\.)")
_BYLINE = re.compile(
    r"^(?:[Bb]y )?(?P<name>[A-ZÀ-Þ][\w.’'-]+(?: [A-ZÀ-Þ][\w.’'-]+){1,4}), (?P<role>[^,.]{4,80})$"
)


@dataclass(frozen=True, slots=True)
class Byline:
    """Whose words an article is: "Antony J. Blinken, Secretary of State"."""

    name: str
    role: str | None


def names_only_form(title: str) -> bool:
    """Whether a title says who spoke in which form, and nothing of what was said or done."""
    return bool(_FORM_FIRST.match(title) or _FORM_AFTER_NAME.match(title))


def is_travel_note(title: str) -> bool:
    """Whether a title says that somebody travels somewhere."""
    return bool(_TRAVEL_NOTE.search(title))


@lru_cache(maxsize=1024)
def spoken_paragraphs(article: Article) -> frozenset[int]:
    """The numbers of the paragraphs that are speech: turns of a transcript, or a whole speech."""
    texts = [paragraph.text for paragraph in article.paragraphs]
    labelled = turns(texts, Names(texts, article.title))
    if labelled:
        return frozenset(index + 1 for index in labelled)
    if not _IS_SPOKEN.search(article.title):
        return frozenset()
    long = [text for text in texts if len(text) >= LONG_PARAGRAPH]
    own = sum(bool(_FIRST_PERSON.search(text)) for text in long)
    if not long or own < SPEECH_SHARE * len(long):
        return frozenset()
    return frozenset(range(1, len(texts) + 1))


def is_unlabelled_speech(article: Article) -> bool:
    """Whether all of an article is one speech, with no label before it."""
    return bool(article.paragraphs) and len(spoken_paragraphs(article)) == len(article.paragraphs)


def byline_of(article: Article) -> Byline | None:
    """Who an article says has written or spoken it; None where it does not say."""
    for paragraph in article.paragraphs[:BYLINE_WITHIN]:
        found = _BYLINE.match(paragraph.text.strip())
        named = read_run(found["name"]) if found else None
        if found and named and named.kind is Kind.PERSON:
            return Byline(named.name, shown_role(found["role"]))
    return None
