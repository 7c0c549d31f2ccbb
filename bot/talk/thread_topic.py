"""The topic of a thread: what people name there, and articles that they linked. Pure.

    lines, titles of linked articles ─▶ places, names, words that recur ─▶ Topic

A place counts in every form ("Tripoli", "Libyan"). A name counts once a line, so that one insistent
person does not decide; a word only where two lines have it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.talk.follow_ups import is_chat
from bot.talk.thread_reading import ThreadLine
from corpus.names import RUN, read_run
from corpus.places.finding import place_code, place_name, places_of
from retrieval.terms import content_words

MOST_NAMES = 2
MOST_WORDS = 2
_TITLE_WEIGHT = 2
"""A linked article's title says what the thread is about more surely than a line of talk."""
_OPENING = re.compile(r"(?:\A|[.!?:;…]\s+|[“\"(]\s*)\Z")
_POSSESSIVE = re.compile(r"[’']s?\Z")
_NO_TOPIC = frozenset(
    """
    january february march april may june july august september october november december monday
    tuesday wednesday thursday friday saturday sunday i chancery paris-time cet gmt utc ok fyi
    question answer update article piece news report summary source sources thread channel
    """.split()
)
_PLAIN_WORDS = frozenset(
    """
    anyone anybody someone people today yesterday tomorrow week month news report reports article
    piece thing things know think said says saying tell told need want good great please thanks
    line desk draft check meeting morning afternoon ambassador readout cable brief briefing note
    call really still about according latest happened happening
    """.split()
)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a thread is about; `candidates` go from the narrow to the wide, each a topic in words.

    `lines` and `people` are how many spoke of it, `articles` how many linked ones are known here.
    """

    candidates: tuple[str, ...]
    lines: int
    people: int
    articles: int


def topic_of(lines: Sequence[ThreadLine], titles: Sequence[str] = ()) -> Topic | None:
    """The topic of what people wrote; None where they name nothing."""
    said = [line for line in lines if not is_chat(line.text)]
    places: Counter[str] = Counter()
    names: Counter[str] = Counter()
    opening: Counter[str] = Counter()
    words: Counter[str] = Counter()
    texts = [(line.text, 1) for line in said] + [(title, _TITLE_WEIGHT) for title in titles]
    for text, weight in texts:
        for code in places_of(text):
            places[code] += weight
        for name, opens in set(_names(text)):
            (opening if opens else names)[name] += weight
        for word in {word for word in content_words(text) if _may_tell(word)}:
            words[word] += weight
    # "Guterres called" and "Nobody called" begin alike: a first word is a name where others use it.
    names.update({name: count for name, count in opening.items() if name in names or count > 1})
    _join_short_names(names)
    telling = [word for word, count in words.most_common() if count > 1]
    candidates = tuple(_candidates(places, names, telling))
    if not candidates:
        return None
    return Topic(candidates, len(said), len({line.user for line in said}), len(titles))


def naming(texts: Sequence[str]) -> list[str]:
    """Those texts that name something; all where none does, since a bare word is a topic too."""
    found = [
        text for text in texts if places_of(text) or any(not opens for _, opens in _names(text))
    ]
    return found or list(texts)


def _candidates(places: Counter[str], names: Counter[str], telling: Sequence[str]) -> Iterator[str]:
    place = [place_name(code) for code, _ in places.most_common(1)]
    top = [name for name, _ in names.most_common(MOST_NAMES)]
    spoken = " ".join([*place, *top]).casefold()
    extra = [word for word in telling if word.casefold() not in spoken][:MOST_WORDS]
    found = (
        ", ".join([*place, *top, *(extra if len(top) < MOST_NAMES else [])]),
        ", ".join([*place, *top[:1]]),
        ", ".join(top[:1]),
        ", ".join(place),
    )
    yield from dict.fromkeys(topic for topic in found if topic)


def _names(text: str) -> Iterator[tuple[str, bool]]:
    """The names in a text that are no places, and whether each could be a mere first word."""
    for run in RUN.finditer(text):
        read = read_run(_POSSESSIVE.sub("", run[0]))
        if read is None or place_code(read.name) or read.name.casefold() in _NO_TOPIC:
            continue
        opens = bool(_OPENING.search(text[: run.start()]))
        yield read.name, opens and " " not in read.name and not read.name.isupper()


def _join_short_names(names: Counter[str]) -> None:
    """ "Guterres" is counted with "António Guterres"."""
    for short in sorted(names, key=len):
        longer = [name for name in names if name != short and name.split()[-1] == short]
        if len(longer) == 1:
            names[longer[0]] += names.pop(short)


def _may_tell(word: str) -> bool:
    return len(word) > 3 and word.casefold() not in _PLAIN_WORDS
