"""What comes in, until it is its turn: claimed once, queued fairly, taken up after a crash."""
