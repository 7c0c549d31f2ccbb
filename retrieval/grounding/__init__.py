"""The checks that every sentence goes through, and claims of a text against the corpus."""
