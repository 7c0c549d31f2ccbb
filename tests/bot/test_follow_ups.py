"""Which replies in a thread are for us: lines as people at a desk write them."""

from __future__ import annotations

import pytest
from hypothesis import given

from bot.chat.follow_up import FollowUp, follow_up, question_of, wants_only_attached
from bot.commands.grammar import is_chat
from bot.slack.events import Asked, Place
from tests.bot import outcomes

FOR_US = """
and the EU?
What about Egypt
what about egypt?
and in Benghazi?
And what did Serraj answer?
who said that?
since when?
when was that
Where exactly?
Is that true?
is there a source for that?
sources?
source?
how many people were killed
How many vehicles were there?
and since March?
what does the African Union say
what did Haftar's spokesman say about Gharyan?
any reaction from Paris?
Any statement by the Security Council?
anything from the Kremlin?
anything newer?
Do we know who controls the airport?
do we have anything on Tarhuna?
What do we know about Ghadamis?
Can you summarise that?
could you give me the quotes
can you find the original statement?
please list the dates
timeline of Brexit since January
quotes by Guterres on Libya
follow Gharyan
Libya this week
same for Sudan
how about France and Italy?
what is the LNA
why?
Why did they withdraw?
according to whom?
show me the sources
Thanks. And what did the UN say?
ok, and who signed it?
Interesting, when does the conference begin?
so who is right?
I wonder whether Egypt has reacted
summarise this thread
was it confirmed by anybody else?
did Macron comment?
has Tripoli reacted?
is the conference still on?
which towns are affected
Did the Council adopt anything?
Chancery, what else did he say?
chancery and the Italians?
translate the quote
more details?
who is Ahmed Mismari?
Tell me more about the ceasefire
mute
compare that with what Italy says
What did António Guterres say, exactly?
When is the next meeting of the Council?
""".strip().splitlines()

NOT_FOR_US = """
ok
OK.
ok thanks
thanks!
Thanks a lot!
thank you very much
thx
great, thanks
lol
haha
:+1:
:eyes: :thinking_face:
👍
interesting
Interesting!
wow
Good to know.
noted
makes sense
exactly
hm
+1
no
yes, indeed
really?
Seriously?
right?
I'll check with Paris
I will ask the embassy
I've sent it to capital
I think that is what the Italians want
I'm drafting the cable now
I doubt it
I heard the same from Rome
We should mention this in the readout
we discussed this yesterday
Let me check with the mission
let's use that for the brief
Let's meet at three?
Will do
will send it over in a minute
on it
done
fyi
My take: this is not going anywhere
thanks Ben
Thanks Amal!
well done Claire
good point, Paul
Amal, can you check with Tripoli?
Ben, what do you think?
Ben: thoughts?
Paul, is that what you heard?
Hi Claire, any news from your side?
Karim, please send this to the ambassador
can you call the embassy?
could you forward this to the desk?
Can you take the minutes?
did you see the FT piece?
have you read it?
are you in the office today?
What do you think?
do you want me to draft something?
do you agree?
your view?
Shall we put this in the brief?
should we tell the minister?
can we use this?
do we meet at 3?
Anyone free to take this?
does anyone have the readout?
who is covering Sudan today?
who's on duty tonight?
who is drafting the cable?
Is the draft ready?
when is the deadline?
lunch?
coffee?
The ambassador wants this by noon.
This contradicts what Rome told us last week.
That is not what Serraj said on television.
Sounds like the usual pattern
Monday then
yesterday
France
tomorrow morning
https://www.un.org/press/en/2019
Not sure about this one
no idea
please ignore
sorry, wrong thread
""".strip().splitlines()

# Written after the rules, and never looked at to change them: what they get right of other lines.
UNSEEN_FOR_US = """
what else happened in Khartoum?
and the opposition's reaction?
Was the ambassador summoned?
does the statement mention sanctions
is Ghassan Salamé still the envoy?
Has Cairo confirmed?
how far are they from the capital?
what about the humanitarian corridor
Under which resolution?
when was the ceasefire signed
any figures?
could you narrow that to the last two days?
what's the wording of article 4?
who is the spokesman
and Algeria?
did anyone claim responsibility?
so what is the position of Saudi Arabia?
Thanks – and the Emirates?
digest now
what happened next?
has it been extended?
were there casualties?
in which town?
which outlet reported it first?
Interesting. Does Hifter say why?
""".strip().splitlines()

UNSEEN_NOT_FOR_US = """
sounds good
ok, I'll take it from here
thank you both
Great summary!
hmm not convinced
I'll raise it with the Swedes
we might want to wait
Lena, could you update the tracker?
Marc - can you confirm?
adding Yuki for visibility
do you need this today?
could you print it?
are we sending this to Berlin?
have we briefed the DG?
who wants to write it up?
what do we tell the journalists?
anyone at the presser?
sorry for the noise
let's park this
not for circulation
this is in line with what we saw last night
The Danes said as much yesterday
see you at 5
please keep this thread clean
ah ok, got it, thanks
Deadline is 6pm
will be late
yes that's the one
happy Friday all
can someone archive this?
""".strip().splitlines()

