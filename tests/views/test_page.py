"""A view as one HTML file: what it holds, what it lets the browser do, and that text stays text."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any, get_args

import pytest

from amplify_viz.errors import InputError
from amplify_viz.views.packing import pack, unpack
from amplify_viz.views.page import HINTS, WEB, View, modules, page

DOCUMENT = pack({"text": "世界"}, {})
HOSTILE = """</script><!-- <script>alert("1")</script> & 'x' ]]> \u2028"""


class Parsed(HTMLParser):
    """A page taken apart: elements as (tag, attributes, text directly inside them)."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.elements:
            tag, attributes, text = self.elements[-1]
            self.elements[-1] = (tag, attributes, text + data)

    def handle_endtag(self, tag: str) -> None:
        self.elements.append(("", {}, ""))  # what follows is in no element that anybody asks for

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def all(self, tag: str, **wanted: str) -> list[tuple[dict[str, str | None], str]]:
        found = [(attributes, text) for name, attributes, text in self.elements if name == tag]
        return [(attributes, text) for attributes, text in found if wanted.items() <= attributes.items()]


def parsed(chunks: Mapping[str, bytes] | None = None, **options: Any) -> Parsed:
    return Parsed(page("head_view", DOCUMENT, chunks or {}, **{"title": "Head view"} | options))


def policy(found: Parsed) -> dict[str, list[str]]:
    ((attributes, _),) = found.all("meta", **{"http-equiv": "Content-Security-Policy"})
    directives = (directive.split() for directive in str(attributes["content"]).split(";"))
    return {name: values for name, *values in directives}


def imports(found: Parsed) -> dict[str, str]:
    ((_, text),) = found.all("script", type="importmap")
    addresses: dict[str, str] = json.loads(text)["imports"]
    head = "data:text/javascript;base64,"
    return {name: base64.b64decode(address.removeprefix(head)).decode() for name, address in addresses.items()}


def test_a_page_is_one_document_with_a_language_a_title_and_room_for_small_screens() -> None:
    text = page("head_view", DOCUMENT, {}, title="Head view · layer 4", description="one\n\ntwo")
    found = Parsed(text)
    assert text.startswith("<!doctype html>")
    assert found.all("html")[0][0]["lang"] == "en"
    assert [text for _, text in found.all("title")] == ["Head view · layer 4"]
    assert [text.strip() for _, text in found.all("h1")] == ["Head view · layer 4"]
    assert [text.strip() for attributes, text in found.all("p") if attributes.get("dir") == "auto"] == ["one", "two"]
    assert "width=device-width" in str(found.all("meta", name="viewport")[0][0]["content"])


def test_document_and_chunks_come_out_as_they_went_in() -> None:
    chunks = {"3f2a/heads/3/tokens/shown": b"\x00\x01\xff" * 99, '"b-a/<heads>&': b"", "empty": pack({}, {})}
    found = parsed(chunks)
    held = found.all("script", type="application/octet-stream")
    named = {attributes["data-chunk"]: text for attributes, text in held if "data-chunk" in attributes}
    assert {name: base64.b64decode(text) for name, text in named.items()} == chunks
    (document,) = (text for attributes, text in held if "data-document" in attributes)
    assert unpack(base64.b64decode(document))[0] == {"text": "世界"}


@pytest.mark.parametrize("text", [HOSTILE, "{title}", "شكرا", "👩‍🔬" * 200, f"a{HOSTILE}" * 40])
def test_whatever_text_is_given_stays_text(text: str) -> None:
    found = parsed(title=text, description=text)
    plain = parsed()
    for tag in ("title", "h1"):
        assert [inside.strip() for _, inside in found.all(tag)] == [text.strip()]
    assert text.splitlines()[0].strip() in [inside.strip() for _, inside in found.all("p")]
    assert len(found.all("script")) == len(plain.all("script"))


def test_a_long_text_is_folded_and_whole_inside() -> None:
    text = "word " * 100
    found = parsed(description=text)
    ((_, summary),) = found.all("summary")
    assert summary == text[:240] + "…"
    assert text in [inside for _, inside in found.all("p")]


def test_the_policy_allows_the_inline_scripts_by_hash_and_nothing_from_elsewhere() -> None:
    found = parsed({"a": b"b"})
    allowed = policy(found)
    assert allowed["default-src"] == ["'none'"]
    inline = [text for kind in ("importmap", "module") for _, text in found.all("script", type=kind)]
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline]
    assert allowed.pop("script-src") == [*(f"'sha256-{each}'" for each in hashes), "data:"]
    assert {source for sources in allowed.values() for source in sources} == {
        "'none'", "'unsafe-inline'", "data:", "blob:",
    }  # fmt: skip


def test_the_policy_stands_before_everything_that_it_governs() -> None:
    tags = [tag for tag, attributes, _ in parsed().elements if "http-equiv" in attributes or tag in ("style", "script")]
    assert tags[0] == "meta"


@pytest.mark.parametrize("view", get_args(View))
def test_a_page_names_no_other_host_and_refers_to_nothing_outside(view: View) -> None:
    found = Parsed(page(view, DOCUMENT, {}, title=view))
    named = [
        value for _, attributes, _ in found.elements for name, value in attributes.items() if name in ("src", "href")
    ]
    assert named == ["data:,"]
    visible = "".join(text for tag, _, text in found.elements)
    sources = "".join(imports(found).values()).replace("https://bottosson.github.io", "")
    assert re.findall(r"https?:|//[a-z]+\.|@import|url\(", visible + sources) == []


@pytest.mark.parametrize("view", get_args(View))
def test_the_modules_are_those_that_the_view_needs_and_what_they_import_is_there(view: View) -> None:
    found = modules(view)
    needed, waiting = set(), {"standalone.js", f"{view}.js"}
    while waiting:
        name = waiting.pop()
        needed.add(name)
        text = (WEB / name).read_text(encoding="utf-8")
        waiting |= set(re.findall(r'^[^*\n]*\bfrom "\./(.+?)";', text, re.MULTILINE)) - needed
    assert set(found) == {f"av/{name}" for name in needed}
    for source in found.values():
        statements = re.findall(r'^(?:import|\}).*\bfrom "(.+?)";', source, re.MULTILINE)
        assert {name for name in statements if name not in found} == set()


def test_a_view_does_not_bring_the_modules_of_another() -> None:
    assert "av/neuron_view.js" not in modules("head_view")
    assert "av/head_view.js" not in modules("p_value_map")


@pytest.mark.parametrize("view", get_args(View))
def test_a_module_is_as_it_is_served_but_for_its_imports(view: View) -> None:
    for name, source in modules(view).items():
        served = WEB.joinpath(name.removeprefix("av/")).read_text(encoding="utf-8")
        assert source.replace('"av/', '"./') == served


def test_it_says_how_to_use_it_and_what_made_it() -> None:
    words = " ".join(text for _, text in parsed().all("p"))
    assert HINTS["head_view"] in words
    assert "arrow keys" in words
    assert re.search(r"amplify-viz\b.*, transformers \d.*, torch \d", words)


def test_every_view_says_how_to_use_it() -> None:
    assert HINTS.keys() == set(get_args(View))


def test_another_view_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"A view is one of head_view, .* got '\.\./x': choose one"):
        page("../x", DOCUMENT, {}, title="")  # type: ignore[arg-type]


def test_equal_input_gives_equal_pages() -> None:
    first, second = (page("head_view", DOCUMENT, {"a": b"b"}, title="t", description="d") for _ in range(2))
    assert first == second
