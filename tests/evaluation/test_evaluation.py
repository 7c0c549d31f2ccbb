"""The machinery of `make eval` on tiny made-up material: cache, floors, table, sets."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from corpus.articles import article_id
from retrieval.encoders.encoder import Vectors
from retrieval.outcomes import Answer, Citation, NoAnswer, Statement
from retrieval.passages import Passage
from retrieval.questions.understand import understand
from tests.evaluation.__main__ import main
from tests.evaluation.desk import OWN as DESK_FOLDER
from tests.evaluation.desk import DeskQuestion, desk_questions, scored
from tests.evaluation.embedding_cache import CachedEncoder
from tests.evaluation.floors import Floors, floor_for, read_floors, write_floors
from tests.evaluation.measuring import over_better_half
from tests.evaluation.sets import DataAbsent, data_folder, file_digest, load
from tests.evaluation.systems import reciprocal_rank_fusion
from tests.evaluation.table import Measurement, render
from tests.fakes.articles import NOON, stored_article
from tests.fakes.embedding import HashedEncoder


class MadeUp(HashedEncoder):
    """An encoder whose vectors are those of `made_up_vector`."""

    def __init__(self, name: str) -> None:
        super().__init__(name, 8, 60)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        return np.stack([made_up_vector(text) for text in texts])

    encode_query = encode_document


class Counting(CachedEncoder):
    """A cache before a made-up model that remembers what it was asked."""

    def __init__(self, folder: Path, model: str = "made-up") -> None:
        self.model = MadeUp(model)
        super().__init__(folder, self.model)

    @property
    def computed(self) -> list[str]:
        return self.model.encoded


def made_up_vector(text: str) -> Vectors:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
    vector = np.random.default_rng(seed).normal(size=8).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


# -- cache -------------------------------------------------------------------------------------


def test_a_text_is_encoded_once_and_kept_in_order(tmp_path: Path) -> None:
    with Counting(tmp_path) as first:
        first.encode_document(["b", "a", "b"])
    with Counting(tmp_path) as second:
        vectors = second.encode_document(["a", "c", "b"])
    assert sorted(first.computed) == ["a", "b"]
    assert second.computed == ["c"]
    expected = np.stack([made_up_vector(text) for text in "acb"])
    np.testing.assert_array_equal(vectors, expected)


def test_an_interruption_loses_only_what_was_not_complete(tmp_path: Path) -> None:
    with Counting(tmp_path) as first:
        first.encode_document(["a", "b"])
    (path,) = tmp_path.glob("*/vectors.f32")
    path.write_bytes(path.read_bytes() + b"half a vector")
    with Counting(tmp_path) as second:
        second.encode_document(["c"])
    with Counting(tmp_path) as third:
        vectors = third.encode_document(["a", "b", "c"])
    assert third.computed == []
    np.testing.assert_array_equal(vectors, np.stack([made_up_vector(text) for text in "abc"]))


def test_a_digest_without_its_vector_is_encoded_again(tmp_path: Path) -> None:
    with Counting(tmp_path) as first:
        first.encode_document(["a", "b"])
    (path,) = tmp_path.glob("*/vectors.f32")
    path.write_bytes(path.read_bytes()[:-1])
    with Counting(tmp_path) as second:
        second.encode_document(["a", "b"])
    assert second.computed == ["b"]
    assert len(Counting(tmp_path)) == 2


def test_models_do_not_share_vectors(tmp_path: Path) -> None:
    with Counting(tmp_path, "one/model") as first:
        first.encode_document(["a"])
    with Counting(tmp_path, "one-model") as other:
        other.encode_document(["a"])
    assert other.computed == ["a"]


def test_two_at_once_append_to_one_cache(tmp_path: Path) -> None:
    with Counting(tmp_path) as first, Counting(tmp_path) as second:
        first.encode_document(["a"])
        second.encode_document(["b"])
    with Counting(tmp_path) as third:
        vectors = third.encode_document(["a", "b"])
    assert third.computed == []
    np.testing.assert_array_equal(vectors, np.stack([made_up_vector("a"), made_up_vector("b")]))


# -- floors ------------------------------------------------------------------------------------

HIT = Measurement("tiny", "hit@10", 0.8, dense=0.7, bm25=0.75, rrf=0.78)
COUNT = Measurement("tiny", "refused", 3, of=4)
SHOWN = Measurement("tiny", "wrongly refused", 0.2, gated=False)


def test_a_floor_lies_a_little_below_a_share_and_at_a_count() -> None:
    assert floor_for(HIT) == 0.79
    assert floor_for(COUNT) == 3


def test_a_value_under_its_floor_is_named() -> None:
    floors = Floors({("tiny", "hit@10"): 0.81, ("tiny", "refused"): 3})
    assert floors.under([HIT, COUNT, SHOWN]) == [HIT]


def test_pinning_raises_and_never_lowers() -> None:
    floors = Floors({("tiny", "hit@10"): 0.5, ("tiny", "refused"): 4})
    floors.pin([HIT, COUNT, SHOWN], {"tiny/questions.jsonl": "new"})
    assert floors.floors == {("tiny", "hit@10"): 0.79, ("tiny", "refused"): 4}
    assert floors.data == {"tiny/questions.jsonl": "new"}


def test_lowering_keeps_its_reason() -> None:
    floors = Floors({("tiny", "hit@10"): 0.81, ("tiny", "refused"): 4})
    floors.lower([HIT, COUNT], "another analyser")
    assert floors.under([HIT, COUNT]) == []
    assert floors.floors == {("tiny", "hit@10"): 0.79, ("tiny", "refused"): 3}
    assert [entry["reason"] for entry in floors.lowered] == ["another analyser"] * 2
    assert (floors.lowered[1]["from"], floors.lowered[1]["to"]) == (4, 3)


def test_the_fused_order_may_not_fall_below_its_better_half() -> None:
    floors = Floors()
    above, below = (
        over_better_half(HIT),
        over_better_half(Measurement("other", "hit@10", 0.7, dense=0.71, bm25=0.6)),
    )
    floors.pin([above, below], {})
    assert set(floors.floors.values()) == {0.0}
    assert floors.under([above, below]) == [below]


def test_a_lowered_check_of_the_halves_is_not_raised_to_where_it_fails() -> None:
    below = over_better_half(Measurement("other", "hit@10", 0.7, dense=0.71, bm25=0.6))
    floors = Floors({("other", below.measure): 0.0})
    floors.lower([below], "known")
    floors.pin([below], {})
    assert floors.under([below]) == []


def test_floors_survive_writing_and_changed_data_is_named(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    floors = Floors({("tiny", "hit@10"): 0.79}, {"a": "1", "b": "2"}, [{"reason": "known"}])
    write_floors(floors, path)
    assert read_floors(path) == floors
    assert floors.changed({"a": "1", "b": "3", "new": "4"}) == ["b"]
    assert read_floors(tmp_path / "none.json") == Floors()


# -- table -------------------------------------------------------------------------------------


def test_the_table_shows_baselines_floors_and_what_is_under() -> None:
    lines = render(
        [HIT, COUNT, SHOWN, over_better_half(HIT)],
        {("tiny", "hit@10"): 0.81, ("tiny", "refused"): 3},
    )
    assert [line.split() for line in lines] == [
        ["set", "measure", "dense", "BM25", "RRF", "Chancery", "floor"],
        [lines[1]],
        ["tiny", "hit@10", "0.700", "0.750", "0.780", "0.800", "0.810", "<"],
        ["refused", "–", "–", "–", "3/4", "3/4"],
        ["wrongly", "refused", "–", "–", "–", "0.200", "–"],
        ["hit@10", "over", "the", "better", "half", "–", "–", "–", "+0.050", "–"],
    ]
    assert lines[2].index("0.700") == lines[0].index("dense")
    assert lines[3].index("3/4") + 3 == lines[0].index("Chancery") + len("Chancery")


# -- sets --------------------------------------------------------------------------------------

URL = "https://example.org/a"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A set of two questions over an article that occurs twice with other text."""
    home = tmp_path / "data" / "squad2"
    home.mkdir(parents=True)
    articles = [
        {"url": URL, "title": "First", "paragraphs": ["One.", "Two."]},
        {"url": URL, "title": "First", "paragraphs": ["One.", "Three."]},
        {"url": "https://example.org/b", "title": "Other", "paragraphs": ["Four."]},
    ]
    questions = [
        {"id": "1", "question": "Two?", "answerable": True,
         "gold": [{"url": URL, "paragraphs": [1, 2]}], "asked_at": "2024-05-01T10:00:00+00:00"},
        {"id": "2", "question": "Five?", "answerable": False, "gold": [], "answers": ["x"]},
    ]  # fmt: skip
    with gzip.open(home / "articles.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(line) + "\n" for line in articles)
    with (home / "questions.jsonl").open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(line) + "\n" for line in questions)
    return home.parent


