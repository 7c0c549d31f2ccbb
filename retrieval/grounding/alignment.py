"""What a sentence and the text that it cites have in another place: signs of a false paraphrase.

    sentence, cited text ─ tokens with their settings ─ aligned by stems, places, equal words
        ─▶ signs (0 to 1, each with its words) ─ weighed ─▶ how likely the sentence is false

A model paraphrases: that words are missing says little, that a word is denied, only planned, said
by another or counts something else there says much. A token's setting is what governs it in its
clause: a negation, a plan, a possibility, a duty, a request or an order, and the subject. Weights
are those of a logistic regression on sentences that models wrote and such with one thing changed
(`python -m tests.evaluation.model_sentences --fit`). Pure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from itertools import combinations, zip_longest

from corpus.text import tables
from corpus.text.calendar import DAYS_AND_MONTHS
from corpus.text.sentences import split_sentences
from corpus.text.words import FUNCTION_WORDS, fold, numbers, stem
from retrieval.grounding.particulars import NO_NAMES, lands_in
from retrieval.outcomes import Said


def _listed(section: str) -> frozenset[str]:
    return tables.words(__package__, "words", section)


_EQUALS: dict[str, frozenset[str]] = {}
for _line, _group in enumerate(tables.phrases(__package__, "words", "equals")):
    for _word in _group.split():
        _form = stem(_word)
        _EQUALS[_form] = _EQUALS.get(_form, frozenset()) | {f"={_line}"}
_SIDES = tuple(
    (frozenset(map(stem, one.split())), frozenset(map(stem, other.split())))
    for one, (other,) in tables.entries(__package__, "words", "opposites")
)
_MODALS = {
    word: mood
    for mood in ("plans", "possibles", "duties", "requests", "orders")
    for word in _listed(mood)
}
FACT, INFINITIVE = "", "to"
# What may stand for what a source tells in this mood; what is told as a fact may be told with care.
_COMPATIBLE = {
    FACT: {FACT, INFINITIVE, "plans", "duties", "requests"},
    INFINITIVE: {FACT, INFINITIVE, "plans", "possibles", "duties", "requests", "orders"},
    "plans": {INFINITIVE, "plans", "requests", "possibles"},
    "possibles": {INFINITIVE, "possibles"},
    "duties": {INFINITIVE, "plans", "duties", "requests"},
    "requests": {INFINITIVE, "plans", "duties", "requests"},
    "orders": {INFINITIVE, "orders", "plans", "requests", FACT},
}
_TOKEN = re.compile(r"\d[\d,.]*\d|\d|[^\W_]+(?:['’\-.][^\W_]+)*|[.,;:—–]")
OPPOSITE_SENSE = "the paragraph says it with the opposite sense"
NOT_THERE = Said("“{words}” does not stand there")
OTHER_WORDS = Said("“{there}” stands there, not “{words}”")
OTHER_PARTICULAR = Said("{there} stands there, not {told}")
_BREAKS = frozenset(";:—–")
_CONJUNCTIONS = frozenset("and but while whereas although though however".split())
_SCOPE = 1
_SHORTEST_UNDONE = 6
_FREELY = 3.0


@dataclass(frozen=True, slots=True)
class Token:
    """A content word in its setting; `keys` are what another word must share to be the same.

    `place` is its position among all words of its sentence. `kind` is "number", "date" (the day of
    one), "name" or "".
    """

    word: str
    keys: frozenset[str]
    clause: int
    mood: str
    denied: bool
    kind: str
    verb: bool
    place: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A sentence as it is compared."""

    text: str
    words: tuple[str, ...]
    tokens: tuple[Token, ...]

    @property
    def keys(self) -> frozenset[str]:
        return frozenset().union(*(token.keys for token in self.tokens))

    def clauses(self) -> list[list[Token]]:
        groups: dict[int, list[Token]] = {}
        for token in self.tokens:
            groups.setdefault(token.clause, []).append(token)
        return list(groups.values())


