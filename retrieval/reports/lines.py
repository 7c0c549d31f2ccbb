"""The sentences of a story that may be told, and whether one can be read aloud on its own.

    Story ─ passages_of, copies of one text collapsed ─ lines_of ─▶ Line, …
    Line.text ─ leans ─▶ needs the sentence before it, or not

A line is a verbatim sentence. What is no prose of the matter (a call to subscribe, a question, a
comment in the first person) gives no line, nor does speech, which is quoted with its speaker: what
a transcript holds is what people said and is never told as what happened, and a speech that is
printed without labels is its byline's. Some titles name only such a form, and not the news.

"He said …", "The vote took place …" and "The Council also …" say who or what only together with the
sentence before. Names are heard too: "Ibn Auf said …" leans on where his office was told. Pure.
Accepted gaps: a common noun inside the sentence that was brought in before ("before the
headquarters"), and "the country" for one that was named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache, partial

from corpus.articles import Article, SourceKind
from corpus.quotations.speakers import shown_role
from corpus.text import tables
from corpus.text.names import _LAST_LATIN, Kind, read_run
from corpus.text.sentences import Sentence, quoted_spans, split_sentences
from corpus.text.tables import either
from corpus.text.transcripts import turns
from corpus.text.words import fold, names, paragraph_language
from retrieval.evidence import collapse_copies
from retrieval.passages import Passage
from retrieval.stories.story import Story, moment_of

SPEECH_SHARE = 0.4
"""A text under a title like "Remarks at …" is a speech if so many of its paragraphs say I or we."""
LONG_PARAGRAPH = 60
"""Characters; shorter ones are bylines, places and times."""
BYLINE_WITHIN = 3
"""Paragraphs at the beginning among which a byline stands."""
_SPOKEN_FORM = either(__package__, "titles", "spoken forms")
_IS_SPOKEN = re.compile(
    rf"\b{_SPOKEN_FORM}\b|\bbefore (?:their|his|her) meeting\b"
    r"|\b(?:on|with) (?:ABC|BBC|CBS|CNN|Fox|MSNBC|NBC|NPR|PBS)\b|\bof (?:ABC|BBC|CBS"
    r"|CNN|NBC|NPR)\b",
    re.IGNORECASE,
)
# "Remarks with …", "Joint Statement by …", "Department Press Briefing – July 19": who and how,
# not what. "Joint Statement on the Launch of …" says what it is about.
_FORM_FIRST = re.compile(
    rf"^(?:{either(__package__, 'titles', 'before forms')}\s+)*"
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

_any = partial(either, __package__, "sentences")
_PRONOUN_FIRST = re.compile(rf"^[“\"'‘(]?{_any('pointing back')}\b")
_BOTH_NAMED = re.compile(
    r"^(?:Both|Some|Many|Most)\s+(?:\w+\s+){0,2}(?:in|of|from)\s+(?:the\s+)?(?:[a-z]+\s+)*"
    r"(?:for\s+)?[A-Z]"
)
_PEOPLE_FIRST = re.compile(r"^(?:Many|Some|Most) [a-z]+ (?:in|of|from|across|near) [A-Z]")
# "The vote", "The chairperson", "The two sides": a common noun that was named before, unless
# what follows it names it ("The government in Tripoli", "The United Nations").
_DEFINITE = re.compile(
    r"^The\s+(?P<noun>[a-z][\w’'-]*(?:\s+[a-z][\w’'-]*){0,7})(?P<rest>.*)$", re.S
)
# Offices and bodies that many have: which one was said before.
_OFFICE_FIRST = re.compile(
    r"^The (?P<office>" + _any("offices") + r")(?:['’]s)?\s+(?!of\b|for\b|General\b)[a-z]"
)
_FINITE_VERB = re.compile(rf"\b{_any('finite verbs')}\b")
# Nouns that everybody who reads of foreign affairs knows without a name before them.
_KNOWN = re.compile(rf"^The\s+{_any('known')}\b")
_LEANS_INSIDE = re.compile(
    r"\b(?:also (?:called|said|urged|told|asked|announced|blamed|warned|noted|added)|added that"
    r"|too\b[.,]|as well\b[.,]|the (?:former|latter)\b|the same (?:day|time|evening)"
    r"|at the (?:vote|meeting|summit|conference|event|ceremony|signing)\b|that (?:day|evening"
    r"|night)\b"
    r"|(?:remain|stay|stayed|remained|arrived?|went|gathered|met|live[sd]?|killed|held) there\b"
    r"|in (?:response|return|addition|reply)\b,)",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"(?<!^)\bthe "
    + _any("said before")
    + r"\b(?!\s+(?:of|to|for|that|by|between|against|called|named|[A-Z]))"
)
# "These goals", "in this regard", "as outlined in the Resolution": what is meant was named before.
_POINTING = re.compile(
    r"\b(?:[Tt]his|[Tt]hese|[Ss]uch|[Tt]hose)\s+(?P<what>(?!"
    + _any("after this")
    + r"\b)[a-z][\w’'-]*(?:\s+[a-z][\w’'-]*)?)"
)
_IN_THIS = re.compile(
    r"\b(?:in|to|at|toward|towards|for|on|with|under) (?:this|that) " + _any("in this") + r"\b",
    re.IGNORECASE,
)
_CAPITAL_COMMON = re.compile(
    r"\b(?:the|this) (?P<what>"
    + _any("papers")
    + r")\b(?!\s+(?:of|on|for|to|against|between|with|concerning|[A-Z0-9(“]))"
)
_REQUESTED = re.compile(
    r"\b(?:the|this|that|their|its) (?P<what>request|decision|proposal|offer|ruling|order"
    r"|resolution|bill|announcement|measure)\b(?!\s+(?:of|to|for|that|by|between|against"
    r"|on (?![A-Z]\w+day\b|\d)|in (?![A-Z]\w+ \d|\d)|not|called|named|[A-Z]))"
)
_OFFICE_INSIDE = re.compile(
    r"\b[Tt]he (?:(?:Deputy )?(?:Secretary|President|Minister) and (?:the )?)?"
    r"(?P<office>(?:Prime|Foreign|Defen[cs]e) (?:Minister|Secretary)|President|King"
    r"|Chancellor|Crown Prince|Ambassador|Emir|Sultan)\b(?!\s+(?:of|for [A-Z]|[A-Z]))"
)
_RECALLS = re.compile(
    r"\bthat (?:attack|incident|time|occasion|case|year|war|vote|strike)\b", re.IGNORECASE
)
_SPEAKER_UNNAMED = re.compile(
    r"\b(?:(?:he|she|they|it)\s+(?:also\s+)?(?:said|says|told|added|wrote|tweeted"
    r"|warned|noted|argued|explained|stressed|insisted)|(?:said|says|added"
    r"|told reporters)\s+(?:he|she|they)|the\s+"
    + _any("unnamed speakers")
    + r"\s+(?:also\s+)?(?:said|says|told|added|wrote|noted))\b"
)
_PRONOUN = re.compile(r"\b(?:he|she|him|his|her|hers|they|them|their)\b")
_ANY_NAME = re.compile(r"\b[A-Z][\w’'-]{2,}")
_PLURAL = re.compile(r"\b(?:[a-z]{3,}s|people|men|women|children|police|forces|sides)\b")
_OPENERS = tables.words(__package__, "sentences", "openers")
# A story that runs for weeks is told from its newest articles, and an article from its
# beginning: news puts what matters first, and what follows is background.
ARTICLES_READ = 24
PARAGRAPHS_READ = 12
TURNS_READ = 240
"""Paragraphs of a transcript: what matters is said anywhere in it."""
SHORTEST = 35
LONGEST = 420
"""Characters of a sentence that can be read aloud."""
_BOILERPLATE = re.compile(rf"\b{_any('boilerplate')}\b|©", re.IGNORECASE)
_QUOTED = re.compile(r"[“\"][^“”\"]*[”\"]")
_FIRST_OR_SECOND_PERSON = re.compile(
    r"\b(?:I|[Ww]e|[Oo]urs?|us|[Yy]ou|[Yy]ours?|[Mm]y|[Ll]et['’]s)\b(?!\.)"
)
_LABELLED = re.compile(r"^[A-Z][\w ’'-]{2,40}:\s(?![“\"])")
# "To demonstrate the commitment of …." has no main clause: no comma with a subject after it.
_INFINITIVE = re.compile(
    r"^(?:(?:First|Second|Third|Fourth|Finally|Lastly|And|Or|But),?\s+)?[Tt]o\s+[a-z]+\b"
    r"(?![^.]*,\s+(?:the\s+|an?\s+)?(?:[\w.’'-]+\s+){1,8}?"
    r"(?:is|are|was|were|has|have|had|will|would|must|can|[a-z]{3,}(?:ed|s))\b)"
)
_VERB = re.compile(rf"\b{_any('verbs')}\b")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a paragraph; `position` counts the paragraph's sentences from 0."""

    passage: Passage
    sentence: Sentence
    position: int

    @property
    def text(self) -> str:
        return self.sentence.text

    @property
    def article(self) -> Article:
        return self.passage.article

    @property
    def names(self) -> set[str]:
        """Its proper names, folded, word by word."""
        return {fold(name) for name in names(self.text)}

    @property
    def moment(self) -> datetime:
        return moment_of(self.passage.article)

    @property
    def published(self) -> date | None:
        published = self.article.published_at
        return published.date() if published else None

    @property
    def place(self) -> tuple[str, int, int]:
        """Article, paragraph and position: where it stands, the same for the same sentence."""
        return (self.article.id, self.passage.paragraph.number, self.position)

    @property
    def is_lead(self) -> bool:
        """Whether it opens its article."""
        return self.depth == 0 and self.position == 0

    @property
    def depth(self) -> int:
        """Paragraphs between the first that tells something and its own; bylines do not count."""
        return max(0, self.passage.paragraph.number - (first_prose(self.article) or 1))

    @property
    def origin(self) -> str:
        """The article whose text it is: copies are of one origin."""
        return self.article.origin

    @property
    def teller(self) -> str:
        """The source that tells it; its origin where the source is not known."""
        return self.article.source.casefold() if self.article.source else self.origin

    def independent_of(self, other: Line) -> bool:
        """Whether two lines are told by two sources, neither copying the other."""
        return self.teller != other.teller and self.origin != other.origin

    @property
    def before(self) -> Line | None:
        """The sentence before it in its paragraph."""
        if self.position == 0:
            return None
        sentence = split_sentences(self.passage.text)[self.position - 1]
        return Line(self.passage, sentence, self.position - 1)


