"""Polled sources: feeds and sites, when they are read and what came of it."""
