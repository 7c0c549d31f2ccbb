"""What Home shows: the page of what a person set up, and the forms of digests and watches. Pure.

    HomePage (what is known at one moment, for one person) ─▶ view
    SubscriptionDraft | WatchDraft ─▶ form

Lists come in pages, so that a view never has more blocks than Slack takes and nothing is left out
unsaid. Texts of articles and people stand in rich text and labels, never in mrkdwn. Moments are
told in the person's zone, which is that of `now`; wall-clock times of digests and watches in the
zone they were set in, by its name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot.clock import next_slot, zone_label
from bot.commands.digests import day_ahead, days_told, name_of, name_told, subjects_told, zone_told
from bot.commands.following_grammar import MOST_LENGTH
from bot.commands.intents import DAY_NAMES, subject_name
from bot.commands.watches import looked_for
from bot.home.forms import DIGEST_FORM, MOST_ALERTS, WATCH_FORM
from bot.records import Subscription, SubscriptionDraft, Watch, WatchDraft, channel_of
from bot.render import blocks as inputs
from bot.render.blocks import (
    Block,
    Element,
    actions,
    button,
    context,
    link,
    menu,
    note_view,
    paragraph,
    paragraphs,
    words,
)
from bot.render.catalogues import N_, comma, dated, framed, gettext, ngettext, place_in_words
from bot.render.report_wording import (
    day_and_time,
    duration_words,
    moment_words,
    origins_words,
    stories_words,
)
from bot.render.wording import excerpt, isolated, kind_name, listed_words
from corpus.articles import SourceKind
from corpus.feeds.schedule import Health, PolledSource
from retrieval.reports.report import Interests
from retrieval.stories.story import Story

LATELY = timedelta(hours=1)
NEW_FOR = timedelta(hours=24)
"""How long a story is told as new."""
MOST_FAILED = 10
LONGEST_NAME = 160
LONGEST_REASON = 400
LONGEST_LINE = 500

_TROUBLED = (Health.FAILING, Health.GONE)


def read_line(articles: int, sources: int, newest: datetime | None, now: datetime) -> str:
    """ "1,234 articles from 14 sources read · newest: today 09:12, Paris time"."""
    if not articles:
        return gettext("Nothing has been read yet.")
    read = ngettext("{shown} article", "{shown} articles", articles, shown=f"{articles:,}")
    told = gettext("{articles} read", articles=read)
    if sources:
        many = ngettext("{count} source", "{count} sources", sources)
        told = gettext("{articles} from {sources} read", articles=read, sources=many)
    if newest is None:
        return told
    last, zone = _day_and_time(newest, now), zone_told(str(now.tzinfo))
    latest = gettext("newest: {moment}, {zone}", moment=last, zone=zone)
    return f"{told} · {latest}"


# Digests


def digest_lines(one: Subscription, user: str, now: datetime) -> list[list[Element]]:
    """What it is on and for whom, when it comes, when it comes next."""
    interests = one.interests
    subjects = name_of(interests)
    name = one.name or subjects
    about = only = ""
    if name != subjects:
        shown = isolated(excerpt(subjects_told(interests), LONGEST_LINE))
        about = f" · {gettext('on {topic}').format(topic=shown)}"
    when = gettext(
        "{days} at {time} {zone}", days=days_told(one.days), time=one.at, zone=zone_told(one.zone)
    )
    if interests.sources:
        only = gettext("only from {sources}", sources=listed_words(interests.sources))
        only = f" · {only}"
    most = ngettext("{count} story at most", "{count} stories at most", interests.length)
    return [
        [_name(name_told(one)), words(about), *_where(one.reader, user), *_if_paused(one.paused)],
        [words(excerpt(f"{_upper(when)} · {most}{only}", LONGEST_LINE))],
        [words(next_line(one, now))],
    ]


def next_line(one: Subscription, now: datetime) -> str:
    """ "Next tomorrow at 07:30 Tripoli time (06:30 your time)"."""
    if one.paused:
        return gettext("Nothing comes until it is resumed.")
    zone = ZoneInfo(one.zone)
    due = next_slot(one.schedule, max(now, one.active_from or now)).due_at
    own_zone = ZoneInfo(str(now.tzinfo))
    local, own = due.astimezone(zone), due.astimezone(own_zone)
    yours = ""
    if local.replace(tzinfo=None) != own.replace(tzinfo=None):
        there = f"{own:%H:%M}"
        if local.date() != own.date():
            there = _at(day_ahead(due, now, own_zone), there)
        yours = f" ({gettext('{time} your time').format(time=there)})"
    ahead = _at(day_ahead(due, now, zone), f"{local:%H:%M}")
    said = gettext("Next {moment} {zone}", moment=ahead, zone=zone_told(one.zone))
    return f"{said}{yours}"


# Watches


def watch_lines(
    one: Watch, user: str, last_alert: datetime | None, now: datetime
) -> list[list[Element]]:
    """Its name and for whom, what it looks for, when it keeps quiet and when it last told."""
    parts = []
    if one.quiet_from and one.quiet_to:
        quiet = gettext("quiet {first} to {last} {zone}")
        parts.append(
            quiet.format(first=one.quiet_from, last=one.quiet_to, zone=zone_told(one.zone))
        )
    parts.append(
        ngettext("at most {count} alert a day", "at most {count} alerts a day", one.daily_cap)
    )
    if last_alert:
        last = _day_and_time(last_alert, now)
        parts.append(gettext("last alert {moment}", moment=last))
    else:
        parts.append(gettext("no alert so far"))
    looks_for = gettext("Looks for {subjects}", subjects=looked_for(one.criteria))
    return [
        [_name(one.name), *_where(one.reader, user), *_if_paused(one.paused)],
        [words(excerpt(looks_for, LONGEST_LINE))],
        [words(_upper(" · ".join(parts)))],
    ]


# Stories


def story_lines(story: Story, headline: str, url: str, now: datetime) -> list[list[Element]]:
    """Its headline, linked; whether it is new, how many tell it, when it went on last."""
    told = link(url, excerpt(headline, LONGEST_LINE))
    last = _day_and_time(story.published[1], now) if story.published else gettext("undated")
    parts = (status_words(story, now), origins_words(story), last)
    return [
        [{**told, "style": {"bold": True}}],
        [words(" · ".join(part for part in parts if part))],
    ]


def status_words(story: Story, now: datetime) -> str:
    """ "NEW" for what began within a day, "DEVELOPING, day 3" for what went on, in local days; ""
    for what began and ended on one day before, and for what is undated."""
    if story.published is None:
        return ""
    if now - story.published[0] < NEW_FOR:
        return gettext("NEW")
    begun, last = (one.astimezone(now.tzinfo).date() for one in story.published)
    day = (last - begun).days + 1
    return gettext("DEVELOPING, day {day}", day=day) if day > 1 else ""


# Sources


def sources_lines(
    sources: Sequence[PolledSource], now: datetime, admin: bool
) -> list[list[Element]]:
    """How many were read lately, and which could not be, since when and why."""
    if not sources:
        adds = gettext("An admin adds sources here.")
        if admin:
            adds = gettext("Add source adds the first.")
        none = gettext("No source is polled yet.")
        return [[words(f"{none} {adds}", italic=True)]]
    on = [one for one in sources if not one.paused]
    troubled = [one for one in on if one.health in _TROUBLED]
    lately = [one for one in on if _read_lately(one, now)]
    lines = [[words(_counts(sources, on, lately, troubled, now))]]
    aside = [one for one in on if one.set_aside and one not in troubled]
    lines += [_set_aside_line(one) for one in aside[:MOST_FAILED]]
    if not troubled:
        return lines
    lines.append([words(gettext("Not read, so that silence from them is not news:"))])
    lines += [_failed_line(one, now) for one in troubled[:MOST_FAILED]]
    left = len(troubled) - MOST_FAILED
    if left > 0:
        rest = gettext("… and {count} more; “{request}” written to me lists them.")
        lines.append([words(rest.format(count=left, request="sources?"))])
    return lines


def source_line(one: PolledSource, now: datetime) -> list[Element]:
    """One source as admins see it: "UN News · official · every 15 minutes · last read 09:41"."""
    every = gettext("every {time}", time=duration_words(one.interval))
    parts = [kind_name(one.source.kind), every]
    if one.paused:
        parts.append(gettext("paused"))
    elif one.health in _TROUBLED:
        parts.append(gettext("gone") if one.health is Health.GONE else gettext("failing"))
    elif one.last_success_at is None:
        parts.append(gettext("not yet read"))
    elif one.reason:
        parts.append(excerpt(one.reason, LONGEST_LINE))
    if one.last_success_at is not None:
        last = _day_and_time(one.last_success_at, now)
        parts.append(gettext("last read {moment}", moment=last))
    return [_name(one.name), words(f" · {' · '.join(parts)}")]


def _counts(
    sources: Sequence[PolledSource],
    on: Sequence[PolledSource],
    lately: Sequence[PolledSource],
    troubled: Sequence[PolledSource],
    now: datetime,
) -> str:
    """ "12 of 14 sources read in the last hour, 2 failed; the last one today 09:41."."""
    if not on:
        return gettext("All sources are paused: nothing new is read.")
    parts = [
        ngettext(
            "{read} of {count} source read in the last hour",
            "{read} of {count} sources read in the last hour",
            len(on),
            read=len(lately),
        )
    ]
    waiting = sum(
        one not in lately and one.health not in _TROUBLED and one.last_success_at is not None
        for one in on
    )
    unread = sum(one.last_success_at is None and one.health not in _TROUBLED for one in on)
    named = (
        (waiting, gettext("{count} read before that")),
        (unread, gettext("{count} not yet read")),
        (len(troubled), gettext("{count} failed")),
        (len(sources) - len(on), gettext("{count} paused")),
    )
    parts += [what.format(count=number) for number, what in named if number]
    told = f"{comma()} ".join(parts)
    if read := [one.last_success_at for one in sources if one.last_success_at]:
        last = _day_and_time(max(read), now)
        told = gettext("{counts}; the last one {moment}", counts=told, moment=last)
    none = "" if troubled else f" {gettext('No source failed.')}"
    return f"{told}.{none}"


def _set_aside_line(one: PolledSource) -> list[Element]:
    why = isolated(excerpt(one.set_aside or "", LONGEST_REASON))
    return [words("• "), _name(one.name), words(f" · {why}")]


def _failed_line(one: PolledSource, now: datetime) -> list[Element]:
    since = gettext("never read")
    if one.last_success_at:
        last = moment_words(one.last_success_at, now)
        since = gettext("last read {moment}", moment=last)
    return [words("• "), _name(one.name), words(f" · {since} · {isolated(_why(one))}")]


def _name(name: str) -> Element:
    return words(framed(isolated(excerpt(name, LONGEST_NAME))), bold=True)


def _why(one: PolledSource) -> str:
    if one.reason:
        return excerpt(one.reason, LONGEST_NAME)
    return gettext("it is gone") if one.health is Health.GONE else gettext("it could not be read")


def _read_lately(one: PolledSource, now: datetime) -> bool:
    read = one.last_success_at
    return one.health not in _TROUBLED and read is not None and now - read <= LATELY


# Words


def _where(reader: str, user: str) -> list[Element]:
    """For whom it is; Slack shows a channel's name to whoever may know it."""
    if reader == user:
        return [words(f" · {gettext('to you')}")]
    channel = channel_of(reader)
    if channel is None:
        return [words(f" · {gettext('to somebody else')}")]
    return [words(f" · {gettext('in')} "), {"type": "channel", "channel_id": channel}]


