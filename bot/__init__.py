"""Slack, people, clock and environment: how Chancery is set up, spoken to and scheduled."""
