"""Stories as articles arrive: kept through restarts, second processes, changes and people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest

from corpus.articles import ReadArticle, article_id
from corpus.ingest import ingest
from corpus.store.articles import open_store
from retrieval.encoders.encoder import Vectors
from retrieval.stories.follower import StoryFollower
from retrieval.stories.registry import Changes, Member, Span, Stand, StoryError, StoryRegister
from tests.fakes.articles import NOON, address, days, read_article
from tests.fakes.embedding import HashedWords

MARCH = (
    "Haftar orders his forces to march on Tripoli",
    "Khalifa Haftar ordered the Libyan National Army to march on Tripoli on Thursday.",
    "Clashes were reported near Gharyan south of Tripoli, Ahmed Mismari said.",
)
ALERT = (
    "Tripoli on alert as Haftar's forces near Gharyan",
    "The government in Tripoli declared an alert as the Libyan National Army of Khalifa Haftar "
    "moved on Gharyan on Thursday.",
    "Ahmed Mismari spoke of clashes south of Tripoli.",
)
HALT = (
    "Security Council urges Haftar to halt march on Tripoli",
    "The Security Council urged Khalifa Haftar and the Libyan National Army to halt the march on "
    "Tripoli.",
    "Fighting went on at Gharyan, south of Tripoli.",
)
SUDAN = (
    "Sudan's army removes Bashir",
    "The army in Khartoum removed Omar al-Bashir and announced a transition under Ibn Auf.",
    "Protesters stayed before the army headquarters in Khartoum.",
)
BURHAN = (
    "Burhan takes over Sudan's military council from Ibn Auf",
    "Abdel Fattah al-Burhan took over the military council in Khartoum from Ibn Auf after Omar "
    "al-Bashir was removed.",
    "Protesters stayed before the army headquarters in Khartoum.",
)


class CountingWords(HashedWords):
    """Remembers which texts it was asked to encode."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        return super().encode(texts)


