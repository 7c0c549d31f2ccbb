"""The claims of a text: its sentences, without what claims nothing. Pure.

    text -> lines (wrapped ones joined) -> list marks off -> sentences -> Claim | passed over

Headings, greetings, questions, requests and lists of sources claim nothing. A quotation stays whole
with the words around it. "He" and "She" at the beginning of a sentence are read as the person whom
the sentences before speak of last; what cannot be told stays as it stands and is noted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.names import RUN, Kind, Names, read_run
from corpus.places.finding import place_code
from corpus.sentences import quoted_spans, split_sentences
from retrieval.terms import content_words, names, numbers, opening_words

LONGEST_HEADING = 6
"""Words of a line that is taken for a heading where other lines follow."""
FEWEST_WORDS = 2
"""Content words of a sentence that can be looked up."""
# A line as long as this that ends in mid-sentence was wrapped by an editor.
_WRAPPED = 40

_LIST_MARK = re.compile(r"\s*(?:>\s*)*(?:[-*+•–—◦▪]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+(?=\S)")
_QUOTE_MARK = re.compile(r"\s*(?:>\s?)+")
_MARKDOWN_HEADING = re.compile(r"\s*#{1,6}\s+\S")
_SOURCE_LINE = re.compile(r"\s*\[\d{1,3}\]\s|\s*https?://\S+\s*\Z|\s*(?:sources?|via)\s*:", re.I)
_WORD = re.compile(r"[^\W\d_]")
_RULE = re.compile(r"\s*([-*_=])(?:\s*\1){2,}\s*\Z")
_SENTENCE_END = re.compile(r"[.!?…:;。！？।؟][\"'”’»)\]]*\s*\Z")
_FOOTNOTE = re.compile(r"\s*\[\d{1,3}(?:\s*[,–-]\s*\d{1,3})*\]")
_ADDRESS = re.compile(r"<?https?://[^\s>]+>?")
_MARKDOWN_LINK = re.compile(r"\[([^\]]{1,500})\]\(https?://[^)\s]{0,2000}\)")
_MARKDOWN_STYLE = re.compile(
    r"(\*\*|__|(?<![\w*])\*|(?<![\w_])_|`)(?=\S)(.{1,500}?)(?<=\S)\1(?!\w)"
)
_QUESTION = re.compile(r"\?[\"'”’»)\]!]*\s*\Z")
_COURTESY = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|greetings|welcome|thanks|thank you|"
    r"many thanks|thx|cheers|best|best wishes|kind regards|best regards|regards|sincerely|yours|"
    r"ok|okay|noted|see you|will do|sounds good|great work|nice work|well done)\b",
    re.I,
)
_LONGEST_COURTESY = 6
_REQUEST = re.compile(
    r"(?:please|pls|kindly|let me know|let us know|can (?:you|somebody|someone|anybody|anyone)|"
    r"could (?:you|somebody|someone|anybody|anyone)|see (?:also|below|attached|above))\b",
    re.I,
)
# Words before a claim that say who holds it or how it came, not what happened.
_LEAD = re.compile(
    r"(?:fyi|btw|breaking|update|news|just in|note|nb|i (?:think|believe|heard|hear|understand|"
    r"gather|read|am told)(?:\s+that)?|apparently|as far as i know|afaik|it seems(?:\s+that)?)"
    r"\s*[:,–—-]*\s+(?=\S)",
    re.I,
)
_HE = re.compile(r"(?P<pronoun>He|She)(?=\s|['’])")
_HIS = re.compile(r"(?P<pronoun>His|Her)(?=\s+\w)")
_IT = re.compile(r"(?P<pronoun>It|They|This|These|Those|That|Its|Their|Both|Neither)\b")
_POSSESSIVE = re.compile(r"[’']s$|s[’']$")
# A word that opens a sentence with one of these endings is seldom a surname: "Fighting", "Talks".
_COMMON_OPENING = re.compile(r"(?:ing|ed|ly|s|ion|ment|ness|ity)\Z")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that claims something.

    `text` is as a reader sees it, without footnote marks; `read_as` is what is looked up and
    checked: with its opening pronoun replaced where the person is known. `open` is an opening
    pronoun that nothing before it explains, `about` the names of the sentence before.
    """

    text: str
    read_as: str
    open: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a text in their order, and the lines and sentences that claim nothing."""

    claims: tuple[Claim, ...]
    passed_over: tuple[str, ...]


def claims_of(text: str) -> Claims:
    """The claims of a text of any form; never raises."""
    found: list[Claim] = []
    passed: list[str] = []
    person, about = "", ""
    for line, heading in _lines(text):
        if heading:
            passed.append(_tidy(line).lstrip("# "))
            continue
        for sentence in split_sentences(line):
            shown = _undressed(sentence.text)
            bare = _without_lead(shown)
            if not _claims(bare):
                if _WORD.search(shown):
                    passed.append(shown)
                continue
            read_as, unexplained = _explained(bare, person)
            found.append(Claim(shown, read_as, unexplained, about if unexplained else ""))
            if persons := persons_of(read_as):
                person = persons[0] if len(persons) == 1 else ""
            about = " ".join(dict.fromkeys(names(read_as) + opening_words(read_as))) or about
    return Claims(tuple(found), tuple(passed))


def persons_of(sentence: str) -> list[str]:
    """The persons whom a sentence names outside quotation marks."""
    outside = sentence
    for start, end in reversed(quoted_spans(sentence)):
        outside = f"{outside[:start]} {outside[end:]}"
    found: list[str] = []
    for run in RUN.finditer(outside):
        named = read_run(_POSSESSIVE.sub("", run.group()))
        if named is None or named.kind is Kind.INSTITUTION or place_code(named.name):
            continue
        opens_alone = run.start() == 0 and " " not in run.group()
        if named.kind is Kind.EITHER and opens_alone and _COMMON_OPENING.search(named.name):
            continue
        if not any(set(named.name.split()) & set(one.split()) for one in found):
            found.append(named.name)
    return found


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Lines as they were meant, wrapped ones joined, each with whether it is a heading."""
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    held = ""
    for position, row in enumerate(rows):
        following = next((later for later in rows[position + 1 :] if later.strip()), "")
        if not row.strip() or _RULE.match(row):
            if held:
                yield held, False
            held = ""
            continue
        if _SOURCE_LINE.match(row) or _is_heading(row, following, held):
            if held:
                yield held, False
            held = ""
            yield row, True
            continue
        mark = _LIST_MARK.match(row) or _QUOTE_MARK.match(row)
        body = row[mark.end() :] if mark else row
        goes_on = held and not _LIST_MARK.match(row) and _goes_on(held, body)
        if goes_on:
            held = f"{held} {body.strip()}"
            continue
        if held:
            yield held, False
        held = body.strip()
    if held:
        yield held, False


