"""The indexes that follow the article store: vectors in Chroma, words in tantivy."""
