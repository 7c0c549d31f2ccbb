"""What models want said before a question and before a text.

A model's own configuration comes first. Where it says nothing, these are the words that its model
card documents; without them the families below lose several points. Instructed models (e5-mistral,
multilingual-e5-large-instruct, gte-Qwen2) want a task told and have it in their configuration.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prompts:
    """Put before a question, and before a text that is searched."""

    query: str = ""
    document: str = ""


E5 = Prompts("query: ", "passage: ")
BGE = Prompts("Represent this sentence for searching relevant passages: ")
_BGE_CHINESE = Prompts("为这个句子生成表示以用于检索相关文章：")
_NOMIC = Prompts("search_query: ", "search_document: ")

_DOCUMENTED: tuple[tuple[str, Prompts], ...] = (
    (r"e5\b.*instruct|e5-mistral", Prompts()),
    (r"(multilingual-)?e5-(small|base|large)", E5),
    (r"bge-(small|base|large)-en", BGE),
    (r"bge-(small|base|large)-zh", _BGE_CHINESE),
    (r"nomic-embed-text", _NOMIC),
    (r"modernbert-embed", _NOMIC),
    (r"snowflake-arctic-embed.*v2", Prompts("query: ")),
    (r"snowflake-arctic-embed", BGE),
    (r"mxbai-embed-large", BGE),
    (r"gte-(small|base|large|multilingual)", Prompts()),
)


def documented_prompts(name: str) -> Prompts:
    """The prompts of a model's family, by the last part of its hub id or path; none of others."""
    last = name.rstrip("/").rpartition("/")[2].casefold()
    for pattern, prompts in _DOCUMENTED:
        if re.search(rf"(?:^|[-_]){pattern}", last):
            return prompts
    return Prompts()
