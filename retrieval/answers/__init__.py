"""From a question to a checked answer: the chain and who writes its draft."""