@lru_cache(maxsize=65_536)
def _keys(word: str) -> frozenset[str]:
    form = stem(word)
    keys = {form, form.removesuffix("y"), stem(word, peoples=True)} | _EQUALS.get(form, frozenset())
    return frozenset(keys | {f"#{number}" for number in numbers(word)})


def _named_otherwise(word: str) -> bool:
    return stem(word) in _EQUALS


@lru_cache(maxsize=4_096)
def parse(text: str) -> Parsed:
    """The content words of a sentence in their settings."""
    lands = {at: code for start, end, code in lands_in(text) for at in range(start, end)}
    reading = _Reading(lands)
    pieces = list(_TOKEN.finditer(text))
    for at, piece in enumerate(pieces):
        following = pieces[at + 1].group() if at + 1 < len(pieces) else ""
        reading.add(piece, pieces[at - 1].group() if at else "", following)
    return Parsed(text, tuple(reading.words), tuple(reading.tokens))


class _Reading:
    """A sentence while it is read from left to right."""

    def __init__(self, lands: dict[int, str]) -> None:
        self.words: list[str] = []
        self.tokens: list[Token] = []
        self._lands = lands
        self._clause = 0
        self._mood = FACT
        self._denied_for = 0
        self._carried = False

    def _break(self) -> None:
        self._clause, self._mood, self._denied_for = self._clause + 1, FACT, 0

    def add(self, match: re.Match[str], before: str, following: str) -> None:
        piece = match.group()
        if piece in _BREAKS:
            self._break()
            return
        word = fold(piece)
        if not word:
            self._denied_for = 0 if piece == "," else self._denied_for
            return
        land = self._lands.get(match.start())
        if (
            land
            and self.tokens
            and self._lands.get(match.start())
            and (
                f"@{land}" in self.tokens[-1].keys and self.tokens[-1].place == len(self.words) - 1
            )
        ):
            # "United States" is one name.
            self.words.append(word)
            return
        self.words.append(word)
        if word in _CONJUNCTIONS and (before == "," or following[:1].isupper()):
            # What is planned goes on: "will meet her, visit the port, and thank".
            goes_on = following.islower() and (following == "to" or following not in FUNCTION_WORDS)
            mood = self._mood if goes_on else FACT
            self._break()
            self._mood = mood
            self._carried = goes_on
            return
        if self._carried and word in _FINITE:
            self._mood, self._carried = FACT, False
        capital = piece[:1].isupper()
        self._set(word, fold(following), before, capital)
        if land is None and (
            (word in FUNCTION_WORDS and not numbers(word)) or (len(word) < 2 and not word.isdigit())
        ):
            return
        kind = self._kind(word, before, following, capital or land is not None)
        verb = not capital and not kind and self._is_verb(word)
        keys = _keys(word) | ({f"@{land}"} if land else set())
        denied = self._denied_for > 0
        if word.startswith("un") and len(word) > _SHORTEST_UNDONE and not _named_otherwise(word):
            # "Unfulfilled" is a denial of "fulfilled".
            keys, denied = keys | _keys(word[2:]), not denied
        parts = word.split("-") if "-" in word and kind != "number" else []
        for one in (word, *parts[:-1]):
            self.tokens.append(
                Token(one, keys if one == word else _keys(one), self._clause, self._mood, denied,
                      kind, verb, len(self.words) - 1)
            )  # fmt: skip
        light = word in _LIGHT or word in _listed("denials") or kind == "name"
        if self._denied_for and not light:
            self._denied_for -= 1

    def _set(self, word: str, following: str, before: str, capital: bool) -> None:
        """What a word does to those after it."""
        if (word in _listed("denials") or word.endswith("n't")) and not (
            (word in _FAILING and following != "to") or fold(before) == "or"
        ):
            came_before = word == "denied" and before.casefold() in _PASSIVES
            if came_before:
                self._deny_what_came()
            self._denied_for = 0 if came_before else _SCOPE
        # "May" is a month or a person, "called" names where nothing is called for.
        if (capital and before) or (word in _NAMING and following not in ("for", "on", "upon")):
            return
        if found := _MODALS.get(word):
            if found == "plans" and fold(before) in _PASSIVES and self._mood == FACT:
                self._plan_what_came()
            self._mood = found
        elif word == "to" and following.isalpha() and self._mood == FACT:
            self._mood = INFINITIVE

    def _plan_what_came(self) -> None:
        """ "The trial is scheduled": the plan follows what is planned."""
        for at, token in enumerate(self.tokens):
            if token.clause == self._clause and token.mood == FACT and token.verb:
                self.tokens[at] = replace(token, mood="plans")

    def _deny_what_came(self) -> None:
        """ "That he left was denied": the denial follows what is denied."""
        for at in reversed(range(len(self.tokens))):
            if self.tokens[at].verb and self.tokens[at].clause == self._clause:
                self.tokens[at] = replace(self.tokens[at], denied=True)
                return

    def _is_verb(self, word: str) -> bool:
        if word.endswith("ed") or word in _listed("verbs") or word in _listed("speaking"):
            return True
        last = self.words[-2] if len(self.words) > 1 else ""
        if last in _AUXILIARIES:
            return True
        after_name = bool(self.tokens) and self.tokens[-1].place == len(self.words) - 2 and (
            self.tokens[-1].kind == "name"
        )  # fmt: skip
        return after_name and word.endswith("s")

    def _kind(self, word: str, before: str, following: str, capital: bool) -> str:
        if numbers(word):
            month = fold(before) in DAYS_AND_MONTHS or fold(following) in DAYS_AND_MONTHS
            if month and word.isdigit() and len(word) < 3:
                return "date"
            return "" if re.fullmatch(r"(?:19|20)\d\d", word) else "number"
        if word in DAYS_AND_MONTHS or word in NO_NAMES:
            return ""
        return "name" if capital else ""


