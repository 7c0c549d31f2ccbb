"""What is posted unasked: subscriptions, when they are due, and an outbox that posts once."""
