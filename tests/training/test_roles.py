"""The built-in data set: sizes and balance, the law of each kind of pair, the English, and the bound on word counts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import timeit
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from amplify_viz.reading.roles import SIZES, Pair, generate
from amplify_viz.reading.roles.grammar import Construction, Proposition, Sentence, Style
from amplify_viz.reading.roles.lexicon import CIRCUMSTANCES, NAMES, NEGATED_CIRCUMSTANCES, PARTICIPANTS, ROLES, VERBS
from training.data import Example, read_dataset
from training.data.roles import load_roles

SPLITS = generate()
PAIRS = [pair for pairs in SPLITS.values() for pair in pairs]
SENTENCES = [text for pair in PAIRS for text in (pair.text, pair.text_pair)]
KINDS = {0: {"role swap", "negation", "participant"}, 1: {"passive", "cleft", "order", "synonym"}}
IRREGULAR = {
    "choose": ("chose", "chosen"),
    "teach": ("taught", "taught"),
    "find": ("found", "found"),
    "hide": ("hid", "hidden"),
    "lead": ("led", "led"),
    "catch": ("caught", "caught"),
    "draw": ("drew", "drawn"),
    "beat": ("beat", "beaten"),
}


def of_kind(kind: str) -> list[Pair]:
    return [pair for pair in PAIRS if pair.kind == kind]


def word_counts(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def same_style(pair: Pair) -> tuple[str, str]:
    """Both propositions said in the style of the second sentence."""
    return Sentence(pair.first.proposition, pair.second.style).text, pair.text_pair


def regular_past(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    return base[:-1] + "ied" if base.endswith("y") and base[-2] not in "aeiou" else base + "ed"


# --- the whole


def test_splits_have_their_sizes_and_are_balanced() -> None:
    assert {split: len(pairs) for split, pairs in SPLITS.items()} == SIZES == {"train": 2000, "dev": 500, "test": 1500}
    for pairs in SPLITS.values():
        assert sum(pair.label for pair in pairs) * 2 == len(pairs)


def test_no_event_and_so_no_pair_occurs_twice() -> None:
    seen: set[object] = set()
    for pair in PAIRS:
        events = {pair.first.proposition.event, pair.second.proposition.event}
        assert not events & seen
        seen |= events


def test_no_sentence_is_shared_between_splits() -> None:
    texts = [{text for pair in pairs for text in (pair.text, pair.text_pair)} for pairs in SPLITS.values()]
    assert sum(map(len, texts)) == len(set().union(*texts))


def test_the_dataset_holds_the_generated_pairs_whatever_the_training_seed() -> None:
    dataset = read_dataset("roles", seed=7)
    assert dataset == load_roles()
    assert dataset.name == "roles" and dataset.label_names == ("different", "paraphrase")
    for split, pairs in SPLITS.items():
        assert dataset.splits[split] == tuple(Example(pair.text, pair.text_pair, pair.label) for pair in pairs)


def test_the_same_seed_gives_the_same_pairs_and_another_seed_gives_others() -> None:
    assert generate(3) == generate(3)
    assert generate(3)["train"] != generate(4)["train"]


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_pairs_do_not_depend_on_the_hash_seed_of_python(hash_seed: str) -> None:
    code = "from training.data.roles import load_roles; print(load_roles().hashes)"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(load_roles().hashes)


def test_generation_takes_less_than_a_second_of_the_processor() -> None:
    assert min(timeit.repeat(lambda: generate(1), timer=time.process_time, number=1, repeat=3)) < 1


# --- the laws of the kinds


def test_every_kind_occurs_in_every_split_under_its_own_label() -> None:
    for pairs in SPLITS.values():
        for label, kinds in KINDS.items():
            assert {pair.kind for pair in pairs if pair.label == label} == kinds


def test_role_swap_carries_most_of_the_breaches() -> None:
    assert len(of_kind("role swap")) > 0.6 * len(PAIRS) / 2


def test_a_role_swap_in_the_same_style_permutes_the_words() -> None:
    for pair in of_kind("role swap"):
        said, swapped = same_style(pair)
        assert said != swapped and word_counts(said) == word_counts(swapped)


def test_a_negation_in_the_same_style_adds_a_not_and_changes_no_other_content() -> None:
    for pair in of_kind("negation"):
        fewer, more = sorted(map(word_counts, same_style(pair)), key=lambda counts: counts["not"])
        assert more["not"] == fewer["not"] + 1
        verb = pair.second.style.word(pair.first.proposition.verb)
        assert set((more - fewer) | (fewer - more)) <= {"not", "did", *verb}


def test_a_changed_participant_in_the_same_style_changes_nothing_else() -> None:
    for pair in of_kind("participant"):
        first, second = pair.first.proposition, pair.second.proposition
        assert [a == b for a, b in zip(first.concepts, second.concepts, strict=True)].count(False) == 1
        assert len({first.agent, first.patient, second.agent, second.patient}) == 3
        assert (first.verb, first.circumstance, first.negated) == (second.verb, second.circumstance, second.negated)


def test_the_first_sentence_is_about_a_role_and_a_name() -> None:
    for said in (pair.first.proposition for pair in PAIRS):
        assert [one for one in (said.agent, said.patient) if one in ROLES] != [said.agent, said.patient]
        assert [one for one in (said.agent, said.patient) if one in NAMES] != [said.agent, said.patient]


def test_paraphrases_say_the_same_in_other_words() -> None:
    for pair in PAIRS:
        said, other = same_style(pair)
        assert (said == other) == (pair.label == 1)
        assert pair.text != pair.text_pair


@pytest.mark.parametrize("word", ["not", "did"])
def test_a_not_or_did_in_one_sentence_alone_is_as_frequent_on_both_sides(word: str) -> None:
    """Of the pairs with a synonym.  Matched in expectation: the difference stays within three standard errors."""
    pairs = [pair for pair in PAIRS if "synonym" in pair.edits]
    surplus = [
        [abs(word_counts(p.text)[word] - word_counts(p.text_pair)[word]) for p in pairs if p.label == label]
        for label in (0, 1)
    ]
    means, spread = [sum(counts) / len(counts) for counts in surplus], max(map(sum, surplus)) ** 0.5 * 1.5
    assert min(means) > 0.02 and abs(sum(surplus[0]) - sum(surplus[1])) < 3 * spread


def test_each_edit_changes_what_its_name_says_and_nothing_else_is_changed() -> None:
    clefts = {Construction.AGENT_CLEFT, Construction.PATIENT_CLEFT}
    for pair in PAIRS:
        one, two = pair.first.style, pair.second.style
        constructions = {one.construction, two.construction}
        assert ("passive" in pair.edits) == (constructions == {Construction.ACTIVE, Construction.PASSIVE})
        assert ("cleft" in pair.edits) == (len(constructions) == 2 and len(constructions & clefts) == 1)
        assert ("order" in pair.edits) == (one.fronted != two.fronted)
        assert ("synonym" in pair.edits) == (one.seconds != two.seconds)
        assert pair.label == 0 or pair.kind == pair.edits[0]


def test_edits_and_both_negated_are_equally_frequent_on_both_sides() -> None:
    for pairs in SPLITS.values():
        edits = [Counter(tuple(pair.edits) for pair in pairs if pair.label == label) for label in (0, 1)]
        assert edits[0] == edits[1]
        negated = [sum(pair.first.proposition.negated for pair in pairs if pair.label == label) for label in (0, 1)]
        assert negated[0] == negated[1] > 0


# --- the English


def test_sentences_are_cleanly_written() -> None:
    for text in SENTENCES:
        assert re.fullmatch(r"[A-Z][A-Za-z]*(,? [A-Za-z]+)*\.", text), text
        assert "  " not in text and "{" not in text


def test_names_keep_their_capital_and_nothing_else_has_one() -> None:
    names = {name for one in PARTICIPANTS for name in (one.first, one.second) if name[0].isupper()}
    for text in SENTENCES:
        assert set(re.findall(r"\b[A-Z]\w*", text[1:])) <= names


def test_a_and_an_fit_the_word_that_follows() -> None:
    articles = [match for text in SENTENCES for match in re.findall(r"\b([Aa]n?) (\w)", text)]
    assert {article.lower() for article, _ in articles} == {"a", "an"}
    assert all((article.lower() == "an") == (letter in "aeiou") for article, letter in articles)


def test_verbs_have_the_right_past_and_participle() -> None:
    for verb in VERBS:
        for base, past, participle in (verb.first, verb.second):
            assert (past, participle) == IRREGULAR.get(base, (regular_past(base),) * 2)


def test_no_wording_stands_for_two_concepts() -> None:
    wordings = [wording for one in PARTICIPANTS + CIRCUMSTANCES for wording in (one.first, one.second)]
    assert len(set(wordings)) == len(wordings)
    forms = [form for verb in VERBS for wording in (verb.first, verb.second) for form in set(wording)]
    assert len(set(forms)) == len(forms)


def test_only_the_second_wording_of_a_negated_circumstance_holds_a_not() -> None:
    for one in CIRCUMSTANCES:
        assert "not" not in one.first.split()
        assert ("not" in one.second.split()) == (one in NEGATED_CIRCUMSTANCES)


@pytest.mark.parametrize(
    ("construction", "negated", "expected"),
    [
        (Construction.ACTIVE, False, "The doctor chose Tom near the station."),
        (Construction.PASSIVE, False, "Tom was chosen by the doctor near the station."),
        (Construction.AGENT_CLEFT, False, "It was the doctor who chose Tom near the station."),
        (Construction.PATIENT_CLEFT, False, "It was Tom whom the doctor chose near the station."),
        (Construction.ACTIVE, True, "The doctor did not choose Tom near the station."),
        (Construction.PASSIVE, True, "Tom was not chosen by the doctor near the station."),
        (Construction.AGENT_CLEFT, True, "It was the doctor who did not choose Tom near the station."),
        (Construction.PATIENT_CLEFT, True, "It was Tom whom the doctor did not choose near the station."),
    ],
)
def test_constructions_read_as_written_by_hand(construction: Construction, negated: bool, expected: str) -> None:
    proposition = by_hand(negated=negated)
    style = Style(construction, fronted=False, seconds=frozenset({proposition.patient}))
    assert Sentence(proposition, style).text == expected


def test_a_fronted_circumstance_gets_the_capital_and_a_comma() -> None:
    proposition = by_hand(negated=False)
    style = Style(Construction.ACTIVE, fronted=True, seconds=frozenset({proposition.verb, proposition.circumstance}))
    assert Sentence(proposition, style).text == "Not far from the station, the doctor selected Thomas."


def by_hand(*, negated: bool) -> Proposition:
    doctor, tom = (
        next(one for one in PARTICIPANTS if name in (one.first, one.second)) for name in ("the doctor", "Tom")
    )
    choose = next(verb for verb in VERBS if verb.first.base == "choose")
    station = next(one for one in CIRCUMSTANCES if one.first == "near the station")
    return Proposition(doctor, choose, tom, station, negated)


# --- counting words is not enough


def count_features(train: Sequence[Example], test: Sequence[Example]) -> list[sparse.csr_array]:
    """Counts of the first text, of the second, and their absolute difference, for train and for test."""
    vectorizer = CountVectorizer(token_pattern=r"\w+")
    vectorizer.fit([text for example in train for text in (example.text, str(example.text_pair))])

    def features(examples: Sequence[Example]) -> sparse.csr_array:
        first = vectorizer.transform([example.text for example in examples])
        second = vectorizer.transform([str(example.text_pair) for example in examples])
        return sparse.csr_array(sparse.hstack([first, second, abs(first - second)]))

    return [features(train), features(test)]


def counting_accuracy(train: Sequence[Example], test: Sequence[Example], *, strength: float) -> float:
    """Test accuracy of a logistic regression on word counts; strength: the inverse of its regularisation."""
    known, unknown = count_features(train, test)
    model = LogisticRegression(C=strength, max_iter=2000)
    model.fit(known, [example.label for example in train])
    return float(model.score(unknown, [example.label for example in test]))


@pytest.mark.parametrize("strength", [0.01, 0.1, 1.0])
def test_word_counts_stay_under_sixty_per_cent(strength: float) -> None:
    """The promise is 65 %; the margin keeps a change of the lexicon from eating it up unnoticed."""
    splits = load_roles().splits
    assert counting_accuracy(splits["train"], splits["test"], strength=strength) < 0.60


def test_the_order_of_the_participants_alone_stays_under_eighty_five_per_cent() -> None:
    """The rule "paraphrase if the other participant comes first" ignores voice, so it must not be enough."""
    agent_first = {Construction.ACTIVE, Construction.AGENT_CLEFT}
    for pairs in SPLITS.values():
        right = 0
        for pair in pairs:
            leaders = [
                one.proposition.agent if one.style.construction in agent_first else one.proposition.patient
                for one in (pair.first, pair.second)
            ]
            right += (leaders[0] != leaders[1]) == (pair.label == 1)
        assert right / len(pairs) < 0.85


def test_the_second_sentence_alone_stays_under_eighty_per_cent() -> None:
    """The rule "paraphrase if the role acts in the second sentence" never reads the first, so it must not be enough."""
    for pairs in SPLITS.values():
        right = sum((pair.second.proposition.agent in ROLES) == (pair.label == 1) for pair in pairs)
        assert 0.6 < right / len(pairs) < 0.8


def unmatched(pair: Pair) -> Example:
    """The pair without its match: a plain copy for a paraphrase, another participant in the same style otherwise."""
    said = pair.first.proposition
    stranger = next(one for one in PARTICIPANTS if one not in (said.agent, said.patient))
    second = pair.first if pair.label else Sentence(replace(said, agent=stranger), pair.first.style)
    return Example(pair.text, second.text, pair.label)


def plainly_negated(pair: Pair) -> Example:
    """The pair with a negation for its only breach, and no other difference that holds a "not"."""
    said = pair.first.proposition
    second = pair.first if pair.label else Sentence(said.denied(), pair.first.style)
    return Example(pair.text, second.text, pair.label)


@pytest.mark.parametrize("solvable", [unmatched, plainly_negated])
def test_word_counts_exceed_ninety_per_cent_where_edits_are_not_matched(solvable: Callable[[Pair], Example]) -> None:
    train, test = ([solvable(pair) for pair in SPLITS[split]] for split in ("train", "test"))
    assert counting_accuracy(train, test, strength=1.0) > 0.9
