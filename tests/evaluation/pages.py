"""How well web pages are read, against text that people marked up.

    python -m tests.evaluation.pages             scores of `corpus.readers.html` as it is
    python -m tests.evaluation.pages --compare   and of the ways it could extract

The data are Zyte's article extraction benchmark: 181 pages, the measure is the benchmark's own:
bags of 4-grams of words a page, precision and recall averaged over pages, F1 of the averages. The
people who marked the text wrote the rows of tables as they stand, so rows are compared without the
heads of their columns; with them, as they are stored, F1 is .006 less, all of it on three pages.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from corpus.errors import ReadError
from corpus.readers.html import extract, read_page, text_blocks
from corpus.readers.markdown import decode

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "html_article_benchmark"

# A change of the extraction must not fall below this; measured .9699 with trafilatura 2.3.1.
FLOOR = 0.965

Reader = Callable[[bytes, str], str]

_WAYS: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "favour precision": {"favor_precision": True},
    "favour recall": {"favor_recall": True},
    "fast": {"fast": True},
    "no tables": {"include_tables": False},
    "precision, no tables": {"favor_precision": True, "include_tables": False},
    "precision, fast": {"favor_precision": True, "fast": True},
    "no repeated text": {"deduplicate": True},
}


def extraction_scores(folder: Path = FOLDER, read: Reader | None = None) -> dict[str, float]:
    """`precision`, `recall`, `f1` in 0..1, and `pages` and `unread`, over a benchmark folder.

    `read` turns a page's bytes and address into its text; by default `corpus.pages.read_page`.
    """
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    precisions: list[float] = []
    recalls: list[float] = []
    unread = 0
    for name, page in sorted(truth.items()):
        html = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        text = (read or _as_read)(html, page["url"])
        wanted, found = _shingles(page["articleBody"]), _shingles(text)
        common = sum((wanted & found).values())
        unread += not found
        if found:
            precisions.append(common / sum(found.values()))
        if wanted:
            recalls.append(common / sum(wanted.values()))
    precision, recall = mean(precisions), mean(recalls)
    f1 = 2 * precision * recall / (precision + recall)
    return {
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "pages": len(truth),
        "unread": unread,
    }


def _as_read(html: bytes, url: str) -> str:
    try:
        return "\n\n".join(read_page(html, url, tell=_as_they_stand).paragraphs)
    except ReadError:
        return ""


def _as_they_stand(rows: Sequence[Sequence[str]], heads: Sequence[str] | None = None) -> list[str]:
    return [" ".join(row) for row in ([heads] if heads else []) + list(rows)]


def _way(options: dict[str, Any]) -> Reader:
    def read(html: bytes, url: str) -> str:
        from trafilatura import load_html

        document = extract(load_html(decode(html, url)), url, options)
        return "" if document is None else "\n\n".join(text_blocks(document.body))

    return read


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    starts = range(max(1, len(words) - 3))
    return Counter(tuple(words[n : n + 4]) for n in starts if words)


def main() -> int:
    if not FOLDER.exists():
        print(f"no data at {FOLDER}", file=sys.stderr)
        return 2
    scores = extraction_scores()
    _print("corpus.readers.html", scores)
    if "--compare" in sys.argv[1:]:
        for name, options in _WAYS.items():
            _print(name, extraction_scores(read=_way(options)))
    return 0 if scores["f1"] >= FLOOR else 1


def _print(name: str, scores: dict[str, float]) -> None:
    numbers = "  ".join(f"{key} {scores[key]:.4f}" for key in ("precision", "recall", "f1"))
    print(f"{name:<22} {numbers}  unread {scores['unread']}")


if __name__ == "__main__":
    raise SystemExit(main())
