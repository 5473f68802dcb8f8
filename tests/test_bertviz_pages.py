"""Pages of BertViz: their numbers against those that BertViz makes itself, and what they keep in bounds."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from bertviz import head_view, model_view
from bertviz.neuron_view import get_attention
from tokenizers.processors import TemplateProcessing

from amplify_viz import AttentionRecord, InputError, capture
from amplify_viz.bertviz_pages import HOST, SCRIPTS, VIEWS, View, bertviz_html, extent, neuron_data, second_start
from tests.tiny import FAMILIES, random_record, tiny_checkpoint, tiny_model

pytestmark = pytest.mark.filterwarnings(
    "ignore:unclosed file .*bertviz:ResourceWarning"
)  # BertViz leaves its scripts open
PAIR = ("the rabbit quickly hopped", "the turtle slowly crawled")
HALF_A_DECIMAL = 0.51e-7
HOSTILE = "</script><script>alert(1)</script>"


def data_of(html: str) -> dict[str, Any]:
    """What a page of BertViz, theirs or ours, hands to its script."""
    begin = re.search(r"(const params|window\.bertviz_params) = (?={)", html)
    assert begin is not None
    return dict(json.JSONDecoder().raw_decode(html, begin.end())[0])


def shapes_and_distance(ours: Any, theirs: Any) -> float:
    """Largest difference of two nested lists of numbers; fails where their shapes differ."""
    one, other = torch.tensor(ours, dtype=torch.float64), torch.tensor(theirs, dtype=torch.float64)
    assert one.shape == other.shape
    return float((one - other).abs().max())


@pytest.mark.parametrize(("view", "theirs"), [("head", head_view), ("model", model_view)])
@pytest.mark.parametrize("texts", [PAIR[:1], PAIR])
@pytest.mark.parametrize("family", FAMILIES)
def test_weights_equal_those_that_bertviz_embeds_of_transformers_own_attentions(
    family: str, texts: tuple[str, ...], view: View, theirs: Callable[..., Any]
) -> None:
    checkpoint = tiny_checkpoint(family)
    record = capture(checkpoint, *texts)
    eager = tiny_model(family)
    eager.set_attn_implementation("eager")
    encoded = checkpoint.tokenizer(*texts, return_tensors="pt")
    with torch.no_grad():
        attentions = eager(**encoded, output_attentions=True).attentions
    kinds = encoded.get("token_type_ids")
    start = second_start(record.segments) if kinds is None or len(texts) == 1 else kinds[0].tolist().index(1)
    tokens = checkpoint.tokenizer.convert_ids_to_tokens(encoded["input_ids"][0])
    expected = data_of(theirs(attentions, tokens, sentence_b_start=start, html_action="return").data)["attention"]
    shown = data_of(bertviz_html(record, view, layer=0))["attention"]
    assert [part["name"] for part in shown] == [part["name"] for part in expected]
    for ours, other in zip(shown, expected, strict=True):
        assert shapes_and_distance(ours["attn"], other["attn"]) <= 1e-6 + HALF_A_DECIMAL
        for side in ("left_text", "right_text"):
            assert ours[side] == [token.strip() for token in other[side]]


def bertvizs_own(record: AttentionRecord, model_type: str, cls: str, sep: str) -> dict[str, dict[str, Any]]:
    """What BertViz gathers for its neuron view of a model that computes the record's attention."""
    layers = zip(record.weights, record.queries, record.keys, strict=True)
    gathered = [{"attn": w[None], "queries": q[None], "keys": k[None]} for w, q, k in layers]

    class Model:
        def eval(self) -> None: ...

        def __call__(self, *_: Any, **__: Any) -> tuple[Any]:
            return (gathered,)

    def tokenize(text: str) -> list[str]:
        segment = record.texts.index(text)
        return [token for token, part in zip(record.shown, record.segments, strict=True) if part == segment]

    tokenizer = SimpleNamespace(cls_token=cls, sep_token=sep, tokenize=tokenize, convert_tokens_to_ids=len)
    return dict(get_attention(Model(), model_type, tokenizer, *record.texts, include_queries_and_keys=True))


def like_roberta() -> AttentionRecord:
    """A made-up record of <s> the rabbit </s> </s> a turtle </s>."""
    tokens = ("<s>", "the", "rabbit", "</s>", "</s>", "a", "turtle", "</s>")
    record = random_record(("the rabbit", "x a turtle"))
    segments = (None, 0, 0, None, None, 1, 1, None)
    return replace(record, tokens=tokens, shown=tokens, segments=segments)


