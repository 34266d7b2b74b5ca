"""The page on measuring tells the truth."""

import argparse
import re
from pathlib import Path

import pytest

from guardrails.cli import calibrate, evaluate
from guardrails.evaluation.calibration import RATES, needed
from guardrails.evaluation.dataset import SHOWN
from guardrails.evaluation.fairness import NEGATIVES
from guardrails.evaluation.rows import parse

FOLDER = Path(__file__).parents[2] / "docs"
PAGE = (FOLDER / "evaluation.md").read_text()


def options(command, name):
    parser = argparse.ArgumentParser()
    command.add_to(parser.add_subparsers())
    (choices,) = (one.choices for one in parser._actions if one.choices)
    return {option for action in choices[name]._actions for option in action.option_strings}


SHARED = {"-h", "--help", "--models", "--device", "--threads", "--model-patience"}
"""What every command has that runs models."""


@pytest.mark.parametrize(("command", "name"), [(evaluate, "eval"), (calibrate, "calibrate")])
def test_its_options_are_there_and_all_are_on_it(command, name):
    section = PAGE if name == "calibrate" else PAGE.partition("## Calibrating")[0]
    known = options(command, name) - SHARED

    assert [option for option in sorted(known) if option not in section] == []
    every = options(evaluate, "eval") | options(calibrate, "calibrate")
    assert {one for one in re.findall(r"--[a-z][a-z-]*", PAGE) if one not in every} == set()


def test_its_row_is_one():
    (row,) = re.findall(r'\{"id": "7", "text".*\}', PAGE)

    assert parse(row.encode(), 1, "group").slices == ("x",)


def test_its_numbers_are_those_of_the_code():
    words = " ".join(PAGE.split())

    assert f"{', '.join(f'{rate * 100:g} %' for rate in RATES[:-1])} and 5 % of the rows" in words
    for rate in (0.01, 0.001, 0.05):
        assert f"{needed(rate):,} for {rate * 100:g} %" in words
    assert f"fewer than {NEGATIVES} harmless rows" in words
    assert SHOWN == 10
    assert "the first ten are told" in words


def test_its_links_lead_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#]+)", PAGE)

    assert links
    assert all((FOLDER / link).exists() for link in links)
