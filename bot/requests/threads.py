"""Reading what is asked about the thread in which it is written: its topic, its sources. Pure."""

from __future__ import annotations

import re

from bot.requests.nouns import Request, SourcesHere, SummariseThread

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
_SOURCES = re.compile(
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
    if _SOURCES.fullmatch(plain):
        return SourcesHere()
    return None