@pytest.mark.parametrize(
    ("record", "model_type", "cls", "sep"),
    [
        (random_record(PAIR), "bert", "[CLS]", "[SEP]"),
        (random_record(PAIR[:1]), "bert", "[CLS]", "[SEP]"),
        (like_roberta(), "roberta", "<s>", "</s>"),
    ],
)
def test_neuron_data_equals_what_bertviz_gathers_of_its_own_models(
    record: AttentionRecord, model_type: str, cls: str, sep: str
) -> None:
    ours, theirs = neuron_data(record, range(record.n_layers)), bertvizs_own(record, model_type, cls, sep)
    assert ours.keys() == theirs.keys()
    for name, expected in theirs.items():
        assert ours[name].keys() == expected.keys()
        for part in ("attn", "queries", "keys"):
            assert shapes_and_distance(ours[name][part], expected[part]) <= HALF_A_DECIMAL
        for side in ("left_text", "right_text"):
            named = [{cls: "[CLS]", sep: "[SEP]"}.get(token, token) for token in ours[name][side]]
            assert named == expected[side]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_neuron_view_holds_the_records_queries_keys_and_weights(family: str) -> None:
    record = capture(tiny_checkpoint(family), *PAIR)
    shown = data_of(bertviz_html(record, "neuron", layer=1, heads=[2, 3]))
    everything = shown["attention"]["all"]
    for name, expected in (("attn", record.weights), ("queries", record.queries), ("keys", record.keys)):
        assert shapes_and_distance(everything[name], expected.tolist()) <= HALF_A_DECIMAL
    assert (shown["layer"], shown["head"], shown["default_filter"]) == (1, 2, "all")
    assert shown["bidirectional"] is (family != "gpt2")


def test_a_pair_begins_behind_the_special_token_that_closes_its_first_sentence() -> None:
    assert second_start((None, 0, 0, None, 1, None)) == 4
    assert second_start((None, 0, 0, None, None, 1, None)) == 4
    assert second_start((0, 0, 1, 1)) == 2
    assert second_start((None, 0, None)) is None
    assert second_start((None, None, 1)) is None


def test_the_pair_of_a_tokenizer_like_robertas_begins_at_its_second_separator() -> None:
    checkpoint = tiny_checkpoint("roberta")
    checkpoint.tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    names = {
        part["name"]: part for part in data_of(bertviz_html(capture(checkpoint, *PAIR), "head", layer=0))["attention"]
    }
    assert [names["Sentence A -> Sentence B"][side][-1] for side in ("left_text", "right_text")] == ["[SEP]", "[SEP]"]
    assert names["Sentence B -> Sentence B"]["left_text"][:2] == ["[SEP]", "the"]


@pytest.mark.parametrize("view", VIEWS)
def test_repeated_tokens_stay_as_they_are(view: View) -> None:
    parts = data_of(bertviz_html(random_record(("the the Ġthe ▁the",)), view, layer=0))["attention"]
    whole = parts["all"] if view == "neuron" else parts[0]
    assert whole["left_text"] == whole["right_text"] == ["[CLS]", "the", "the", "Ġthe", "▁the", "[SEP]"]


