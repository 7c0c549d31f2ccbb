"""Searching: the retriever, its candidates from both indexes, fusion and reranking."""
