"""Verbs of speech, by what may follow them.

SAYING       “…,” she said · she said (that) the talks went on
STATING      she stressed that the talks went on
CALLING      she called the talks “a way out”: only words in quotation marks are hers
PARTICIPLES  she left, saying that … · she condemned the move, tweeting: “…”
"""

from __future__ import annotations

SAYING = frozenset(
    """
    said says told tells added adds wrote writes tweeted tweets claimed claims announced warned
    insisted insists explained explains noted admitted confirmed stated
    """.split()
)
STATING = frozenset(
    """
    acknowledged acknowledges alleged alleges announces answered argued argues asserted asserts
    cautioned cautions commented commits complained complains conceded concedes concluded
    concludes continued declared declares denied denies disclosed emphasised emphasises
    emphasized emphasizes estimated estimates joked maintained maintains mentioned observed
    pledged pledges posted predicted predicts promised promises quipped recalled recalls
    reiterated reiterates remarked replied reported responded revealed reaffirmed stressed
    stresses suggested suggests testified underlined underlines underscored urged vowed vows
    warns notes admits confirms states repeated lamented countered retorted contended contends
    posts reads confessed confesses proclaimed proclaims comments asked asks
    """.split()
)
CALLING = frozenset(
    """
    called calls describes described hailed lauded praised labelled labeled branded denounced
    condemned criticised criticized dismissed accused demanded
    """.split()
)
PARTICIPLES = frozenset(
    """
    saying adding tweeting writing noting warning claiming arguing insisting stressing telling
    explaining announcing stating declaring calling describing urging pledging vowing
    emphasising emphasizing suggesting reiterating posting underlining pointing confirming
    acknowledging reminding promising
    """.split()
)
FINITE = SAYING | STATING | CALLING
VERBS = FINITE | PARTICIPLES
BARE_CLAUSE = frozenset(("said", "says", "saying", "told", "tells", "telling"))
"""Verbs after which any clause may stand without “that”; after others one with a pronoun."""

NAMED_AS_NOUNS = frozenset(
    """
    claims states notes reports posts estimates calls promises pledges reads warning writing
    suggests comments called described posted continued repeated reported accused branded demanded
    asked asks confirmed estimated calling pointing describing condemned answered denies urged
    """.split()
)
"""Words that are as often no verb of speech: without a subject they mean nothing."""

WITH_OUT = {"pointed": "pointed out", "points": "points out", "pointing": "pointing out"}
"""Verbs of speech only together with “out”."""

ADVERBS = frozenset(
    """
    has have had also then later earlier now repeatedly previously further once again recently
    still even already today yesterday himself herself itself just first simply only
    """.split()
)
"""What may stand between a subject and its verb; nothing that denies or conditions it."""
