"""Briefs: what is told of one story, sentence by sentence, each with its paragraph."""