def passages_of(story: Story) -> list[Passage]:
    """The paragraphs of a story's newest articles, each text once, newest article first."""
    newest = sorted(story.articles, key=lambda article: (moment_of(article), article.id))
    newest = newest[-ARTICLES_READ:][::-1]
    found = [
        Passage(article, paragraph, 1.0)
        for article in newest
        for paragraph in article.paragraphs[: _read_of(article)]
        if paragraph.text.strip() and not paragraph.boilerplate
    ]
    return collapse_copies(found)


def _read_of(article: Article) -> int:
    return TURNS_READ if spoken_paragraphs(article) else PARAGRAPHS_READ


def lines_of(passages: Iterable[Passage], *, of_offices: bool = False) -> list[Line]:
    """The sentences of passages that can be told, in their order; no speech is among them.

    With `of_offices` also what an office says of itself in its statements (`said_by`).
    """
    return [
        line
        for passage in passages
        if not is_speech(passage)
        for position, sentence in enumerate(split_sentences(passage.text))
        if is_prose(sentence.text)
        if not says_we(sentence.text)
        or (of_offices and said_by(Line(passage, sentence, position)) is not None)
        for line in (Line(passage, sentence, position),)
    ]


def said_by(line: Line) -> str | None:
    """Who says a line of an official statement that speaks as "we": its byline, or the office;
    None for lines that anybody can tell."""
    if line.article.kind is not SourceKind.OFFICIAL or not says_we(line.text):
        return None
    by = byline_of(line.article)
    return by.name if by else line.article.source