class Tags(HTMLParser):
    """The tags of a page, and the text outside its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data if self.tags and self.tags[-1] != "script" else ""


@pytest.mark.parametrize("view", VIEWS)
def test_no_token_or_name_can_end_its_script_or_become_a_tag(view: View) -> None:
    harmless = random_record(("one two three four",))
    evil = ("[CLS]", HOSTILE, '<!-- <script> "', "\\", '; // HACK: {"attention": \u2028', "[SEP]")
    hostile = replace(harmless, shown=evil, checkpoint=f"{{host}} {HOSTILE}")
    expected, page = (Tags(bertviz_html(record, view, layer=0)) for record in (harmless, hostile))
    assert page.tags == expected.tags
    assert f"{{host}} {HOSTILE}" in page.text
    parts = data_of(bertviz_html(hostile, view, layer=0))["attention"]
    assert (parts["all"] if view == "neuron" else parts[0])["left_text"] == list(evil)


@pytest.mark.parametrize("view", VIEWS)
def test_equal_records_give_equal_documents(view: View) -> None:
    assert bertviz_html(random_record(), view, layer=1) == bertviz_html(random_record(), view, layer=1)
    assert bertviz_html(random_record(), view, layer=1) != bertviz_html(random_record(seed=1), view, layer=1)


@pytest.mark.parametrize("view", VIEWS)
def test_a_document_loads_from_the_addresses_that_are_named_and_from_no_other(view: View) -> None:
    html = bertviz_html(random_record(), view, layer=0)
    loaded = set(re.findall(rf"['\"]({HOST}/[^'\"]+)['\"]", html))
    assert {address.removesuffix(".js") + ".js" for address in loaded} == set(SCRIPTS)
    assert re.findall(r"(?:src|href)=['\"](?!https://cdnjs)", html) == []


def test_the_chosen_layer_and_heads_are_those_shown_first() -> None:
    head = data_of(bertviz_html(random_record(), "head", layer=2, heads=[1, 3]))
    assert (head["layer"], head["heads"], head["include_layers"]) == (2, [1, 3], [0, 1, 2])
    model = data_of(bertviz_html(random_record(), "model", layer=2, heads=[1, 3]))
    assert (model["include_layers"], model["include_heads"]) == ([0, 1, 2], [1, 3])
    weights = random_record().weights[:, [1, 3]]
    assert shapes_and_distance(model["attention"][0]["attn"], weights.tolist()) <= HALF_A_DECIMAL


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("texts", [PAIR[:1], PAIR])
def test_the_estimate_is_close_to_what_a_document_takes(view: View, texts: tuple[str, ...]) -> None:
    record = random_record(tuple(" ".join([text] * 5) for text in texts), n_heads=8, dim=16)
    size = len(bertviz_html(record, view, layer=0))
    assert 0.7 <= size / extent(record, view, layer=0).n_bytes <= 1.05


def long(n_words: int, *, n_layers: int = 1) -> AttentionRecord:
    return random_record((" ".join(["the"] * n_words), "a"), n_layers=n_layers, n_heads=12)


def test_a_text_too_long_for_all_layers_gets_the_chosen_one() -> None:
    record = long(60, n_layers=20)
    part = extent(record, "model", layer=17)
    assert (part.layers, part.is_bearable) == ((17,), True)
    assert re.fullmatch(
        r"Only the chosen layer: all 20 would take 21.7 MB and 983,040 SVG elements, and a page of BertViz may take 20 MB "
        r"and 200,000 SVG elements\.",
        part.note,
    )
    page = bertviz_html(record, "model", layer=17)
    assert part.note in page
    assert data_of(page)["include_layers"] == [17]
    assert shapes_and_distance(data_of(page)["attention"][0]["attn"], record.weights[17:18].tolist()) <= HALF_A_DECIMAL


def test_the_neuron_view_of_one_layer_keeps_the_layers_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amplify_viz.bertviz_pages.limits.MAX_BYTES", 100_000)
    html = bertviz_html(random_record(), "neuron", layer=2)
    assert data_of(html)["layer"] == 0
    assert (
        shapes_and_distance(data_of(html)["attention"]["all"]["keys"], random_record().keys[2:].tolist())
        <= HALF_A_DECIMAL
    )
    assert '$("#bertviz #layer option").text((i) => [2][i])' in html


@pytest.mark.parametrize("view", VIEWS)
def test_a_text_too_long_for_one_layer_is_refused_with_the_length_that_fits(view: View) -> None:
    record = long(300)
    with pytest.raises(InputError, match=rf"one layer of its {view} view of 304 tokens takes [\d.]+ MB") as refused:
        bertviz_html(record, view, layer=0)
    fitting = re.search(r"shorten the text to (\d+) tokens", str(refused.value))
    assert fitting is not None
    n = int(fitting[1])
    assert extent(long(n - 4), view, layer=0).note == ""
    with pytest.raises(InputError):
        extent(long(n - 3), view, layer=0)


@pytest.mark.parametrize(
    ("view", "choice", "message"),
    [
        ("tail", {"layer": 0}, "BertViz has the views head, model, neuron, not 'tail': choose one of them"),
        ("head", {"layer": 3}, "There is no layer 4 of 3"),
        ("model", {"layer": 0, "heads": [4]}, "There is no head 5 of 4"),
        ("neuron", {"layer": 0, "heads": []}, "at least one head"),
    ],
)
def test_what_is_not_there_is_refused(view: Any, choice: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        bertviz_html(random_record(), view, **choice)


def test_bertviz_is_loaded_with_the_first_page() -> None:
    code = "import sys, amplify_viz.bertviz_pages, amplify_viz.ui.bertviz_tab; print({'bertviz', 'IPython'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
