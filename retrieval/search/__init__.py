"""Searching: candidates of both indexes, fused, and read by a cross-encoder where one is set."""