_FINITE = frozenset("was were is are has had did said".split())
_PASSIVES = frozenset("was were is are been".split())
_FAILING = frozenset("fails fail failed refuses refuse refused declines declined".split())
_LIGHT = frozenset("able having yet any even".split())
_NAMING = frozenset("call calls called".split())
_AUXILIARIES = frozenset(
    "has have had was were is are will would can could may might must should did does do be been "
    "not also".split()
)


@dataclass(frozen=True, slots=True)
class Sign:
    """How strongly something speaks against a sentence, between 0 and 1, and what, in words."""

    strength: float
    reason: str = ""


@dataclass(frozen=True)
class Compared:
    """A sentence beside the sentences that it may lean on, those that share most with it first."""

    told: Parsed
    there: tuple[Parsed, ...]
    about: frozenset[str]
    """Keys of titles and publishers, which name what a paragraph speaks of."""
    voices: tuple[str, ...] = ()
    """Who speaks in each of `there`, where its text is a turn of a transcript; else empty."""

    @classmethod
    def of(
        cls, sentence: str, texts: Sequence[str], about: str = "", voices: Sequence[str] = ()
    ) -> Compared:
        """`voices` are the speakers of `texts`, "" where a text is nobody's turn."""
        told = parse(sentence)
        every = [
            (parse(one.text), voice)
            for text, voice in zip_longest(texts, voices, fillvalue="")
            for one in split_sentences(text)
        ]
        every.sort(key=lambda one: -_overlap(told.tokens, one[0]))
        there = tuple(one for one, _ in every)
        return cls(told, there, parse(about).keys, tuple(voice for _, voice in every))

    @property
    def best(self) -> tuple[Parsed, ...]:
        return self.there[:1]

    @cached_property
    def unknown(self) -> float:
        """The share of a sentence's words that stand nowhere in the sources, in any form; numbers
        and dates left out, which have a rule of their own."""
        return self._unknown(frozenset())

    def _unknown(self, but: frozenset[str]) -> float:
        tokens = [
            one
            for one in self.told.tokens
            if one.kind not in ("number", "date") and one.word not in but | _listed("speaking")
        ]
        missing = [one for one in tokens if not self.found(one) and not one.keys & self.about]
        return len(missing) / len(tokens) if tokens else 1.0

    @cached_property
    def near(self) -> float:
        """How near the sentence keeps to the sources' words: where it paraphrases freely, what
        looks displaced was only told in another way."""
        # A word that only denies, makes it an order or certain is itself the sign.
        unknown = self._unknown(_listed("orders") | _listed("certainties") | _listed("denials"))
        return max(0.0, 1 - _FREELY * unknown)

    @cached_property
    def _by_clause(self) -> dict[int, list[Parsed]]:
        """The sentences there for each clause here, those that tell most of it first."""
        return {
            clause[0].clause: sorted(self.there, key=lambda one: -_overlap(clause, one))
            for clause in self.told.clauses()
        }

    def home(self, token: Token) -> Parsed | None:
        """The sentence where a word stands that tells most of what its clause tells."""
        ranked = self._by_clause[token.clause]
        return next((one for one in ranked if self.found(token, (one,))), None)

    def at_home(self, token: Token) -> list[Token]:
        """Where a word stands in that sentence."""
        home = self.home(token)
        return self.found(token, (home,)) if home else []

    def found(self, token: Token, within: Sequence[Parsed] | None = None) -> list[Token]:
        """Where a word stands in the sources."""
        return [
            other
            for one in (self.there if within is None else within)
            for other in one.tokens
            if token.keys & other.keys
        ]