def is_tellable(text: str) -> bool:
    """Whether a sentence is whole prose that can be told as what happened: nobody says "we"."""
    return is_prose(text) and not says_we(text)


def says_we(text: str) -> bool:
    """Whether a sentence speaks of whoever utters it, or to somebody, outside quotation marks."""
    return bool(_FIRST_OR_SECOND_PERSON.search(_QUOTED.sub(" ", text)))


def is_prose(text: str) -> bool:
    """Whether a sentence is whole prose that a reader of news expects, not a scrap of a page."""
    if not SHORTEST <= len(text) <= LONGEST or "\n" in text:
        return False
    if text.rstrip("”»\"’') ")[-1:] not in (*".!。۔",) or text.rstrip().endswith("..."):
        return False
    if text[0].islower() or not (text[0].isalnum() or text[0] in "“\"‘'«„¿¡"):
        return False
    if text.count("“") != text.count("”") or text.count('"') % 2:
        return False
    outside = _QUOTED.sub(" ", text)
    if _BOILERPLATE.search(outside):
        return False
    if _LABELLED.match(text) or _INFINITIVE.match(text):
        return False
    if _VERB.search(outside):
        return len(text.split()) >= 6
    # Of other languages no verbs are listed; the length and the marks of a sentence must do.
    first = next(filter(str.isalpha, outside), "")
    return first > _LAST_LATIN or paragraph_language(outside, "en") != "en"


def is_speech(passage: Passage) -> bool:
    """Whether a paragraph is somebody's speech as it was spoken."""
    return passage.paragraph.number in spoken_paragraphs(passage.article)


@lru_cache(maxsize=1024)
def first_prose(article: Article) -> int | None:
    """The number of the first paragraph that ends like a sentence, speech left out: bylines,
    places and "the following is attributable to …:" do not."""
    spoken = spoken_paragraphs(article)
    for paragraph in article.paragraphs:
        ends = paragraph.text.rstrip("”\"’') ")[-1:]
        told = paragraph.number not in spoken and not paragraph.boilerplate
        if told and ends and ends in ".!?":
            return paragraph.number
    return None


