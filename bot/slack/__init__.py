"""Slack as we speak it: its Web API, what its events mean, and its requests over HTTP."""
