"""How grave what a story tells is: an event before a routine, a routine before a greeting.

    title, else lead -> 1 an event, 0.5 neither, 0.25 a travel note or a form, 0 a courtesy

Events are told by the classes of deed that event data sets code apart from consultation (CAMEO's
conflict, coercion, mass violence and agreements), as far as plain words tell them. A greeting for
a national day stays one although it also condemns an occupation: the title decides first. The
order was read on ten days of a ministry's statements, where every story has one origin and
nothing else tells a crisis from a note on passports.
"""

from __future__ import annotations

import re

from corpus.articles import Article
from retrieval.briefs.forms import is_travel_note, names_only_form
from retrieval.briefs.headline import clean_title
from retrieval.stories.nouns import Story

EVENT, EVENT_IN_LEAD, PLAIN, ROUTINE, COURTESY = 1.0, 0.85, 0.5, 0.25, 0.0

_EVENT = re.compile(
    r"\b(?:kill\w*|dead|deaths?|casualt\w+|wounded|attack\w*|assault\w*|bomb\w*|shell(?:ing|ed)"
    r"|missiles?|air ?strikes?|invasion|invad\w+|war|warfare|fighting|clash\w*|offensive"
    r"|hostilit\w+|march(?:es|ed)? on|coups?|takeover|detain\w*|detention\w*|arrest\w*|jail\w*"
    r"|imprison\w*|sentenc\w+|hostages?|abduct\w*|kidnap\w*|atrocit\w+|massacre\w*|genocide"
    r"|human rights (?:abuses|violations)|famine|crisis|crises|evacuat\w+|earthquake|hurricane"
    r"|sanctions?|expel\w*|expulsion|condemn\w*|denounc\w+|cease-?fire|truce|annex\w*"
    r"|peace (?:agreement|deal|accord)|(?:reach\w*|sign\w*|ratif\w+)\b.{0,30}"
    r"\b(?:agreement|deal|treaty|accord)|resign\w*|oust\w*|impeach\w*|overthrow\w*|stat?e of"
    r" emergency|election results?|referendum|protests?|crackdown|nuclear (?:test|deal|talks)"
    r"|hijack\w*|forced diversion|diversion of|military alert|mobili[sz]\w+|withdraw(?:al|s)?"
    r"|blockad\w*|releases? of|should\b.{0,20}\brelease|demands?|ultimatum|poison\w*)\b",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"\b(?:national day|independence day|republic day|constitution day|day of the\b"
    r"|congratulat\w+|celebrat\w+|birthday|greetings?|best wishes|eid|ramadan|nowruz|diwali"
    r"|hanukkah|heritage month|awareness (?:day|month)|world [\w ]{3,30} day"
    r"|international day|anniversary|awards?|honou?rs?\b|recogni[sz]ing|commemorat\w+"
    r"|meet and greet"
    r"|observance|remembrance day)\b",
    re.IGNORECASE,
)
_ROUTINE = re.compile(
    r"\b(?:passports?|visas?|appointment of|personnel|exchange program\w*|fact sheet"
    r"|media note|public schedule|travel advisor\w+|notice to|welcoming|dialogue|day \d+ of"
    r"|applications?|scholarships?|press briefing)\b",
    re.IGNORECASE,
)


def gravity_of(story: Story) -> float:
    """How grave a story is, between 0 and 1: as its gravest article."""
    return max(article_gravity(article) for article in story.articles)


def article_gravity(article: Article) -> float:
    """How grave an article is by its title; by its first sentences where the title is plain."""
    title = clean_title(article) or article.title
    if _COURTESY.search(title):
        return COURTESY
    if _EVENT.search(title):
        return EVENT
    if _ROUTINE.search(title) or is_travel_note(title) or names_only_form(title):
        return ROUTINE
    lead = next((p.text for p in article.paragraphs if len(p.text) >= 80), "")
    return EVENT_IN_LEAD if _EVENT.search(lead[:300]) else PLAIN