def is_opinion(article: Article) -> bool:
    """Whether an article argues instead of reporting: by its kind, or by its own first words."""
    return article.kind is SourceKind.OPINION or bool(
        re.match(
            r"(?:comment|opinion|analysis|editorial|op-ed|letter)s?\s*[:|–—-]", article.title, re.I
        )
    )


def leans(text: str, heard: str = "") -> bool:
    """Whether a sentence needs the one before it to say who or what it speaks of.

    `heard` is what was read before it: "The vote …" stands after "Parliament votes on …".
    """
    outside = _without_quotations(text)
    if opens_with_pronoun(text):
        return True
    noun = bare_definite(text)
    if noun is not None and not re.search(rf"\b{re.escape(noun)}", heard, re.IGNORECASE):
        return True
    if _LEANS_INSIDE.search(outside) or _speaker_is_unnamed(outside):
        return True
    if points_at_unnamed(outside, heard):
        return True
    return _pronoun_before_any_name(outside)


def stands_in_speech(text: str) -> bool:
    """Whether a spoken sentence says of whom it speaks; who hears it knows the speaker and what
    was asked."""
    return not opens_with_pronoun(text) and not _pronoun_before_any_name(text)


def unnamed_office(text: str) -> str | None:
    """The office of whom a sentence speaks without a name: "the Foreign Minister" may be another
    one in every article."""
    for found in _OFFICE_INSIDE.finditer(_without_quotations(text)):
        if found["office"] not in text[: found.start()]:
            return found["office"]
    return None


def points_at_unnamed(text: str, heard: str = "") -> bool:
    """Whether a sentence speaks of "these goals", "the Resolution" or "the request" where neither
    its own words before that nor what was heard have named it."""
    if _IN_THIS.search(text):
        return True
    for pattern in (_POINTING, _CAPITAL_COMMON, _REQUESTED):
        for found in pattern.finditer(text):
            # The words before in the sentence can hold what is meant: "an accord, and this accord".
            context = f"{heard} {text[: found.start()]}".casefold()
            named = [word for word in found["what"].casefold().split() if len(word) > 3]
            if not any(word.rstrip("s")[:6] in context for word in named):
                return True
    return False


def opens_with_pronoun(text: str) -> bool:
    """Whether the first words point back: "He", "This", "But", "The two"."""
    return bool(_PRONOUN_FIRST.match(text)) and not (
        _BOTH_NAMED.match(text) or _PEOPLE_FIRST.match(text)
    )


def recalls(text: str) -> bool:
    """Whether it speaks of an occasion that was told before: "that attack"."""
    return bool(_RECALLS.search(_without_quotations(text)))


def points_back(text: str) -> bool:
    """Whether it speaks, further in, of "the request" or "the decision" without saying which."""
    return bool(_POINTS_BACK.search(_without_quotations(text)))


def bare_definite(text: str) -> str | None:
    """The noun of a sentence that opens with "The vote" or "The Secretary" and does not name it
    there; None for others."""
    if office := _OFFICE_FIRST.match(text):
        return office["office"]
    found = _DEFINITE.match(text)
    if found is None or _KNOWN.match(text):
        return None
    verb = _FINITE_VERB.search(text, 4)
    subject = text[4 : verb.start()] if verb else text[4:60]
    if re.search(r"\b[A-Z0-9]", subject):
        return None
    nouns = [word for word in subject.split() if len(word) > 3]
    return nouns[-1] if nouns else subject.strip() or "the"


def _speaker_is_unnamed(text: str) -> bool:
    found = _SPEAKER_UNNAMED.search(text)
    if found is None:
        return False
    if re.match(r"the\b", found.group(), re.I):
        return True
    return not _ANY_NAME.search(text[1 : found.start()]) and not text[:1].isupper()


def _pronoun_before_any_name(text: str) -> bool:
    """Whether a personal pronoun comes before anybody it could mean was spoken of."""
    found = _PRONOUN.search(text)
    if found is None:
        return False
    before = text[: found.start()]
    if _ANY_NAME.search(before[1:]) or re.match(r"[A-Z][\w’'-]+ (?!of\b)", before):
        first = before.split(" ", 1)[0]
        return not (_ANY_NAME.search(before[1:]) or first not in _OPENERS or _PLURAL.search(before))
    return not _PLURAL.search(before)


def _without_quotations(text: str) -> str:
    for start, end in reversed(quoted_spans(text)):
        text = f"{text[:start]}“…”{text[end:]}"
    return text


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
    labelled = turns(texts, article.title)
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