def _if_paused(paused: bool) -> list[Element]:
    return [words(" · "), words(gettext("PAUSED"), bold=True)] if paused else []


def _day_and_time(moment: datetime, now: datetime) -> str:
    """ "today 09:12", "yesterday 18:00", "Wednesday 07:30", "28 March 2019, 07:30"."""
    local = moment.astimezone(now.tzinfo)
    days = (now.date() - local.date()).days
    if days == 0:
        return gettext("today {time}", time=f"{local:%H:%M}")
    if 0 < days < 7:
        return moment_words(moment, now)
    return day_and_time(local, "%-d %B %Y")


def _at(day: str, time: str) -> str:
    return gettext("{day} at {time}", day=day, time=time)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


T = TypeVar("T")

DIGESTS_A_PAGE, WATCHES_A_PAGE, SOURCES_A_PAGE = 5, 8, 6
MOST_BLOCKS = 100
LONGEST_LABEL = 80

WHAT = N_(
    "I read the sources and answer from them. Mention me in a channel or write to me directly: "
    "every sentence of an answer is linked to the paragraph it rests on, and what could not be "
    "checked is left out and counted."
)
NO_DIGEST = N_(
    "No digest yet. New digest sets one up; so does “digest at 07:30 on Libya”, written to me."
)
NO_WATCH = N_(
    "Nothing is followed yet. New watch sets one up; so does “follow Gharyan”, written to me."
)
NO_STORY = N_("No stories yet. They stand here as soon as something has been read.")
WAITING = N_("Reading what there is for you …")
FAILED = N_(
    "This page could not be put together (reference {reference}). Open it again in a minute."
)


