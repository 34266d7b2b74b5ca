"""Loads policies that are written in tests, with fake checks and models."""

from pathlib import Path

import pytest

from guardrails.core.errors import PolicyError
from guardrails.policy.loader import load
from guardrails.testing.fakes import (
    CATALOG,
    FakeImageClassifier,
    FakeModels,
    FakeTextClassifier,
)


@pytest.fixture
def models():
    return FakeModels(
        FakeTextClassifier("fake"),
        FakeTextClassifier("other", thresholds={"bad": 0.8125}),
        FakeTextClassifier("changed"),
        FakeTextClassifier("half", ("bad", "worse"), thresholds={"bad": 0.75}),
        FakeTextClassifier("guard", ("bad", "worse"), thresholds={"bad": 0.75, "worse": 0.625}),
        FakeImageClassifier("pictures"),
        altered=["changed"],
    )


@pytest.fixture
def loading(tmp_path, monkeypatch, models):
    """Write files into an empty directory and load it, or one file of it."""
    monkeypatch.chdir(tmp_path)

    def write_and_load(files, path=".", **environment):
        for name, text in files.items():
            Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(Path(path), models, catalog=CATALOG, environment=environment)

    return write_and_load


@pytest.fixture
def compiling(loading):
    """The plan of one policy that stands alone."""
    return lambda text, **environment: loading({"p.yaml": text}, **environment)["p"]


@pytest.fixture
def refusing(loading):
    """What an author reads when a set of policies does not load."""

    def problems_of(files, path=".", **environment):
        with pytest.raises(PolicyError) as refused:
            loading(files, path, **environment)
        assert str(refused.value) == "\n".join(map(str, refused.value.problems))
        return [str(problem) for problem in refused.value.problems]

    return problems_of
