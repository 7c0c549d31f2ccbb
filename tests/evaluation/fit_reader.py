"""Trains the adapter of the packaged reader on natural questions.

    python -m tests.evaluation.fit_reader [--steps 1900] [--out FILE]

    tests/data/desk/written.jsonl, the desk's questions ─ search ─▶ paragraphs, which of their
        sentences answer ─ low-rank factors of the upper layers (Hu et al. 2021), two small steps
        for sentences ─▶ safetensors

The questions of `written.jsonl` were written from the articles, with the sentences that answer
each; a quarter are near misses that nothing answers. What the search finds beside them are the
negatives. Neither squad2 nor timeqa nor anything held out takes part, so that they can tell how it
does elsewhere. It goes on from the adapter that is there. Finding the paragraphs takes a quarter of
an hour on two cores, 1,900 steps forty minutes.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from corpus.articles import ReadArticle, article_id, text_digest
from corpus.fetch.urls import canonical_url
from corpus.readers.folders import read_lines
from corpus.text.sentences import split_sentences
from corpus.text.words import fold
from retrieval.answers.chain import FOUND
from retrieval.encoders import cross_encoder
from retrieval.encoders.bert import constants
from retrieval.encoders.cross_encoder import MODEL, SENTENCE_STEPS, STEPS, TOKENIZER, WHOLE
from retrieval.evidence import gather
from retrieval.passages import Passage
from retrieval.questions.understand import SHORT_QUESTION, understand
from tests.evaluation.desk import OWN, DeskQuestion, articles_of, desk_questions, is_said
from tests.evaluation.embedding_cache import CachedEmbeddings
from tests.evaluation.metrics import roc_auc
from tests.evaluation.sets import ASKED_AT, CONVERSATIONS, ROOT, data_folder
from tests.evaluation.systems import System, open_corpus

ADAPTER = Path(cross_encoder.__file__).parent / "data" / cross_encoder.ADAPTER
FROM_LAYER, LAYERS = 6, 12
RANK, STATE, NARROW = 16, 384, 64
RATE, STEPS_RATE, WARM_UP, QUESTIONS_A_STEP = 2e-4, 1e-3, 40, 4
PAGES = ("clapnq", "govt")
SHORTEST_BLOCK, MOST_BLOCKS = 80, 14
FOUND_TO_LEARN, PARAGRAPHS = 9, 4
LONGEST_PARAGRAPH, MOST_TOKENS, TOGETHER = 900, 224, 8
NEGATIVES = 1.5
"""Weight of all negatives of a question beside one right text."""
# So that scores spread as the published model's do, on which fusion and thresholds were fitted:
# what those of paragraphs are multiplied by, and what is added to them and to those of sentences.
SCALE, TO_PARAGRAPHS, TO_SENTENCES = 2.4, 0.85, -1.4
OF_PARAGRAPHS = 0.3
"""Weight of what is learnt of paragraphs beside what is learnt of their sentences."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A sentence of a paragraph, by characters, and whether it answers."""

    start: int
    end: int
    right: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A paragraph to read; `near` where it is of the article that the question is about."""

    title: str
    text: str
    right: bool
    near: bool
    sentences: tuple[Slice, ...]


@dataclass(frozen=True, slots=True)
class Example:
    question: str
    answerable: bool
    paragraphs: tuple[Found, ...]


# -- what is learnt from ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """A question that was written from an article, with words of each sentence that answers."""

    corpus: str
    key: str
    text: str
    right: tuple[tuple[int, str], ...]
    held_out: bool


def written() -> list[Written]:
    lines = (OWN / "written.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        Written(
            line["corpus"],
            article_id(canonical_url(line["url"])),
            line["question"],
            tuple((number, words) for number, words in line["right"]),
            line.get("held_out", False),
        )
        for line in map(json.loads, lines)
    ]


def written_examples(*, held_out: bool = False) -> Iterator[Example]:
    """One a question: what the search finds, and the right sentences that it does not."""
    asked = [one for one in written() if one.held_out == held_out]
    with CachedEmbeddings(ROOT / ".eval-cache") as cache:
        for corpus in sorted({one.corpus for one in asked}):
            articles = {article_id(one.url): one for one in _whole(corpus)}
            with open_corpus(articles.values(), cache, reranked=False) as system:
                for one in asked:
                    if one.corpus == corpus:
                        yield _of_written(one, system, articles[one.key])


def _whole(corpus: str) -> Iterator[ReadArticle]:
    if corpus == CONVERSATIONS:
        yield from pages_of_conversations()
        return
    with gzip.open(data_folder() / corpus / "articles.jsonl.gz", "rb") as stream:
        yield from (one for one in read_lines(stream, corpus) if isinstance(one, ReadArticle))


def pages_of_conversations() -> Iterator[ReadArticle]:
    """The encyclopedia's and authorities' passages of mtrag_un's building half, each page's as an
    article: other matter than news, so that the reader does not forget how that is asked for."""
    pages: dict[tuple[str, str, str], dict[str, str]] = {}
    for line in (data_folder() / CONVERSATIONS / "dev.jsonl").read_text("utf-8").splitlines():
        task = json.loads(line)
        for passage in task["passages"] if task["collection"] in PAGES else ():
            where = (task["collection"], passage["title"], passage["url"] or "")
            pages.setdefault(where, {})[passage["id"]] = passage["text"]
    for (collection, title, url), texts in sorted(pages.items()):
        blocks = [one.strip() for text in texts.values() for one in text.split("\n")]
        line = {
            "url": f"https://{collection}.example/{text_digest(title, [url])[:12]}",
            "title": title,
            "source": collection,
            "paragraphs": [one for one in blocks if len(one) > SHORTEST_BLOCK][:MOST_BLOCKS],
        }
        stream = io.BytesIO(json.dumps(line).encode())
        yield from (one for one in read_lines(stream, title) if isinstance(one, ReadArticle))


def _of_written(one: Written, system: System, article: ReadArticle) -> Example:
    right = [(number, fold(words)) for number, words in one.right]
    numbers = {number for number, _ in right}

    def answers(key: str, number: int, text: str) -> bool:
        return key == one.key and any(n == number and words in fold(text) for n, words in right)

    question, passages = _found(one.text, system)
    found = {
        each.key: _paragraph(each.article.title, each.text, partial(answers, *each.key))
        for each in passages
    }
    for number in sorted(numbers):
        text, judge = article.paragraphs[number - 1], partial(answers, one.key, number)
        found.setdefault((one.key, number), _paragraph(article.title, text, judge))
    near = {key: replace(value, near=key[0] == one.key) for key, value in found.items()}
    return Example(question, bool(right), tuple(near.values()))


def _paragraph(title: str, text: str, answers: Callable[[str], bool]) -> Found:
    sentences = [Slice(one.start, one.end, answers(one.text)) for one in split_sentences(text)]
    return Found(title, text, any(one.right for one in sentences), True, tuple(sentences))


def desk_examples() -> Iterator[Example]:
    """The same of the desk's short questions that are not held out."""
    data = data_folder()
    questions = [one for one in desk_questions(data) if len(one.text.split()) <= SHORT_QUESTION]
    with CachedEmbeddings(ROOT / ".eval-cache") as cache:
        for whose, corpus in dict.fromkeys((one.set, one.corpus) for one in questions):
            articles = articles_of(corpus, whose, data)
            with open_corpus(articles, cache, reranked=False) as system:
                for asked in questions:
                    if (asked.set, asked.corpus) == (whose, corpus):
                        yield _of_desk(asked, system)


