"""Words by which a text tells that accounts differ, and what they differ about.

Pure, of single sentences; `retrieval.briefs.disputes` looks for them in a story's lines.
"""

from __future__ import annotations

import re

from retrieval.terms import fold, names

# A writer says that accounts differ; what they are comes next.
_ANNOUNCES = re.compile(
    r"\b(?:accounts? (?:of [^.;]{2,60} )?(?:differ(?:ed|s)?|conflict(?:ed)?|diverge[ds]?)"
    r"|(?:conflicting|opposing|contradictory|differing) (?:accounts|reports|claims|statements"
    r"|figures|versions)"
    r"|(?:gave|gives|offered|published) (?:another|an opposing|a different|a conflicting"
    r"|separate|different)"
    r" (?:\w+ )?(?:accounts?|versions?|figures?)"
    r"|(?:figures|numbers|sides|witnesses|reports|accounts|countries|governments) "
    r"(?:differ|differed|disagree|disagreed)"
    r"|disagreed? (?:about|on|over) (?:the|where|what|who|how|whether|when)"
    r"|(?:is|are|was|were|remains?) disputed"
    r"|(?:sides|parties|countries) (?:\w+ ){0,6}?(?:claim(?:ed|s)?|blamed each other"
    r"|accused each other|traded accusations))\b",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"\b(?:gave|gives|offered) (?:another|an opposing|a different)\b", re.IGNORECASE
)
# Somebody denies or rejects what another says.
_DENIES = re.compile(
    r"\b(?:denie[sd] (?:that|having|it\b|any (?:involvement|role|responsibility|link|part)"
    r"|involvement"
    r"|responsibility|(?:the|this|these|those) (?:\w+ ){0,2}?(?:account|claim|charge|accusation"
    r"|allegation"
    r"|report|statement)s?)"
    r"|(?:disputed|disputes|contradict(?:ed|s)|rejected|rejects|challenged) (?:the|that|this"
    r"|these|those|his|her"
    r"|its|their) (?:\w+ ){0,2}?(?:accounts?|claims?|versions?|figures?|reports?|statements?"
    r"|accusations?"
    r"|allegations?|charges?|of)\b)",
    re.IGNORECASE,
)
_SAY = r"(?:said|says|claimed|claims|reported|insisted|stated|announced|declared|told|maintained)"
_TWO_SAID = re.compile(
    rf"\b{_SAY}\b[^;]{{15,}};\s*[^;]{{3,120}}?\b(?:{_SAY}|denied|blamed|called)\b"
)
_TWO_COUNTS = re.compile(
    r"\b(?:put|gave|estimated)\b[^.;]{0,60}?\b(?:at|as)\b[^.;]*?\d[^;]*?[.;]\s*[^.;]{2,80}?"
    r"\b(?:put|gave|estimated)\b[^.;]{0,40}?\b(?:at|as)\b[^.;]*?\d",
)
_CLAIM = re.compile(
    r"\b(?:blamed|blames|accused|accuses|accusing|blaming|(?:charge|accusation|allegation|claim|report)s?"
    r" (?:that|by|of|from)|[A-Z]\w+(?:['’]s)? (?:charge|accusation|allegation|claim)s? that)\b"
)
ATTRIBUTED = re.compile(
    rf"\b(?:{_SAY}|denie[sd]|conceded|called|blamed|accused|rejected|put|gave the figure"
    rf"|according to)\b"
)
CLAIMS_PLACE = re.compile(
    rf"\b(?:{_SAY}|conceded|according to)\b[^.;]{{0,80}}?"
    r"\b(?:(?:taken|seized|captured|retaken|recaptured|entered|controls?|controlled|held|holds?"
    r"|took|regained|liberated)(?: full| complete| partial| total)?(?: control)?(?: of)?)\s+"
    r"(?:the\s+"
    r"|parts of\s+(?:the\s+)?)?(?P<what>(?:[a-z-]+\s+){0,3}?"
    r"(?:[A-Z][\w’'-]+(?:\s[A-Z][\w’'-]+){0,2}"
    r"|airport|capital|city|town|port|base))"
)
HARMED = {
    "killed": "how many were killed",
    "dead": "how many were killed",
    "died": "how many were killed",
    "injured": "how many were injured",
    "wounded": "how many were injured",
    "arrested": "how many were arrested",
    "detained": "how many were arrested",
    "displaced": "how many were displaced",
    "missing": "how many are missing",
}
TOLL = re.compile(
    r"\b(?P<count>\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens)\b"
    rf"(?:\s+[\w’'-]+){{0,6}}?\s+(?P<harm>{'|'.join(HARMED)})\b"
)
_SUBJECT = re.compile(rf"^(?P<subject>.{{3,140}}?)\s+{_SAY}\b")
_DENIER = re.compile(
    r"(?:^|[.;,]\s+(?:and\s+)?|\band\s+|which\s+)(?P<who>(?:[Tt]he\s+)?[A-Za-z][\w’'-]*(?:\s+[\w’'-]+){0,4}?)\s+"
    r"(?:denie[sd]|rejected|rejects|disputed|disputes|challenged)\b"
)
# Names that so many texts share that they tell no two matters alike.
COMMON_NAMES = frozenset(
    "un eu us uk united nations states kingdom government council security".split()
)
_OPENS_BARE = re.compile(r"^(?:Some|Other|Both|They|It|He|She)\b")
_REFERS = re.compile(r"\b(?:it|them|they|he|she|its|their)\b")