def _overlap(tokens: Sequence[Token], other: Parsed) -> float:
    keys = other.keys
    return sum(bool(token.keys & keys) for token in tokens) / len(tokens) if tokens else 0.0


def _moods(it: Compared) -> Sign:
    if (order := _ordered(it)).strength:
        return order
    wrong: list[tuple[Token, Token]] = []
    counted = 0
    for token in it.told.tokens:
        if token.kind:
            continue
        there = it.at_home(token)
        if not there:
            continue
        counted += 1
        if not any(token.mood in _COMPATIBLE[one.mood] for one in there):
            wrong.append((token, there[0]))
    if not wrong:
        return Sign(0.0)
    token, other = wrong[0]
    return Sign(len(wrong) / counted, Said(_MOOD_REASONS[other.mood], word=token.word))


def _events(it: Compared) -> Sign:
    """What is told to have happened and stands there only as somebody's aim: "to consult"."""
    for token in it.told.tokens:
        there = it.at_home(token) if token.verb and token.mood == FACT else []
        if there and all(one.mood == INFINITIVE for one in there):
            return Sign(1.0, Said(_MOOD_REASONS[INFINITIVE], word=token.word))
    return Sign(0.0)


_MOOD_REASONS = {
    FACT: Said("“{word}” is told as a fact there"),
    INFINITIVE: Said("“{word}” is not told as a fact there"),
    "plans": Said("“{word}” is only announced or planned there"),
    "possibles": Said("“{word}” is only possible there"),
    "duties": Said("“{word}” is only called for there"),
    "requests": Said("“{word}” is only asked for there"),
    "orders": Said("“{word}” is only ordered there"),
}


def _ordered(it: Compared) -> Sign:
    """An order, a certainty or a demand where the source has less."""
    there = {word for one in it.there for word in one.words}
    for section in ("orders", "certainties"):
        strong = set(it.told.words) & _listed(section)
        if strong and not there & _listed(section):
            return Sign(1.0, Said(NOT_THERE, words=min(strong)))
    return Sign(0.0)


