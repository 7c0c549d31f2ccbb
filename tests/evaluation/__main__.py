"""`make eval`: how well Chancery finds and refuses, beside plain baselines and pinned floors.

    python -m tests.evaluation                 every set
    python -m tests.evaluation --quick         what an empty cache answers in minutes, sampled
    python -m tests.evaluation --sets seed     only these
    python -m tests.evaluation --pin           raise floors, pin new ones and the data's digests
    python -m tests.evaluation --accept-lower "why"

Exit status: 0 nothing is under its floor, 1 something is, 2 wrong use. Embeddings are kept in
`.eval-cache/`; delete it to encode everything anew.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from retrieval.evidence import ENOUGH
from tests.evaluation import cases, pages, quotations
from tests.evaluation.conversations import measure_conversations, measure_follow_ups
from tests.evaluation.desk import FAILURES, measure_desk
from tests.evaluation.digest import measure_digest
from tests.evaluation.embedding_cache import CachedEmbeddings
from tests.evaluation.fit_support import measure_claims
from tests.evaluation.floors import PATH, Floors, digests_of, read_floors, write_floors
from tests.evaluation.main_news import measure_main_news
from tests.evaluation.measuring import (
    README_BASELINES,
    measure,
    measure_answers_abroad,
    measure_languages,
)
from tests.evaluation.misspelt import measure_misspelt
from tests.evaluation.model_sentences import measure_model_sentences
from tests.evaluation.sets import (
    ANSWERS_ABROAD,
    CLAIMS,
    CONVERSATIONS,
    DESK,
    DIGEST,
    FOLLOW_UPS,
    LANGUAGES,
    MAIN_NEWS,
    MISSPELT,
    MODEL_SENTENCES,
    NAMES,
    ROOT,
    STORIES,
    DataAbsent,
    QuestionSet,
    data_folder,
    load,
)
from tests.evaluation.stories import measure_stories
from tests.evaluation.systems import open_system
from tests.evaluation.table import Measurement, render

QUICK = ("seed", "squad2", "timeqa", "names", "wice", "model_sentences", "stories", "digest")
QUICK_QUESTIONS = 500
# A reader reads forty texts a question: from an empty cache both take four minutes.
FEWER_QUESTIONS = {"squad2": 120, "names": 60}


@dataclass(slots=True)
class Report:
    """What one run found."""

    measurements: list[Measurement] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    try:
        sets = _sets(options)
    except DataAbsent as absent:
        print(f"skipped: {absent}")
        return 0
    report = _run(sets)
    if not options.sets:
        report.measurements += quotations.measurements(data_folder())
        report.measurements += pages.measurements(data_folder())
        report.measurements += cases.measurements(data_folder())
    floors, digests = read_floors(), digests_of(sets)
    changed = floors.changed(digests)
    if options.accept_lower:
        floors.lower(report.measurements, options.accept_lower)
    if options.pin:
        floors.pin(report.measurements, digests)
    if options.accept_lower or options.pin:
        write_floors(floors)
    under = floors.under(report.measurements)
    if options.json:
        print(json.dumps(_document(report, floors, under, changed), ensure_ascii=False))
    else:
        _print(report, floors, sets)
    for name in changed:
        print(f"{name} is not what the floors were pinned on; see --pin", file=sys.stderr)
    for one in under:
        value, floor = one.shown(one.chancery), one.shown(floors.of(one))
        print(f"under its floor: {one.set} {one.measure} {value} < {floor}", file=sys.stderr)
    return 1 if under else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation", allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help=f"{', '.join(QUICK)}, sampled")
    parser.add_argument("--sets", type=_names, help=f"some of {','.join(NAMES)}")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--pin", action="store_true", help=f"raise the floors in {PATH.name}")
    parser.add_argument("--accept-lower", metavar="REASON", type=_reason, help="lower floors")
    return parser.parse_args(arguments)


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in NAMES:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(NAMES)}")
    return names


def _reason(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("lowering a floor takes a reason")
    return text.strip()


def _sets(options: argparse.Namespace) -> list[QuestionSet]:
    folder = data_folder()
    names = options.sets or (QUICK if options.quick else NAMES)
    sets = [load(name, folder) for name in names]
    if options.quick:
        sets = [given.sample(FEWER_QUESTIONS.get(given.name, QUICK_QUESTIONS)) for given in sets]
    return sets


def _run(sets: Sequence[QuestionSet]) -> Report:
    report = Report()
    with CachedEmbeddings(ROOT / ".eval-cache") as embeddings:
        for given in sets:
            started = time.monotonic()
            about = f": {len(given.questions)} questions" if given.questions else ""
            print(f"{given.label}{about}", file=sys.stderr)
            if given.name == STORIES:
                report.measurements += measure_stories(given.articles, embeddings)
            elif given.name == CLAIMS:
                report.measurements += measure_claims(data_folder(), given.label)
            elif given.name == MODEL_SENTENCES:
                report.measurements += measure_model_sentences(data_folder(), given.label)
            elif given.name == CONVERSATIONS:
                report.measurements += measure_conversations(given, embeddings)
            elif given.name == LANGUAGES:
                report.measurements += measure_languages(given, embeddings)
            elif given.name == ANSWERS_ABROAD:
                report.measurements += measure_answers_abroad(given, embeddings)
            elif given.name == DESK:
                report.measurements += measure_desk(embeddings)
            elif given.name == FOLLOW_UPS:
                report.measurements += measure_follow_ups(embeddings)
            elif given.name == MISSPELT:
                with open_system(given, embeddings) as system:
                    report.measurements += measure_misspelt(given, system)
            elif given.name == MAIN_NEWS:
                report.measurements += measure_main_news(embeddings)
            elif given.name == DIGEST:
                report.measurements += measure_digest(given.articles, embeddings)
            else:
                with open_system(given, embeddings) as system:
                    report.measurements += measure(given, system)
            report.seconds[given.label] = round(time.monotonic() - started, 1)
            print(f"  {report.seconds[given.label]:.0f} s", file=sys.stderr)
    return report


def _document(
    report: Report, floors: Floors, under: Sequence[Measurement], changed: Sequence[str]
) -> dict[str, Any]:
    return {
        "measurements": [{**asdict(one), "floor": floors.of(one)} for one in report.measurements],
        "under": [f"{one.set} {one.measure}" for one in under],
        "changed": list(changed),
        "seconds": report.seconds,
    }


def _print(report: Report, floors: Floors, sets: Sequence[QuestionSet]) -> None:
    print(*render(report.measurements, floors.floors), sep="\n")
    print()
    print("dense, BM25: the halves of the fusion alone (BM25 with titles); RRF: k = 60 over")
    print("the first 100 of each. For refusing, dense is the highest cosine alone; what is")
    print(f"answered has a confidence of at least {ENOUGH}.")
    if any(given.name == STORIES for given in sets):
        print("stories: in the columns dense, BM25, RRF stands average linkage on embeddings, on")
        print("TF-IDF, on the mean of both, at the threshold that is best on these articles.")
    if any(given.name == CLAIMS for given in sets):
        print("wice: in the columns dense and BM25 stand the highest cosine with fitted thresholds")
        print("(data README) and one label for all.")
    if any(given.name == CONVERSATIONS for given in sets):
        print("mtrag_un: dense, BM25, RRF search for the last turn alone; all user turns .775, the")
        print("last two .842 (data README).")
    if any(given.name == DESK for given in sets):
        print(f"desk: what failed and how stands in {FAILURES.relative_to(ROOT)}.")
    if any(given.name == MISSPELT for given in sets):
        print("names: questions of squad2 with one of their names misspelt.")
    if any(given.name == LANGUAGES for given in sets):
        print("xquad: questions in one language over the same paragraphs in another.")
    if any(given.name == ANSWERS_ABROAD for given in sets):
        print("languages: the same where every other article was read: extractive answers with the")
        print("gold answer in them, and refusals of what only the other articles answer.")
    if any(given.name == DIGEST for given in sets):
        print("digest: in the column dense stand the first sentences of the newest articles.")
    for given in sets:
        for name, values in README_BASELINES.get(given.name, {}).items():
            shown = " / ".join(f"{value:.3f}" for value in values)
            print(f"{given.name}, {name}: {shown} (README)")
    for given in sets:
        if given.ambiguous:
            print(
                f"{given.label}: {given.ambiguous} of {len(given.questions)} questions have gold "
                "in an article that occurs twice with differing text; the later one is searched."
            )


if __name__ == "__main__":
    raise SystemExit(main())
