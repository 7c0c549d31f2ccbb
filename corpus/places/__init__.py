"""Places in texts: countries, and the towns and names that stand for them."""
