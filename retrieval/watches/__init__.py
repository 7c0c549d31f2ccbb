"""Watches: what is looked for, and which articles match it."""
