"""The built-in data set: sentence pairs whose label hangs on who did what to whom.

Every pair has surface edits, which keep the meaning: passive, cleft, order of clauses, synonyms.  Half of the pairs
have a breach besides, which does not: the roles exchanged, a negation, another participant.  Pairs are made as twins,
one of each label, from one plan, so that every surface edit is as frequent on either side; and many words that a
breach changes have their like among the paraphrases: a synonym for the changed participant, a "not" in the circumstance
for the negation.  Counting words therefore tells little.  Twins share the plan only: no event occurs in two pairs.

In the first sentence one participant is a role ("the doctor"), the other a name; usually the role is the one who acts,
and usually nothing is denied.  So the second sentence alone gives a hint, from which a small model finds its way to
comparing both.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any, Literal

from amplify_viz.reading.roles.grammar import Construction, Proposition, Sentence, Style
from amplify_viz.reading.roles.lexicon import (
    CIRCUMSTANCES,
    NAMES,
    NEGATED_CIRCUMSTANCES,
    PARTICIPANTS,
    ROLES,
    VERBS,
    Concept,
    Forms,
)

Edit = Literal["passive", "cleft", "order", "synonym"]
Breach = Literal["role swap", "negation", "participant"]
Slot = Literal["agent", "verb", "patient", "circumstance"]
Events = set[tuple[frozenset[Concept[str]], Concept[Forms]]]

LABEL_NAMES = ("different", "paraphrase")
SIZES = {"train": 2000, "dev": 500, "test": 1500}
RECORD_SEED = 0

_SLOTS: tuple[Slot, ...] = ("agent", "verb", "patient", "circumstance")
_EDIT_WEIGHTS: dict[Edit, int] = {"passive": 9, "cleft": 5, "order": 3, "synonym": 3}
_BREACHES: tuple[Breach, ...] = ("role swap",) * 17 + ("negation",) * 2 + ("participant",)
_ACTIVE_CLEFT = (Construction.ACTIVE, Construction.PATIENT_CLEFT)
_PASSIVE_CLEFT = (Construction.PASSIVE, Construction.AGENT_CLEFT)
_ROLE_ACTS = 0.8
_MATCHED = 0.5
_FRONTED = 0.2
_CLAUSE_EDIT = 0.6
_SECOND_EDIT = 0.15
_SECOND_SYNONYM = 0.2
_FIRST_NEGATED: dict[Breach, float] = {"role swap": 0.05, "negation": 0.2, "participant": 0.05}


@dataclass(frozen=True)
class Pair:
    """Two sentences; kind: the breach, or else the chief edit; edits: every surface edit, the chief one first."""

    first: Sentence
    second: Sentence
    kind: Edit | Breach
    edits: tuple[Edit, ...]

    @property
    def text(self) -> str:
        """The first sentence in English."""
        return self.first.text

    @property
    def text_pair(self) -> str:
        """The second sentence in English."""
        return self.second.text

    @property
    def label(self) -> int:
        """1 (paraphrase) exactly when both sentences say the same proposition, otherwise 0 (different)."""
        return int(self.first.proposition == self.second.proposition)


@dataclass(frozen=True)
class _Plan:
    """Everything but the event: what twins have in common."""

    breach: Breach
    edits: tuple[Edit, ...]
    constructions: tuple[Construction, Construction]
    fronted: tuple[bool, bool]
    reworded: tuple[Slot, ...]
    target: Slot
    negated: bool


def generate(seed: int = RECORD_SEED) -> dict[str, tuple[Pair, ...]]:
    """The pairs of each split: 2,000 train, 500 dev, 1,500 test, half of them paraphrases, in random order.

    No event (the same two participants and the same verb) occurs in two pairs, so nothing that is asked in one split is
    told in another.  The same seed gives the same pairs on every machine.
    """
    rng = random.Random(seed)
    seen: Events = set()
    return {split: _split(size, seen, rng=rng) for split, size in SIZES.items()}


def _split(size: int, seen: Events, *, rng: random.Random) -> tuple[Pair, ...]:
    pairs = []
    for index in range(size // 2):
        plan = _draw_plan(_BREACHES[index % len(_BREACHES)], rng)
        pairs += [_draw_pair(plan, seen, broken=broken, rng=rng) for broken in (False, True)]
    rng.shuffle(pairs)
    return tuple(pairs)


def _draw_plan(breach: Breach, rng: random.Random) -> _Plan:
    edits = _draw_edits(breach, rng)
    target = _draw_target(breach, rng)
    opening = rng.random() < _FRONTED
    return _Plan(
        breach=breach,
        edits=edits,
        constructions=_draw_constructions(breach, edits, rng),
        fronted=(opening, opening != ("order" in edits)),
        reworded=_draw_reworded(target, rng) if "synonym" in edits else (),
        target=target,
        negated=rng.random() < _FIRST_NEGATED[breach],
    )


def _draw_edits(breach: Breach, rng: random.Random) -> tuple[Edit, ...]:
    """The chief edit and what comes besides; passive and cleft exclude each other.

    Only a reworded participant or circumstance is a match for the words that the rarer breaches change, so half of their
    plans are synonyms; a negation always comes with a passive on one side, for a reason given below.
    """
    matched = breach != "role swap" and rng.random() < _MATCHED
    chief = "synonym" if matched else rng.choices(list(_EDIT_WEIGHTS), list(_EDIT_WEIGHTS.values()))[0]
    clause: Edit = rng.choice(("passive", "cleft"))
    chances: dict[Edit, float] = {"order": _SECOND_EDIT, "synonym": _SECOND_EDIT}
    if chief in chances:
        chances = {clause: 1.0 if breach == "negation" else _CLAUSE_EDIT, **chances}
    return (chief, *(edit for edit, chance in chances.items() if edit != chief and rng.random() < chance))


def _draw_target(breach: Breach, rng: random.Random) -> Slot:
    """The slot that is reworded if any is: the one that the breach needs a match for."""
    choices: dict[Breach, tuple[Slot, ...]] = {
        "role swap": _SLOTS,
        "negation": ("circumstance",),
        "participant": ("agent", "patient"),
    }
    return rng.choice(choices[breach])


def _draw_constructions(
    breach: Breach, edits: tuple[Edit, ...], rng: random.Random
) -> tuple[Construction, Construction]:
    """Passive and cleft both bring the other participant to the front; without them the construction stays.

    The first sentence is the plainer one.  A negated passive has no "did"; so, with one sentence passive, a "did" and
    the bare verb after it stand in one sentence alone as often if both are negated as if one is.
    """
    if "passive" in edits:
        return Construction.ACTIVE, Construction.PASSIVE
    if "cleft" in edits:
        return _PASSIVE_CLEFT if breach == "negation" else rng.choice((_PASSIVE_CLEFT, _ACTIVE_CLEFT))
    return (rng.choice(list(Construction)),) * 2


def _draw_reworded(target: Slot, rng: random.Random) -> tuple[Slot, ...]:
    return tuple(slot for slot in _SLOTS if slot == target or rng.random() < _SECOND_SYNONYM)


def _draw_pair(plan: _Plan, seen: Events, *, broken: bool, rng: random.Random) -> Pair:
    said, other = _draw_propositions(plan, seen, broken=broken, rng=rng)
    seconds = _draw_seconds((said, other), rng)
    changed = {concept for slot, concept in zip(_SLOTS, said.concepts, strict=True) if slot in plan.reworded}
    styles = (
        Style(construction, fronted, chosen)
        for construction, fronted, chosen in zip(
            plan.constructions, plan.fronted, (seconds, seconds ^ changed), strict=True
        )
    )
    first, second = map(Sentence, (said, other), styles)
    return Pair(first, second, plan.breach if broken else plan.edits[0], plan.edits)


def _draw_propositions(
    plan: _Plan, seen: Events, *, broken: bool, rng: random.Random
) -> tuple[Proposition, Proposition]:
    """What the two sentences say, about events that have not been seen before; marks them as seen."""
    while True:
        said = _draw_proposition(plan, rng)
        other = _break(said, plan, rng) if broken else said
        events = {said.event, other.event}
        if not events & seen:
            seen.update(events)
            return said, other


def _draw_proposition(plan: _Plan, rng: random.Random) -> Proposition:
    role, name = rng.choice(ROLES), rng.choice(NAMES)
    agent, patient = (role, name) if rng.random() < _ROLE_ACTS else (name, role)
    circumstances = NEGATED_CIRCUMSTANCES if plan.breach == "negation" else CIRCUMSTANCES
    return Proposition(agent, rng.choice(VERBS), patient, rng.choice(circumstances), plan.negated)


def _break(said: Proposition, plan: _Plan, rng: random.Random) -> Proposition:
    """A proposition that differs from the one said by the plan's breach alone."""
    if plan.breach == "role swap":
        return said.swapped()
    if plan.breach == "negation":
        return said.denied()
    newcomer = rng.choice([one for one in PARTICIPANTS if one not in (said.agent, said.patient)])
    return replace(said, agent=newcomer) if plan.target == "agent" else replace(said, patient=newcomer)


def _draw_seconds(said: tuple[Proposition, Proposition], rng: random.Random) -> frozenset[Concept[Any]]:
    """The concepts of both propositions that are said in their second wording: each with probability one half."""
    concepts = dict.fromkeys(concept for proposition in said for concept in proposition.concepts)
    return frozenset(concept for concept in concepts if rng.random() < 0.5)
