"""Words that tell who is named: titles and roles, institutions, words that are never names."""

from __future__ import annotations

HONORIFICS = frozenset("mr mrs ms miss dr prof sir dame lord lady".split())
ROLE_WORDS = HONORIFICS | frozenset(
    """
    acting adm admiral advisor adviser affairs aide ambassador amb analyst archbishop army
    assistant associate attorney author backbencher banker billionaire bishop boss brigadier
    broker captain capt caretaker ceo cfo coo cto chair chairman chairwoman chairperson
    chancellor charge chief coach co-founder cofounder col colonel commander commerce
    commissioner congressman congresswoman coordinator counsel counselor counsellor country
    defence defense delegate democrat deputy deputy-secretary designate desk diplomat director
    dissident doctor economist economy editor elder emir energy engineer envoy executive expert
    exterior finance fellow foreign former founder fm gen general gov governor head health
    high historian home host imam interim interior interpreter investigator investor journalist
    judge justice king lawmaker lawyer leader lecturer lt lieutenant maj major majority manager
    mayor member minister minority mp mep monsignor national negotiator officer official
    opposition organiser organizer owner parliamentarian partner permanent pm police politician
    pope premier president presidential pres press prime prince princess principal producer
    professor prosecutor queen rapporteur rear rector rep representative republican reporter
    researcher retired rev reverend scientist sen senator senior secretary secretary-general
    security sergeant sgt sheikh sheriff speaker special specialist spokesman spokesperson
    spokeswoman state strategist superintendent technology treasury trade treasurer under
    undersecretary vice veteran writer foreign-policy then-president ex-president
    vice-president then-secretary strategist activist critic philosopher founder-ceo
    chief-executive blogger academic winger striker defender midfielder goalkeeper captain
    laureate nobel gm vp honorable hon actor actress
    singer director-general photographer designer user
    marshal ayatollah cardinal patriarch mufti cleric pastor consul councillor councilor
    co-chair commissioner-general under-secretary-general lieutenant-general major-general
    brigadier-general mediator taoiseach administrator sociologist psychologist promoter warlord
    """.split()
)
ROLE_MODIFIERS = frozenset(
    "retired former then billionaire veteran longtime outgoing incoming then-US ex late chief "
    "fellow exiled jailed ousted newly-elected self-styled interim acting senior deputy".split()
)
INSTITUTIONS = frozenset(
    """
    academy administration agency alliance army assembly association authority authorities bank
    board brigade brotherhood bureau cabinet campaign centre center chamber coalition command
    commission committee company confederation conference congress consulate corps corporation
    council court crescent cross department directorate embassy federation forces force
    foundation front fund government guard house institute institution inspectorate junta
    kremlin league legislature leadership mission ministry movement nations navy office
    organisation organization parliament party pentagon police presidency regime regulator
    secretariat senate society treasury tribunal union university watchdog family consortium
    """.split()
)
TOO_VAGUE = frozenset(
    "company board office party police house family forces force campaign".split()
)
"""Institutions that name nobody with only an article before them."""

DESCRIPTORS = frozenset(
    """
    group company firm startup giant agency channel newspaper outlet charity organisation
    organization network union think-tank thinktank player singer father mother brother sister
    husband wife son daughter colleague candidate nominee soldier resident farmer student
    billionaire mogul entrepreneur tycoon rapper star
    """.split()
)
"""What a name may be called without a title: "rights group EDRi"."""

FEMALE_ROLES = frozenset(
    "mrs ms miss dame lady spokeswoman chairwoman congresswoman queen princess actress".split()
)
MALE_ROLES = frozenset(
    "mr sir lord spokesman chairman congressman king prince pope imam archbishop bishop".split()
)
FEMALE_NAMES = frozenset(
    """
    aisha alice alexandra amanda amina amy ana andrea angela angelina anita ann anna anne annalena
    antonella barbara beatrice brooke carol caroline catherine charlotte christine claire claudia
    condoleezza cristina dana daniela denise diana ella elena elizabeth ella ellen emily emma
    emmanuelle eva fatima federica fiona gina giorgia hanan hannah helen hillary ingrid irene
    isabel jacinda jalina jane janet jen jennifer jenny jessica joanna josephine joyce julia
    julie kamala karen karine kate katherine kathleen kathy katrin kelly kim kristalina kristina
    laura leila leyla lina linda lisa liz louise lucy magdalena maia margaret margrethe maria
    marie marina marine mariam martha mary mehbooba melanie melissa michelle mirette nadia nancy
    natalia natasha nicola nikki nina olga patricia penny priti rachel rebecca renee rosa rosemary
    roberta ruth samantha sandra sanna sara sarah sharon sheikha sofia sonia sophie stephanie
    susan suzanne svetlana sylvie tamara tatiana teresa theresa ursula valerie vanessa vera
    veronica victoria victoria wendy yulia zainab
    """.split()
)
MALE_NAMES = frozenset(
    """
    abdel abdul abdullah adam ahmed al alan albert alex alexander alexei ali andreas andrew andrii
    andy anthony antony antonio antónio ashraf aymeric ben benjamin benny bernard bill bob boris
    brad brett brian carl carlos charles chris christian chuck colin daniel dave david denis
    dennis dmitry dmytro donald doug edward elon emmanuel eric erik evan fayez francis francois
    françois frank franz gabriel gary gary george gordon graham greg guy hans harry hassan henry
    herman hussein ian ibrahim igor isaac ivan jack jacob jake jake james jamal jan jared jason
    jean jeff jens jerome jim joe joel johan john jon jonathan jordan jorge jose josé josep joseph
    josh juan julian justin karl keith ken kenneth kevin khalifa khaled kurt kyle larry lars lee
    leo leonid liam lloyd luis luke mahmoud marc marco mario mark martin matt matthew max michael
    michel mick miguel mike mikhail mohamed mohammad mohammed moussa muammar muhammad mustafa nasser
    nathan ned neil nicholas nick nicolas nigel oliver olaf omar oscar osama patrick paul pavel
    pedro peter petro phil philip philippe pierre rafael recep riccardo richard rishi rob robert
    robin rod roger roman ron ronald russell ryan sam samuel scott sean sebastian sergei sergey
    simon stefan stefano stephen steve steven stoltenberg stuart subrahmanyam sultan tarik ted
    terry thierry thomas tim timothy tom tony trevor viktor vincent vladimir volodymyr walid walter
    warren will william xavier yair yoav yossi yusuf zalmay
    """.split()
)
NEVER_NAMES = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april june
    july august september october november december today yesterday tomorrow
    a an the this that these those he she it they we i you his her its their our my your who what
    which when where while why how if although though however meanwhile moreover but and or so yet
    still also then there here not no nor yes after before since because as at by for from in into
    of on over to with without under until during despite instead indeed perhaps earlier later
    others some many most several few all both each either neither another every experts
    officials analysts critics supporters diplomats sources residents witnesses reporters
    journalists lawmakers ministers scientists researchers police authorities people observers
    activists protesters users fans investors economists lawyers prosecutors doctors one two three
    separately additionally finally nevertheless nonetheless afterwards thus hence once again
    former late early last next about according asked speaking commenting responding reacting
    more just even now only other such recent new western local media question answer
    god report statement study survey poll data figures press news
    none nobody everyone everybody someone anyone something nothing anything everything
    ok well please thanks sorry congratulations editor reading writing watch read see
    """.split()
)
PARTICLES = "van der von den de da di du del della dos la le bin ibn ben ter ten af zu abu y"
