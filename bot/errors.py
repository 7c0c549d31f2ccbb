"""What can go wrong around the answers.

    BotError
    ├── SettingsError   a setting is missing or cannot be used
    └── SlackError      Slack refused a call or cannot be reached

Errors of `corpus` and `retrieval` reach the front ends as they are; each front end turns all
of them into one plain sentence.
"""

from __future__ import annotations


class BotError(Exception):
    """Base of all errors of this package."""


class SettingsError(BotError):
    """A setting is missing or cannot be used; the sentence names it."""


class SlackError(BotError):
    """Slack refused a call or cannot be reached."""
