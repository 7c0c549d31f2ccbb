"""What people mean by what they write: questions first, and commands in many words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.grammar import read_request
from bot.commands.intents import (
    AskQuestion,
    AskQuotes,
    AskSummary,
    AskTimeline,
    Concern,
    DigestAt,
    DigestChange,
    DigestNow,
    DigestOff,
    Follow,
    Help,
    ListMine,
    Mute,
    Pause,
    QuietHours,
    Request,
    Resume,
    Sources,
    Thanks,
    Unclear,
    Unfollow,
)
from bot.records import SubscriptionDraft
from retrieval.reports.report import Interests
from retrieval.watches.matching import Criteria
from tests.bot import outcomes
from tests.conftest import NOW

DAILY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKING = DAILY[:5]
SIX_DAYS_BEFORE = datetime(2019, 3, 30, tzinfo=UTC)


def read(text: str) -> Request:
    return read_request(text, NOW)


def wish_of(text: str) -> SubscriptionDraft:
    request = read(text)
    assert isinstance(request, DigestAt), request
    return request.draft


class TestAQuestion:
    @pytest.mark.parametrize(
        "text",
        [
            "What did Guterres say about Libya?",
            "what has Lavrov said on Syria",
            "Who controls Gharyan?",
            "What happened in Libya in 1969?",
            "What happened to the Hanoi summit?",
            "Tell me when the war started",
            "tell me about Libya",
            "and since March?",
            "What is the timeline that the ministers agreed for the withdrawal?",
            "Did anyone follow Haftar to Gharyan?",
            "Which watch did the minister wear?",
            "Track record of the envoy?",
            "Monitoring mission in Hodeidah: who leads it?",
            "Is the position of Lavrov on Syria the same as in March?",
            "Quiet diplomacy in Oman",
            "Who is following the talks in Astana?",
            "What was new in the second draft of the protocol?",
            "Why was the digest of the treaty published so late?",
            "Pause for thought: who called the ceasefire?",
            "Summarise how the vote went",
            "Summarise the Prespa story for me",
            "latest on Brexit",
            "anything on Venezuela?",
            "Anything about the Hodeidah talks?",
            "what's going on in Libya?",
            "are you sure?",
            "fellow travellers of Haftar",
            "Johnny Carson on the tonight show",
        ],
    )
    def test_is_what_is_not_clearly_something_else(self, text: str) -> None:
        assert read(text) == AskQuestion(text)

    def test_keeps_its_words_and_courtesies(self) -> None:
        text = "Hi, could you please tell me who spoke for the LNA? Thanks"
        assert read(f"  {text} ") == AskQuestion(text)

    def test_of_many_words_is_one_whatever_it_begins_with(self) -> None:
        assert isinstance(read("Follow " + "the money " * 30), AskQuestion)

    @pytest.mark.slow
    def test_of_the_measured_sets_is_never_taken_for_a_command(self, data_folder: Path) -> None:
        """4,126 questions: to readers of an encyclopaedia, at press briefings, on the news."""
        questions = [
            json.loads(line)["question"]
            for name in ("seed", "squad2", "briefings", "timeqa", "multihop")
            for line in (data_folder / name / "questions.jsonl").read_text("utf-8").splitlines()
        ]
        assert len(questions) > 4_000
        for written in (str.strip, str.lower, lambda text: text.rstrip("?")):
            taken = [text for text in questions if not isinstance(read(written(text)), AskQuestion)]
            assert taken == []


class TestASummary:
    @pytest.mark.parametrize(
        ("text", "topic"),
        [
            ("Libya this week", "Libya"),
            ("Libya, Algeria and Sudan this week", "Libya, Algeria and Sudan"),
            ("this week in Libya", "Libya"),
            ("Libya this week?", "Libya"),
            ("what is new on Sudan this week", "Sudan"),
            ("What's going on in Venezuela this week?", "Venezuela"),
            ("summary of Brexit this week", "Brexit"),
            ("can you pls summarise the news on Libya this week, thanks", "Libya"),
            ("Summarize Libya this week", "Libya"),
            ("sumary of Libya this week", "Libya"),
            ("brief me on the Golan this week", "the Golan"),
            ("update us on Algeria this week", "Algeria"),
            ("news on Venezuela this week", "Venezuela"),
            ("give me an overview of sanctions on Iran this week", "sanctions on Iran"),
            ("who said what on Libya this week", "Libya"),
            ("what's new this week?", ""),
            ("this week", ""),
        ],
    )
    def test_names_a_topic_and_a_window(self, text: str, topic: str) -> None:
        request = read(text)
        assert isinstance(request, AskSummary)
        assert request.topic == topic
        assert request.since == SIX_DAYS_BEFORE

    @pytest.mark.parametrize(
        ("text", "topic"),
        [("Libya", "Libya"), ("what's new?", ""), ("brief me on Sudan", "Sudan")],
    )
    def test_without_a_window_leaves_it_open(self, text: str, topic: str) -> None:
        assert read(text) == AskSummary(topic)

    def test_takes_an_age_of_days(self) -> None:
        for text in ("summarise Libya last 3 days", "Libya 3d", "summary of Libya 3 days"):
            request = read(text)
            assert isinstance(request, AskSummary)
            assert (request.topic, request.since) == ("Libya", NOW.replace(day=2))

    def test_counts_days_in_the_readers_zone(self) -> None:
        request = read_request("Libya today", NOW, lambda: ZoneInfo("Asia/Tokyo"))
        assert isinstance(request, AskSummary)
        assert request.since == datetime(2019, 4, 4, 15, tzinfo=UTC)


class TestQuotations:
    @pytest.mark.parametrize(
        ("text", "speaker", "topic"),
        [
            ("quotes by Guterres on Libya", "Guterres", "Libya"),
            ("Quotes from Guterres about Libya", "Guterres", "Libya"),
            ("show me quotations by António Guterres", "António Guterres", ""),
            ("Guterres quotes on Libya", "Guterres", "Libya"),
            ("quotes Guterres Libya", "Guterres", "Libya"),
            ("statements by Pompeo about Iran", "Pompeo", "Iran"),
            ("position of Lavrov on the Golan", "Lavrov", "the Golan"),
            ("Lavrov's position on Syria", "Lavrov", "Syria"),
            ("quote Lavrov on Syria", "Lavrov", "Syria"),
        ],
    )
    def test_have_a_speaker_and_perhaps_a_topic(self, text: str, speaker: str, topic: str) -> None:
        assert read(text) == AskQuotes(speaker, topic)

    def test_can_be_of_a_time(self) -> None:
        march = datetime(2019, 3, 1, tzinfo=UTC)
        assert read("quotes by Guterres on Libya since March") == AskQuotes(
            "Guterres", "Libya", march
        )
        assert read("quotes by Guterres since March") == AskQuotes("Guterres", "", march)

    def test_of_nobody_are_asked_about(self) -> None:
        request = read("quotes on Libya")
        assert isinstance(request, Unclear)
        assert "quotes by Guterres on Libya" in request.example


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("timeline of Brexit", "Brexit"),
        ("timeline Libya", "Libya"),
        ("Brexit timeline", "Brexit"),
        ("can I have a timeline of the Hanoi summit?", "the Hanoi summit"),
        ("chronology of the protests in Algeria", "protests in Algeria"),
        ("timelin of Brexit", "Brexit"),
    ],
)
def test_a_timeline_has_a_topic(text: str, topic: str) -> None:
    assert read(text) == AskTimeline(topic)


def test_a_timeline_can_be_of_a_time() -> None:
    since = datetime(2019, 1, 1, tzinfo=UTC)
    assert read("timeline of Brexit since January") == AskTimeline("Brexit", since)


class TestADigest:
    @pytest.mark.parametrize(
        ("written", "at"),
        [
            ("at 7", "07:00"),
            ("at 7.30", "07:30"),
            ("at 07:30", "07:30"),
            ("at 7:30 am", "07:30"),
            ("at 7:30 pm", "19:30"),
            ("at 7pm", "19:00"),
            ("7 a.m.", "07:00"),
            ("at 0730", "07:30"),
            ("at 7h30", "07:30"),
            ("8:15", "08:15"),
            ("8", "08:00"),
            ("at half past seven", "07:30"),
            ("at quarter to 8", "07:45"),
            ("at seven thirty", "07:30"),
            ("at 8 o'clock", "08:00"),
            ("at 6 in the evening", "18:00"),
            ("at noon", "12:00"),
            ("at midnight", "00:00"),
            ("at 12 am", "00:00"),
            ("at 12:30 pm", "12:30"),
        ],
    )
    def test_has_a_time(self, written: str, at: str) -> None:
        assert wish_of(f"digest {written}") == SubscriptionDraft(at=at)

    @pytest.mark.parametrize(
        ("written", "days"),
        [
            ("daily", DAILY),
            ("every day", DAILY),
            ("every morning", DAILY),
            ("on weekdays", WORKING),
            ("mon-fri", WORKING),
            ("Monday to Friday", WORKING),
            ("weekends", ("sat", "sun")),
            ("every Monday", ("mon",)),
            ("on Mondays", ("mon",)),
            ("every Monday and Thursday", ("mon", "thu")),
            ("mon, wed and fri", ("mon", "wed", "fri")),
            ("tue/thu", ("tue", "thu")),
            ("weekly", ("mon",)),
            ("weekly on Friday", ("fri",)),
            ("every week", ("mon",)),
            ("every day except Sunday", DAILY[:6]),
            ("on weekdays but not on Fridays", WORKING[:4]),
            ("evrey monday", ("mon",)),
        ],
    )
    def test_has_days(self, written: str, days: tuple[str, ...]) -> None:
        assert wish_of(f"digest {written} at 8") == SubscriptionDraft(at="08:00", days=days)

    @pytest.mark.parametrize(
        ("written", "zone"),
        [
            ("Europe/Paris", "Europe/Paris"),
            ("europe/paris", "Europe/Paris"),
            ("Paris time", "Europe/Paris"),
            ("in Paris", "Europe/Paris"),
            ("Tripoli", "Africa/Tripoli"),
            ("New York time", "America/New_York"),
            ("in New York", "America/New_York"),
            ("Geneva time", "Europe/Zurich"),
            ("(Addis Ababa time)", "Africa/Addis_Ababa"),
            ("UTC", "UTC"),
            ("CET", "Europe/Brussels"),
            ("UTC+2", "Etc/GMT-2"),
            ("my time", None),
            ("local time", None),
        ],
    )
    def test_has_a_zone(self, written: str, zone: str | None) -> None:
        assert wish_of(f"digest at 8 {written}") == SubscriptionDraft(at="08:00", zone=zone)
        both = SubscriptionDraft(at="08:00", zone=zone, interests=Interests(places=("LY",)))
        assert wish_of(f"digest at 8 {written} on Libya") == both

    @pytest.mark.parametrize(
        "text",
        [
            "daily digest at 7.30 on Libya and Sudan, Europe/Paris",
            "digest on Libya and Sudan every day at 07:30 Paris time",
            "send me a daily digest on Libya, Sudan at 7:30 am Paris time please",
            "Every day at 7:30 Paris time send me a digest on Libya and Sudan",
            "Libya and Sudan digest every day at 07:30 Paris time",
            "I'd like to get a daily digest about Libya and Sudan at half past seven Paris time",
            "subscribe me to a daily digest at 07:30 Paris time: Libya, Sudan",
        ],
    )
    def test_is_understood_in_any_order(self, text: str) -> None:
        assert wish_of(text) == SubscriptionDraft(
            "07:30", DAILY, "Europe/Paris", Interests(places=("LY", "SD"))
        )

    def test_has_topics_places_sources_and_a_length(self) -> None:
        text = (
            "digest at 8 on Libya, sanctions on Iran and “war and peace”, 3 stories, from UN News"
        )
        assert wish_of(text) == SubscriptionDraft(
            at="08:00",
            interests=Interests(
                topics=("sanctions on Iran", "war and peace"),
                places=("LY",),
                sources=("UN News",),
            ),
            length=3,
        )

    def test_on_everything_says_so(self) -> None:
        assert wish_of("digest at 8 on everything") == SubscriptionDraft(
            at="08:00", interests=Interests()
        )

    def test_without_more_is_wanted_as_usual(self) -> None:
        assert wish_of("digest on") == SubscriptionDraft()
        assert wish_of("weekly digest").days == ("mon",)

    @pytest.mark.parametrize("text", ["digest", "digest now", "today's digest", "digest please"])
    def test_without_a_time_is_wanted_at_once(self, text: str) -> None:
        assert read(text) == DigestNow()

    def test_on_a_topic_without_a_time_is_wanted_at_once(self) -> None:
        assert read("digest on Libya") == DigestNow(
            SubscriptionDraft(interests=Interests(places=("LY",)))
        )

    @pytest.mark.parametrize(
        "text",
        [
            "digest at 8 instead",
            "change my digest to 8",
            "move the digest to 8:00",
            "Change the digest to 8 am",
        ],
    )
    def test_is_changed(self, text: str) -> None:
        assert read(text) == DigestChange(SubscriptionDraft(at="08:00"))

    @pytest.mark.parametrize(
        "text", ["digest off", "stop the digest", "no more digests", "unsubscribe from the digest"]
    )
    def test_is_stopped(self, text: str) -> None:
        assert read(text) == DigestOff()

    def test_is_stopped_by_its_name(self) -> None:
        for text in ("digest off Libya", "stop the digest on Libya", "remove digest Libya"):
            assert read(text) == DigestOff("Libya")

    @pytest.mark.parametrize(
        ("text", "missing"),
        [
            ("digest at", "At what time?"),
            ("digest at 25:00", "“at 25:00” is no time of day."),
            ("digest at 8 Atlantis time", "I do not know the time zone “Atlantis”."),
            ("hourly digest", "“hourly”"),
            ("digest at 7 on Libya, at 8 on Sudan", "for “8” too there is a second one"),
            ("digest at 8, 400 stories", "1 to 20 stories"),
        ],
    )
    def test_half_understood_says_what_is_missing(self, text: str, missing: str) -> None:
        request = read(text)
        assert isinstance(request, Unclear)
        assert missing in request.missing
        assert not isinstance(read(request.example), AskQuestion | Unclear)


class TestAWatch:
    @pytest.mark.parametrize(
        "text",
        [
            "follow Gharyan",
            "Follow Gharyan please",
            "folow Gharyan",
            "watch Gharyan",
            "watch out for Gharyan",
            "keep an eye on Gharyan",
            "alert me about Gharyan",
            "alert me when something happens in Gharyan",
            "tell me when something comes on Gharyan",
            "let me know when there is news on Gharyan",
            "notify us if Gharyan is mentioned",
            "Could you follow Gharyan?",
            "follow everything about Gharyan",
        ],
    )
    def test_looks_for_words(self, text: str) -> None:
        assert read(text) == Follow("Gharyan", Criteria(words=("Gharyan",)))

    @pytest.mark.parametrize(
        ("text", "name", "criteria"),
        [
            ("follow Libya", "Libya", Criteria(places=("LY",))),
            ("follow Libya and Sudan", "Libya and Sudan", Criteria(places=("LY", "SD"))),
            ("watch Haftar in Libya", "Haftar in Libya", Criteria(("Haftar",), places=("LY",))),
            ("follow Haftar, also called Hifter", "Haftar", Criteria(("Haftar",), ("Hifter",))),
            ("follow Haftar (Hifter)", "Haftar", Criteria(("Haftar",), ("Hifter",))),
            (
                "follow Haftar aka Hifter or Hafter",
                "Haftar",
                Criteria(("Haftar",), ("Hifter", "Hafter")),
            ),
            (
                "alert me about sanctions on Iran from official sources",
                "sanctions on Iran from official sources",
                Criteria(("sanctions on Iran",), kinds=("official",)),
            ),
            (
                "follow Gharyan from UN News and Reuters",
                "Gharyan from UN News and Reuters",
                Criteria(("Gharyan",), sources=("UN News", "Reuters")),
            ),
            (
                "follow what Lavrov says on Syria",
                "what Lavrov says on Syria",
                Criteria(actors=("Lavrov",), places=("SY",)),
            ),
            ("follow clashes in Gharyan", "clashes in Gharyan", Criteria(("clashes in Gharyan",))),
            (
                "follow migrants from Libya",
                "migrants from Libya",
                Criteria(("migrants from Libya",)),
            ),
            ("follow Benghazi", "Benghazi", Criteria(("Benghazi",))),
        ],
    )
    def test_is_of_more_than_words(self, text: str, name: str, criteria: Criteria) -> None:
        assert read(text) == Follow(name, criteria)

    @pytest.mark.parametrize(
        "text", ["unfollow Gharyan", "stop following Gharyan", "don't follow Gharyan any more"]
    )
    def test_is_ended(self, text: str) -> None:
        assert read(text) == Unfollow("Gharyan")

    @pytest.mark.parametrize("text", ["unfollow all", "delete all my watches", "no more alerts"])
    def test_all_are_ended(self, text: str) -> None:
        assert read(text) == Unfollow("")

    @pytest.mark.parametrize("text", ["follow", "watch", "alert me", "unfollow", "follow me"])
    def test_of_nothing_is_asked_about(self, text: str) -> None:
        assert isinstance(read(text), Unclear)


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("my digests", ListMine(Concern.DIGESTS)),
        ("show my digests", ListMine(Concern.DIGESTS)),
        ("which digests do I get?", ListMine(Concern.DIGESTS)),
        ("digest settings", ListMine(Concern.DIGESTS)),
        ("my watches", ListMine(Concern.WATCHES)),
        ("list watches", ListMine(Concern.WATCHES)),
        ("what do I follow?", ListMine()),
        ("what am I following", ListMine()),
        ("settings", ListMine()),
        ("pause", Pause()),
        ("pause my digest", Pause(Concern.DIGESTS)),
        ("pause alerts", Pause(Concern.WATCHES)),
        ("pause Gharyan", Pause(name="Gharyan")),
        ("pause the digest on Libya", Pause(Concern.DIGESTS, "Libya")),
        ("resume", Resume()),
        ("resume digest", Resume(Concern.DIGESTS)),
        ("quiet from 22:00 to 07:00", QuietHours("22:00", "07:00")),
        ("quiet hours 10pm to 7 am Paris time", QuietHours("22:00", "07:00", "Europe/Paris")),
        ("do not disturb between 22 and 7", QuietHours("22:00", "07:00")),
        ("quiet 22-7", QuietHours("22:00", "07:00")),
        ("no alerts from 10 pm until 7 am", QuietHours("22:00", "07:00")),
        ("quiet off", QuietHours(None, None)),
        ("mute this story", Mute()),
        ("mute", Mute()),
        ("unmute this story", Mute(lifted=True)),
        ("sources", Sources()),
        ("sources?", Sources()),
        ("what sources do you read?", Sources()),
        ("which sources failed", Sources(failed=True)),
        ("which sources failed?", Sources(failed=True)),
        ("help", Help()),
        ("what can you do?", Help()),
        ("hello", Help()),
        ("thanks!", Thanks()),
        ("Thank you very much", Thanks()),
    ],
)
def test_settings_are_managed_in_plain_words(text: str, request_: Request) -> None:
    assert read(text) == request_
    assert read(text.upper() if text.islower() else text.casefold()).__class__ is type(request_)


@pytest.mark.parametrize("text", ["quiet from 22:00", "quiet from 25:00 to 7", "quiet hours"])
def test_quiet_hours_half_said_are_asked_about(text: str) -> None:
    assert isinstance(read(text), Unclear)


_PIECES = st.sampled_from(
    (
        "digest at 07:30 25:99 on off every Monday weekly Libya and or , follow watch Haftar ( ) "
        "“ ” ? quotes by timeline of since March quiet from to Europe/Paris time in summary what "
        "is new pause tell me when something comes also called aka UTC+99 half past to 99 \x00 | "
        "- & not except"
    ).split(" ")
)


@given(st.lists(_PIECES, max_size=12).map(" ".join) | outcomes.texts)
def test_nothing_that_is_written_raises(text: str) -> None:
    request = read(text)
    if isinstance(request, AskQuestion):
        assert request.text == " ".join(text.split())


@pytest.mark.parametrize(
    "written",
    [
        "*Libya this week*",
        "_Libya this week_",
        "```Libya this week```",
        "> Libya this week",
        "• Libya this week",
        "“Libya this week”",
        "@here Libya this week",
        "Hi! Could you send me a summary on Libya for this week? Thanks 🙏",
        "Libya this week :pray::skin-tone-2:",
        "🇱🇾 this week",
        ":flag-ly: this week",
        "Li\u200bbya\u202e this week\x07",
    ],
)
def test_what_a_request_is_dressed_in_is_no_part_of_it(written: str) -> None:
    assert read(written) == AskSummary("Libya", SIX_DAYS_BEFORE, None)


@pytest.mark.parametrize("written", ["thanks a lot, very useful!", "👍", ":+1:", "🙏🏽", "✅ 🎉"])
def test_mere_courtesies_ask_nothing(written: str) -> None:
    assert read(written) == Thanks()


@pytest.mark.parametrize(
    ("written", "topic"),
    [
        ("news?", ""),
        ("headlines", ""),
        ("what's in the news?", ""),
    ],
)
def test_news_is_asked_for_in_few_words(written: str, topic: str) -> None:
    assert read(written) == AskSummary(topic)


@pytest.mark.parametrize(
    ("written", "missing"),
    [
        ("digest at 8:00 and 18:00 on Libya", "A digest comes once a day; for “18:00” too"),
        ("digest at 8 and 6pm", "A digest comes once a day; for “6pm” too"),
        ("digest tomorrow at 9", "not “tomorrow”"),
        ("digest for 4 April", "not “4 April”"),
        ("digest for 2019-04-04", "not “2019-04-04”"),
        ("digest on 31 February", "There is no 31 February."),
        ("Libya since 31 April", "There is no 31 April."),
        ("send me the digest at 7 and follow Gharyan", "more than one request"),
        ("follow Libya and send a digest at 8", "more than one request"),
        ("follow Gharyan and pause the digest", "more than one request"),
        ("pause everything until Monday", "A pause has no end of its own"),
        ("pause my digest for a week", "A pause has no end of its own"),
    ],
)
def test_what_cannot_be_done_as_it_is_said_is_asked_about(written: str, missing: str) -> None:
    request = read(written)
    assert isinstance(request, Unclear)
    assert missing in request.missing


@pytest.mark.parametrize(
    "written",
    ["stop", "stop everything", "please stop sending me stuff", "unsubscribe", "unsubscribe me"],
)
def test_who_wants_nothing_more_gets_a_pause_which_can_be_undone(written: str) -> None:
    assert read(written) == Pause(Concern.EVERYTHING)


@pytest.mark.parametrize(
    "written",
    ["I no longer want the digest", "I dont want the digest anymore", "no more digest"],
)
def test_a_digest_is_stopped_by_who_no_longer_wants_it(written: str) -> None:
    assert read(written) == DigestOff()


def test_a_watch_is_called_what_is_looked_for() -> None:
    assert read("let me know as soon as something about Kerala is published") == Follow(
        "Kerala", Criteria(words=("Kerala",))
    )


def test_a_speaker_is_followed_by_what_he_says() -> None:
    request = read("tell me when Guterres says something about Libya")
    assert isinstance(request, Follow)
    assert request.criteria == Criteria(actors=("Guterres",), places=("LY",))


def test_a_word_of_another_language_is_no_slip_of_a_command() -> None:
    assert isinstance(read("resumen de Venezuela esta semana"), AskQuestion)
