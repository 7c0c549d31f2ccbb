"""Dates in texts: where they are written and which days they mean."""
