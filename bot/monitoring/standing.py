"""What became of a cited paragraph since it was cited, for *Show paragraphs*."""

from __future__ import annotations

from dataclasses import dataclass

from bot.monitoring.citation_changes import wordings
from bot.rendering.change_wording import change_line
from bot.rendering.pages import Line
from bot.rendering.wording import long_date
from corpus.articles import Article, Withdrawal
from corpus.differences import same_words


@dataclass(frozen=True, slots=True)
class Standing:
    """In words, with the changed wording where there is one to show."""

    words: str
    change: Line = ()


def standing_of(cited: Article, number: int, current: Article | None) -> Standing | None:
    """What a reader of paragraph `number` of `cited` must know; None for the current version."""
    if current is None:
        return Standing("The article is no longer kept here.")
    if current.withdrawn_at is not None:
        when = long_date(current.withdrawn_at)
        if current.withdrawal is Withdrawal.RETRACTED:
            return Standing(f"The article was withdrawn on {when}. It is cited no more.")
        return Standing(f"The article was taken out here on {when}; its source did not change it.")
    if current.version == cited.version:
        return None
    newer = f"version {current.version}, read {long_date(current.read_at)}"
    now = wordings(cited, [number], current).get(number)
    if now is None:
        return Standing(f"This paragraph stands no more in {newer}.")
    moved = "" if now.number == number else f" as ¶{now.number}"
    before = cited.paragraph(number).text
    if same_words(before, now.text):
        return Standing(f"This paragraph stands unchanged{moved} in {newer}.")
    return Standing(
        f"Changed since: {newer}, has this paragraph{moved}:", change_line(before, now.text)
    )
