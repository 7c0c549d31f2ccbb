"""What runs beside the conversation: reading, watches, corrections."""
