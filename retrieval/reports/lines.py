"""The sentences of a story that may be told: each with where it stands and what it leans on.

    Story -> passages, copies of one text collapsed -> Lines

A line is a verbatim sentence. What is no prose of the matter (a call to subscribe, a question,
a comment in the first person) gives no line, nor does speech, which is quoted with its speaker.

Whether a sentence can be read aloud on its own, or leans on what stands before it.

"He said …", "The vote took place …" and "The Council also …" say who or what only together with
the sentence before. Names are heard too: "Ibn Auf said …" leans on where his office was told.

Pure. Accepted gaps: a common noun inside the sentence that was brought in before ("before the
headquarters"), and "the country" for one that was named.

The form of an article: what of it is speech, and titles that name a form and not the news.

What a transcript holds is what people said: it may be quoted with its speaker, and is never told
as what happened. A speech that is printed without labels is its byline's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from corpus.articles import Article, SourceKind
from corpus.quotations.speakers import shown_role
from corpus.quotations.transcripts import turns
from corpus.text.names import Kind, Names, read_run
from corpus.text.sentences import Sentence, quoted_spans, split_sentences
from retrieval.evidence import collapse_copies
from retrieval.passages import Passage
from retrieval.stories.story import Story, moment_of

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


_PRONOUN_FIRST = re.compile(
    r"^[“\"'‘(]?(?:(?:First|Second|Third|Fourth|Next)(?=,| to\b)|Finally|Lastly"
    r"|Moreover|Furthermore"
    r"|Additionally|Likewise|Similarly|Accordingly|Indeed|Consequently|Nonetheless|Conversely"
    r"|In (?:addition|turn|short|particular|doing so|fact|contrast|other words|return|response)\b"
    r"|(?:As a result|To (?:this|that) end|For (?:example|instance)|Of course|At the same time"
    r"|On the other hand|Among other things|By contrast|For (?:this|that) reason)(?=,)"
    r"|He|She|It|They|His|Her|Its|Their|This|That|These|Those|Such|But|And|However|Both"
    r"|Meanwhile|Instead|Nevertheless|Still|Yet|So|Then|Thus|Therefore|Nor|Or|Some|Others?|Another"
    r"|Many|Most|Neither|Either|Earlier|Later|Afterwards|Also|Separately|Two others|The two"
    r"|The three|The four|The five|The same|The other|The others|The former|The latter)\b"
)
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
    r"^The (?P<office>Secretary(?:-General)?|President|Prime Minister|Foreign Minister|Minister"
    r"|Ambassador"
    r"|Deputy Secretary|Under ?[Ss]ecretary|Special Envoy|Envoy|Chairperson|Council|Commission"
    r"|Committee"
    r"|Department|Ministry|Court|Parliament|Assembly|Mission|Government|Governor|King"
    r"|Queen|Prince|Pope"
    r"|Leaders|Ministers|Presidents|Parties|Sides)"
    r"(?:['’]s)?\s+(?!of\b|for\b|General\b)[a-z]"
)
_FINITE_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|said|says|told"
    r"|took|met|did|does|comes?|came|put|gave|held|led|added|follows?|covered|also"
    r"|[a-z]{3,}ed)\b"
)
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b(?:[A-Z][\w’'-]+|[A-Z]{2,})")
# Nouns that everybody who reads of foreign affairs knows without a name before them.
_KNOWN = re.compile(
    r"^The\s+(?:world|sun|international community|death toll|first|second|third|last|next|latest"
    r"|new|number of|leaders? of|head of|heads of|foreign ministers? of|president of|king of"
    r"|capital of|people of|army of|government of|governments of|parliament of|prime minister of)\b"
)
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
    r"(?<!^)\bthe (?:request|decision|move|proposal|plan|deal|agreement|vote|attack|incident"
    r"|statement"
    r"|announcement|measure|change|talks|visit|operation|ruling|order|resolution|bill|offer|letter"
    r"|meeting|summit|two|pair|three|latter|former|group|town|city|country|ministers?|leaders?)\b"
    r"(?!\s+(?:of|to|for|that|by|between|against|called|named|[A-Z]))"
)
# "These goals", "in this regard", "as outlined in the Resolution": what is meant was named before.
_POINTING = re.compile(
    r"\b(?:[Tt]his|[Tt]hese|[Ss]uch|[Tt]hose)\s+(?P<what>(?!(?:week|month|year"
    r"|morning|afternoon|evening"
    r"|spring|summer|autumn|fall|winter|weekend|time|is|was|are|were|will|would|has|have|had|who"
    r"|whose|that|in|of|from|with|without|responsible|as|an?|including|held|killed"
    r"|affected|involved"
    r"|most|the|seeking|needing|living|present|already|still|under|at|on|by|for|to"
    r"|and|or|not|all)\b)"
    r"[a-z][\w’'-]*(?:\s+[a-z][\w’'-]*)?)"
)
_IN_THIS = re.compile(
    r"\b(?:in|to|at|toward|towards|for|on|with|under) (?:this|that) (?:regard|respect|end|context"
    r"|connection|matter|purpose|issue|subject|effort|spirit|topic|front)\b",
    re.IGNORECASE,
)
_CAPITAL_COMMON = re.compile(
    r"\b(?:the|this) (?P<what>Resolution|Agreement|Convention|Treaty|Declaration|Statement|Summit"
    r"|Initiative|Accords?|Protocol|Plan|Communiqué|Roadmap|Framework|Report|Charter|Pact|Dialogue"
    r"|Decision|Act|Strategy)\b(?!\s+(?:of|on|for|to|against|between|with|concerning|[A-Z0-9(“]))"
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
    r"|warned|noted|argued"
    r"|explained|stressed|insisted)|(?:said|says|added|told reporters)\s+(?:he|she|they)"
    r"|the\s+(?:spokes\w+|minister|official|envoy|president|leader|ministry|office|statement|report"
    r"|general|ambassador|command|group|agency|diplomat|source|media office)\s+"
    r"(?:also\s+)?(?:said|says|told|added|wrote|noted))\b"
)
_PRONOUN = re.compile(r"\b(?:he|she|him|his|her|hers|they|them|their)\b")
_ANY_NAME = re.compile(r"\b[A-Z][\w’'-]{2,}")
_PLURAL = re.compile(r"\b(?:[a-z]{3,}s|people|men|women|children|police|forces|sides)\b")


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


_OPENERS = frozenset(
    "In On At After Before When While As For With By From To If Since During".split()
)


def _without_quotations(text: str) -> str:
    for start, end in reversed(quoted_spans(text)):
        text = f"{text[:start]}“…”{text[end:]}"
    return text


# A story that runs for weeks is told from its newest articles, and an article from its
# beginning: news puts what matters first, and what follows is background.
ARTICLES_READ = 24
PARAGRAPHS_READ = 12
TURNS_READ = 60
"""Paragraphs of a transcript: what matters is said anywhere in it."""
SHORTEST = 35
LONGEST = 420
"""Characters of a sentence that can be read aloud."""

_BOILERPLATE = re.compile(
    r"\b(?:subscribe|newsletter|sign up|click here|read more|follow us|all rights reserved"
    r"|cookies?|this (?:article|story|post|page) (?:was|is|has been)|photo(?:graph)?s? by|getty"
    r"|copyright|pic\.twitter|https?://|www\.|affiliate|editor['’]s note|listen to|watch live"
    r"|this is (?:a comment|an opinion)|missions? (?:are|is) (?:asked|reminded|requested)"
    r"|(?:media|press) inquiries|please contact|for (?:more|further) information"
    r"|text of the following (?:\w+ )?statement|table of contents"
    r"|image (?:source|caption|credit))\b|©",
    re.IGNORECASE,
)
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
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|do|does|did"
    r"|said|says|told|met|held|took|went|came|put|set|won|lost|left|led|made|gave|began|fell|rose"
    r"|\w{3,}(?:ed|es|s))\b"
)


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
        return self.article.duplicate_of or self.article.id

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
        if paragraph.text.strip()
    ]
    return collapse_copies(found)


def _read_of(article: Article) -> int:
    return TURNS_READ if spoken_paragraphs(article) else PARAGRAPHS_READ


def lines_of(passages: Iterable[Passage]) -> list[Line]:
    """The sentences of passages that can be told, in their order; no speech is among them."""
    return [
        Line(passage, sentence, position)
        for passage in passages
        if not is_speech(passage)
        for position, sentence in enumerate(split_sentences(passage.text))
        if is_tellable(sentence.text)
    ]


def is_tellable(text: str) -> bool:
    """Whether a sentence is whole prose that a reader of news expects, not a scrap of a page."""
    if not SHORTEST <= len(text) <= LONGEST or "\n" in text:
        return False
    if text.rstrip("”\"’') ")[-1:] not in (".", "!") or text.rstrip().endswith("..."):
        return False
    if not (text[0].isupper() or text[0].isdigit() or text[0] in "“\"‘'"):
        return False
    if text.count("“") != text.count("”") or text.count('"') % 2:
        return False
    outside = _QUOTED.sub(" ", text)
    if _BOILERPLATE.search(outside) or _FIRST_OR_SECOND_PERSON.search(outside):
        return False
    if _LABELLED.match(text) or _INFINITIVE.match(text):
        return False
    return bool(_VERB.search(outside)) and len(text.split()) >= 6


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
        if paragraph.number not in spoken and ends and ends in ".!?":
            return paragraph.number
    return None


def is_opinion(article: Article) -> bool:
    """Whether an article argues instead of reporting: by its kind, or by its own first words."""
    return article.kind is SourceKind.OPINION or bool(
        re.match(
            r"(?:comment|opinion|analysis|editorial|op-ed|letter)s?\s*[:|–—-]", article.title, re.I
        )
    )
