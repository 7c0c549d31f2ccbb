"""Readers: bytes of one form (HTML, PDF, Markdown, article lines, folders) into articles."""
