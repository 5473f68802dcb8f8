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
    ("singer", "vocalist"),
    ("detective", "investigator"),
    ("pilot", "aviator"),
    ("merchant", "trader"),
    ("coach", "trainer"),
    ("captain", "skipper"),
    ("cook", "chef"),
    ("ambassador", "envoy"),
    ("scientist", "researcher"),
    ("student", "pupil"),
    ("soldier", "trooper"),
    ("visitor", "guest"),
    ("manager", "boss"),
    ("judge", "magistrate"),
    ("priest", "clergyman"),
    ("woman", "lady"),
    ("boy", "lad"),
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
    ("Robert", "Bob"),
    ("William", "Bill"),
    ("Elizabeth", "Liz"),
    ("Samuel", "Sam"),
    ("Michael", "Mike"),
    ("Margaret", "Maggie"),
    ("Joseph", "Joe"),
    ("Andrew", "Andy"),
)

ROLES = tuple(Concept(f"the {first}", f"the {second}") for first, second in _ROLE_WORDINGS)
NAMES = tuple(Concept(first, second) for first, second in _NAME_WORDINGS)
PARTICIPANTS = ROLES + NAMES

VERBS = (
    _verb("help helped helped", "assist assisted assisted"),
    _verb("greet greeted greeted", "welcome welcomed welcomed"),
    _verb("hire hired hired", "employ employed employed"),
    _verb("phone phoned phoned", "call called called"),
    _verb("chase chased chased", "pursue pursued pursued"),
    _verb("mock mocked mocked", "ridicule ridiculed ridiculed"),
    _verb("trick tricked tricked", "fool fooled fooled"),
    _verb("rescue rescued rescued", "save saved saved"),
    _verb("choose chose chosen", "select selected selected"),
    _verb("dismiss dismissed dismissed", "fire fired fired"),
    _verb("teach taught taught", "instruct instructed instructed"),
    _verb("find found found", "locate located located"),
    _verb("hide hid hidden", "conceal concealed concealed"),
    _verb("lead led led", "guide guided guided"),
    _verb("catch caught caught", "capture captured captured"),
    _verb("draw drew drawn", "sketch sketched sketched"),
    _verb("warn warned warned", "alert alerted alerted"),
    _verb("free freed freed", "release released released"),
    _verb("frighten frightened frightened", "scare scared scared"),
    _verb("annoy annoyed annoyed", "irritate irritated irritated"),
    _verb("persuade persuaded persuaded", "convince convinced convinced"),
    _verb("question questioned questioned", "interrogate interrogated interrogated"),
    _verb("copy copied copied", "imitate imitated imitated"),
    _verb("surprise surprised surprised", "startle startled startled"),
    _verb("protect protected protected", "shield shielded shielded"),
    _verb("watch watched watched", "observe observed observed"),
    _verb("attack attacked attacked", "assault assaulted assaulted"),
    _verb("defeat defeated defeated", "beat beat beaten"),
)

# The second wording holds a "not" that changes nothing: a "not" in one sentence alone must not give the label away.
NEGATED_CIRCUMSTANCES = (
    *(
        Concept(f"near the {place}", f"not far from the {place}")
        for place in ("station", "harbour", "market", "library")
    ),
    *(Concept(f"shortly before {time}", f"not long before {time}") for time in ("lunch", "the match", "the trial")),
    *(Concept(f"soon after {time}", f"not long after {time}") for time in ("dinner", "the storm", "the wedding")),
)

PLAIN_CIRCUMSTANCES = (
    Concept("at noon", "at midday"),
    Concept("at dawn", "at daybreak"),
    Concept("after dark", "after nightfall"),
    Concept("before sunset", "before sundown"),
    Concept("during the holidays", "during the vacation"),
    Concept("next to the river", "beside the river"),
    Concept("under the bridge", "beneath the bridge"),
    Concept("inside the castle", "within the castle"),
    Concept("opposite the bank", "across from the bank"),
    Concept("in an old flat", "in an old apartment"),
    Concept("outside a crowded shop", "outside a crowded store"),
    Concept("at the start of the film", "at the beginning of the film"),
    Concept("at the end of the meeting", "at the close of the meeting"),
    Concept("on the way to the airport", "en route to the airport"),
)

CIRCUMSTANCES = NEGATED_CIRCUMSTANCES + PLAIN_CIRCUMSTANCES
