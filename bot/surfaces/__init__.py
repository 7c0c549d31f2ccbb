"""What else people meet in Slack: commands, sharing, shortcuts, paragraphs, cables."""