def test_a_set_knows_its_gold_and_what_is_ambiguous(folder: Path) -> None:
    given = load("squad2", folder)
    answerable, unanswerable = given.questions
    assert answerable.keys == {(article_id(URL), 1), (article_id(URL), 2)}
    assert answerable.asked_at.isoformat() == "2024-05-01T10:00:00+00:00"
    assert unanswerable.pieces == []
    assert given.ambiguous == 1
    assert file_digest(given.files[1]) == hashlib.sha256(given.files[1].read_bytes()).hexdigest()


def test_a_sample_is_the_same_every_time(folder: Path) -> None:
    given = load("squad2", folder)
    assert given.sample(1) == given.sample(1)
    assert given.sample(1).label == "squad2 (1)"
    assert given.sample(2) is given


def test_absent_data_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHANCERY_DATA", str(tmp_path / "none"))
    with pytest.raises(DataAbsent):
        data_folder()
    assert main([]) == 0
    assert capsys.readouterr().out == f"skipped: {tmp_path / 'none'} is not here\n"


@pytest.mark.parametrize("arguments", [["--sets", "nonsense"], ["--accept-lower", " "]])
def test_wrong_use_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_rank_fusion() -> None:
    # 1/61 + 1/62 for b, 1/61 for a, 1/62 for c: b before a before c.
    assert reciprocal_rank_fusion([["a", "b"], ["b", "c"]]) == ["b", "a", "c"]