def _of_desk(asked: DeskQuestion, system: System) -> Example:
    question, passages = _found(asked.text, system)

    def answers(passage: Passage, text: str) -> bool:
        says = not asked.must or any(is_said(one, text) for one in asked.must)
        return passage.key in asked.gold and says

    found = [
        replace(
            _paragraph(one.article.title, one.text, partial(answers, one)),
            right=one.key in asked.gold,
        )
        for one in passages
    ]
    return Example(question, asked.answerable, tuple(found))


def _found(text: str, system: System) -> tuple[str, Sequence[Passage]]:
    """What is looked for, and the first paragraphs that would be read for it."""
    question = understand(text, ASKED_AT)
    found = gather(question, system.search.find(question, FOUND), lambda *_: ())
    return question.search_text, found.passages[:FOUND_TO_LEARN]


# -- the network -----------------------------------------------------------------------------------


class Adapted(nn.Module):
    """A dense step and the low-rank one that is learnt beside it."""

    def __init__(self, dense: nn.Linear, down: Tensor, up: Tensor) -> None:
        super().__init__()
        self.dense = dense
        self.down, self.up = nn.Parameter(down), nn.Parameter(up)

    def forward(self, given: Tensor) -> Tensor:
        added: Tensor = (given @ self.down.T) @ self.up.T
        return added + self.dense(given)


