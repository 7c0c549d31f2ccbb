"""Whether a message in a thread goes on with what was asked of us, or is talk among people. Pure.

    text -> calls somebody else? -> chat? -> request or question for us? -> FollowUp, with a reason

People in a thread where we answered need not mention us again, and do not want to be interrupted.
In doubt we are silent: whoever meant us says our name, and an answer that nobody asked for cannot
be taken back. The rules are written from lines that desk officers would write
(tests/bot/test_follow_ups.py), and read English only.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.commands.grammar import is_chat, read_request
from bot.commands.intents import AskQuestion, AskSummary, Pause, Thanks, Unclear, undressed
from bot.slack.events import Asked
from corpus.text import tables
from corpus.text.names import FEMALE_NAMES, MALE_NAMES
from corpus.text.places import place_code, places_of
from corpus.text.sentences import split_sentences
from retrieval.questions.understand import leans

LONGEST = 60
"""Words. Longer messages are notes to colleagues, whatever they end with."""
LONG = 600
"""Characters; a longer message to us is read for its question."""
_AT_ITS_ENDS = 3
"""Sentences at the end of a long message, then at its beginning, where its question mostly is."""
_OF_WHAT_CAME_WITH_IT = re.compile(
    r"\b(?:attach\w*|files?|documents?|pdf|images?|pictures?|screenshots?|links?)\b"
    r"|\b(?:this|that|these|it)[ ]?(?:[?.!,;]|\Z)|\bdo(?:es)? (?:this|these|it)\b",
    re.I,
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.I)
_QUESTION_MARKS = ("?", "؟", "？")
_SOME_DAY = datetime(2019, 4, 5, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Whether a message is for us, and why."""

    for_us: bool
    reason: str


