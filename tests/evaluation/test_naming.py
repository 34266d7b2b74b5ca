"""Labels of data and categories of policies."""

import pytest

from guardrails.evaluation.naming import Naming

CATEGORIES = ("TOXICITY", "SELF_HARM", "toxicity", "PERSON")


@pytest.mark.parametrize(
    ("label", "categories"),
    [
        ("toxicity", ("TOXICITY", "toxicity")),
        ("Self-Harm", ("SELF_HARM",)),
        ("self harm", ("SELF_HARM",)),
        ("insult", ()),
        ("unsafe", CATEGORIES),
        ("HATE", ("TOXICITY", "toxicity", "SELF_HARM")),
        ("person", ()),
    ],
)
def test_a_label_stands_for_its_namesakes_unless_it_is_written_otherwise(label, categories):
    written = {"unsafe": ["*"], "hate": ["toxicity", "self_harm"], "person": []}

    assert Naming(CATEGORIES, written).categories(label) == categories


def test_labels_that_stand_for_nothing_are_known():
    assert Naming(CATEGORIES).unmatched(["person", "insult", "hate"]) == ("insult", "hate")
