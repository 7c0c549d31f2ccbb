"""The talk in Slack: what is asked, what the thread adds, how it is answered."""
