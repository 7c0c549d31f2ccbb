"""Timelines: what happened when."""
