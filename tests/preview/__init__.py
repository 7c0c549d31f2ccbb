"""A page that shows Block Kit messages as Slack does, for looking at them and for pictures."""
