"""The words of the built-in data set: each concept has two wordings that mean the same.

Every transitive verb makes sense with the participants exchanged, and none is symmetric: "the pilot met Kate" would say
the same after a swap.  Circumstances are times, places and clauses that stay outside the scope of a negation ("since",
not "because"), so that a sentence and its passive are negated alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

Wording = TypeVar("Wording")


class Forms(NamedTuple):
    """The forms of a verb which the grammar needs."""

    base: str
    past: str
    participle: str


@dataclass(frozen=True)
class Concept(Generic[Wording]):
    """One meaning and its two wordings."""

    first: Wording
    second: Wording


def _verb(first: str, second: str) -> Concept[Forms]:
    return Concept(Forms(*first.split()), Forms(*second.split()))


_ROLE_WORDINGS = (
    ("doctor", "physician"),
    ("lawyer", "attorney"),
    ("writer", "author"),
    ("reporter", "journalist"),
    ("singer", "vocalist"),
    ("detective", "investigator"),
    ("pilot", "aviator"),
    ("merchant", "trader"),
    ("guard", "sentry"),
    ("magician", "conjurer"),
    ("coach", "trainer"),
    ("captain", "skipper"),
    ("sailor", "mariner"),
    ("climber", "mountaineer"),
    ("cook", "chef"),
    ("shopkeeper", "storekeeper"),
    ("ambassador", "envoy"),
    ("scientist", "researcher"),
    ("tenant", "lodger"),
    ("teacher", "schoolteacher"),
)

_NAME_WORDINGS = (
    ("Katherine", "Kate"),
    ("Thomas", "Tom"),
    ("Benjamin", "Ben"),
    ("Rebecca", "Becky"),
    ("Victoria", "Vicky"),
    ("Nicholas", "Nick"),
    ("Susan", "Sue"),
    ("Timothy", "Tim"),
)

ROLES = tuple(Concept(f"the {first}", f"the {second}") for first, second in _ROLE_WORDINGS)
NAMES = tuple(Concept(first, second) for first, second in _NAME_WORDINGS)
PARTICIPANTS = ROLES + NAMES

VERBS = (
    _verb("help helped helped", "assist assisted assisted"),
    _verb("praise praised praised", "commend commended commended"),
    _verb("scold scolded scolded", "reprimand reprimanded reprimanded"),
    _verb("phone phoned phoned", "call called called"),
    _verb("chase chased chased", "pursue pursued pursued"),
    _verb("mock mocked mocked", "ridicule ridiculed ridiculed"),
    _verb("mislead misled misled", "deceive deceived deceived"),
    _verb("rescue rescued rescued", "save saved saved"),
    _verb("choose chose chosen", "select selected selected"),
    _verb("forgive forgave forgiven", "pardon pardoned pardoned"),
    _verb("teach taught taught", "instruct instructed instructed"),
    _verb("find found found", "locate located located"),
    _verb("hide hid hidden", "conceal concealed concealed"),
    _verb("lead led led", "guide guided guided"),
    _verb("catch caught caught", "capture captured captured"),
    _verb("draw drew drawn", "sketch sketched sketched"),
    _verb("warn warned warned", "caution cautioned cautioned"),
    _verb("comfort comforted comforted", "console consoled consoled"),
    _verb("frighten frightened frightened", "scare scared scared"),
    _verb("annoy annoyed annoyed", "irritate irritated irritated"),
    _verb("persuade persuaded persuaded", "convince convinced convinced"),
    _verb("question questioned questioned", "interrogate interrogated interrogated"),
    _verb("imitate imitated imitated", "mimic mimicked mimicked"),
    _verb("notify notified notified", "inform informed informed"),
    _verb("protect protected protected", "shield shielded shielded"),
    _verb("watch watched watched", "observe observed observed"),
    _verb("ignore ignored ignored", "disregard disregarded disregarded"),
    _verb("outwit outwitted outwitted", "outsmart outsmarted outsmarted"),
)

# The second wording holds a "not" that changes nothing: a "not" in one sentence alone must not give the label away.
NEGATED_CIRCUMSTANCES = (
    Concept("while the office was closed", "while the office was not open"),
    Concept("when the train was late", "when the train was not on time"),
    Concept("while the lift was out of order", "while the lift was not working"),
    Concept("since the report was incomplete", "since the report was not complete"),
    Concept("since the bill was unpaid", "since the bill was not paid"),
    Concept("since the answer was wrong", "since the answer was not right"),
    Concept("since the instructions were unclear", "since the instructions were not clear"),
    Concept("since an exact date was unavailable", "since an exact date was not available"),
    Concept("although the contract was invalid", "although the contract was not valid"),
    Concept("although the letter was unsigned", "although the letter was not signed"),
    Concept("although the plan was unsafe", "although the plan was not safe"),
    Concept("although the rumour was untrue", "although the rumour was not true"),
    Concept("although the visit was unofficial", "although the visit was not official"),
    Concept("although the delay was unexpected", "although the delay was not expected"),
)

CIRCUMSTANCES = (
    *NEGATED_CIRCUMSTANCES,
    Concept("shortly before the annual meeting", "shortly ahead of the annual meeting"),
    Concept("after the evening concert", "following the evening concert"),
    Concept("during the summer holidays", "during the summer vacation"),
    Concept("at the beginning of a trial", "at the start of a trial"),
    Concept("at the end of an interview", "at the close of an interview"),
    Concept("near the railway station", "close to the railway station"),
    Concept("in the garden just before dawn", "in the garden just before sunrise"),
    Concept("next to the river at noon", "beside the river at midday"),
    Concept("at the back of an empty theatre", "at the rear of an empty theatre"),
    Concept("outside a crowded shop", "outside a crowded store"),
    Concept("on the way to the airport", "en route to the airport"),
    Concept("in an old flat in Vienna", "in an old apartment in Vienna"),
    Concept("as soon as the bell rang", "the moment the bell rang"),
    Concept("soon after the film began", "soon after the movie started"),
)
