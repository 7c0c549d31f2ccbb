"""What Bolt calls: a file for each surface, with its logic.

Each `register(app, …)` attaches the listeners of one surface and is given only what they call;
`bot.container` puts them together. `gate` stands in front of all of them.
"""
