"""Sources and articles that people add and change from Slack."""