def _denials(it: Compared) -> Sign:
    wrong = []
    for token in it.told.tokens:
        if token.kind or token.word in _listed("denials"):
            continue
        there = it.at_home(token)
        if there and all(one.denied != token.denied for one in there):
            wrong.append(token)
    if not wrong:
        return Sign(0.0)
    plain = Said("the paragraph says it with the opposite sense: “{word}” stands there denied")
    if wrong[0].denied:
        plain = Said(
            "the paragraph says it with the opposite sense: “{word}” stands there without a denial"
        )
    denying = _listed("denials")
    home = it.home(wrong[0])
    both = denying & set(it.told.words) and home and denying & set(home.words)
    return Sign(0.5 if both else 1.0, Said(plain, word=wrong[0].word))


def _opposites(it: Compared) -> Sign:
    told = {stem(one.word) for one in it.told.tokens}
    there = {stem(one.word) for other in it.best for one in other.tokens}
    for sides in _SIDES:
        for side, other in (sides, sides[::-1]):
            has = told & side
            if has and there & other and not there & side and not told & other:
                return Sign(1.0, Said(OTHER_WORDS, there=min(there & other), words=min(has)))
    return Sign(0.0)


def _universals(it: Compared) -> Sign:
    """ "All" where the source has it of nothing, of something else or with an exception."""
    counted: set[str] = set()
    excepting = "except" not in it.told.words and any("except" in one.words for one in it.there)
    for one in it.there:
        places = {at + step for at in _universals_of(one) for step in range(1, _OF_ALL + 1)}
        counted.update(*(token.keys for token in one.tokens if token.place in places))
    worst = Sign(0.0)
    for at in _universals_of(it.told):
        around = [token.keys for token in it.told.tokens if 0 < token.place - at <= _OF_ALL]
        same = counted and (not around or any(keys & counted for keys in around))
        strength = (0.5 if excepting else 0.0) if same else 0.5 if counted else 1.0
        if strength > worst.strength:
            worst = Sign(strength, Said(NOT_THERE, words=it.told.words[at]))
    return worst


_OF_ALL = 4


def _universals_of(sentence: Parsed) -> list[int]:
    listed = _listed("universals")
    return [
        at
        for at, word in enumerate(sentence.words)
        if (word in listed or word.startswith("unanimous")) and not _nearly(sentence.words, at)
    ]


def _nearly(words: Sequence[str], at: int) -> bool:
    return at > 0 and words[at - 1] in _listed("upper bounds")


def _bounds(it: Compared) -> Sign:
    """A number bounded otherwise: "at most 40" for "at least 40"."""
    found = [Sign(0.0)]
    for token in it.told.tokens:
        if token.kind != "number":
            continue
        mine = _bound(it.told, token)
        theirs = {
            _bound(one, other)
            for one in it.there
            for other in one.tokens
            if token.keys & other.keys
        }
        if mine and theirs and mine not in theirs:
            strength = 1.0 if theirs - {""} else 0.25
            reason = Said("{number} is bounded otherwise there", number=token.word)
            found.append(Sign(strength, reason))
        elif not mine and theirs and theirs <= {"upper bounds", "part"}:
            strength = 0.8 if "part" in theirs else 0.4
            reason = Said("{number} is only a bound there", number=token.word)
            found.append(Sign(strength, reason))
    return max(found, key=lambda one: one.strength)


def _bound(sentence: Parsed, token: Token) -> str:
    before = sentence.words[max(0, token.place - 3) : token.place]
    if before[-2:] == ("of", "the"):
        return "part"
    for word in reversed(before):
        for section in ("lower bounds", "upper bounds"):
            if word in _listed(section):
                return section
    return ""


