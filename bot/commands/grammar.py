"""What is asked for in plain words, or behind `/chancery`: read into a request. Pure.

    text ─▶ courtesies off ─▶ thread | settings | digests | watches | reports ─▶ Request
                                                       none of them ─▶ AskQuestion
    text ─▶ read_command ─┬─ Words       to be answered as if they had been written directly
                          ├─ CheckText   claims to be checked
                          ├─ AddSource   an address for the polled sources
                          └─ ShowHelp    nothing, "help", or a word that is none of these

A question must never be taken for a command: what is not clearly something else is one. What is
understood in part is `Unclear`, which says what is missing; nothing else is done instead.
Sub-commands are plain words too: "follow Gharyan" reads the same with and without the slash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from bot.commands.following_grammar import read_digest, read_watch
from bot.commands.intents import (
    LONGEST_REQUEST,
    TIME,
    AskQuestion,
    AskQuotes,
    AskSummary,
    AskTimeline,
    Concern,
    DigestNow,
    Forget,
    Help,
    ListMine,
    Mute,
    Pause,
    QuietHours,
    Request,
    Resume,
    Sources,
    SourcesHere,
    SummariseThread,
    Thanks,
    Unclear,
    Zone,
    bare,
    clock_time,
    mended,
    subject,
    taken_zone,
    undressed,
)
from bot.commands.report_grammar import read_impossible_day, read_report
from bot.render.catalogues import gettext
from corpus.text import tables

_HERE = (
    r"(?:(?:this|the|our) (?:whole |entire )?(?:thread|discussion|conversation|exchange|talk"
    r"|debate|chat)"
    r"(?:['’]?s? (?:topic|subject|theme|matter))?|(?:the )?(?:topic|subject|theme|matter)"
    r" (?:of (?:this|the|our) (?:thread|discussion|conversation|exchange|talk)|here|above|discussed"
    r"(?: here| above)?)|what (?:we|they) (?:discuss(?:ed)?|talk(?:ed)? about|said)(?: here"
    r"| above)?"
    r"|what(?:['’]s| is| was)(?: being)? (?:discussed|said)(?: here| above)?)"
)
_IT = r"(?:this|that|it|all(?: of)? this|everything|things|(?:it|this|that) all)"
_SUM_UP = r"(?:summari[sz]e|sum|recap|brief|digest|wrap)"
_SUMMARISE = re.compile(
    rf"summari[sz]e|{_SUM_UP}(?: up)? (?:{_HERE}|{_IT})(?: up)?(?: for (?:me|us))?"
    rf"|(?:give (?:me |us )?|i (?:want|need) )?(?:an? |the )?(?:(?:short|quick|brief) )?"
    rf"(?:summary|recap|overview|gist|tl;?dr|background)(?: (?:of|on|for|to) (?:{_HERE}|{_IT}))?"
    rf"(?: here)?|tl;?dr"
    rf"|(?:background|summary|overview) (?:of|on|for|to) (?:{_HERE}|{_IT})"
    rf"|(?:get|bring|catch) (?:me|us) up (?:on|with|to speed on|to speed with) (?:{_HERE}|{_IT})"
    r"|what(?:['’]s| is| was) (?:this|the|our) (?:thread|discussion|conversation|exchange)"
    r"(?: (?:all )?about| on|['’]?s? (?:topic|subject))?"
    r"|what(?:['’]s| is) (?:all )?(?:this|that) (?:all )?about"
    r"|what are (?:we|they) (?:talking about|discussing)(?: here)?",
    re.I,
)
_BARE = re.compile(r"summari[sz]e|recap|overview|summary|background|gist", re.I)
_OF_THESE = (
    r"(?:(?:in|of|for|behind|under|to|from|on) )?(?:(?:this|the|your|these|that|those|all|all these"
    r"|both|his|its) )?(?:answers?|thread|reply|replies|claims?|statements?|conversation|discussion"
    r"|above|this|that|it|them|here|these)"
)
_SOURCES_HERE = re.compile(
    rf"(?:what|which|who|where) (?:are|is|were|was) (?:the |your )?sources? (?:{_OF_THESE}|here"
    rf"|cited"
    r"|used|quoted)(?: here)?"
    rf"|(?:(?:show|list|give|tell|name) (?:me |us )?)?(?:all )?(?:the |your "
    rf"|its )?sources? {_OF_THESE}"
    r"|(?:what|which) sources? (?:did you|do you|have you|does this|did it|are) "
    r"(?:use|cite|quote|used|cited|quoted|rely on|rest on)(?: here| for (?:this|that|it))?"
    r"|(?:what|which) (?:sources?|articles?|papers?) (?:is|are|was|were) (?:this|that|it|they"
    r"|these)"
    r" (?:based on|from|taken from)"
    r"|(?:what(?:['’]s| is| are) )?(?:the |your )?(?:source|citations?|references?)"
    r"|(?:sources?|references?|citations?) (?:please|pls)|where (?:is|does|did) (?:this|that|it)"
    r" (?:come )?from|says who",
    re.I,
)


def read_thread_request(text: str) -> Request | None:
    """What a text wants of the thread that it is written in; None where it does not speak of it."""
    plain = text.rstrip("?! .").strip()
    if _SUMMARISE.fullmatch(plain) and not _BARE.fullmatch(plain):
        return SummariseThread()
    if _SOURCES_HERE.fullmatch(plain):
        return SourcesHere()
    return None


_COMMANDS = tables.words("bot.commands", "grammar", "setting commands")
# Texts come with single spaces.
_MINE = r"(?:my|our|the|all|all my|all our) "
_SHOW = r"(?:(?:show|list|see|display|what are|give|tell) (?:me |us )?)"
_SHOWN = rf"(?:{_SHOW}(?:{_MINE})?|{_MINE})"
_LISTS: tuple[tuple[re.Pattern[str], Concern], ...] = tuple(
    (re.compile(pattern, re.I), concern)
    for pattern, concern in (
        (rf"{_SHOWN}(?:watch(?:es|list)?|watch lists?|alerts?)|watches", Concern.WATCHES),
        (
            rf"{_SHOWN}digests?|(?:which|what) digests? (?:do|am) (?:i|we).*|digests",
            Concern.DIGESTS,
        ),
        (
            rf"{_SHOWN}?(?:subscriptions?|settings?|setup|list|lists)"
            r"|(?:what|whom|who) (?:do|am|are) (?:i|we) (?:follow(?:ing)?|watch(?:ing)?"
            r"|track(?:ing)?|subscribed to|get|getting|monitoring)"
            r"|what (?:have i|did i|have we) (?:set up|subscribed to|followed)",
            Concern.EVERYTHING,
        ),
    )
)
_PAUSE = re.compile(
    r"(?:pause|suspend|snooze|stop for now|hold)\b ?(?P<what>.*)"
    r"|(?:stop|no) (?:all )?(?:the )?(?P<alerts>alerts)(?: for now)?"
    r"|stop(?: (?:it|it all|everything|all|all of (?:it|this)|now"
    r"|(?:sending|messaging|writing)(?: (?:to )?(?:me|us))?"
    r"(?: (?:stuff|things|messages|everything|anything|this|these|all of this))?))?"
    r"|unsubscribe(?: (?:me|us))?(?: from (?:all|everything|this|all of this))?",
    re.I,
)
_FOR_A_TIME = re.compile(
    r"\b(?:until|till)\b|\bfor (?:\d+|an?|one|two|three|the (?:day|week|weekend|rest)|today"
    r"|tonight)\b|\b(?:tomorrow|next week|this week)\b",
    re.I,
)
_RESUME = re.compile(
    r"(?:resume|unpause|un-pause|restart|continue(?= (?:my|the|all|digest|alert|watch)))\b"
    r" ?(?P<what>.*)",
    re.I,
)
_QUIET = re.compile(
    r"(?:set |add )?(?:(?:my|our) )?(?:quiet(?: (?:hours?|times?))?|do not disturb|dnd|silence"
    r"|don['’]?t disturb(?: me)?|(?:no|(?:don['’]?t|do not) send(?: me)?) alerts"
    r"(?= (?:from|between|at|after|before)))\b ?[:=]? ?(?P<when>.*)",
    re.I,
)
_NO_QUIET = re.compile(
    r"quiet(?: (?:hours?|times?))? (?:off|none|never|stop|end)"
    r"|(?:no|stop|end|remove|cancel|delete) (?:more )?(?:my |the )?quiet(?: (?:hours?|times?))?",
    re.I,
)
_MUTE = re.compile(
    r"(?P<lifted>un)?mute(?: (?:this|the|that|it))?(?: (?:story|thread|alert|one))?(?: here)?", re.I
)
_SOURCES = re.compile(
    rf"{_SHOWN}?(?:sources?(?:['’]?s? (?:health|status|list))?|feeds|coverage"
    r"|(?:health|status|list) of (?:the )?sources)"
    r"|(?:which|what) (?:are (?:your|the) )?(?:sources?|feeds?)(?: (?:do you (?:read|have|follow"
    r"|know|use)|are there|are (?:you )?(?:read|reading)|have you))?"
    r"|what do you read",
    re.I,
)
_FAILED = re.compile(
    r"(?:(?:which|what|any|show|list|are there(?: any)?) )?(?:me )?(?:the )?(?:sources?|feeds?) "
    r"(?:have |has |are |is |that (?:have )?|could not be |were )?(?:not )?"
    r"(?:failed|failing|fail|down|broken|silent|missing|read|unreachable|offline|working)"
    r"(?: today| now)?|(?:show )?(?:the )?(?:failed|failing|broken) (?:sources?|feeds?)",
    re.I,
)
_HELP = re.compile(
    r"h[ea]lp|hlep|help me|\?+|commands?|usage|start|who are you|what (?:are|do) you(?: do)?"
    r"|what is this|what can (?:you|i) (?:do|say|ask)(?: (?:you|here|for me))?"
    r"|how (?:do|can) (?:you|i|we) (?:work|use (?:you|this)|start|begin)"
    r"|(?:hi|hello|hey)(?: (?:there|chancery|bot))?|good (?:morning|afternoon|evening)",
    re.I,
)
# Mere courtesy or reaction, however it is put together.
_CHAT = re.compile(
    r"(?:(?:ok(?:ay)?|k|kk|yes|yep|yeah|yup|no|nope|nah|sure|right|fine|great|good|nice|cool|lovely"
    r"|perfect|excellent|brilliant|super|wow|oh|ah|aha|hm+|uh|ha(?:ha)*|lol|lmao|rofl|ugh|oops"
    r"|sorry"
    r"|thanks?|thank you|thx|ty|cheers|merci|please|noted|understood|agreed?|indeed|exactly"
    r"|absolutely"
    r"|definitely|true|correct|interesting|amazing|incredible|unbelievable|impressive|useful"
    r"|helpful"
    r"|handy|strange|weird|odd|scary|worrying|terrible|awful|same here|same|me too|\+1|-1|done"
    r"|got it|makes sense|good (?:point|catch|one|to know|morning|night|evening|luck)|well done"
    r"|fair (?:enough|point)|no (?:problem|worries|idea)|not (?:really|yet|sure|bad)|of course"
    r"|never mind|nevermind|nvm|fyi|brb|tbc|ack|wtf|omg|voilà|really|seriously|is it|so what"
    r"|million|you|chancery|you too"
    r"|see you|bye|later|though|tho|anyway|actually|nice one|will do|on it|love it|i see"
    r"|i know|exactly that|that(?:['’]s| is)"
    r" (?:it|all|right|great|good|fine|useful|helpful|interesting|new|odd|strange|true|wrong|weird"
    r"|funny|what i (?:thought|needed|meant))|very|so|much|a lot|then|all|both|everyone|team"
    r"|folks|guys"
    r"|for (?:that|this|now|me|us)|again|indeed)[\s,.!?…;:–—-]*)+\Z",
    re.I,
)
_YOU_KEEP = r"you (?:know|have|keep|hold|store|remember|(?:have )?(?:stored|saved|kept|collected))"
_ABOUT_ME = r"(?:about|of|on) (?:me|us)"
_FORGET_ME = re.compile(
    r"forget(?: (?:me|about me|us|everything|all|all of it|it all|my data|my history))?"
    rf"|(?:forget|delete|erase|remove|wipe|clear) (?:all|everything|what|all that|everything that)"
    rf" (?:{_YOU_KEEP} )?{_ABOUT_ME}"
    r"|(?:delete|erase|remove|wipe|clear|forget) (?:all (?:of )?)?(?:my|our) "
    r"(?:personal )?(?:data|information|details|history|records?|account|profile)"
    r"|(?:delete|erase) me"
    rf"|what (?:do )?{_YOU_KEEP} {_ABOUT_ME}|what is (?:kept|stored|known) {_ABOUT_ME}"
    r"|what (?:do you do|are you doing|happens) with my (?:data|questions|messages)|privacy",
    re.I,
)
_FORGET_TALK = re.compile(
    r"(?:forget|delete|erase|wipe|clear) (?:all of |all )?(?:this|that|our|the)(?: whole| entire)? "
    r"(?:conversation|thread|chat|talk|discussion|exchange)(?: here)?",
    re.I,
)
_NEW_TALK = re.compile(
    r"(?:start (?:over|again|afresh)|reset|(?:start |begin )?(?:a )?new (?:conversation|chat|talk"
    r"|session|thread|topic)|change (?:of )?(?:the )?(?:subject|topic))",
    re.I,
)
_FORGET_WHAT = re.compile(r"forget (?:it|this|that|about it|about this|about that)", re.I)
_CONCERNS = (
    (re.compile(r"(?:(?:all|my|the|our|of) )*digests?", re.I), Concern.DIGESTS),
    (re.compile(r"(?:(?:all|my|the|our|of) )*(?:alerts?|watch(?:es)?)", re.I), Concern.WATCHES),
    (re.compile(r"|all|everything|all of it|(?:for )?now|me|it all", re.I), Concern.EVERYTHING),
)
_NAMED = re.compile(
    r"(?:(?:my|the|our) )?(?P<concern>digest|watch|alerts?) (?:(?:on|about|for|of|from) )?"
    r"(?P<name>.+)"
    r"|(?:(?:my|the|our) )?(?P<before>.+?) (?P<concern2>digest|watch|alerts?)",
    re.I,
)
_SURELY_QUIET = ("quiet hours", "quiet from", "do not dist", "dnd")


def is_chat(text: str) -> bool:
    """Whether a text is mere courtesy or reaction: "ok", "thanks!", "lol 🙏"."""
    return not re.search(r"\w", undressed(text)) or bool(_CHAT.fullmatch(undressed(text)))


def read_setting(text: str, *, polite: bool) -> Request | None:
    """What a text wants done with what is set up; None where it speaks of nothing of the kind."""
    plain = mended(text, _COMMANDS).rstrip("?! .").strip()
    if _HELP.fullmatch(plain) or not plain:
        return Help()
    if is_chat(text) and not text.rstrip().endswith("?"):
        return Thanks()
    for pattern, concern in _LISTS:
        if pattern.fullmatch(plain):
            return ListMine(concern)
    if _FAILED.fullmatch(plain):
        return Sources(failed=True)
    if _SOURCES.fullmatch(plain):
        return Sources()
    if _FORGET_TALK.fullmatch(plain):
        return Forget(conversation=True)
    if _FORGET_ME.fullmatch(plain):
        return Forget()
    if _NEW_TALK.fullmatch(plain):
        return Unclear(
            gettext("A message that stands in no thread begins anew."), "Libya this week"
        )
    if _FORGET_WHAT.fullmatch(plain):
        return Unclear(gettext("Forget what?"), "forget this conversation, or forget me")
    if muting := _MUTE.fullmatch(plain):
        return Mute(lifted=muting["lifted"] is not None)
    if _NO_QUIET.fullmatch(plain):
        return QuietHours(None, None)
    if text.endswith("?") and not polite:
        return None
    if match := _QUIET.fullmatch(plain):
        return _quiet(plain, match["when"])
    if match := _PAUSE.fullmatch(plain):
        if _FOR_A_TIME.search(match["what"] or ""):
            return Unclear(
                gettext("A pause has no end of its own; it lasts until “resume”."), "pause"
            )
        concern, name = _about("alerts" if match["alerts"] else match["what"] or "")
        return Pause(concern, name)
    if match := _RESUME.fullmatch(plain):
        concern, name = _about(match["what"])
        return Resume(concern, name)
    return None


def _about(what: str) -> tuple[Concern, str]:
    what = subject(what)
    for pattern, concern in _CONCERNS:
        if pattern.fullmatch(what):
            return concern, ""
    if match := _NAMED.fullmatch(what):
        digest = (match["concern"] or match["concern2"]).casefold().startswith("digest")
        return (Concern.DIGESTS if digest else Concern.WATCHES), subject(
            match["name"] or match["before"]
        )
    return Concern.EVERYTHING, what


def _quiet(text: str, when: str) -> Request | None:
    example = "quiet from 22:00 to 07:00"
    when = re.sub(r"(?<=[\dm])\s*[–—-]\s*(?=\d)", " to ", when)
    found = list(TIME.finditer(when))
    if not when.strip():
        return Unclear(gettext("From when to when?"), example)
    if not found:
        # "Quiet diplomacy in Oman" is a subject.
        wanted = text.casefold().startswith(_SURELY_QUIET)
        return Unclear(gettext("From when to when?"), example) if wanted else None
    times = [clock_time(match) for match in found[:2]]
    bad = next((match[0] for match, at in zip(found, times, strict=False) if at is None), None)
    if bad:
        return Unclear(gettext("“{time}” is no time of day.", time=bad.strip()), example)
    if len(times) < 2:
        return Unclear(
            gettext("Quiet until when?") if times else gettext("From when to when?"), example
        )
    begin, end = times
    rest = when[: found[0].start()] + when[found[1].end() :]
    zone, unknown, _ = taken_zone(rest, found[0].start())
    if unknown:
        return Unclear(
            gettext("I do not know the time zone “{zone}”.", zone=unknown), f"{example} Paris time"
        )
    if begin == end:
        return Unclear(gettext("Quiet hours must begin and end at different times."), example)
    return QuietHours(begin, end, zone)


LONGEST_TEXT = 600


def _utc() -> tzinfo:
    return UTC


def read_request(text: str, asked_at: datetime, zone: Zone = _utc) -> Request:
    """What a text asks for; never raises. Times that it names are of `zone`."""
    question = AskQuestion(" ".join(text.split()))
    if len(text) > LONGEST_TEXT or len(text.split()) > LONGEST_REQUEST:
        return question
    plain, polite = bare(text)
    if not undressed(text) and not text.isspace() and text:
        # A thumb up, a flag of no country: nothing that could be looked up.
        return Thanks()
    if request := read_impossible_day(plain):
        return request
    return (
        read_thread_request(plain)
        or read_setting(plain, polite=polite)
        or read_digest(plain)
        or read_watch(plain, polite=polite)
        or read_report(plain, asked_at, zone, polite=polite)
        or question
    )


def takes_a_moment(text: str, now: datetime) -> bool:
    """Whether what a text asks for is looked for, and not there at once."""
    slow = AskQuestion | AskSummary | AskQuotes | AskTimeline | DigestNow | SummariseThread
    return bool(text) and isinstance(read_request(text, now), slow)


SUB_COMMANDS = tuple(
    "ask summary digest quotes timeline follow unfollow mine sources check help".split()
)
LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Words:
    """Plain words; a `question` is one, whatever it reads like."""

    text: str
    question: bool = False


@dataclass(frozen=True, slots=True)
class CheckText:
    """A text whose claims are to be checked; "" where none was given."""

    text: str


@dataclass(frozen=True, slots=True)
class AddSource:
    """A source to be polled; its address, "" where none was given."""

    address: str


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """What can be said; `unknown` is a word that was not understood."""

    unknown: str = ""


Command = Words | CheckText | AddSource | ShowHelp


def read_command(text: str, now: datetime) -> Command:
    """What the text behind `/chancery` asks for; never raises."""
    first, _, rest = text.strip().partition(" ")
    rest = rest.strip()
    if not first:
        return ShowHelp()
    word = mended(first.casefold().strip(":"), SUB_COMMANDS)
    match word:
        case "help":
            return ShowHelp()
        case "ask":
            return Words(rest, question=True)
        case "check":
            return CheckText(rest)
        case "mine":
            return Words("list")
        case "sources" if rest.split(" ")[0].casefold() == "add":
            return AddSource(rest.partition(" ")[2].strip())
        case "sources" if rest:
            return Words(f"{word} {rest}")
        case _ if word in SUB_COMMANDS:
            return Words(f"{word} {rest}".strip())
    return _plain(text, now)


def _plain(text: str, now: datetime) -> Command:
    """Plain words, unless it is one word in which nothing is to be seen."""
    request = read_request(text, now)
    if isinstance(request, Help | Thanks):
        return ShowHelp()
    if isinstance(request, AskQuestion) and len(text.split()) == 1 and not text.endswith("?"):
        return ShowHelp(text.strip()[:LONGEST_WORD])
    return Words(text.strip())
