"""What an article is, where it comes from and where it is kept.

`corpus` knows nothing of questions or of Slack; `retrieval` and `bot` build on it.
"""