_AT_SOMEBODY = re.compile(r"(?<![\w.])@(?!chancery\b)\w", re.I)
_OUR_NAME = re.compile(r"@?chancery\b[\s,:]*", re.I)
_NAME = r"(?P<name>[A-ZÀ-Þ][a-zß-ÿ'’-]{1,20})"
# "Amal, can you", "Ben: ", "Hi Ben,"; "thanks Ben", "well done Amal!"; "right, Ben?"
_CALLED_FIRST = re.compile(
    rf"(?:(?i:hi|hey|hello|dear|morning|good morning|ok|okay|yes|no|sorry|so|and"
    rf"|but)[\s,]+)?{_NAME}"
    r"(?:\s?[,:–—]|\s-)\s*(?P<rest>\S.*)?\Z",
    re.S,
)
# What is said to a colleague after a name that no list has: "Amal, can you …", "Amal: thoughts?"
_TO_YOU = re.compile(
    r"(?:(?:can|could|would|will|did|do|have|are|were|any) (?:you|idea|thoughts|chance|news"
    r"|word)\b|you\b"
    r"|your\b|please\b|pls\b|thanks?\b|thank you\b|thoughts\b|any (?:idea|thoughts|view|news"
    r"|update)"
    r"|what do you\b|over to you\b|fyi\b|agreed?\b|(?:call|send|ask|check|see|look|draft|forward"
    r"|tell"
    r"|ping|let|take|make|put|get|go|come|meet|join)\b)",
    re.I,
)
_CALLED_PLAINLY = re.compile(
    rf"{_NAME}\s+(?P<rest>(?:can|could|would|will|please|pls|did|do) you\b.*)", re.S
)
_CALLED_LAST = re.compile(rf".*\S(?:\s*[,–—-])\s*{_NAME}\s*[?!.…]*\Z", re.S)
_NO_NAMES = tables.words("bot.chat", "follow_up", "no names")
_THANKED = re.compile(
    r"(?:(?:many |big )?thanks|thank you|thx|ty|cheers|merci|great|well done|nice|good|sorry|hi|hey"
    r"|hello|welcome|congrats|congratulations|agreed?|over to you|same,?|ping)(?: (?:work|one"
    r"|job|point"
    rf"|morning|a lot|so much|very much|again))?[\s,]+{_NAME}\b",
    re.I,
)
# People speak of themselves, and of what they will do.
_OWN_DOINGS = re.compile(
    r"(?:(?:ok|okay|yes|no|thanks|so|and|but|then|well|btw|fyi|great|right|hm+|cool)[\s,.!–—-]+)*"
    r"(?:i['’](?:ll|ve|m|d)\b|i (?:will|have|had|am|was|think|thought|guess|know|knew|can|could"
    r"|would"
    r"|should|may|might|must|just|already|also|still|don['’]t|do not|didn['’]t|doubt|suppose|agree"
    r"|wonder(?! (?:who|what|when|where|whether|if|how|why))|hope|heard|saw|sent|spoke|called|asked"
    r"|forwarded|drafted|updated|read|wrote|put|left|told|mentioned|passed|remember|believe|feel"
    r"|spotted)\b"
    r"|we['’](?:ll|ve|re|d)\b|we (?:will|have|had|are|were|should|could|can|must|need|might|may"
    r"|think"
    r"|already|also|still|don['’]t|do not|discussed|agreed|sent|briefed|said)\b"
    r"|let me (?:check|see|think|ask|call|get back|look|know|find out|come back|draft|talk)"
    r"|let['’]?s\b|letting\b|going to\b|will (?:do|check|ask|call|send|draft|be|let|have|get"
    r"|come|circle)\b"
    r"|my (?!(?:digests?|watch))|our (?!(?:digests?|watch))|happy to\b|leave it\b|fyi\b|note to\b"
    r"|reminder\b|please (?:note|ignore|see|all)\b)",
    re.I,
)
# Whom a colleague asks, and whom nobody would ask a machine.
_AMONG_PEOPLE = re.compile(
    r"\b(?:shall|should|could|can|do|did|are|were|will|would|have|may|might|must) (?:we|i)\b"
    r"(?! (?:know|have (?:anything|something|any|a source|sources|more) (?:on|about|from|for)|say))"
    r"|\b(?:anyone|anybody|someone|somebody|everyone|everybody)\b(?! else)|\b(?:any of you"
    r"|one of you|you guys|you two"
    r"|all of you)\b"
    r"|\b(?:did|have|are|were|had|will|would|might|may|should|must) you\b"
    r"|\bdo you (?:want|mind|agree|think|need|prefer|plan|remember|happen|like|fancy|still)\b"
    r"|\b(?:what|how|who|when|where|why) (?:do|did|are|were|have|will|would|about) (?:you"
    r"|we)\b(?! (?:know|have))"
    r"|\byou(?:['’]re|['’]ll|['’]ve| are| will| have| were)\b|\byour\b|\byours\b"
    r"|\b(?:who|who['’]s|who is|whose) (?:is |are |was )?(?:covering|on duty|on call|on shift"
    r"|drafting"
    r"|drafts|writing|attending|going|joining|taking|leading|briefing|free|around"
    r"|in (?:the )?office|turn"
    r"|handling|coming|wants|volunteers|picks|clears|cleared)\b"
    r"|\b(?:the|our|today['’]s|tomorrow['’]s|this) (?:call|meeting|briefing)\b(?! (?:of|between"
    r"|with|in [A-Z]))"
    r"|\bfor us\b|\btak(?:es|ing) (?:the )?(?:notes|minutes)\b|\b(?:lunch|coffee|drinks|holiday"
    r"|leave|vacation|deadline|boss|in the office|day off|zoom|webex"
    r"|calendar|printer|badge|the draft|my draft|the cable|our cable|our line|the line to take"
    r"|talking points"
    r"|the readout|our readout|q&a|the brief(?:ing)? note|the memo|cop(?:y|ies) me|cc)\b"
    r"|\b(?:call|ring|ping|dm|email|e-mail|text|phone|remind|forward|meet|join|cover|print|chase"
    r"|loop) "
    r"(?:me|us|him|her|them|paris|london|brussels|capital|hq|the (?:embassy|desk|mission|boss"
    r"|ambassador))\b"
    r"|(?:\A|[,–—-]\s*)(?:ok|okay|right|agreed|no|yes|deal|fine|correct|true|sense|huh|eh"
    r"|isn['’]t it"
    r"|aren['’]t they|doesn['’]t it|don['’]t they|won['’]t they)\s*\?+\s*\Z",
    re.I,
)
_ASKS = re.compile(
    r"(?:(?:and|but|so|or|ok|okay|also|hm+|then|then again|interesting|great|good|thanks"
    r"|thank you|cool"
    r"|right|wow|sorry|please|now)[\s,.!…–—-]+)*"
    r"(?:what|what['’]?s|who|who['’]?s|whom|whose|when|when['’]?s|where|where['’]?s|why|how|which"
    r"|since when|until when|by whom|to whom|from whom|with whom|on what|in which|at what"
    r"|for how|is|are"
    r"|was|were|does|do|did|has|have|had|will|would|could|can|any|anything|according to whom"
    r"|says who"
    r"|since|i wonder (?:who|what|when|where|whether|if|how|why)|do we know|remind me (?:who"
    r"|what|when"
    r"|where|how|why)|tell (?:me|us)\b|show (?:me|us)\b|give (?:me|us)\b|list\b|find\b|explain\b"
    r"|compare\b|summari[sz]e\b|look (?:up|for)\b|search\b|check (?:whether|if|what|who)\b)\b",
    re.I,
)
# "Has Tripoli reacted" asks, "will read it" does not.
_INVERTED = tables.words("bot.chat", "follow_up", "inverted")
_SUBJECT = re.compile(
    r"\s+(?:[A-ZÀ-Þ]|(?:the|he|she|it|they|there|this|that|any|his|her|its|their)\b)"
)
# "and the EU", "what about Egypt", "same for Sudan", "or France", "also in Benghazi".
_ELLIPTIC = re.compile(
    r"(?:and|or|what about|how about|same (?:for|on|with)|also|but|plus|more (?:on|about|from)"
    r"|anything (?:on|about|from|else on)|and (?:what|how) about|now (?:for"
    r"|the same for))\s+(?P<what>.+)",
    re.I,
)
_SPEAKS = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|will|would|can|could|should|may|might|must|do|does"
    r"|did|i|we|you|my|our|me|us|let['’]?s|please|thanks|don['’]t|isn['’]t|not)\b",
    re.I,
)
_CAN_YOU = re.compile(
    r"(?:please |pls )?(?:can|could|would|will) you (?:please |pls |also |just |maybe |quickly )*"
    r"(?P<verb>\w+)(?P<rest>.*)",
    re.I,
)
_OUR_WORK = tables.words("bot.chat", "follow_up", "our work")
_ONLY_OURS = frozenset("translate summarise summarize cite quote explain compare list".split())
_WHAT_ELSE = re.compile(
    r"(?:why|who|when|where|how|which(?: one| ones)?|whose|what else|who else|where else|more"
    r"|details|sources?|source for (?:that|this)|citations?|date|dates|since when|says who"
    r"|according to whom|translation|links?)\s*[?.!]*",
    re.I,
)


