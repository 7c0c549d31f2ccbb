"""A packaged model as a sentence-transformers model, for code that takes nothing else.

`SentenceTransformer` runs modules one after another; this is one that does everything, from text
to the pooled vector, in an ONNX session. Nothing here is needed to read or to answer.
"""

from __future__ import annotations

from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import InputModule

from retrieval.encoders.onnx_encoder import OnnxEncoder


class OnnxModule(InputModule):
    """Texts to `sentence_embedding` by an `OnnxEncoder`; unit vectors already.

    It cannot be trained, moved to another device or saved: its files belong to a package.
    """

    def __init__(self, encoder: OnnxEncoder) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.encoder = encoder

    @property
    def max_seq_length(self) -> int:
        return self.encoder.description.positions

    def get_embedding_dimension(self) -> int:
        return self.encoder.dimension

    def preprocess(self, inputs: Any, prompt: str | None = None, **kwargs: Any) -> dict[str, Any]:
        del kwargs
        return {"texts": [(prompt or "") + text for text in inputs]}

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        del kwargs
        vectors = self.encoder.encode(features["texts"])
        return {**features, "sentence_embedding": torch.from_numpy(vectors)}

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("A packaged model is not saved; name it by EMBEDDING_MODEL.")


def sentence_transformer(encoder: OnnxEncoder) -> SentenceTransformer:
    """The same model behind sentence-transformers' interface, with its prompts."""
    prompts = encoder.description.prompts
    return SentenceTransformer(
        modules=[OnnxModule(encoder)],
        prompts={"query": prompts.query, "document": prompts.document},
        similarity_fn_name="cosine",
        device="cpu",
    )
