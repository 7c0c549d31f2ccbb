"""Checking claims against the bundled sample: labelled claims, and what becomes of each.

    python -m tests.evaluation.claim_sample [--wrong] [--same-matter .7]

The claims of `tests/data/sample_claims.jsonl` were written from the sample's dispatches: supported;
partly (something added that no dispatch tells); contradicted (a number, date, name or sense is
another); absent. Contradicted and absent claims are to come out as not supported.

They were written in three rounds, and each found something to mend: at first sight 46 of 58, 19 of
32 and 25 of 30 came out as labelled, and of the contradicted ones 4, 5 and 4 as supported. What is
printed now is therefore better than what new claims will give.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from retrieval.grounding import contradiction as claim_differences
from retrieval.grounding.claims import CheckedClaim, ClaimSearch, check_claims
from retrieval.grounding.support import Support

FILE = Path(__file__).parents[1] / "data" / "sample_claims.jsonl"
ASKED_AT = datetime(2019, 7, 1, tzinfo=UTC)
LABELS = ("supported", "partly", "contradicted", "absent")
WANTED = {
    "supported": Support.SUPPORTED,
    "partly": Support.PARTLY,
    "contradicted": Support.NOT,
    "absent": Support.NOT,
}


@dataclass(frozen=True, slots=True)
class LabelledClaim:
    """A claim and what it is to the sample."""

    text: str
    label: str


def labelled_claims() -> list[LabelledClaim]:
    """The labelled claims in their order."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [LabelledClaim(one["claim"], one["label"]) for one in map(json.loads, lines)]


def checked(
    claims: Sequence[LabelledClaim], search: ClaimSearch
) -> list[tuple[LabelledClaim, CheckedClaim]]:
    """Each claim with what the check says of it alone."""
    return [(one, check_claims(one.text, search, ASKED_AT)[0]) for one in claims]


def confusion(found: Sequence[tuple[LabelledClaim, CheckedClaim]]) -> Counter[tuple[str, Support]]:
    """How many claims of each label came out as each support."""
    return Counter((claim.label, result.support) for claim, result in found)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation.claim_sample")
    parser.add_argument("--wrong", action="store_true", help="also print each that came out wrong")
    default = claim_differences.SAME_MATTER
    parser.add_argument("--same-matter", type=float, default=default, help="instead of %(default)s")
    given = parser.parse_args()
    claim_differences.SAME_MATTER = given.same_matter
    from bot.cli.reading import read_into
    from bot.library import open_corpus, open_library
    from bot.settings import Settings

    with tempfile.TemporaryDirectory() as home:
        settings = Settings(_env_file=None, chancery_home=Path(home))
        corpus = open_corpus(settings)
        read_into(corpus, settings, [], sample=True)
        with open_library(settings, corpus, "measuring") as library:
            library.indexer.catch_up()
            found = checked(labelled_claims(), library.search)
        corpus.close()
    counts = confusion(found)
    print(f"{'':14}" + "".join(f"{support.value:>12}" for support in Support))
    for label in LABELS:
        print(f"{label:14}" + "".join(f"{counts[label, support]:>12}" for support in Support))
    right = sum(result.support is WANTED[claim.label] for claim, result in found)
    print(f"{right} of {len(found)} as labelled")
    otherwise = sum(bool(one.nearest) for _, one in found if one.support is Support.SUPPORTED)
    print(f"{otherwise} of the supported ones are told otherwise elsewhere")
    if given.wrong:
        for claim, result in found:
            if result.support is not WANTED[claim.label]:
                print(f"\n{claim.label}: {claim.text}\n  {result.support}: {result.reason}")
                for citation in (*result.citations, *result.nearest):
                    print(f"  ¶{citation.paragraph.number} {citation.paragraph.text}")


if __name__ == "__main__":
    main()
