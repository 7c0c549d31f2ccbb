"""What is asked for in plain words: a question, a report, a digest, a watch, a setting. Pure.

    text -> courtesies off -> settings | digests | watches | reports -> Request
                                        none of them -> AskQuestion

A question must never be taken for a command: what is not clearly something else is one. What is
understood in part is `Unclear`, which says what is missing; nothing else is done instead.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from bot.requests.digests import read_digest
from bot.requests.nouns import (
    AskQuestion,
    AskQuotes,
    AskSummary,
    AskTimeline,
    Concern,
    DigestAt,
    DigestChange,
    DigestNow,
    DigestOff,
    DigestWish,
    Follow,
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
    Unfollow,
)
from bot.requests.reports import read_impossible_day, read_report
from bot.requests.settings import read_setting
from bot.requests.threads import read_thread_request
from bot.requests.watches import read_watch
from bot.requests.words import LONGEST_REQUEST, bare, undressed

__all__ = [
    "AskQuestion",
    "AskQuotes",
    "AskSummary",
    "AskTimeline",
    "Concern",
    "DigestAt",
    "DigestChange",
    "DigestNow",
    "DigestOff",
    "DigestWish",
    "Follow",
    "Forget",
    "Help",
    "ListMine",
    "Mute",
    "Pause",
    "QuietHours",
    "Request",
    "Resume",
    "Sources",
    "SourcesHere",
    "SummariseThread",
    "Thanks",
    "Unclear",
    "Unfollow",
    "read_request",
]

LONGEST_TEXT = 600


def read_request(text: str, asked_at: datetime, zone: tzinfo = UTC) -> Request:
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
