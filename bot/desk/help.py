"""What one can say to Chancery, in the words in which it can be said."""

from __future__ import annotations

_ASKING = (
    "Ask in your own words. Every sentence of an answer is linked to the paragraph that it comes "
    "from, and what the sources do not carry is not said.",
    "• A question: “What did Guterres say about a military solution in Libya?”",
    "• A summary: “Libya this week”, or “what is new on Sudan since Monday”",
    "• Who said what: “quotes by Guterres on Libya since March”",
    "• What happened when: “timeline of Brexit since January”",
)
HELP = (
    *_ASKING,
    "• A digest: “digest on weekdays at 07:30 on Libya and Sudan”, “digest at 8 instead”, "
    "“digest now”, “digest off”",
    "• To be told at once: “follow Gharyan”, “follow Haftar in Libya, also called Hifter”, "
    "“unfollow Gharyan”",
    "• Some peace: “quiet from 22:00 to 07:00”, “pause”, “resume”; “mute” under an alert, "
    "“unmute” to hear of it again",
    "• What there is: “my digests”, “my watches”, “sources”, “which sources failed”",
    "• What I keep about you: “forget this conversation”, “forget me”",
)
IN_A_CHANNEL = (
    "In a channel, mention me first; in a thread where I answered, whoever takes part can go on "
    "without that. “summarise this thread's topic” tells what the sources have on it, “sources?” "
    "what the answers there rest on. Digests and watches are the channel's, and everybody here can "
    "change them."
)
NO_THREAD = "There is no thread here to take a topic from; name one: “summary of Libya this week”."
ALONE = "Digests and watches that you set up here are yours alone."
TERMINAL_HELP = (
    *_ASKING,
    "• A digest of the last 24 hours: “digest”, or “digest on Libya”",
    "• Which sources are read: “sources”, “which sources failed”",
    "• An end: “quit”",
)
IN_A_TERMINAL = (
    "Digests and watches are delivered in Slack; write this to me there, or use “chancery "
    "subscriptions” here. “digest” prints one now."
)