def announces_difference(text: str) -> bool:
    """Whether a sentence says that accounts differ."""
    return bool(_ANNOUNCES.search(text))


def gives_another(text: str) -> bool:
    """Whether a sentence says that what comes next is told against what came before."""
    return bool(_ANOTHER.search(text))


def denies(text: str) -> bool:
    """Whether a sentence says that somebody denies or rejects what another claims."""
    return bool(_DENIES.search(text))


def tells_claim(text: str) -> bool:
    """Whether a sentence that denies also tells who claims what is denied."""
    return bool(_CLAIM.search(text))


def holds_two(text: str) -> bool:
    """Whether a sentence, or several, set two accounts against each other."""
    return bool(_TWO_SAID.search(text) or _TWO_COUNTS.search(text))


def refers_back(text: str) -> bool:
    """Whether it speaks of what it disputes only by "it", "the account" or "the charge"."""
    claim = CLAIMS_PLACE.search(text)
    return bool(
        _OPENS_BARE.match(text)
        or re.search(
            r"\b(?:the|this|that|these|those) (?:\w+ )?(?:accounts?|claims?|versions?|reports?"
            r"|charges?"
            r"|accusations?|allegations?|statements?|withdrawal|figures?)\b(?! (?:that|of|by"
            r"|made)\b)",
            text,
        )
        or re.search(r"\bdenie[sd] it\b", text)
        or (claim is not None and claim["what"].islower())
        or (holds_two(text) and _REFERS.search(text.split(";")[0]))
    )


def about(text: str, *, denied: bool = False) -> str:
    """A few words for what accounts differ about; "" where the text does not tell.

    `denied`: somebody denies a claim, so that a number in it is not what is disputed.
    """
    if not denied and re.search(r"\bcasualt", text):
        return "the casualty figures"
    if of := re.search(r"\b[Aa]ccounts of (?P<what>[^.,;]{3,40}?)(?: differ|[.,;])", text):
        return of["what"]
    if on := re.search(r"\bdisagreed? (?:on|about|over) (?P<what>[^.;,]{4,60})", text):
        return on["what"]
    if not denied and (
        number := re.search(
            r"\b[Tt]he (?P<what>number of [^.;,]{3,50}?)(?: is| was| at| since|[.;,])", text
        )
    ):
        return f"the {number['what']}"
    if place := CLAIMS_PLACE.search(text):
        words = " ".join(place["what"].split())
        return f"control of the {words}" if words.islower() else f"control of {words}"
    if not denied and (toll := TOLL.search(text)):
        return HARMED[toll["harm"]]
    if re.search(r"\b(?:blamed|blames|responsible|responsibility|accused)\b", text):
        return "who is responsible"
    if who := _DENIER.search(text):
        subject = who["who"].strip()
        subject = subject[:1].lower() + subject[1:] if subject.startswith("The ") else subject
        return (
            f"what {subject} denies"
            if not subject.split()[-1].endswith("s")
            else f"what {subject} deny"
        )
    return ""


def speaker_names(text: str) -> frozenset[str]:
    """Names of who is plainly said to speak, folded."""
    subject = _SUBJECT.match(text)
    found = {fold(name) for name in names(f"by {subject['subject']}")} if subject else set()
    return frozenset(found - COMMON_NAMES)