def follow_up(text: str, names: Collection[str] = (), *, calls_others: bool = False) -> FollowUp:
    """Whether a message without a mention is for us, in a thread where we answered.

    `names` are first names of people in the thread; `calls_others` tells that the message
    mentions somebody else.
    """
    if calls_others or "<@" in text or _AT_SOMEBODY.search(text):
        return FollowUp(False, "mentions somebody else")
    plain = undressed(text)
    if not re.search(r"\w", plain):
        return FollowUp(False, "holds no words")
    if len(plain.split()) > LONGEST:
        return FollowUp(False, "too long for a question")
    named = _OUR_NAME.match(plain)
    if named:
        return FollowUp(True, "calls us by name")
    if _calls(plain, frozenset(name.casefold() for name in names)):
        return FollowUp(False, "calls somebody by name")
    if is_chat(plain):
        return FollowUp(False, "chat")
    if re.fullmatch(r"(?:https?://\S+\s*)+", plain):
        return FollowUp(False, "only links")
    return _by_wording(plain)


def question_of(text: str) -> tuple[str, list[str]]:
    """What a long message asks, "" for nothing, and the sentences around that; a short one is asked
    as it stands.

    Its last question where one stands near its end, else one at its beginning, else anywhere.
    """
    if len(text) <= LONG:
        return text, []
    said = split_sentences(text)
    last = [one for one in said[-_AT_ITS_ENDS:] if _asks_us(one.text)]
    first = [one for one in said[:_AT_ITS_ENDS] if _asks_us(one.text)]
    asked = (last or first or [one for one in said if _asks_us(one.text)])[-_AT_ITS_ENDS:]
    if not asked:
        return "", []
    together = last or asked[-1:]
    question = " ".join(one.text for one in together)
    return question, [one.text for one in said if one not in together]