class Network(nn.Module):
    """The packaged reader as transformers' own, its upper layers adapted as they are now and all
    else frozen, with the steps that turn a token's state into its weight and what it says."""

    def __init__(self, adapter: Path = ADAPTER) -> None:
        from safetensors.torch import load_file
        from transformers import BertConfig, BertForSequenceClassification

        super().__init__()
        config = BertConfig(
            hidden_size=STATE, num_hidden_layers=LAYERS, intermediate_size=1536, num_labels=1,
            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        )  # fmt: skip
        self.bert = BertForSequenceClassification(config)
        self.bert.load_state_dict(_weights(MODEL.locate().read_bytes()))
        self.bert.requires_grad_(False)
        factors = {name: value.float() for name, value in load_file(adapter).items()}
        last = self.bert.classifier
        with torch.no_grad():
            last.weight.copy_(factors["classifier.weight"] / SCALE)
            last.bias.add_(factors["classifier.bias"]).sub_(TO_PARAGRAPHS).div_(SCALE)
        last.requires_grad_(True)
        for number in range(FROM_LAYER, LAYERS):
            layer = self.bert.bert.encoder.layer[number]
            for step in STEPS:
                place, _, name = step.rpartition(".")
                parent, key = layer.get_submodule(place), f"encoder.layer.{number}.{step}"
                learnt = Adapted(
                    getattr(parent, name), factors[f"{key}.down"], factors[f"{key}.up"]
                )
                setattr(parent, name, learnt)
        self.steps = nn.Sequential(nn.Linear(STATE, NARROW), nn.ReLU(), nn.Linear(NARROW, 2))
        known = {f"sentences.{name}": one for name, one in self.named_steps().items()}
        with torch.no_grad():
            for name, one in known.items():
                one.copy_(factors[name])
            self.steps[2].weight[1] /= SCALE
            self.steps[2].bias[1] = (self.steps[2].bias[1] - _SHIFT) / SCALE

    def named_steps(self) -> dict[str, nn.Parameter]:
        """The steps for sentences by the names that the adapter has them under."""
        down, up = self.steps[0], self.steps[2]
        learnt = (down.weight, down.bias, up.weight, up.bias)
        return dict(zip(SENTENCE_STEPS, learnt, strict=True))

    def forward(self, **given: Tensor) -> tuple[Tensor, Tensor]:
        """Scores, shape (pairs,), and each token's weight and score, shape (pairs, tokens, 2)."""
        # At half the bits a step takes little more than half as long.
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training):
            states = self.bert.bert(**given).last_hidden_state
            scores = self.bert.classifier(self.bert.bert.pooler(states))[:, 0]
            tokens = self.steps(states)
        return scores.float(), tokens.float()


def _weights(file: bytes) -> dict[str, Tensor]:
    """The packaged file's weights by transformers' names, those at eight bits as numbers."""
    places = constants(memoryview(file))
    dense = [name for name in places if name.startswith("onnx::MatMul") and "quantized" in name]
    named = {
        f"bert.encoder.layer.{n // len(STEPS)}.{STEPS[n % len(STEPS)]}.weight": name
        for n, name in enumerate(dense)
    }
    named |= {name.removesuffix("_quantized"): name for name in places if name[:4] != "onnx"}
    found = {}
    for name, stored in named.items():
        if name.endswith(("_scale", "_zero_point")) or not name.startswith(("bert", "classifier")):
            continue
        start, end = places[stored]
        if not stored.endswith("_quantized"):
            found[name] = _tensor(np.frombuffer(file[start:end], "<f4"))
            continue
        base = stored.removesuffix("_quantized")
        scale = np.frombuffer(file, "<f4", 1, places[f"{base}_scale"][0])
        words = "embeddings" in name
        values = np.frombuffer(file[start:end], np.uint8 if words else np.int8).astype(np.float32)
        if words:
            # A number in groups of seven bits, the lowest first.
            groups = file[slice(*places[f"{base}_zero_point"])]
            values -= sum((byte & 0x7F) << (7 * place) for place, byte in enumerate(groups))
        wide = 384 if words else _outputs(name)
        table = _tensor(values.reshape(-1, wide) * scale)
        found[name] = table if words else table.T.contiguous()
    return found


