"""What is said (Proposition), how it is said (Style), and the English sentence that says it so.

Two sentences are paraphrases exactly when their propositions are equal: the style adds nothing and takes nothing away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from amplify_viz.reading.roles.lexicon import Concept, Forms, Wording


class Construction(Enum):
    """The construction of the main clause."""

    ACTIVE = "active"
    PASSIVE = "passive"
    AGENT_CLEFT = "agent cleft"
    PATIENT_CLEFT = "patient cleft"


_AFFIRMED = {
    Construction.ACTIVE: "{agent} {verb.past} {patient}",
    Construction.PASSIVE: "{patient} was {verb.participle} by {agent}",
    Construction.AGENT_CLEFT: "it was {agent} who {verb.past} {patient}",
    Construction.PATIENT_CLEFT: "it was {patient} whom {agent} {verb.past}",
}

# The negation stays inside the relative clause: "it was not Kate who ..." would say that somebody else did it.
_NEGATED = {
    Construction.ACTIVE: "{agent} did not {verb.base} {patient}",
    Construction.PASSIVE: "{patient} was not {verb.participle} by {agent}",
    Construction.AGENT_CLEFT: "it was {agent} who did not {verb.base} {patient}",
    Construction.PATIENT_CLEFT: "it was {patient} whom {agent} did not {verb.base}",
}


@dataclass(frozen=True)
class Proposition:
    """Who did (or did not do) what to whom, and under which circumstance."""

    agent: Concept[str]
    verb: Concept[Forms]
    patient: Concept[str]
    circumstance: Concept[str]
    negated: bool = False

    @property
    def event(self) -> tuple[frozenset[Concept[str]], Concept[Forms]]:
        """Participants and verb alone: swapping roles, denying or another circumstance leaves the event as it is."""
        return frozenset((self.agent, self.patient)), self.verb

    @property
    def concepts(self) -> tuple[Concept[Any], ...]:
        """Agent, verb, patient, circumstance."""
        return self.agent, self.verb, self.patient, self.circumstance

    def swapped(self) -> Proposition:
        """The proposition with agent and patient exchanged; swapping twice changes nothing."""
        return replace(self, agent=self.patient, patient=self.agent)

    def denied(self) -> Proposition:
        """The proposition with the opposite polarity; denying twice changes nothing."""
        return replace(self, negated=not self.negated)


@dataclass(frozen=True)
class Style:
    """Choices that keep the meaning.

    fronted: the circumstance opens the sentence.  seconds: the concepts that are said in their second wording.
    """

    construction: Construction
    fronted: bool
    seconds: frozenset[Concept[Any]]

    def word(self, concept: Concept[Wording]) -> Wording:
        """The wording that this style chooses for a concept."""
        return concept.second if concept in self.seconds else concept.first


@dataclass(frozen=True)
class Sentence:
    """A proposition in a style."""

    proposition: Proposition
    style: Style

    @property
    def text(self) -> str:
        """The sentence in English, with a capital and a full stop.

        Exchanging agent and patient, in any one style, permutes the words and changes no word.
        """
        said, style = self.proposition, self.style
        template = (_NEGATED if said.negated else _AFFIRMED)[style.construction]
        agent, patient = style.word(said.agent), style.word(said.patient)
        clause = template.format(agent=agent, verb=style.word(said.verb), patient=patient)
        circumstance = style.word(said.circumstance)
        words = f"{circumstance}, {clause}." if style.fronted else f"{clause} {circumstance}."
        return words[0].upper() + words[1:]