def wants_only_attached(asked: Asked) -> bool:
    """Whether a message wants nothing but the addresses or files that came with it.

    It says no more, cannot be understood without them, or speaks of them: "who wrote this?".
    """
    if asked.question or not (asked.files or asked.links):
        return False
    said = without_addresses(asked.text)
    return not said or leans(said) or bool(_OF_WHAT_CAME_WITH_IT.search(said))


def without_addresses(text: str) -> str:
    """What a message says beside the addresses in it; "" for nothing."""
    said = _ADDRESS.sub(" ", text)
    return said.strip() if re.search(r"\w", said) else ""


def _asks_us(sentence: str) -> bool:
    asks = sentence.rstrip(" \"”'»").endswith(_QUESTION_MARKS) or _is_worded_as_question(sentence)
    among = _AMONG_PEOPLE.search(sentence) or is_chat(sentence)
    return (asks and not among) or _is_request(sentence)


def _by_wording(plain: str) -> FollowUp:
    if _WHAT_ELSE.fullmatch(plain):
        return FollowUp(True, "asks for more")
    if match := _CAN_YOU.match(plain):
        ours = _is_our_work(match["verb"], match["rest"]) and not _AMONG_PEOPLE.search(
            match["rest"]
        )
        return FollowUp(ours, "asks for what we do" if ours else "asks a colleague for something")
    if _OWN_DOINGS.match(plain):
        return FollowUp(False, "tells what somebody does or thinks")
    if _AMONG_PEOPLE.search(plain):
        return FollowUp(False, "a question among colleagues")
    if _is_request(plain):
        return FollowUp(True, "a request")
    asks = plain.rstrip(" \"”'").endswith("?")
    if asks and (len(plain.split()) > 1 or _names_something(plain)):
        return FollowUp(True, "a question")
    if _is_worded_as_question(plain):
        return FollowUp(True, "worded as a question")
    if plain.partition(" ")[0].casefold() in _ONLY_OURS:
        return FollowUp(True, "asks for what we do")
    match = _ELLIPTIC.fullmatch(plain.rstrip(" .…"))
    if match and not _SPEAKS.search(match["what"]) and _names_something(match["what"]):
        return FollowUp(True, "goes on with the question")
    return FollowUp(False, "tells something")


def _is_worded_as_question(plain: str) -> bool:
    """Whether it asks though it has no question mark: "who signed it", "has Tripoli reacted"."""
    match = _ASKS.match(plain)
    if match is None or len(plain.split()) < 3 or re.search(r"[.!]\s+\S", plain):
        return False
    first = match[0].split()[-1].casefold()
    return first not in _INVERTED or bool(_SUBJECT.match(plain[match.end() :]))


def _calls(plain: str, names: frozenset[str]) -> bool:
    """Whether somebody is called by name: at the beginning, at the end, or with thanks."""
    for pattern in (_CALLED_FIRST, _CALLED_LAST, _THANKED):
        match = pattern.match(plain)
        if match and _is_person(match["name"], names):
            return True
    first = _CALLED_FIRST.match(plain) or _CALLED_PLAINLY.match(plain)
    if first is None or place_code(first["name"]) or first["name"].casefold() in _NO_NAMES:
        return False
    return bool(_TO_YOU.match(first["rest"] or ""))


def _is_person(name: str, names: frozenset[str]) -> bool:
    folded = name.casefold()
    if folded in names:
        return True
    given = folded in FEMALE_NAMES or folded in MALE_NAMES
    return given and place_code(name) is None


def _is_our_work(verb: str, rest: str) -> bool:
    if verb.casefold() == "check":
        return bool(re.match(r"\s+(?:whether|if|who|what|when|where|how)\b", rest, re.I))
    return verb.casefold() in _OUR_WORK


def _is_request(plain: str) -> bool:
    request = read_request(plain, _SOME_DAY)
    if isinstance(request, AskQuestion | Thanks | Unclear):
        return False
    if isinstance(request, AskSummary):
        # "Yesterday", "France", "tomorrow morning": answers of people as often as requests.
        return len(plain.split()) > 1 and _names_something(request.topic)
    if isinstance(request, Pause):
        return plain.casefold().startswith(("pause", "stop"))
    return True


def _names_something(text: str) -> bool:
    return bool(re.search(r"(?<!\w)[A-ZÀ-Þ]", text)) or bool(places_of(text.title()))