def _outputs(name: str) -> int:
    if name == "classifier.weight":
        return 1
    return 1536 if name.endswith("intermediate.dense.weight") else 384


def _tensor(values: Any) -> Tensor:
    return torch.from_numpy(np.array(values, dtype=np.float32))


def save(model: Network, path: Path) -> None:
    """The factors and the steps for sentences in halves of a float, the last step as it is."""
    from safetensors.numpy import save_file

    last, before = model.bert.classifier, _weights(MODEL.locate().read_bytes())["classifier.bias"]
    factors = {
        "classifier.weight": _numbers(last.weight) * SCALE,
        "classifier.bias": _numbers(last.bias) * SCALE + TO_PARAGRAPHS - before.numpy(),
    }
    for name, module in model.bert.bert.named_modules():
        if isinstance(module, Adapted):
            factors[f"{name}.down"] = _numbers(module.down).astype(np.float16)
            factors[f"{name}.up"] = _numbers(module.up).astype(np.float16)
    learnt = {name: _numbers(one) for name, one in model.named_steps().items()}
    learnt["up"][1] *= SCALE
    learnt["up_bias"][1] = learnt["up_bias"][1] * SCALE + _SHIFT
    factors |= {f"sentences.{name}": one.astype(np.float16) for name, one in learnt.items()}
    save_file(factors, path)


# What is added to a sentence's own share, its paragraph's share having been moved already.
_SHIFT = TO_SENTENCES - WHOLE * TO_PARAGRAPHS


def _numbers(values: Tensor) -> Any:
    return values.detach().numpy().astype(np.float32, copy=True)


# -- training --------------------------------------------------------------------------------------


def train(model: Network, examples: Sequence[Example], steps: int) -> None:
    """Steps of a few questions each, the rate rising at first and falling to nothing."""
    model.train()
    tokenizer = _tokenizer()
    learnt = [one for one in model.bert.parameters() if one.requires_grad]
    rates = (RATE, STEPS_RATE)
    groups = [{"params": learnt}, {"params": list(model.steps.parameters())}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, weight_decay=0.01)
    order: list[Example] = []
    for step in range(steps):
        left = min(1, (step + 1) / WARM_UP) * (1 - step / steps)
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * left
        if len(order) < QUESTIONS_A_STEP:
            order = random.sample(list(examples), len(examples))
        batch = [(one, _chosen(one)) for one in order[:QUESTIONS_A_STEP]]
        del order[:QUESTIONS_A_STEP]
        read = [(one.question, paragraph) for one, chosen in batch for paragraph in chosen]
        if not read:
            continue
        loss = _loss_of(batch, scores(model, tokenizer, read))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(list(model.parameters()), 1.0)
        optimizer.step()
        if step % 50 == 0:
            print(f"step {step} of {steps}: loss {loss.item():.2f}", file=sys.stderr, flush=True)


def _chosen(one: Example) -> list[Found]:
    """A few paragraphs of a question: right ones, and wrong ones that are hard to tell apart."""
    wrong = [each for each in one.paragraphs if not each.right]
    right = [each for each in one.paragraphs if any(own.right for own in each.sentences)]
    if one.answerable and not right:
        return []
    chosen = random.sample(right, min(2, len(right)))
    near = [each for each in wrong if each.near]
    for pool, share in ((near, 1), (wrong[:3], 1), (wrong, PARAGRAPHS)):
        left = [each for each in pool if each not in chosen]
        chosen += random.sample(left, max(0, min(share, PARAGRAPHS - len(chosen), len(left))))
    return chosen


Scores = tuple[Tensor, list[Tensor | None]]
"""Of a paragraph, and of its sentences; None of those that were cut off."""


def _loss_of(batch: Sequence[tuple[Example, list[Found]]], read: Sequence[Scores]) -> Tensor:
    losses, at = [], 0
    for _, chosen in batch:
        own = list(zip(chosen, read[at : at + len(chosen)], strict=True))
        at += len(chosen)
        if not own:
            continue
        said = [
            (score, sentence.right)
            for paragraph, (_, scores) in own
            for score, sentence in zip(scores, paragraph.sentences, strict=True)
            if score is not None
        ]
        losses.append(_loss([score for score, _ in said], [right for _, right in said]))
        wholes = _loss([whole for _, (whole, _) in own], [one.right for one, _ in own])
        losses.append(OF_PARAGRAPHS * wholes)
    return 2 * torch.stack(losses).mean()