def _bound_elsewhere(it: Compared, kind: str) -> Sign:
    """A particular that stands there beside other words, which have another of its kind there."""
    every = [(one, other) for one in it.there for other in one.tokens if other.kind == kind]
    worst = Sign(0.0)
    for token in it.told.tokens:
        if token.kind != kind:
            continue
        around = _around(it.told, token)
        own = [(one, other) for one, other in every if token.keys & other.keys]
        others = [(one, other) for one, other in every if not token.keys & other.keys]
        others = [
            (one, other)
            for one, other in others
            if not any(other.keys & mine.keys for mine in it.told.tokens if mine is not token)
            or kind != "name"
        ]
        if not others or not around or (not own and kind != "date"):
            continue
        mine = max((_nearness(around, one, other) for one, other in own), default=0.3)
        best_one, best_other = max(others, key=lambda pair: _nearness(around, *pair))
        strength = min(1.0, max(0.0, 2 * (_nearness(around, best_one, best_other) - mine)))
        if strength > worst.strength:
            reason = Said(OTHER_PARTICULAR, there=best_other.word, told=token.word)
            worst = Sign(strength, reason)
    return worst


def _around(sentence: Parsed, token: Token) -> list[tuple[Token, float]]:
    return [
        (one, 1 / (1 + abs(one.place - token.place)))
        for one in sentence.tokens
        if one.place != token.place and one.clause == token.clause
        and one.kind not in ("number", "date") and abs(one.place - token.place) <= _NEAR
    ]  # fmt: skip


_NEAR = 8


def _nearness(around: Sequence[tuple[Token, float]], sentence: Parsed, particular: Token) -> float:
    """How near the words around a particular here stand to a particular there."""
    total = sum(weight for _, weight in around)
    score = 0.0
    for token, weight in around:
        distances = [
            abs(other.place - particular.place) + 6 * (other.clause != particular.clause)
            for other in sentence.tokens
            if token.keys & other.keys
        ]
        if distances:
            score += weight / (1 + min(distances) / 6)
    return score / total


def _subjects(it: Compared) -> Sign:
    """Who does something here stands there after it, or another does it."""
    signs = (_subject(it, clause) for clause in it.told.clauses())
    return max(signs, key=lambda one: one.strength, default=Sign(0.0))


def _subject(it: Compared, clause: Sequence[Token]) -> Sign:
    said = next((n for n, one in enumerate(clause) if one.word in _listed("speaking")), -1)
    clause = clause[said + 1 :] or clause
    at = next((n for n, one in enumerate(clause) if n and one.verb), 0)
    subject, verb, rest = clause[:at], clause[at], clause[at + 1 :]
    if not subject or not rest or set(it.told.words[: verb.place]) & _listed("pronouns"):
        return Sign(0.0)
    wanted = frozenset().union(*(token.keys for token in subject))
    best: tuple[float, Sign] = (0.0, Sign(0.0))
    for one in it.there:
        for other in one.clauses():
            keys = frozenset().union(*(token.keys for token in other))
            score = sum(bool(token.keys & keys) for token in (verb, *rest)) / (1 + len(rest))
            if score > best[0]:
                best = (score, _turned(it, subject, wanted, verb, one, other, score))
    return best[1] if best[0] >= _ENOUGH else Sign(0.0)


_ENOUGH = 0.5


def _turned(
    it: Compared, subject: Sequence[Token], wanted: frozenset[str], verb: Token, one: Parsed,
    other: Sequence[Token], score: float,
) -> Sign:  # fmt: skip
    """A subject that is not that of the clause that tells the same."""
    same = next((token for token in other if token.keys & verb.keys), None)
    if same is None:
        return Sign(0.0)
    before = [token for token in other if token.place < same.place]
    shown = " ".join(token.word for token in subject[:3])
    not_they = Said("“{who}” is not who does it there", who=shown)
    passive = {"was", "were", "been", "being", "be", "by"}
    turned = bool(passive & set(it.told.words)) != bool(passive & set(one.words))
    if any(token.keys & wanted for token in before) or turned:
        return Sign(0.0)
    if any(token.keys & wanted for token in other if token.place > same.place):
        return Sign(score, not_they)
    own = [token for token in before if token.kind == "name" or token.place < 4]
    if not own or (
        set(one.words[: same.place]) & _listed("pronouns")
        and not any(token.kind == "name" for token in own)
    ):
        return Sign(0.0)
    if any(token.keys & wanted for token in one.tokens) and wanted & it.about:
        return Sign(score / 2, not_they)
    instead = " ".join(token.word for token in own[:3])
    return Sign(score, Said(OTHER_WORDS, there=instead, words=shown))


