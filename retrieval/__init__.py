"""What a question is and what supports an answer.

`retrieval` reads the article store of `corpus`, keeps the indexes that follow it, finds
passages, writes answers and checks them. It knows nothing of Slack or of the environment.
"""
