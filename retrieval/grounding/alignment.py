"""What a sentence and the text that it cites have in another place: signs of a false paraphrase.

    sentence, cited text ─ tokens with their settings ─ aligned by stems, places, equal words
        ─▶ signs (0 to 1, each with its words) ─ WEIGHTS ─▶ how likely the sentence is false

A model paraphrases: that words are missing says little, that a word is denied, only planned, said by
another or counts something else there says much. A token's setting is what governs it in its clause:
a negation, a plan, a possibility, a duty, a request or an order, and the subject. Weights are those
of a logistic regression on sentences that models wrote and such with one thing changed
(`python -m tests.evaluation.fit_alignment`). Pure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from corpus.text import tables
from corpus.text.calendar import DAYS_AND_MONTHS
from corpus.text.sentences import split_sentences
from corpus.text.words import FUNCTION_WORDS, fold, numbers, stem
from retrieval.grounding.particulars import lands_in


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
    FACT: {FACT, INFINITIVE, "plans", "possibles", "duties", "requests"},
    INFINITIVE: {FACT, INFINITIVE, "plans", "possibles", "duties", "requests", "orders"},
    "plans": {INFINITIVE, "plans", "duties", "requests", "possibles"},
    "possibles": {INFINITIVE, "possibles"},
    "duties": {INFINITIVE, "plans", "duties", "requests"},
    "requests": {INFINITIVE, "plans", "duties", "requests"},
    "orders": {INFINITIVE, "orders", "plans", "requests", FACT},
}
_TOKEN = re.compile(r"\d[\d,.]*\d|\d|[^\W_]+(?:['’\-.][^\W_]+)*|[.,;:—–]")
_BREAKS = frozenset(";:—–")
_CONJUNCTIONS = frozenset("and but while whereas although though however".split())
_SCOPE = 2
_MARGIN = 0.15


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
    keys = {form, stem(word, peoples=True)} | _EQUALS.get(form, frozenset())
    return frozenset(keys | {f"#{number}" for number in numbers(word)})


@lru_cache(maxsize=4_096)
def parse(text: str) -> Parsed:
    """The content words of a sentence in their settings."""
    lands = {
        at: code
        for start, end, code in lands_in(text)
        for at in range(start, end)
    }
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
        if land and self.tokens and self._lands.get(match.start()) and (
            f"@{land}" in self.tokens[-1].keys and self.tokens[-1].place == len(self.words) - 1
        ):
            # "United States" is one name.
            self.words.append(word)
            return
        self.words.append(word)
        if word in _CONJUNCTIONS and (before == "," or following[:1].isupper()):
            self._break()
            return
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
        parts = word.split("-") if "-" in word and not kind == "number" else []
        for one in (word, *parts[:-1]):
            self.tokens.append(
                Token(one, keys if one == word else _keys(one), self._clause, self._mood, denied,
                      kind, verb, len(self.words) - 1)
            )  # fmt: skip
        if denied and word not in _listed("denials") and kind != "name":
            self._denied_for -= 1

    def _set(self, word: str, following: str, before: str, capital: bool) -> None:
        """What a word does to those after it."""
        if (word in _listed("denials") or word.endswith("n't")) and not (
            (word in _FAILING and following != "to") or fold(before) == "or"
        ):
            self._denied_for = _SCOPE
        # "May" is a month or a person, "called" names where nothing is called for.
        if capital and before or word in _NAMING and following not in ("for", "on", "upon"):
            return
        if found := _MODALS.get(word):
            self._mood = found
        elif word == "to" and following.isalpha() and self._mood == FACT:
            self._mood = INFINITIVE

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
        if word in DAYS_AND_MONTHS or word in _listed("openings"):
            return ""
        return "name" if capital else ""


_FAILING = frozenset("fails fail failed refuses refuse refused".split())
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


@dataclass(frozen=True, slots=True)
class Compared:
    """A sentence beside the sentences that it may lean on, those that share most with it first."""

    told: Parsed
    there: tuple[Parsed, ...]
    about: frozenset[str]
    """Keys of titles and publishers, which name what a paragraph speaks of."""

    @classmethod
    def of(cls, sentence: str, texts: Sequence[str], about: str = "") -> Compared:
        told = parse(sentence)
        every = [parse(one.text) for text in texts for one in split_sentences(text)]
        ranked = sorted(every, key=lambda one: -_overlap(told.tokens, one))
        return cls(told, tuple(ranked), parse(about).keys)

    @property
    def best(self) -> tuple[Parsed, ...]:
        return self.there[:1]

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


def _unknown(it: Compared) -> Sign:
    tokens = it.told.tokens
    missing = [one for one in tokens if not it.found(one) and not one.keys & it.about]
    shown = ", ".join(dict.fromkeys(one.word for one in missing[:3]))
    return Sign(len(missing) / len(tokens) if tokens else 1.0, f"“{shown}” does not stand there")


def _scattered(it: Compared) -> Sign:
    """Words that stand there, but not in one sentence."""
    tokens = [one for one in it.told.tokens if it.found(one)]
    if not tokens or not it.there:
        return Sign(0.0)
    by_clause: dict[int, list[Token]] = {}
    for token in tokens:
        by_clause.setdefault(token.clause, []).append(token)
    shares = [
        max(_overlap(group, one) for one in it.there)
        for group in by_clause.values()
        if len(group) > 1
    ]
    return Sign(1 - min(shares, default=1.0), "its words do not stand together there")


def _moods(it: Compared) -> Sign:
    wrong: list[tuple[Token, Token]] = []
    counted = 0
    for token in it.told.tokens:
        if token.kind:
            continue
        there = it.found(token, it.there[:2]) or it.found(token)
        if not there:
            continue
        counted += 1
        if not any(token.mood in _COMPATIBLE[one.mood] for one in there):
            wrong.append((token, there[0]))
    if not wrong:
        return Sign(0.0)
    token, other = wrong[0]
    return Sign(len(wrong) / counted, _MOOD_REASONS[other.mood].format(token.word))


_MOOD_REASONS = {
    FACT: "“{}” is told as a fact there",
    INFINITIVE: "“{}” is not told as a fact there",
    "plans": "“{}” is only announced or planned there",
    "possibles": "“{}” is only possible there",
    "duties": "“{}” is only called for there",
    "requests": "“{}” is only asked for there",
    "orders": "“{}” is only ordered there",
}


def _wrong_orders(it: Compared) -> Sign:
    """An order, a certainty or a demand where the source has less."""
    there = {word for one in it.there for word in one.words}
    for section in ("orders", "certainties"):
        strong = set(it.told.words) & _listed(section)
        if strong and not there & _listed(section):
            return Sign(1.0, f"“{min(strong)}” does not stand there")
    return Sign(0.0)


def _denials(it: Compared) -> Sign:
    wrong = []
    for token in it.told.tokens:
        if token.kind or token.word in _listed("denials"):
            continue
        there = it.found(token, it.there[:2])
        if there and all(one.denied != token.denied for one in there):
            wrong.append(token)
    if not wrong:
        return Sign(0.0)
    how = "without a denial" if wrong[0].denied else "denied"
    both = any(one.denied for one in it.told.tokens) and any(
        one.denied for other in it.best for one in other.tokens
    )
    return Sign(0.5 if both else 1.0, f"“{wrong[0].word}” stands there {how}")


def _opposites(it: Compared) -> Sign:
    told = {stem(one.word) for one in it.told.tokens}
    there = {stem(one.word) for other in it.best for one in other.tokens}
    for sides in _SIDES:
        for side, other in (sides, sides[::-1]):
            has = told & side
            if has and there & other and not there & side and not told & other:
                return Sign(1.0, f"“{min(there & other)}” stands there, not “{min(has)}”")
    return Sign(0.0)


def _universals(it: Compared) -> Sign:
    told = set(it.told.words) & _listed("universals")
    there = {word for one in it.there for word in one.words}
    missing = told - there
    if missing and not there & {"unanimously", "unanimous", *_listed("universals")}:
        return Sign(1.0, f"“{min(missing)}” does not stand there")
    return Sign(0.5 if missing else 0.0, f"“{min(missing)}” does not stand there" if missing else "")


def _superlatives(it: Compared) -> Sign:
    told = set(it.told.words) & _listed("superlatives")
    there = {key for one in it.there for word in one.words for key in _keys(word)}
    missing = [word for word in told if not _keys(word) & there]
    return Sign(float(bool(missing)), f"“{missing[0]}” does not stand there" if missing else "")


def _bounds(it: Compared) -> Sign:
    """A number bounded otherwise: "at most 40" for "at least 40"."""
    worst = Sign(0.0)
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
            worst = max(worst, Sign(strength, f"{token.word} is bounded otherwise there"),
                        key=lambda one: one.strength)  # fmt: skip
        elif not mine and theirs == {"upper bounds"}:
            worst = max(worst, Sign(0.4, f"{token.word} is only a bound there"),
                        key=lambda one: one.strength)  # fmt: skip
    return worst


def _bound(sentence: Parsed, token: Token) -> str:
    before = sentence.words[max(0, token.place - 3) : token.place]
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
            worst = Sign(strength, f"{best_other.word} stands there, not {token.word}")
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
    worst = Sign(0.0)
    for clause in it.told.clauses():
        sign = _subject(it, clause)
        if sign.strength > worst.strength:
            worst = sign
    return worst


def _subject(it: Compared, clause: Sequence[Token]) -> Sign:
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
    passive = {"was", "were", "been", "being", "be", "by"}
    turned = bool(passive & set(it.told.words)) != bool(passive & set(one.words))
    if any(token.keys & wanted for token in before) or turned:
        return Sign(0.0)
    if any(token.keys & wanted for token in other if token.place > same.place):
        return Sign(score, f"“{shown}” is not who does it there")
    own = [token for token in before if token.kind == "name" or token.place < 4]
    if not own or set(one.words[: same.place]) & _listed("pronouns") and not any(
        token.kind == "name" for token in own
    ):
        return Sign(0.0)
    if any(token.keys & wanted for token in one.tokens) and wanted & it.about:
        return Sign(score / 2, f"“{shown}” is not who does it there")
    return Sign(score, f"“{' '.join(token.word for token in own[:3])}” stands there, not “{shown}”")


_SAYS = re.compile(
    r"^(?P<who>[^,;]{2,80}?),? (?:also |had |has |later )?"
    r"(?:said|says|told \w+(?: \w+)?|claimed|claims|argued|warned|added|insisted|stated|announced|"
    r"promised|accused|called|denied|reported|put|gave|wants|admits|admitted)\b(?: that)?(?P<what>.+)$"
)


def _speakers(it: Compared) -> Sign:
    """What somebody says here is said by another there."""
    match = _SAYS.match(it.told.text)
    if match is None:
        return Sign(0.0)
    who, what = parse(match["who"]), parse(match["what"])
    if not who.tokens or len(what.tokens) < 2 or set(who.words) & _listed("pronouns"):
        return Sign(0.0)
    found: tuple[float, Parsed, list[Token]] | None = None
    for one in it.there:
        for clause in one.clauses():
            score = sum(
                any(token.keys & other.keys for other in clause) for token in what.tokens
            ) / len(what.tokens)
            if found is None or score > found[0]:
                found = (score, one, clause)
    if found is None or found[0] < _ENOUGH:
        return Sign(0.0)
    score, one, clause = found
    shown = " ".join(who.words)
    text = one.words
    speech = [at for at, word in enumerate(text) if word in _listed("speaking")]
    if any(token.keys & who.keys for token in clause) and len(one.clauses()) > 1 and any(
        token.place < clause[0].place + 3 and token.keys & who.keys for token in clause
    ):
        return Sign(0.0)
    if not speech:
        named = who.keys & (one.keys | it.about)
        return Sign(0.0 if named else score, f"it is not told there that “{shown}” says so")
    near = [
        token
        for token in one.tokens
        if any(0 < at - token.place <= 12 or 0 < token.place - at <= 4 for at in speech)
        and (token.clause == clause[0].clause or len(one.clauses()) == 1 or True)
    ]
    first = min(speech)
    ahead = [token for token in one.tokens if token.place < first and token.clause == clause[0].clause]
    speaker = ahead or near
    if set(text[:first]) & _listed("pronouns") and not any(t.kind == "name" for t in ahead):
        return Sign(0.0)
    if any(token.keys & who.keys for token in speaker):
        return Sign(0.0)
    return Sign(score, f"it is not “{shown}” who says so there")


def _reasons(it: Compared) -> Sign:
    words = it.told.words
    for at, word in enumerate(words):
        if word not in _listed("causes") or (word == "since" and at + 1 < len(words)
                                             and words[at + 1][:1].isdigit()):  # fmt: skip
            continue
        effect = [one for one in it.told.tokens if one.place < at]
        cause = [one for one in it.told.tokens if one.place > at]
        if not effect or not cause:
            continue
        carrying = [
            one
            for one in it.there
            if set(one.words) & (_listed("causes") | _listed("reasons"))
            and _overlap(cause, one) >= 0.4
        ]
        strong = [one for one in carrying if set(one.words) & _listed("causes")]
        strength = 0.0 if strong else 0.5 if carrying else 1.0
        return Sign(strength, "that cause is not given there")
    return Sign(0.0)


def _attribution(it: Compared) -> Sign:
    speaking = _listed("speaking")
    if set(it.told.words) & speaking or not it.best:
        return Sign(0.0)
    said = [one for one in it.best if set(one.words) & speaking]
    return Sign(float(bool(said)), "it is somebody’s word there, not a fact")


SIGNS: dict[str, Callable[[Compared], Sign]] = {
    "unknown": _unknown,
    "scattered": _scattered,
    "moods": _moods,
    "orders": _wrong_orders,
    "denials": _denials,
    "opposites": _opposites,
    "universals": _universals,
    "superlatives": _superlatives,
    "bounds": _bounds,
    "counts": partial(_bound_elsewhere, kind="number"),
    "dates": partial(_bound_elsewhere, kind="date"),
    "names": partial(_bound_elsewhere, kind="name"),
    "subjects": _subjects,
    "speakers": _speakers,
    "reasons": _reasons,
    "attribution": _attribution,
}


def signs(sentence: str, texts: Sequence[str], about: str = "") -> dict[str, Sign]:
    """Everything that speaks against a sentence, by name."""
    it = Compared.of(sentence, texts, about)
    return {name: sign(it) for name, sign in SIGNS.items()}
