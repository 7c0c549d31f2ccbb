"""Reading what manages what there is: lists, pauses, quiet hours, muting, sources, help. Pure."""

from __future__ import annotations

import re

from bot.requests.clock import TIME, clock_time, taken_zone
from bot.requests.nouns import (
    Concern,
    Forget,
    Help,
    ListMine,
    Mute,
    Pause,
    QuietHours,
    Request,
    Resume,
    Sources,
    Thanks,
    Unclear,
)
from bot.requests.words import mended, subject

_COMMANDS = (
    "watches alerts digest digests sources settings subscriptions pause resume quiet unmute help"
    " commands forget"
).split()
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
_THANKS = re.compile(
    r"(?:(?:many )?thanks|never ?mind|thank you|thx|ty|cheers|merci|great|perfect|good|nice|ok|okay"
    r"|got it|well done)(?: (?:a lot|so much|very much|chancery|you|a million))?"
    r"(?:[ ,!.]+(?:thanks|thank you|chancery))?",
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


def read_setting(text: str, *, polite: bool) -> Request | None:
    """What a text wants done with what is set up; None where it speaks of nothing of the kind."""
    plain = mended(text, _COMMANDS).rstrip("?! .").strip()
    if _HELP.fullmatch(plain) or not plain:
        return Help()
    if _THANKS.fullmatch(plain):
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
        return Unclear("A message that stands in no thread begins anew.", "Libya this week")
    if _FORGET_WHAT.fullmatch(plain):
        return Unclear("Forget what?", "forget this conversation, or forget me")
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
            return Unclear("A pause has no end of its own; it lasts until “resume”.", "pause")
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
        return Unclear("From when to when?", example)
    if not found:
        # "Quiet diplomacy in Oman" is a subject.
        return (
            Unclear("From when to when?", example)
            if text.casefold().startswith(_SURELY_QUIET)
            else None
        )
    times = [clock_time(match) for match in found[:2]]
    bad = next((match[0] for match, at in zip(found, times, strict=False) if at is None), None)
    if bad:
        return Unclear(f"“{bad.strip()}” is no time of day.", example)
    if len(times) < 2:
        return Unclear("Quiet until when?" if times else "From when to when?", example)
    begin, end = times
    rest = when[: found[0].start()] + when[found[1].end() :]
    zone, unknown, _ = taken_zone(rest, found[0].start())
    if unknown:
        return Unclear(f"I do not know the time zone “{unknown}”.", f"{example} Paris time")
    if begin == end:
        return Unclear("Quiet hours must begin and end at different times.", example)
    return QuietHours(begin, end, zone)