def _goes_on(held: str, body: str) -> bool:
    """Whether a line goes on where another was wrapped."""
    last = held.rsplit("\n", 1)[-1]
    return body.lstrip()[:1].islower() or (len(last) >= _WRAPPED and not _SENTENCE_END.search(held))


def _is_heading(row: str, following: str, held: str) -> bool:
    if _MARKDOWN_HEADING.match(row):
        return True
    if held and not _SENTENCE_END.search(held) and len(held) >= _WRAPPED:
        return False
    plain = row.strip()
    if plain.endswith(":"):
        return len(plain.split()) <= 2 * LONGEST_HEADING
    return (
        bool(following)
        and not _LIST_MARK.match(row)
        and not _SENTENCE_END.search(plain)
        and len(plain.split()) <= LONGEST_HEADING
        and not numbers(plain)
    )


def _claims(sentence: str) -> bool:
    """Whether a sentence claims something that could be looked up."""
    length = len(sentence.split())
    if _QUESTION.search(sentence) or _REQUEST.match(sentence):
        return False
    if _COURTESY.match(sentence) and length <= _LONGEST_COURTESY:
        return False
    return len(content_words(sentence)) >= FEWEST_WORDS


def _explained(sentence: str, person: str) -> tuple[str, str]:
    """A sentence with its opening pronoun replaced, and the pronoun where it cannot be."""
    for form, ending in ((_HE, ""), (_HIS, "’s")):
        if match := form.match(sentence):
            female = Names([f"{person}."]).female(person) if person else None
            if person and female in (None, match["pronoun"] in ("She", "Her")):
                return f"{person}{ending}{sentence[match.end() :]}", ""
            return sentence, match["pronoun"]
    match = _IT.match(sentence)
    return sentence, match["pronoun"] if match else ""


def _undressed(sentence: str) -> str:
    """A sentence without footnote marks, addresses and marks of style."""
    text = _ADDRESS.sub(" ", _FOOTNOTE.sub("", _MARKDOWN_LINK.sub(r"\1", sentence)))
    return _tidy(_MARKDOWN_STYLE.sub(r"\2", text))


def _without_lead(text: str) -> str:
    """A sentence without the words that say who holds it, which are no part of the matter."""
    if lead := _LEAD.match(text):
        rest = text[lead.end() :]
        text = rest[:1].upper() + rest[1:]
    return text


def _tidy(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())