# -- desk --------------------------------------------------------------------------------------


def test_a_desk_answer_scores_by_what_it_cites_and_says() -> None:
    gold = made_up_paragraph("gold", "The truce was signed in Oslo by seven states.")
    other = made_up_paragraph("other", "Elsewhere it rained.")
    asked = desk_question(must=("Oslo|Bergen", "7"), gold=gold)
    right = made_up_answer((gold, gold.text), (other, other.text))
    assert scored(asked, right).passes
    drowned = made_up_answer((gold, gold.text), (other, other.text), (other, "It rained again."))
    assert scored(asked, drowned).cited
    assert scored(asked, drowned).said
    assert not scored(asked, drowned).passes
    vague = made_up_answer((gold, "The truce was signed."))
    assert not scored(asked, vague).said
    assert not scored(asked, made_up_answer((other, "Seven states in Oslo."))).passes


def test_a_desk_question_without_an_answer_wants_a_refusal() -> None:
    paragraph = made_up_paragraph("other", "Elsewhere it rained.")
    asked = desk_question(answerable=False)
    refusal = NoAnswer(understand("Where?", NOON), "nothing found answers it", (), "extractive")
    assert scored(asked, refusal).passes
    assert not scored(asked, made_up_answer((paragraph, paragraph.text))).passes
    assert not scored(desk_question(gold=paragraph), refusal).passes


def test_questions_that_are_held_out_are_asked_only_on_request() -> None:
    every = [
        json.loads(line)
        for line in (DESK_FOLDER / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    held = {one["id"] for one in every if one["held_out"]}
    try:
        data = data_folder()
        building = {one.id for one in desk_questions(data) if one.set == "own"}
        kept = {one.id for one in desk_questions(data, held_out=True)}
    except DataAbsent as absent:
        pytest.skip(str(absent))
    assert building == {one["id"] for one in every} - held
    assert kept == held


def made_up_paragraph(name: str, text: str) -> Passage:
    stored = stored_article(name, text)
    return Passage(stored, stored.paragraph(1), 1.0)


def made_up_answer(*told: tuple[Passage, str]) -> Answer:
    cited = list(dict.fromkeys(passage.key for passage, _ in told))
    passages = {passage.key: passage for passage, _ in told}
    return Answer(
        understand("Where?", NOON),
        tuple(Statement(text, (cited.index(passage.key) + 1,)) for passage, text in told),
        tuple(
            Citation(mark, passages[key].article, passages[key].paragraph, passages[key].text)
            for mark, key in enumerate(cited, 1)
        ),
        "extractive",
    )


def desk_question(
    must: tuple[str, ...] = (), gold: Passage | None = None, *, answerable: bool = True
) -> DeskQuestion:
    keys = frozenset({gold.key}) if gold else frozenset()
    return DeskQuestion("d1", "own", "sample", "fact", "Where?", answerable, keys, must, "")