class Desk:
    """A store, its stories, and as many followers as a test asks for."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.store = open_store(url)
        self.stories = StoryRegister(self.store)
        self.follower = self.new_follower()

    def new_follower(self, batch: int = 200) -> StoryFollower:
        return StoryFollower(self.store, HashedWords(), articles_a_batch=batch)

    def read(
        self, name: str, text: tuple[str, ...], at: datetime | None = NOON, *, follow: bool = True
    ) -> None:
        title, *paragraphs = text
        article = read_article(name, *paragraphs, title=title, published_at=at)
        ingest(self.store, [article], lambda: NOON + days(30))
        if follow:
            self.follower.catch_up()

    def together(self) -> set[frozenset[str]]:
        """Names of the articles of each story."""
        return {
            frozenset(article.url.rpartition("/")[2] for article in story.articles)
            for story in self.stories.stories()
        }

    def story_of(self, name: str) -> str:
        found = self.stories.of_article(article_id(address(name)))
        assert found is not None
        return found


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    """An empty database, of each kind in turn."""
    opened = Desk(database_url)
    yield opened
    opened.store.close()


LIBYA_AND_SUDAN = {frozenset({"march", "alert"}), frozenset({"sudan", "burhan"})}


def read_four(desk: Desk, *, follow: bool = True) -> None:
    desk.read("march", MARCH, follow=follow)
    desk.read("sudan", SUDAN, NOON + days(1), follow=follow)
    desk.read("alert", ALERT, NOON + days(1), follow=follow)
    desk.read("burhan", BURHAN, NOON + days(2), follow=follow)


# -- grouping ----------------------------------------------------------------------------------


def test_articles_on_one_event_are_one_story_as_they_come(desk: Desk) -> None:
    read_four(desk)
    assert desk.together() == LIBYA_AND_SUDAN
    first = desk.story_of("march")
    desk.read("halt", HALT, NOON + days(2))
    assert desk.story_of("halt") == desk.story_of("alert") == first


def test_stories_come_newest_first_their_articles_oldest_first(desk: Desk) -> None:
    read_four(desk)
    stories = desk.stories.stories()
    assert [story.id for story in stories] == [desk.story_of("sudan"), desk.story_of("march")]
    assert [article.url for article in stories[1].articles] == [address("march"), address("alert")]


def test_a_span_gives_the_stories_with_an_article_of_it_whole(desk: Desk) -> None:
    read_four(desk)
    (story,) = desk.stories.stories(NOON + days(2), NOON + days(3))
    assert [article.url for article in story.articles] == [address("sudan"), address("burhan")]
    assert desk.stories.stories(NOON + days(3), NOON + days(9)) == []


def test_the_order_of_arrival_does_not_matter(desk: Desk) -> None:
    desk.read("burhan", BURHAN, NOON + days(2))
    desk.read("alert", ALERT, NOON + days(1))
    desk.read("march", MARCH)
    desk.read("sudan", SUDAN, NOON + days(1))
    assert desk.together() == LIBYA_AND_SUDAN


def test_a_wire_copy_sits_with_its_origin_and_counts_once(desk: Desk) -> None:
    desk.read("march", MARCH)
    desk.read("copy", ("Army marches, says agency", *MARCH[1:]), NOON + days(0.1))
    (story,) = desk.stories.stories()
    assert (len(story.articles), story.origins) == (2, 1)


def test_what_comes_long_after_is_another_story(desk: Desk) -> None:
    desk.read("march", MARCH)
    desk.read("later", ALERT, NOON + days(90))
    assert len(desk.together()) == 2


def test_articles_without_dates_are_grouped_all_the_same(desk: Desk) -> None:
    desk.read("march", MARCH, None)
    desk.read("sudan", SUDAN, None)
    desk.read("alert", ALERT)
    assert desk.together() == {frozenset({"march", "alert"}), frozenset({"sudan"})}


# -- changes at the source ---------------------------------------------------------------------


def test_a_withdrawn_article_leaves(desk: Desk) -> None:
    read_four(desk)
    story = desk.story_of("march")
    for name in ("march", "alert"):
        desk.store.withdraw(article_id(address(name)), NOON + days(31))
        desk.follower.catch_up()
    assert desk.together() == {frozenset({"sudan", "burhan"})}
    assert desk.stories.of_article(article_id(address("march"))) is None
    assert desk.stories.story(story) is None


def test_a_corrected_word_moves_nothing_and_neither_does_another_text(desk: Desk) -> None:
    """A text that shares nothing with what stood at its address is another article."""
    read_four(desk)
    story = desk.story_of("alert")
    desk.read("alert", (*ALERT[:2], "Ahmed Mismari spoke of fighting south of Tripoli."))
    assert desk.story_of("alert") == story
    told = {frozenset(story) for story in desk.together()}
    desk.read("alert", BURHAN, NOON + days(2))
    assert desk.story_of("alert") == story
    assert desk.together() != told


# -- people ------------------------------------------------------------------------------------


def test_joined_by_hand_stays_joined_and_both_ids_lead_there(desk: Desk) -> None:
    read_four(desk)
    libya, sudan = desk.story_of("march"), desk.story_of("sudan")
    assert desk.stories.join(sudan, libya) == libya
    desk.read("halt", HALT, NOON + days(2))
    assert desk.together() == {frozenset({"march", "alert", "sudan", "burhan", "halt"})}
    found = desk.stories.story(sudan)
    assert found is not None
    assert found.id == libya


def test_parted_by_hand_stays_parted_and_the_rest_keeps_the_id(desk: Desk) -> None:
    read_four(desk)
    libya = desk.story_of("march")
    new = desk.stories.split(libya, [article_id(address("alert"))])
    assert (desk.story_of("march"), desk.story_of("alert")) == (libya, new)
    desk.read("halt", HALT, NOON + days(2))
    assert desk.story_of("march") == libya
    assert desk.story_of("alert") == new
    assert desk.story_of("halt") in {libya, new}
    desk.follower = desk.new_follower()
    desk.read("again", (*HALT[:2], "The council met in New York."), NOON + days(2))
    assert desk.story_of("march") != desk.story_of("alert")


def test_copies_are_parted_together(desk: Desk) -> None:
    read_four(desk)
    desk.read("copy", ("Alert, says agency", *ALERT[1:]), NOON + days(1.1))
    desk.stories.split(desk.story_of("march"), [article_id(address("copy"))])
    assert desk.story_of("copy") == desk.story_of("alert") != desk.story_of("march")


def test_a_correction_that_makes_no_sense_is_refused_in_one_sentence(desk: Desk) -> None:
    read_four(desk)
    libya = desk.story_of("march")
    with pytest.raises(StoryError, match="There is no story nonsense"):
        desk.stories.join(libya, "nonsense")
    with pytest.raises(StoryError, match="one story already"):
        desk.stories.join(libya, libya)
    with pytest.raises(StoryError, match="not in the story"):
        desk.stories.split(libya, [article_id(address("sudan"))])
    with pytest.raises(StoryError, match="Nothing would be left"):
        desk.stories.split(libya, map(article_id, [address("march"), address("alert")]))
    assert desk.together() == LIBYA_AND_SUDAN


# -- processes ---------------------------------------------------------------------------------


def test_following_again_changes_nothing(desk: Desk) -> None:
    read_four(desk)
    before = {story.id: story.articles for story in desk.stories.stories()}
    assert desk.follower.catch_up() == desk.new_follower().catch_up() == 0
    assert {story.id: story.articles for story in desk.stories.stories()} == before


def test_a_back_catalogue_in_small_batches_gives_the_same_stories(desk: Desk) -> None:
    read_four(desk, follow=False)
    assert desk.new_follower(batch=1).catch_up() == 4
    assert desk.together() == LIBYA_AND_SUDAN


def test_a_restart_needs_no_model_for_what_was_grouped(desk: Desk) -> None:
    read_four(desk)
    words = CountingWords()
    desk.follower = StoryFollower(desk.store, words)
    desk.read("halt", HALT, NOON + days(2))
    assert words.encoded == list(HALT[1:])
    assert desk.story_of("halt") == desk.story_of("march")


def test_followers_side_by_side_never_undo_one_another(desk: Desk) -> None:
    first, second = desk.new_follower(), desk.new_follower()
    desk.read("march", MARCH, follow=False)
    first.catch_up()
    desk.read("sudan", SUDAN, NOON + days(1), follow=False)
    second.catch_up()
    desk.read("alert", ALERT, NOON + days(1), follow=False)
    first.catch_up()
    desk.read("burhan", BURHAN, NOON + days(2), follow=False)
    assert second.catch_up() + first.catch_up() == 1
    assert desk.together() == LIBYA_AND_SUDAN


def test_three_processes_at_once_place_every_article_once(desk: Desk) -> None:
    ingest(desk.store, [dated(number) for number in range(12)], lambda: NOON + days(9_000))
    read_four(desk, follow=False)
    stores = [open_store(desk.url) for _ in range(3)]
    followers = [StoryFollower(store, HashedWords(), articles_a_batch=1) for store in stores]
    with ThreadPoolExecutor(max_workers=3) as processes:
        looked_at = list(processes.map(StoryFollower.catch_up, followers))
    for store in stores:
        store.close()
    assert sum(looked_at) == 16
    assert {names for names in desk.together() if len(names) > 1} == LIBYA_AND_SUDAN
    assert sum(map(len, desk.together())) == 16


@pytest.mark.parametrize("late", ["position", "corrections"])
def test_whoever_comes_second_writes_nothing(desk: Desk, late: str) -> None:
    read_four(desk)
    stand = desk.stories.stand()
    past = replace(stand, **{late: getattr(stand, late) - 1})
    march = article_id(address("march"))
    taken = Changes(
        [Member(march, "another", NOON, False, None)], set(), [Span("another", NOON, NOON)], []
    )
    assert desk.stories.write(past, stand.position + 1, taken) is False
    assert desk.together() == LIBYA_AND_SUDAN
    assert desk.stories.stand() == stand
    assert desk.stories.story("another") is None


def test_a_follower_learns_what_a_person_corrected_meanwhile(desk: Desk) -> None:
    read_four(desk)
    desk.stories.join(desk.story_of("march"), desk.story_of("sudan"))
    desk.read("halt", HALT, NOON + days(2))
    assert len(desk.together()) == 1
    assert desk.stories.stand().corrections == 1


def test_an_empty_store_has_no_stories(desk: Desk) -> None:
    assert desk.follower.catch_up() == 0
    assert desk.stories.stories() == []
    assert desk.stories.story("0123456789abcdef") is None
    assert desk.stories.stand() == Stand(0, 0)


def test_a_catalogue_of_years_lets_go_of_what_is_long_past(desk: Desk) -> None:
    """Stories that were let go are held again when an article belongs to them."""
    articles = [dated(number) for number in range(40)]
    ingest(desk.store, articles, lambda: NOON + days(9_000))
    follower = StoryFollower(desk.store, HashedWords(), articles_a_batch=4, most_texts=8)
    assert follower.catch_up() == 40
    assert len(desk.together()) == 40
    desk.read("back", MARCH, NOON + days(1), follow=False)
    follower.catch_up()
    desk.read("more", ALERT, NOON + days(1), follow=False)
    follower.catch_up()
    assert desk.story_of("back") == desk.story_of("more")


def dated(number: int) -> ReadArticle:
    """One of many unlike articles, a hundred days after the one before."""
    return read_article(
        f"n{number}",
        f"Delegation Q{number}x met commission Z{number}y in Town{number}.",
        title=f"Q{number}x at Z{number}y",
        published_at=NOON + days(100 * number),
    )
