"""The bot's own tables: turns, claimed events, subscriptions, watches, outbox, audit trail."""
