"""What is asked: a question understood, its time, its parts, what a conversation adds."""
