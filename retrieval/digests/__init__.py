"""Digests: what is new to one reader in a span of time."""
