"""A tour of the demo in a browser: what somebody without a workspace tries first."""

from __future__ import annotations

from pathlib import Path

from tests.demo.browser import Browser
from tests.demo.server import Demo

QUESTION = "@Chancery what did Guterres say about a military solution in Libya?"
FOREIGN = "@Chancery how much aid did Saudi Arabia and the United Arab Emirates announce for Sudan?"
SETUP = ("digest on weekdays at 07:30 on Libya", "follow Gharyan")


def photograph_tour(demo: Demo, folder: Path) -> None:
    """Ask, go on in the thread, look paragraphs up, ask what stands in Arabic, write directly, open
    Home: a picture each."""
    with Browser() as browser:
        browser.open(demo.url)
        browser.type("#text", QUESTION)
        browser.click(".replies")
        browser.shows("Show paragraphs", "#replies")
        browser.photograph(folder / "answer.png")
        browser.type("#reply", "and who says that Gharyan was entered?")
        browser.wait_for("document.querySelectorAll('#replies .message').length >= 4")
        browser.photograph(folder / "thread.png")

        browser.click("#replies button[data-action]", "Show paragraphs")
        browser.shows("¶", "#modal")
        browser.click("[data-close]")

        browser.type("#text", FOREIGN)
        browser.wait_for("document.querySelectorAll('#list .message .replies').length >= 2")
        browser.click(".replies")
        browser.shows("السعودية", "#replies")
        browser.photograph(folder / "arabic.png")

        browser.click("[data-place]", "messages")
        for said in SETUP:
            browser.type("#text", said)
            browser.click(".message .replies")
        browser.type("#text", "Libya this week")
        browser.wait_for("document.querySelectorAll('#list .message .replies').length >= 3")
        browser.click(".message .replies")
        browser.shows("What happened", "#replies")
        browser.read("document.querySelector('#replies').scrollTop = 0")
        browser.photograph(folder / "summary.png")

        browser.click("[data-place]", "home")
        browser.shows("Gharyan", ".home")
        browser.photograph(folder / "home.png")
        browser.click(".home button[data-action]", "New digest")
        browser.shows("Time zone", "#modal")
        browser.photograph(folder / "form.png", "#modal .modal")
        browser.click("[data-close]")
