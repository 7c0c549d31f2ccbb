"""Fetching from the web, and never from inside a network; addresses and their forms."""