_SAYS = re.compile(
    r"^(?P<who>[^,;]{2,80}?),? (?:also |had |has |later )?"
    rf"(?:told \w+(?: \w+)?|put|gave|wants|{'|'.join(sorted(_listed('speaking')))})\b"
    r"(?: that)?(?P<what>.+)$"
)


def _speakers(it: Compared) -> Sign:
    """What somebody says here is said by another there."""
    match = _SAYS.match(it.told.text)
    if match is None:
        return Sign(0.0)
    who, what = parse(match["who"]), parse(match["what"])
    said = what.clauses()[0] if what.tokens else []
    if (
        len(said) < 2
        or not who.tokens
        or set(who.words) & _listed("pronouns")
        or any(token.verb for token in who.tokens)
    ):
        return Sign(0.0)
    ranked = [
        (sum(any(token.keys & other.keys for other in clause) for token in said) / len(said),
         one, clause, voice)
        for one, voice in zip(it.there, it.voices, strict=True) for clause in one.clauses()
    ]  # fmt: skip
    none = (0.0, it.told, said, "")
    score, one, clause, voice = max(ranked, key=lambda found: found[0], default=none)
    if score < _ENOUGH:
        return Sign(0.0)
    shown = " ".join(who.words)
    speech = [at for at, word in enumerate(one.words) if word in _listed("speaking")]
    start = clause[0].place
    named = who.keys & it.about
    if voice and not speech:
        lands = any(key.startswith("@") for key in who.keys)
        known = (
            lands or who.keys & parse(voice).keys or all(one.kind != "name" for one in who.tokens)
        )
        reason = Said("{voice} says so there, not “{who}”", voice=voice, who=shown)
        return Sign(0.0 if known else score, reason)
    if not speech:
        near = 0.0 if named else 0.5 if who.keys & one.keys else 1.0
        return Sign(score * near, Said("it is not told there that “{who}” says so", who=shown))
    own = [at for at in speech if start <= at <= clause[-1].place]
    first = min(own or speech)
    speaking = [
        token
        for token in one.tokens
        if (token.clause == clause[0].clause and token.place < first)
        or any(-4 <= token.place - at <= 4 for at in speech if at not in own[:1])
    ]
    ahead = set(one.words[:first]) & _listed("pronouns")
    if ahead and not any(token.kind == "name" for token in speaking):
        return Sign(0.0)
    if any(token.keys & who.keys for token in speaking):
        return Sign(0.0)
    return Sign(score, Said("it is not “{who}” who says so there", who=shown))


def _swapped(it: Compared) -> Sign:
    """Two parts of a sentence that have changed places with what stands between them."""
    for part in (it.told.tokens, *it.told.clauses()):
        tokens = list({token.place: token for token in part}.values())
        ranked = sorted(it.there, key=lambda one: -_overlap(tokens, one))
        if not ranked or _overlap(tokens, ranked[0]) < _MOSTLY:
            continue
        order, kept = _order(tokens, ranked[0])
        if blocks := _blocks(order):
            first, second = (kept[start:end] for start, end in blocks)
            kinds = {token.kind for token in first}, {token.kind for token in second}
            passive = {"was", "were", "been", "being", "be", "by", "is", "are"}
            turned = bool(passive & set(it.told.words)) != bool(passive & set(ranked[0].words))
            if kinds[0] == kinds[1] and not (turned and "number" not in kinds[0]):
                form = Said("“{one}” and “{other}” stand in each other’s place there")
                return Sign(1.0, Said(form, one=first[0].word, other=second[0].word))
    return Sign(0.0)


_MOSTLY = 0.75


