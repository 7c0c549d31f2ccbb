"""Quotations: who is said to have said what, in direct and reported speech."""
