"""What `tests/data/news` names is there: every phrase stands in the articles named, in no other."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
FILES = ("days", "timelines", "summaries")
CORPORA = {
    "sample": ROOT / "corpus" / "samples" / "dispatches.jsonl",
    "briefings": SHARED / "briefings" / "articles.jsonl.gz",
    "feed_polls": SHARED / "feed_polls" / "items.jsonl.gz",
    "multihop": SHARED / "multihop" / "articles.jsonl.gz",
    "wp_current_events": SHARED / "wp_current_events" / "events.jsonl.gz",
}


def lines(path: Path) -> list[dict[str, Any]]:
    raw = path.read_bytes()
    text = gzip.decompress(raw) if path.suffix == ".gz" else raw
    return [json.loads(line) for line in text.decode().splitlines()]


def named(name: str) -> list[dict[str, Any]]:
    return lines(ROOT / "tests" / "data" / "news" / f"{name}.jsonl")


def day_of(one: dict[str, Any]) -> str:
    if "published" in one:
        return parsedate_to_datetime(one["published"]).date().isoformat()
    if one.get("published_at") or "date" in one:
        return str(one.get("published_at") or one["date"])[:10]
    return str(one["paragraphs"][-1].split(" on ")[-1][:10])


@pytest.mark.parametrize("name", FILES)
def test_half_of_a_file_is_held_out(name: str) -> None:
    held = [one["held_out"] for one in named(name)]
    assert abs(2 * sum(held) - len(held)) <= 1


@pytest.mark.parametrize("corpus", list(CORPORA))
@pytest.mark.slow
def test_what_is_named_is_there_and_nowhere_else(corpus: str) -> None:
    if not CORPORA[corpus].exists():
        pytest.skip(f"{corpus} is not beside the project")
    days, texts, counts = defaultdict(set), defaultdict(set), Counter[str]()
    for one in lines(CORPORA[corpus]):
        where, day = one.get("url") or one["id"], day_of(one)
        days[where].add(day)
        counts[day] += 1
        texts[where].update(" ".join(p.split()) for p in one.get("paragraphs") or [one["text"]])
    whole = {where: "\n".join(paragraphs) for where, paragraphs in texts.items()}
    for record in (one for name in FILES for one in named(name) if one["corpus"] == corpus):
        since, until = (str(record.get(end, record.get("day"))) for end in ("since", "until"))
        assert counts[since] == record.get("articles", counts[since])
        inside = set(record.get("ceremony", []))
        for item in record.get("items", record.get("events")):
            inside |= {gold["article"] for gold in item["gold"] if "elsewhere" not in gold}
            for gold in item["gold"]:
                phrase, where = gold["phrase"], gold["article"]
                assert len(phrase.split()) <= 8
                assert sum(phrase in paragraph for paragraph in texts[where]) == 1, phrase
                holders = {other for other, text in whole.items() if phrase in text}
                assert holders <= {one["article"] for one in item["gold"]}, phrase
        for where in inside:
            assert any(since <= day <= until for day in days[where]), (record["id"], where)
