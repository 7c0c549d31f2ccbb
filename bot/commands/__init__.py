"""What people ask for in plain words: text in, one noun a kind of request out. Pure."""
