"""The bot on the local Slack of the tests, with a page in a browser: no workspace is needed."""
