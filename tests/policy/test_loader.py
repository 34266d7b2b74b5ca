from pathlib import Path

import pytest

from guardrails.core.errors import PolicyError
from guardrails.policy.loader import load, policy_files
from guardrails.testing.fakes import CATALOG, FakeModels

WORDS = "policy: {}\ninput:\n- {{check: words, with: {{words: [a]}}}}\n"


def test_a_directory_gives_every_policy_and_no_test(loading):
    files = {
        "b.yaml": WORDS.format("beta"),
        "a.yml": WORDS.format("alpha"),
        "a_test.yaml": "tests: []\n",
        ".hidden.yaml": "no policy",
        "notes.txt": "no policy",
        "policy.schema.json": "{}",
    }
    assert list(loading(files)) == ["alpha", "beta"]


def test_a_file_gives_its_policy_alone_and_reads_its_bases_from_beside_it(loading):
    files = {
        "a.yaml": "policy: a\nextends: b\n",
        "b.yaml": "policy: b\nextends: c\n",
        "unlike.yaml": WORDS.format("c"),
        "d.yaml": WORDS.format("d"),
    }
    plans = loading(files, "a.yaml")
    assert [(plan.name, plan.file) for plan in plans.values()] == [("a", "a.yaml")]


def test_a_file_does_not_answer_for_neighbours_that_it_does_not_extend(loading):
    files = {
        "a.yaml": "policy: a\nextends: b\n",
        "b.yaml": WORDS.format("b"),
        "broken.yaml": "policy: [",
        "wrong.yaml": "policy: w\nmod: x\nextends: a\n",
    }
    assert list(loading(files, "a.yaml")) == ["a"]


def test_a_file_answers_for_its_bases(refusing):
    files = {
        "a.yaml": "policy: a\nextends: b\n",
        "b.yaml": "policy: b\nmod: x\n",
        "broken.yaml": "policy: [",
    }
    assert refusing(files, "a.yaml") == ["b.yaml:2:1: unknown key 'mod', did you mean 'mode'?"]


def test_a_missing_base_may_be_in_a_file_that_cannot_be_read(refusing):
    files = {"a.yaml": "policy: a\nextends: b\n", "b.yaml": "policy: b\nx: [\n"}
    assert refusing(files, "a.yaml") == [
        "a.yaml:2:10: unknown policy 'b', there are no others",
        "b.yaml:3:1: not valid YAML: expected the node content, but found '<stream end>'",
    ]


def test_every_problem_of_every_file_is_told_in_order(refusing):
    files = {
        "b.yaml": "policy: b\nmode: of\ninput:\n- {check: wrds}\n",
        "a.yaml": "policy: a\nreplies: {blk: x}\n",
        "c.yaml": "policy: [\n",
        "d.yaml": "",
    }
    assert refusing(files) == [
        "a.yaml:2:11: unknown key 'blk', did you mean 'block'?",
        "b.yaml:2:7: 'mode' cannot be 'of', use 'enforce' or 'observe'",
        "b.yaml:4:11: unknown check 'wrds', did you mean 'words'?",
        "c.yaml:2:1: not valid YAML: expected the node content, but found '<stream end>'",
        "d.yaml:1:1: the file is empty, start with 'policy: NAME'",
    ]


def test_names_are_unique_in_a_directory(refusing):
    files = {"a.yaml": WORDS.format("p"), "b.yaml": "\n\npolicy:  p\n"}
    assert refusing(files) == ["b.yaml:3:10: policy 'p' is already in a.yaml, names are unique"]


def test_an_empty_directory_is_a_problem(refusing):
    assert refusing({"p_test.yaml": ""}) == [
        ".:1:1: no policies here, expected files such as 'chat.yaml'"
    ]


def test_a_path_that_is_not_there(refusing):
    assert refusing({}, "nowhere/p.yaml") == [
        "nowhere/p.yaml:1:1: cannot be read: no such file or directory"
    ]


def test_a_directory_that_calls_itself_yaml(refusing):
    Path("p.yaml").mkdir()
    assert refusing({"q.yaml": WORDS.format("q")}) == ["p.yaml:1:1: cannot be read: is a directory"]


def test_paths_are_told_as_they_were_given(tmp_path):
    (tmp_path / "p.yaml").write_text("policy: p\nmod: x\n")
    with pytest.raises(PolicyError) as refused:
        load(tmp_path, FakeModels(), catalog=CATALOG, environment={})
    assert refused.value.problems[0].place.file == str(tmp_path / "p.yaml")


def test_links_count_and_their_targets_elsewhere_do_not(tmp_path):
    """A mounted config map keeps its files in a hidden directory and links to them."""
    (tmp_path / "..data").mkdir()
    (tmp_path / "..data" / "p.yaml").write_text(WORDS.format("p"))
    (tmp_path / "p.yaml").symlink_to(Path("..data", "p.yaml"))
    assert policy_files(tmp_path) == (tmp_path / "p.yaml",)


def test_models_are_opened_only_for_what_was_asked(loading, models):
    files = {
        "a.yaml": WORDS.format("a"),
        "b.yaml": "policy: b\nextends: a\ninput:\n- check: classifier\n",
    }
    loading(files, "a.yaml")
    assert models.opened == []
    loading(files, "b.yaml")
    assert models.opened == ["fake"]


def test_plans_cannot_be_changed(loading):
    plans = loading({"p.yaml": WORDS.format("p")})
    with pytest.raises(TypeError):
        plans["q"] = plans["p"]
    with pytest.raises(TypeError):
        plans["p"].models["m"] = "other"
