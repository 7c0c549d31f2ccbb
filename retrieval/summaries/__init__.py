"""Summaries: what happened on a topic in a span of time."""