def _order(tokens: Sequence[Token], there: Parsed) -> tuple[list[int], list[Token]]:
    """Where words stand there, in their order here; words that stand there twice are left out."""
    order, kept = [], []
    for token in tokens:
        places = {other.place for other in there.tokens if token.keys & other.keys}
        place = next(iter(places), -1)
        if len(places) == 1 and place not in order:
            order.append(place)
            kept.append(token)
    return order, kept


def _blocks(order: Sequence[int]) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The two runs that, put in each other's place, bring everything into order."""
    size = len(order)
    wanted = sorted(order)
    if size < 3 or size > _LONGEST or list(order) == wanted:
        return None
    for i, j, k, end in combinations(range(size + 1), 4):
        turned = [*order[:i], *order[k:end], *order[j:k], *order[i:j], *order[end:]]
        if turned == wanted:
            return (i, j), (k, end)
    return None


_LONGEST = 18


def _reasons(it: Compared) -> Sign:
    """A cause of an effect that is given there to neither, or to another."""
    words = it.told.words
    causes = _listed("causes")
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else ""
        dated = following[:1].isdigit() or following in DAYS_AND_MONTHS
        if word not in causes or (word == "since" and dated):
            continue
        effect = [one for one in it.told.tokens if one.place < at]
        cause = [one for one in it.told.tokens if one.place > at]
        if not effect or not cause:
            continue
        strength = 1.0
        for one in it.there:
            told = min(1.0, _overlap(cause, one) / 0.4)
            given = (
                1.0
                if causes & set(one.words)
                else 0.5
                if _listed("reasons") & set(one.words)
                else 0.0
            )
            strength = min(strength, 1.0 - told * given)
        return Sign(strength, Said("that cause is not given there"))
    return Sign(0.0)


# Fitted with no weight below nothing, so that no sign speaks for a sentence.
SIGNS: dict[str, tuple[Callable[[Compared], Sign], float]] = {
    "moods": (_moods, 5.20),
    "events": (_events, 1.22),
    "denials": (_denials, 3.32),
    "opposites": (_opposites, 2.71),
    "universals": (_universals, 3.96),
    "bounds": (_bounds, 1.79),
    "counts": (partial(_bound_elsewhere, kind="number"), 3.03),
    "dates": (partial(_bound_elsewhere, kind="date"), 1.25),
    "names": (partial(_bound_elsewhere, kind="name"), 0.79),
    "subjects": (_subjects, 3.24),
    "speakers": (_speakers, 3.97),
    "swapped": (_swapped, 2.80),
    "reasons": (_reasons, 3.61),
}


_DISPLACED = frozenset(
    "events denials universals counts dates names subjects speakers swapped moods".split()
)


def signs(it: Compared) -> dict[str, Sign]:
    """Everything that speaks against a sentence, by name."""
    found = {name: sign(it) for name, (sign, _) in SIGNS.items()}
    return {
        name: replace(sign, strength=sign.strength * it.near) if name in _DISPLACED else sign
        for name, sign in found.items()
    }


CONSTANT = -1.26
LIKELY = 0.62
"""How likely false a sentence is that is not shown; `model_sentences` tells the shares."""


def likelihood(found: Mapping[str, Sign]) -> float:
    """How likely a sentence is false, between 0 and 1."""
    value = CONSTANT + sum(SIGNS[name][1] * sign.strength for name, sign in found.items())
    return 1 / (1 + math.exp(-value))


def displaced(it: Compared) -> str:
    """What of a sentence stands otherwise there, in words; "" where too little speaks for that."""
    found = signs(it)
    if likelihood(found) < LIKELY:
        return ""
    worst = max(found, key=lambda name: SIGNS[name][1] * found[name].strength)
    return found[worst].reason


def denied(it: Compared) -> str:
    """What is denied on one side only, in words; "" where nothing plainly is."""
    sign = _denials(it)
    return sign.reason if sign.strength * it.near >= _PLAINLY else ""


_PLAINLY = 0.45
"""A denial counts by how near the sentence keeps to the words of its source; from here on alone."""
