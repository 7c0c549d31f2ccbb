"""Makes the README's picture: a question to the sample, answered as it is posted in Slack.

python -m tests.preview docs/answer.png
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bot.blocks import answer_messages
from bot.cli.reading import read_into
from bot.settings import Settings
from bot.wiring import open_corpus, open_library
from retrieval.questions import understand
from tests.preview.page import message_html, page_html, said_html
from tests.preview.photograph import photograph

ASKED = (
    ("Amal", "What did Guterres say about a military solution in Libya?"),
    ("Ben", "How many people were killed at Gharyan?"),
)
NOW = datetime(2019, 4, 5, 10, 0, tzinfo=UTC)
HEIGHT = 680


def main() -> None:
    picture = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/answer.png")
    parts = []
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(chancery_home=Path(home))
        corpus = open_corpus(settings)
        read_into(corpus, settings, [], sample=True)
        with open_library(settings, corpus, "preview") as library:
            library.indexer.catch_up()
            for person, text in ASKED:
                parts.append(said_html(person, "10:00", f"@Chancery {text}"))
                outcome = library.chain.invoke(understand(text, NOW)).outcome
                parts += [
                    message_html("Chancery", "10:00", message.blocks)
                    for message in answer_messages(outcome, "preview")
                ]
        corpus.close()
    photograph(page_html(parts), picture, HEIGHT)


if __name__ == "__main__":
    main()
