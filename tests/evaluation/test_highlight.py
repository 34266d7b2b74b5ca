"""The page shows every text whole, what was found in colour and what was missed underlined."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from guardrails.evaluation.highlight import Marked, page


def shown(text, marks):
    """The text as a reader of the page sees it, without the names of kinds."""
    body = re.search(r"<pre>(.*)</pre>", page("t", [(text, marks)]), re.DOTALL)[1]
    return unescape(re.sub(r"<small>.*?</small>|<[^>]+>", "", body))


marks = st.lists(
    st.builds(
        lambda start, length, kind, found: Marked(start, start + length, kind, found),
        st.integers(0, 20),
        st.integers(1, 10),
        st.sampled_from(["PERSON", "AGE"]),
        st.booleans(),
    ),
    max_size=6,
)


@given(text=st.text(st.characters(exclude_characters="\r"), min_size=30, max_size=40), marks=marks)
def test_marks_change_nothing_of_the_text(text, marks):
    assert shown(text, marks) == text


def test_found_is_coloured_missed_is_underlined_and_nothing_is_markup():
    written = page(
        "a < b", [("<b>Ann</b> is 43", [Marked(3, 6, "PERSON"), Marked(14, 16, "AGE", False)])]
    )

    assert "<title>a &lt; b</title>" in written
    assert "&lt;b&gt;<mark" in written
    assert re.search(r"<mark[^>]*>Ann<small>PERSON</small></mark>", written)
    assert '<u title="AGE">43<small>AGE</small></u>' in written
    assert "http" not in written.replace("<html", "")
