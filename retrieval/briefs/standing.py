"""Whether a sentence can be read aloud on its own, or leans on what stands before it.

"He said …", "The vote took place …" and "The Council also …" say who or what only together with
the sentence before. Names are heard too: "Ibn Auf said …" leans on where his office was told.

Pure. Accepted gaps: a common noun inside the sentence that was brought in before ("before the
headquarters"), and "the country" for one that was named.
"""

from __future__ import annotations

import re

from corpus.sentences import quoted_spans

_PRONOUN_FIRST = re.compile(
    r"^[“\"'‘(]?(?:(?:First|Second|Third|Fourth|Next)(?=,| to\b)|Finally|Lastly"
    r"|Moreover|Furthermore"
    r"|Additionally|Likewise|Similarly|Accordingly|Indeed|Consequently|Nonetheless|Conversely"
    r"|In (?:addition|turn|short|particular|doing so|fact|contrast|other words|return|response)\b"
    r"|(?:As a result|To (?:this|that) end|For (?:example|instance)|Of course|At the same time"
    r"|On the other hand|Among other things|By contrast|For (?:this|that) reason)(?=,)"
    r"|He|She|It|They|His|Her|Its|Their|This|That|These|Those|Such|But|And|However|Both"
    r"|Meanwhile|Instead|Nevertheless|Still|Yet|So|Then|Thus|Therefore|Nor|Or|Some|Others?|Another"
    r"|Many|Most|Neither|Either|Earlier|Later|Afterwards|Also|Separately|Two others|The two"
    r"|The three|The four|The five|The same|The other|The others|The former|The latter)\b"
)
_BOTH_NAMED = re.compile(
    r"^(?:Both|Some|Many|Most)\s+(?:\w+\s+){0,2}(?:in|of|from)\s+(?:the\s+)?(?:[a-z]+\s+)*"
    r"(?:for\s+)?[A-Z]"
)
_PEOPLE_FIRST = re.compile(r"^(?:Many|Some|Most) [a-z]+ (?:in|of|from|across|near) [A-Z]")
# "The vote", "The chairperson", "The two sides": a common noun that was named before, unless
# what follows it names it ("The government in Tripoli", "The United Nations").
_DEFINITE = re.compile(
    r"^The\s+(?P<noun>[a-z][\w’'-]*(?:\s+[a-z][\w’'-]*){0,7})(?P<rest>.*)$", re.S
)
# Offices and bodies that many have: which one was said before.
_OFFICE_FIRST = re.compile(
    r"^The (?P<office>Secretary(?:-General)?|President|Prime Minister|Foreign Minister|Minister"
    r"|Ambassador"
    r"|Deputy Secretary|Under ?[Ss]ecretary|Special Envoy|Envoy|Chairperson|Council|Commission"
    r"|Committee"
    r"|Department|Ministry|Court|Parliament|Assembly|Mission|Government|Governor|King"
    r"|Queen|Prince|Pope"
    r"|Leaders|Ministers|Presidents|Parties|Sides)"
    r"(?:['’]s)?\s+(?!of\b|for\b|General\b)[a-z]"
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|said|says|told"
    r"|took|met|did|does|comes?|came|put|gave|held|led|added|follows?|covered|also"
    r"|[a-z]{3,}ed)\b"
)
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b(?:[A-Z][\w’'-]+|[A-Z]{2,})")
# Nouns that everybody who reads of foreign affairs knows without a name before them.
_KNOWN = re.compile(
    r"^The\s+(?:world|sun|international community|death toll|first|second|third|last|next|latest"
    r"|new|number of|leaders? of|head of|heads of|foreign ministers? of|president of|king of"
    r"|capital of|people of|army of|government of|governments of|parliament of|prime minister of)\b"
)
_LEANS_INSIDE = re.compile(
    r"\b(?:also (?:called|said|urged|told|asked|announced|blamed|warned|noted|added)|added that"
    r"|too\b[.,]|as well\b[.,]|the (?:former|latter)\b|the same (?:day|time|evening)"
    r"|at the (?:vote|meeting|summit|conference|event|ceremony|signing)\b|that (?:day|evening"
    r"|night)\b"
    r"|(?:remain|stay|stayed|remained|arrived?|went|gathered|met|live[sd]?|killed|held) there\b"
    r"|in (?:response|return|addition|reply)\b,)",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"(?<!^)\bthe (?:request|decision|move|proposal|plan|deal|agreement|vote|attack|incident"
    r"|statement"
    r"|announcement|measure|change|talks|visit|operation|ruling|order|resolution|bill|offer|letter"
    r"|meeting|summit|two|pair|three|latter|former|group|town|city|country|ministers?|leaders?)\b"
    r"(?!\s+(?:of|to|for|that|by|between|against|called|named|[A-Z]))"
)
# "These goals", "in this regard", "as outlined in the Resolution": what is meant was named before.
_POINTING = re.compile(
    r"\b(?:[Tt]his|[Tt]hese|[Ss]uch|[Tt]hose)\s+(?P<what>(?!(?:week|month|year"
    r"|morning|afternoon|evening"
    r"|spring|summer|autumn|fall|winter|weekend|time|is|was|are|were|will|would|has|have|had|who"
    r"|whose|that|in|of|from|with|without|responsible|as|an?|including|held|killed"
    r"|affected|involved"
    r"|most|the|seeking|needing|living|present|already|still|under|at|on|by|for|to"
    r"|and|or|not|all)\b)"
    r"[a-z][\w’'-]*(?:\s+[a-z][\w’'-]*)?)"
)
_IN_THIS = re.compile(
    r"\b(?:in|to|at|toward|towards|for|on|with|under) (?:this|that) (?:regard|respect|end|context"
    r"|connection|matter|purpose|issue|subject|effort|spirit|topic|front)\b",
    re.IGNORECASE,
)
_CAPITAL_COMMON = re.compile(
    r"\b(?:the|this) (?P<what>Resolution|Agreement|Convention|Treaty|Declaration|Statement|Summit"
    r"|Initiative|Accords?|Protocol|Plan|Communiqué|Roadmap|Framework|Report|Charter|Pact|Dialogue"
    r"|Decision|Act|Strategy)\b(?!\s+(?:of|on|for|to|against|between|with|concerning|[A-Z0-9(“]))"
)
_REQUESTED = re.compile(
    r"\b(?:the|this|that|their|its) (?P<what>request|decision|proposal|offer|ruling|order"
    r"|resolution|bill|announcement|measure)\b(?!\s+(?:of|to|for|that|by|between|against"
    r"|on (?![A-Z]\w+day\b|\d)|in (?![A-Z]\w+ \d|\d)|not|called|named|[A-Z]))"
)
_OFFICE_INSIDE = re.compile(
    r"\b[Tt]he (?:(?:Deputy )?(?:Secretary|President|Minister) and (?:the )?)?"
    r"(?P<office>(?:Prime|Foreign|Defen[cs]e) (?:Minister|Secretary)|President|King"
    r"|Chancellor|Crown Prince|Ambassador|Emir|Sultan)\b(?!\s+(?:of|for [A-Z]|[A-Z]))"
)
_RECALLS = re.compile(
    r"\bthat (?:attack|incident|time|occasion|case|year|war|vote|strike)\b", re.IGNORECASE
)
_SPEAKER_UNNAMED = re.compile(
    r"\b(?:(?:he|she|they|it)\s+(?:also\s+)?(?:said|says|told|added|wrote|tweeted"
    r"|warned|noted|argued"
    r"|explained|stressed|insisted)|(?:said|says|added|told reporters)\s+(?:he|she|they)"
    r"|the\s+(?:spokes\w+|minister|official|envoy|president|leader|ministry|office|statement|report"
    r"|general|ambassador|command|group|agency|diplomat|source|media office)\s+"
    r"(?:also\s+)?(?:said|says|told|added|wrote|noted))\b"
)
_PRONOUN = re.compile(r"\b(?:he|she|him|his|her|hers|they|them|their)\b")
_ANY_NAME = re.compile(r"\b[A-Z][\w’'-]{2,}")
_PLURAL = re.compile(r"\b(?:[a-z]{3,}s|people|men|women|children|police|forces|sides)\b")


def leans(text: str, heard: str = "") -> bool:
    """Whether a sentence needs the one before it to say who or what it speaks of.

    `heard` is what was read before it: "The vote …" stands after "Parliament votes on …".
    """
    outside = _without_quotations(text)
    if opens_with_pronoun(text):
        return True
    noun = bare_definite(text)
    if noun is not None and not re.search(rf"\b{re.escape(noun)}", heard, re.IGNORECASE):
        return True
    if _LEANS_INSIDE.search(outside) or _speaker_is_unnamed(outside):
        return True
    if points_at_unnamed(outside, heard):
        return True
    return _pronoun_before_any_name(outside)


def unnamed_office(text: str) -> str | None:
    """The office of whom a sentence speaks without a name: "the Foreign Minister" may be another
    one in every article."""
    for found in _OFFICE_INSIDE.finditer(_without_quotations(text)):
        if found["office"] not in text[: found.start()]:
            return found["office"]
    return None


def points_at_unnamed(text: str, heard: str = "") -> bool:
    """Whether a sentence speaks of "these goals", "the Resolution" or "the request" where neither
    its own words before that nor what was heard have named it."""
    if _IN_THIS.search(text):
        return True
    for pattern in (_POINTING, _CAPITAL_COMMON, _REQUESTED):
        for found in pattern.finditer(text):
            # The words before in the sentence can hold what is meant: "an accord, and this accord".
            context = f"{heard} {text[: found.start()]}".casefold()
            named = [word for word in found["what"].casefold().split() if len(word) > 3]
            if not any(word.rstrip("s")[:6] in context for word in named):
                return True
    return False


def opens_with_pronoun(text: str) -> bool:
    """Whether the first words point back: "He", "This", "But", "The two"."""
    return bool(_PRONOUN_FIRST.match(text)) and not (
        _BOTH_NAMED.match(text) or _PEOPLE_FIRST.match(text)
    )


def recalls(text: str) -> bool:
    """Whether it speaks of an occasion that was told before: "that attack"."""
    return bool(_RECALLS.search(_without_quotations(text)))


def points_back(text: str) -> bool:
    """Whether it speaks, further in, of "the request" or "the decision" without saying which."""
    return bool(_POINTS_BACK.search(_without_quotations(text)))


def bare_definite(text: str) -> str | None:
    """The noun of a sentence that opens with "The vote" or "The Secretary" and does not name it
    there; None for others."""
    if office := _OFFICE_FIRST.match(text):
        return office["office"]
    found = _DEFINITE.match(text)
    if found is None or _KNOWN.match(text):
        return None
    verb = _VERB.search(text, 4)
    subject = text[4 : verb.start()] if verb else text[4:60]
    if re.search(r"\b[A-Z0-9]", subject):
        return None
    nouns = [word for word in subject.split() if len(word) > 3]
    return nouns[-1] if nouns else subject.strip() or "the"


def _speaker_is_unnamed(text: str) -> bool:
    found = _SPEAKER_UNNAMED.search(text)
    if found is None:
        return False
    if re.match(r"the\b", found.group(), re.I):
        return True
    return not _ANY_NAME.search(text[1 : found.start()]) and not text[:1].isupper()


def _pronoun_before_any_name(text: str) -> bool:
    """Whether a personal pronoun comes before anybody it could mean was spoken of."""
    found = _PRONOUN.search(text)
    if found is None:
        return False
    before = text[: found.start()]
    if _ANY_NAME.search(before[1:]) or re.match(r"[A-Z][\w’'-]+ (?!of\b)", before):
        first = before.split(" ", 1)[0]
        return not (_ANY_NAME.search(before[1:]) or first not in _OPENERS or _PLURAL.search(before))
    return not _PLURAL.search(before)


_OPENERS = frozenset(
    "In On At After Before When While As For With By From To If Since During".split()
)


def _without_quotations(text: str) -> str:
    for start, end in reversed(quoted_spans(text)):
        text = f"{text[:start]}“…”{text[end:]}"
    return text