def _loss(said: Sequence[Tensor], answers: Sequence[bool]) -> Tensor:
    """Each text by itself, and the right ones among all of the question."""
    scores, right = torch.stack(list(said)), torch.tensor(answers)
    others = max(1, int((~right).sum()))
    weights = torch.where(right, 1.0, NEGATIVES / others)
    loss = functional.binary_cross_entropy_with_logits(scores, right.float(), reduction="none")
    total = (loss * weights).sum()
    if right.any():
        total = total - torch.logsumexp(functional.log_softmax(scores, 0)[right], 0)
    return total


def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(TOKENIZER.locate()))
    tokenizer.enable_truncation(MOST_TOKENS)
    tokenizer.enable_padding()
    return tokenizer


def scores(model: Network, tokenizer: Any, read: Sequence[tuple[str, Found]]) -> list[Scores]:
    """What the network says to each paragraph and its sentences. Those of like length are read
    together, so that little of it is padding."""
    order = sorted(range(len(read)), key=lambda at: len(read[at][1].text))
    found: dict[int, Scores] = {}
    for start in range(0, len(order), TOGETHER):
        part = order[start : start + TOGETHER]
        pairs = [
            (read[at][0], f"{read[at][1].title}\n{read[at][1].text[:LONGEST_PARAGRAPH]}")
            for at in part
        ]
        encoded = tokenizer.encode_batch(pairs)
        wholes, tokens = model(
            input_ids=torch.tensor([one.ids for one in encoded]),
            token_type_ids=torch.tensor([one.type_ids for one in encoded]),
            attention_mask=torch.tensor([one.attention_mask for one in encoded]),
        )
        for at, one, whole, own in zip(part, encoded, wholes, tokens, strict=True):
            paragraph = read[at][1]
            before = len(paragraph.title) + 1
            starts = [
                start - before if kind == 1 and not special else -1
                for (start, _), kind, special in zip(
                    one.offsets, one.type_ids, one.special_tokens_mask, strict=True
                )
            ]
            found[at] = (
                whole,
                [_of_slice(own, starts, each, whole) for each in paragraph.sentences],
            )
    return [found[at] for at in range(len(read))]


def _of_slice(tokens: Tensor, starts: Sequence[int], one: Slice, whole: Tensor) -> Tensor | None:
    """As `retrieval.encoders.cross_encoder.Reading.of_spans` scores it."""
    inside = [at for at, start in enumerate(starts) if max(one.start, 0) <= start < one.end]
    if not inside:
        return None
    weights, said = tokens[inside].T
    score: Tensor = torch.softmax(weights, 0) @ said + WHOLE * whole
    return score


def report(model: Network, name: str, examples: Iterable[Example]) -> None:
    """How often the highest score is a right sentence's, and how well it tells what is answered."""
    model.eval()
    tokenizer = _tokenizer()
    first, answered, other = [], [], []
    with torch.no_grad():
        for one in examples:
            read = scores(model, tokenizer, [(one.question, each) for each in one.paragraphs])
            said = [
                (float(score), sentence.right)
                for paragraph, (_, own) in zip(one.paragraphs, read, strict=True)
                for score, sentence in zip(own, paragraph.sentences, strict=True)
                if score is not None
            ]
            best = max(said)
            (answered if one.answerable else other).append(best[0])
            if any(right for _, right in said):
                first.append(best[1])
    area = roc_auc(answered, other)
    print(f"{name}: right sentence first {np.mean(first):.3f}, area under the curve {area:.3f}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1_900)
    parser.add_argument("--out", type=Path, default=ADAPTER)
    options = parser.parse_args(arguments)
    random.seed(1)
    torch.manual_seed(1)
    held_out = list(written_examples(held_out=True))
    examples = [*written_examples(), *desk_examples()]
    model = Network()
    train(model, examples, options.steps)
    save(model, options.out)
    report(model, "written, held out", held_out)


if __name__ == "__main__":
    main()