ADDRESSED = [
    "<@U0BEN> is that true?",
    "what did <@U0BEN> say about it?",
    "@Ben what did Guterres say?",
    "who said that, @Claire?",
]


@pytest.mark.parametrize("text", FOR_US)
def test_goes_on_with_what_was_asked(text: str) -> None:
    decided = follow_up(text)
    assert decided.for_us, decided.reason


@pytest.mark.parametrize("text", NOT_FOR_US)
def test_is_talk_among_people(text: str) -> None:
    decided = follow_up(text)
    assert not decided.for_us, decided.reason


def test_most_lines_that_the_rules_were_not_written_from_are_told_right() -> None:
    answered = sum(follow_up(text).for_us for text in UNSEEN_FOR_US)
    silent = sum(not follow_up(text).for_us for text in UNSEEN_NOT_FOR_US)
    assert answered >= 23
    # To interrupt people is worse than to be asked again.
    assert silent >= 29


@pytest.mark.parametrize("text", ADDRESSED)
def test_mentions_somebody_else(text: str) -> None:
    assert follow_up(text) == FollowUp(False, "mentions somebody else")


def test_that_calls_a_group_is_not_for_us() -> None:
    assert not follow_up("who said that?", calls_others=True).for_us


def test_that_begins_with_the_name_of_someone_in_the_thread_is_theirs() -> None:
    question = "Wanjiru, what did Guterres say?"
    assert follow_up(question).for_us
    assert follow_up(question, {"Wanjiru"}) == FollowUp(False, "calls somebody by name")


def test_that_begins_with_a_country_is_for_us() -> None:
    assert follow_up("Libya, what happened there?").for_us


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("👍", "holds no words"),
        ("thanks!", "chat"),
        ("word " * 80 + "?", "too long for a question"),
        ("https://un.org/a", "only links"),
        ("I'll ask Paris", "tells what somebody does or thinks"),
        ("did you see it?", "a question among colleagues"),
        ("can you call Rome?", "asks a colleague for something"),
        ("The talks went badly.", "tells something"),
    ],
)
def test_gives_its_reason(text: str, reason: str) -> None:
    assert follow_up(text).reason == reason


def test_courtesies_are_chat_and_questions_are_not() -> None:
    assert is_chat("ok, thanks a lot :pray:")
    assert not is_chat("ok, and Sudan?")


@given(outcomes.texts)
def test_any_text_is_decided(text: str) -> None:
    assert follow_up(text).reason


ADDRESS = "https://vessels.example/2019/04/05/ormsund"


def sent(text: str, *, file: bool = False) -> Asked:
    files = (("F1", "map.png"),) if file else ()
    links = () if file else (ADDRESS,)
    return Asked(Place.DIRECT, "D1", "U1", text, "1.0", "1.0", files=files, links=links)


class TestWhatCameWithAMessage:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "transcribe please",
            "please summarise this",
            "who wrote this?",
            "what does it say about Libya?",
            "What does this picture show about Tripoli?",
            "What did the UN say about this?",
            "have a look at the attached report on Sudan",
        ],
    )
    def test_a_file_is_what_words_are_about_that_say_nothing_without_it(self, text: str) -> None:
        assert wants_only_attached(sent(text, file=True))

    @pytest.mark.parametrize(
        "text",
        [
            "what did Guterres say about Libya this week?",
            "When did Haftar say that he would attack?",
            "is it true that Haftar entered Tripoli?",
            "Libya this week",
            "I want to know what Haftar said about Tripoli.",
        ],
    )
    def test_a_question_that_stands_alone_is_asked_beside_a_file(self, text: str) -> None:
        assert not wants_only_attached(sent(text, file=True))

    @pytest.mark.parametrize(
        "text",
        [
            ADDRESS,
            f"read this {ADDRESS}",
            f"please add {ADDRESS} to the corpus",
            f"what do we know about {ADDRESS}?",
            f"{ADDRESS} thoughts?",
        ],
    )
    def test_an_address_is_what_words_are_about_that_name_nothing_else(self, text: str) -> None:
        assert wants_only_attached(sent(text))

    def test_a_question_that_cites_an_address_is_asked(self) -> None:
        assert not wants_only_attached(sent(f"What did Guterres say about Libya? {ADDRESS}"))


class TestALongMessage:
    TALK = "We had a long meeting on the ferry with the county, and nothing came out of it. " * 60

    @pytest.mark.parametrize(
        "question", ["Who controls Gharyan?", "من يسيطر على غريان؟", "谁控制盖尔扬？"]
    )
    def test_asks_the_question_at_its_end_in_any_script(self, question: str) -> None:
        assert question_of(f"{self.TALK}{question}")[0] == question

    def test_asks_nothing_where_no_sentence_does(self) -> None:
        assert question_of(self.TALK)[0] == ""