@dataclass(frozen=True, slots=True)
class ReadSoFar:
    """How much was read; `newest` is when the newest article was published."""

    articles: int = 0
    sources: int = 0
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Headlined:
    """A story and the words that stand for it, which are the title of its article at `url`."""

    story: Story
    headline: str
    url: str


@dataclass(frozen=True, slots=True)
class Pages:
    """How far each list was turned, from 0."""

    digests: int = 0
    watches: int = 0
    sources: int = 0

    @property
    def text(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class HomePage:
    """What a person's Home page shows at `now`, which is in that person's zone.

    `last_alerts` are by watch id, `feedback` the blocks that tell admins how answers were judged.
    """

    user: str
    now: datetime
    read: ReadSoFar = field(default_factory=ReadSoFar)
    digests: tuple[Subscription, ...] = ()
    watches: tuple[Watch, ...] = ()
    last_alerts: dict[str, datetime] = field(default_factory=dict)
    sources: tuple[PolledSource, ...] = ()
    stories: tuple[Headlined, ...] = ()
    admin: bool = False
    feedback: tuple[Block, ...] = ()
    pages: Pages = field(default_factory=Pages)


def home_view(page: HomePage) -> dict[str, Any]:
    """The view of a Home page."""
    blocks = [
        *_head(page),
        *_digests(page),
        *_watches(page),
        *_section(gettext("Sources")),
        *paragraphs(sources_lines(page.sources, page.now, page.admin)),
        *_stories(page),
        *(_for_admins(page) if page.admin else ()),
    ]
    return _home(blocks[:MOST_BLOCKS], page.pages.text)


def waiting_view() -> dict[str, Any]:
    """What stands there until the page is put together."""
    return _home([_title("Chancery"), paragraph([words(gettext(WHAT))]), context(gettext(WAITING))])


def sentence_view(sentence: str) -> dict[str, Any]:
    """A Home page that says one thing only."""
    return _home([_title("Chancery"), paragraph([words(sentence)])])


def pages_of(text: str) -> Pages:
    """How far the lists of a published view were turned; all from the beginning where unknown."""
    try:
        return Pages(**{name: max(0, int(at)) for name, at in json.loads(text).items()})
    except (ValueError, TypeError, AttributeError):
        return Pages()


def _head(page: HomePage) -> list[Block]:
    return [
        _title("Chancery"),
        paragraph([words(gettext(WHAT))]),
        context(read_line(page.read.articles, page.read.sources, page.read.newest, page.now)),
        actions(
            [
                button(gettext("New digest"), "digest:new", "new"),
                button(gettext("New watch"), "watch:new", "new"),
                button(gettext("Refresh"), "home:refresh", "refresh"),
            ]
        ),
    ]


def _digests(page: HomePage) -> list[Block]:
    shown, pager = _page(page, page.digests, "digests", DIGESTS_A_PAGE)
    blocks = _section(gettext("My digests"), gettext(NO_DIGEST) if not page.digests else "")
    for one in shown:
        blocks += paragraphs(digest_lines(one, page.user, page.now))
        blocks.append(_controls("digest", one.id, gettext("Send now"), paused=one.paused))
    return blocks + pager


def _controls(kind: str, identity: str, send: str, *, paused: bool) -> Block:
    """What can be done with a digest or watch: one button, the rest behind a menu."""
    pausing = ("resume", gettext("Resume")) if paused else ("pause", gettext("Pause"))
    choices = (pausing, ("send", send), ("remove", gettext("Remove …")))
    more = [(f"{verb}:{identity}", label) for verb, label in choices]
    return actions([button(gettext("Edit"), f"{kind}:edit", identity), menu(f"{kind}:more", more)])


def sure_view(what: str, verb: str, one: Subscription | Watch, pages: str) -> dict[str, Any]:
    """The modal that asks before something is removed, or posted where others read it."""
    called = one.name or (one.at if isinstance(one, Subscription) else "")
    named = f"“{excerpt(called, LONGEST_LABEL)}”"
    effect = gettext("The digest {name} comes no more.", name=named)
    if isinstance(one, Watch):
        effect = gettext("Alerts of the watch {name} end.", name=named)
    if verb == "send":
        effect = gettext("The digest is posted in its channel at once.")
    asks, does = gettext("Remove it?"), gettext("Remove")
    if verb == "send":
        asks, does = gettext("Send it now?"), gettext("Send")
    asked = {"what": what, "verb": verb, "id": one.id, "pages": pages}
    return {
        **note_view(asks, [[words(effect)]]),
        "callback_id": SURE,
        "submit": inputs.plain(does),
        "close": inputs.plain(gettext("Cancel")),
        "private_metadata": json.dumps(asked),
    }


def _watches(page: HomePage) -> list[Block]:
    shown, pager = _page(page, page.watches, "watches", WATCHES_A_PAGE)
    blocks = _section(gettext("My watches"), gettext(NO_WATCH) if not page.watches else "")
    for one in shown:
        last = page.last_alerts.get(one.id)
        blocks += paragraphs(watch_lines(one, page.user, last, page.now))
        blocks.append(_controls("watch", one.id, gettext("Summary now"), paused=one.paused))
    return blocks + pager


def _stories(page: HomePage) -> list[Block]:
    blocks = _section(gettext("Newest stories"), gettext(NO_STORY) if not page.stories else "")
    for one in page.stories:
        blocks += paragraphs(story_lines(one.story, one.headline, one.url, page.now))
        blocks.append(actions([button(gettext("Summary"), "story:summary", one.story.id)]))
    return blocks


def _for_admins(page: HomePage) -> list[Block]:
    """The sources one by one, then what people think of answers."""
    blocks = _section(gettext("For admins"))
    buttons = [button(gettext("Add source"), "source:add", "add")]
    if page.sources:
        buttons.append(button(gettext("Check all"), "source:check-all", "all"))
    blocks.append(actions(buttons))
    shown, pager = _page(page, page.sources, "sources", SOURCES_A_PAGE)
    for one in shown:
        blocks += paragraphs([source_line(one, page.now)])
        on = button(gettext("Resume"), "source:resume", one.name)
        off = button(gettext("Pause"), "source:pause", one.name)
        check = button(gettext("Check now"), "source:check", one.name)
        edit = button(gettext("Edit"), "source:edit", one.name)
        blocks.append(actions([edit, on if one.paused else off, check]))
    return [*blocks, *pager, *page.feedback]


# Pieces


def _section(title: str, empty: str = "") -> list[Block]:
    said = [paragraph([words(empty, italic=True)])] if empty else []
    return [{"type": "divider"}, _title(title), *said]


def _page(
    page: HomePage, items: Sequence[T], name: str, most: int
) -> tuple[Sequence[T], list[Block]]:
    """The items of the page that a list was turned to, and what turns it."""
    last = max(0, (len(items) - 1) // most)
    at = min(getattr(page.pages, name), last)
    buttons = []
    turning = (("back", gettext("Back"), at - 1), ("more", gettext("More"), at + 1))
    for action, label, to in turning:
        if 0 <= to <= last:
            first = to * most + 1
            ends = min(first + most - 1, len(items))
            shown = gettext("{label}: {first} to {last} of {count}")
            shown = shown.format(label=label, first=first, last=ends, count=len(items))
            turned = replace(page.pages, **{name: to}).text
            buttons.append(button(shown, f"home:page:{action}", turned))
    return items[at * most : (at + 1) * most], [actions(buttons)] if buttons else []


def _title(shown: str) -> Block:
    return {"type": "header", "text": inputs.plain(shown)}


def _home(blocks: Iterable[Block], metadata: str = "") -> dict[str, Any]:
    return {"type": "home", "private_metadata": metadata, "blocks": list(blocks)}


SURE = "home:sure"
"""Callback id of the modal that asks first."""
LENGTHS = (*range(1, 11), 12, 15, MOST_LENGTH)
TO_ME = N_("To me, as a direct message")


def digest_form(
    draft: SubscriptionDraft, metadata: str, *, new: bool, notice: Sequence[Sequence[Element]] = ()
) -> dict[str, Any]:
    """The form with what a draft holds in it."""
    title = gettext("New digest") if new else gettext("Edit digest")
    return inputs.form_view(DIGEST_FORM, title, _fields(draft), metadata, notice)


def _fields(draft: SubscriptionDraft) -> list[Block]:
    about, length = draft.interests or Interests(), draft.length or Interests().length
    zone = draft.zone or ""
    lengths = sorted({*LENGTHS, length})
    return [
        inputs.field("at", gettext("Time"), inputs.clock(draft.at)),
        inputs.field(
            "zone",
            gettext("Time zone"),
            inputs.suggested_one((zone, zone_label(zone)), gettext("Search a city or zone")),
            gettext("A change of the clocks there moves the digest with it."),
        ),
        inputs.field("days", gettext("Days"), inputs.boxes(_day_names(), draft.days or ())),
        inputs.field(
            "topics",
            gettext("Topics"),
            inputs.written(inputs.as_list(about.topics), gettext("Security Council, fisheries")),
            gettext("Separated by commas. Leave topics and countries empty for everything."),
            optional=True,
        ),
        _places_field(about.places),
        _sources_field(about.sources),
        inputs.field(
            "length",
            gettext("Stories at most"),
            inputs.one_of([(str(n), stories_words(n)) for n in lengths], str(length)),
        ),
        channel_field(draft.channel),
        _paused_field(gettext("Send nothing for now"), draft.paused),
    ]


def _day_names() -> list[tuple[str, str]]:
    """The days of the week by their short English names, as the reader's language names them."""
    return [
        (day, dated(date(2001, 1, position), "%A"))
        for position, day in enumerate(DAY_NAMES, start=1)
    ]


def _places_field(codes: Iterable[str], hint: str = "") -> Block:
    named = [(one, place_in_words(one, subject_name(one))) for one in codes]
    offered = inputs.suggested(named, gettext("Any country"))
    return inputs.field("places", gettext("Countries"), offered, hint, optional=True)


def _sources_field(names: Iterable[str]) -> Block:
    offered = inputs.suggested([(one, one) for one in names], gettext("Any source"))
    return inputs.field("sources", gettext("Only from these sources"), offered, optional=True)


def _paused_field(label: str, paused: bool) -> Block:
    box = inputs.boxes([("paused", label)], ("paused",) if paused else ())
    return inputs.field("paused", gettext("Pause"), box, optional=True)


def channel_field(channel: str | None) -> Block:
    """Where a digest or a watch's alerts go."""
    return inputs.field(
        "channel",
        gettext("Channel"),
        inputs.conversation(channel, gettext(TO_ME)),
        gettext(
            "Leave it empty to get it yourself, as a direct message. In a channel I must be a "
            "member."
        ),
        optional=True,
    )


def watch_form(
    draft: WatchDraft, metadata: str, *, new: bool, notice: Sequence[Sequence[Element]] = ()
) -> dict[str, Any]:
    """The form with what a draft holds in it."""
    fields = [*_looked_for(draft), *_told(draft)]
    title = gettext("New watch") if new else gettext("Edit watch")
    return inputs.form_view(WATCH_FORM, title, fields, metadata, notice)


def _looked_for(draft: WatchDraft) -> list[Block]:
    given = draft.criteria
    return [
        inputs.field(
            "name",
            gettext("Name"),
            inputs.written(draft.name, "Gharyan"),
            gettext("Left empty, it is called after what it looks for."),
            optional=True,
        ),
        inputs.field(
            "words",
            gettext("Words"),
            inputs.written(inputs.as_list(given.words), gettext("Haftar, ceasefire talks")),
            gettext("Separated by commas; one of them must fit, to the letter or in meaning."),
            optional=True,
        ),
        inputs.field(
            "aliases",
            gettext("Also called"),
            inputs.written(inputs.as_list(given.aliases), "Hifter, Hafter"),
            gettext("Other spellings, matched to the letter."),
            optional=True,
        ),
        inputs.field(
            "actors",
            gettext("Who must be named"),
            inputs.written(inputs.as_list(given.actors), "António Guterres"),
            optional=True,
        ),
        _places_field(given.places, gettext("The article must speak of one of them.")),
        _sources_field(given.sources),
        inputs.field(
            "kinds",
            gettext("Only from these kinds of source"),
            inputs.boxes([(one.value, kind_name(one)) for one in SourceKind], given.kinds),
            gettext("None ticked means all."),
            optional=True,
        ),
    ]


def _told(draft: WatchDraft) -> list[Block]:
    return [
        inputs.field(
            "quiet_from",
            gettext("Quiet from"),
            inputs.clock(draft.quiet_from, gettext("No quiet hours")),
            optional=True,
        ),
        inputs.field(
            "quiet_to",
            gettext("Quiet until"),
            inputs.clock(draft.quiet_to, gettext("No quiet hours")),
            gettext(
                "What comes in between waits until then. Twice the same time means no quiet hours."
            ),
            optional=True,
        ),
        inputs.field(
            "zone",
            gettext("Time zone"),
            inputs.suggested_one(
                (draft.zone, zone_label(draft.zone)), gettext("Search a city or zone")
            ),
        ),
        inputs.field(
            "daily_cap",
            gettext("Alerts a day at most"),
            inputs.number(draft.daily_cap, 1, MOST_ALERTS),
        ),
        channel_field(draft.channel),
        _paused_field(gettext("Send no alerts for now"), draft.paused),
    ]
