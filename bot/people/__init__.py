"""People: who may ask, what they found helpful, what is kept about them and how it is forgotten."""
