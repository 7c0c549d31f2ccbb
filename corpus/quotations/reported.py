"""Clauses that report what somebody said without quoting it.

Putin said (that) CLAUSE · Putin told reporters that CLAUSE · According to Putin, CLAUSE
CLAUSE, Putin said · CLAUSE, according to Putin
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.names import RUN
from corpus.quotations.speeches import ACCORDING, Speech, is_all_quoted
from corpus.quotations.verbs import BARE_CLAUSE, CALLING

FEWEST_WORDS = 3
"""Of a clause, outside quotation marks: what is mostly quoted is given as a quotation alone."""
_THAT = re.compile(r"(?P<between>[^“”:;.]{0,90}?),?\s(?:that|whilst|whether)\s")
_CLAUSE_BETWEEN = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|who|which|because|if|and he|and she)\b"
)
_RECIPIENT = re.compile(
    rf"\s+(?:{RUN.pattern}(?:[’']s)?(?: {RUN.pattern})?"
    r"|(?:the |his |her |their |a )?(?:\w+ )?(?:reporters|journalists|lawmakers|parliament"
    r"|members|supporters|delegates|viewers|investors|court|council|committee|agency|newspaper"
    r"|conference|hearing|press|audience|diplomats|officials|troops|crowd|him|her|them|me|us))"
    r"(?= (?:he|she|it|they|there|the|his|her|its|their|we|a|an|this|in his)\b)"
)
_NO_CLAUSE = frozenset(
    """
    in on at to of about by with from for during after before as so nothing anything something
    more little yes no goodbye late early via through into over last and or but out against
    against under when how why what where whether if how-to
    """.split()
)
_QUOTED = re.compile("“[^“”]*”?")
_DAY = re.compile(
    r"\s+(?:on |late |early )?(?:[A-Z][a-z]+day|last week|this week|today|yesterday)\b"
    r"(?: \d{1,2} [A-Z][a-z]+(?: \d{4})?\b)?,?"
)
_ADDRESSING = frozenset("told tells telling warned warns warning promised reminding".split())
_ADVERBIAL = re.compile(
    r"[\s,]*(?:in|on|at|to|during|via|from|last|this|earlier|late|later|yesterday|today|by|for|with"
    r"|after|before|however|though|too|again|[A-Z][a-z]+day)\b"
)
_ENDING = re.compile(
    r"\s*$|,? (?:in|on|at|to|during|after|before|when|as|who|citing|adding|noting|last|this)\b"
    r"|,? [A-Z][a-z]+day\b"
)
_PRONOUN = re.compile(r"\s+(?=(?:he|she|it|they|there|we)\b)")
_ASIDE = re.compile(
    r": “|, (?:while|citing)\b| [—–] (?=(?:an?|the|before|after|while)\b)(?!.* [—–] )"
)
_OTHER_CLAUSE = re.compile(r";(?=\s|$)|, (?:and|but|while|whereas|though)(?=\s|$)")
"""What parts a reported clause from the one in which somebody else speaks."""
_CUT = re.compile(
    r"(?:,| —| –)? (?:but|and)(?: also| then)? $|(?:,| —| –) (?:while |before |also )?$|, $"
)


def reported_clauses(
    mask: str, start: int, end: int, speeches: Sequence[Speech]
) -> Iterator[tuple[Speech, int, int]]:
    """The reported clauses of one sentence: who says it, and from where to where."""
    end = start + len(mask[start:end].rstrip().rstrip(".!?…").rstrip())
    for index, speech in enumerate(speeches):
        if speech.subject is None or not speech.subject.named:
            continue
        following = speeches[index + 1].start if index + 1 < len(speeches) else end
        clause = (
            _before(mask, start, end, speech, speeches[:index])
            if speech.inverted or _closes(mask, speech, end)
            else _after(mask, speech, max(following, speech.verb_end), end, _next(speeches, index))
        )
        if clause and _unquoted_words(mask[clause[0] : clause[1]]) >= FEWEST_WORDS:
            yield speech, *clause


def _next(speeches: Sequence[Speech], index: int) -> Speech | None:
    return speeches[index + 1] if index + 1 < len(speeches) else None


def _after(
    mask: str, speech: Speech, following: int, end: int, later: Speech | None
) -> tuple[int, int] | None:
    """The clause that a verb introduces, up to where the next verb of speech takes over."""
    if speech.verb in CALLING:
        return None
    begin = clause_start(mask, speech, end)
    if begin is None or mask[: speech.start].rstrip()[-1:] == "”":
        return None
    if later and later.verb_end <= begin:
        # "He promised revenge and said that …": the clause is the later verb's.
        return None
    stop = end
    if begin < following < end:
        between = mask[begin:following]
        cut = _CUT.search(between)
        stop = begin + cut.start() if cut else end
        if cut is None and later and later.subject != speech.subject:
            others = [mark.start() for mark in _OTHER_CLAUSE.finditer(between)]
            stop = begin + others[-1] if others else end
    aside = _ASIDE.search(mask, begin + 1, stop)
    stop = aside.start() if aside else stop
    stop = begin + len(mask[begin:stop].rstrip(" ,;—–"))
    return None if is_all_quoted(mask, begin, stop) else (begin, stop)


def clause_start(mask: str, speech: Speech, end: int) -> int | None:
    """Where the clause begins that a verb introduces; None where it introduces none."""
    rest = mask[speech.verb_end : end]
    if rest[:1] in (":", ","):
        match = _THAT.match(rest[:120])
        return _past(speech, match) if match and rest[:1] == "," else None
    match = _THAT.match(rest[:140])
    if match and _is_adverbial(speech, match["between"]):
        return _past(speech, match)
    if speech.verb not in BARE_CLAUSE:
        pronoun = _PRONOUN.match(rest)
        return speech.verb_end + pronoun.end() if pronoun else None
    if speech.verb in ("told", "tells", "telling"):
        recipient = _RECIPIENT.match(rest)
        return speech.verb_end + recipient.end() + 1 if recipient else None
    skipped = _DAY.match(rest)
    at = skipped.end() if skipped else 0
    words = rest[at : at + 40].split()
    if not words or words[0].casefold() in _NO_CLAUSE or rest[at:].lstrip()[:1] in "“:,;":
        return None
    return speech.verb_end + at + len(rest[at:]) - len(rest[at:].lstrip())


def _is_adverbial(speech: Speech, between: str) -> bool:
    """Whether what stands before “that” leaves the clause to the verb: "in a statement"."""
    if _CLAUSE_BETWEEN.search(between):
        return False
    if speech.verb in _ADDRESSING:
        return True
    return not between.strip() or bool(_ADVERBIAL.match(between))


def _past(speech: Speech, match: re.Match[str]) -> int:
    whilst = match.group().endswith(("whilst ", "whether "))
    return speech.verb_end + (match.end("between") + 1 if whilst else match.end())


def _closes(mask: str, speech: Speech, end: int) -> bool:
    """Whether a phrase ends the sentence whose clause it comes after: "…, Putin said."."""
    rest = mask[speech.verb_end : end]
    ends = not rest.strip() or _DAY.fullmatch(rest)
    return bool(ends) and mask[: speech.start].rstrip()[-1:] in (",", "”")


def _unquoted_words(clause: str) -> int:
    return len(_QUOTED.sub(" ", clause).split())


def _before(
    mask: str, start: int, end: int, speech: Speech, earlier: Sequence[Speech]
) -> tuple[int, int] | None:
    if speech.verb == ACCORDING and not mask[start : speech.start].strip():
        return _after_according(mask, speech, end)
    if any(one.subject is None or one.subject.named for one in earlier):
        return None
    stop = start + len(mask[start : speech.start].rstrip().rstrip(",").rstrip())
    begin = start + len(mask[start:stop]) - len(mask[start:stop].lstrip())
    ends = _ENDING.match(mask, speech.end, end) or (
        speech.subject and speech.subject.role and speech.subject.role in mask[speech.end : end]
    )
    return (begin, stop) if ends and mask[begin : begin + 1] != "“" else None


def _after_according(mask: str, speech: Speech, end: int) -> tuple[int, int] | None:
    comma = mask.find(", ", speech.end, end)
    if comma < 0 or mask[speech.end : comma].count(" ") > 12:
        return None
    begin = comma + 2
    role = speech.subject.role if speech.subject else None
    later = mask.find(", ", begin, end)
    if role and later > 0 and role[:8] in mask[begin:later]:
        begin = later + 2
    return None if is_all_quoted(mask, begin, end) else (begin, end)
