"""Cutting texts into the tokens of a model, by the two libraries that models were trained with.

Both read text as text: what looks like a control token ("[SEP]", "</s>") is none when an article
says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from retrieval.encoders.encoder import Offsets
from retrieval.encoders.weights import WeightsError


class Tokenization(Protocol):
    """Texts to token numbers, without control tokens and uncut."""

    begin: int
    end: int
    padding: int

    def encode(self, texts: Sequence[str]) -> list[list[int]]: ...

    def offsets(self, texts: Sequence[str]) -> Sequence[Offsets]: ...


class WordPieces:
    """BERT's own: a `tokenizer.json` of the library tokenizers."""

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer: Any = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True
        self.begin, self.end, self.padding = map(self._number, ("[CLS]", "[SEP]", "[PAD]"))

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        return [found.ids for found in self._encoded(texts)]

    def offsets(self, texts: Sequence[str]) -> Sequence[Offsets]:
        return [found.offsets for found in self._encoded(texts)]

    def _number(self, token: str) -> int:
        number = self._tokenizer.token_to_id(token)
        if number is None:
            raise WeightsError(f"The tokenizer has no token {token}: it is not BERT's.")
        return int(number)

    def _encoded(self, texts: Sequence[str]) -> Any:
        return self._tokenizer.encode_batch(list(texts), add_special_tokens=False)


class SentencePieces:
    """XLM-RoBERTa's: a model of the library sentencepiece.

    The library tokenizers reads such models too, but with a quarter of a million pieces it takes
    300 MB where this takes 60, and eight times as long.
    """

    def __init__(self, path: Path) -> None:
        from sentencepiece import SentencePieceProcessor

        self._processor: Any = SentencePieceProcessor(model_file=str(path), num_threads=1)
        self.begin: int = self._processor.bos_id()
        self.end: int = self._processor.eos_id()
        self.padding: int = self._processor.pad_id()

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        found: list[list[int]] = self._processor.encode(list(texts))
        return found

    def offsets(self, texts: Sequence[str]) -> Sequence[Offsets]:
        found = self._processor.encode(list(texts), return_type="offset_mapping")
        return [one["offsets"] for one in found]
