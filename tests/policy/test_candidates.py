"""`shadow` and `canary`: the policy beside another is compiled with it, and checked with it."""

import pytest

from guardrails.core.content import Stage
from guardrails.policy.loader import Loader
from guardrails.policy.show import render
from guardrails.testing.fakes import CATALOG

RULE = "input:\n- {check: words, with: {words: [a]}}\n"
OTHER = "input:\n- {check: words, with: {words: [b]}}\n"
FLOOR = "policy: base\ninput:\n- {check: words, with: {words: [a]}, floor: true}\n"


def test_a_directory_has_the_candidate_beside_its_policy_and_not_on_its_own(loading):
    plans = loading(
        {
            "chat.yaml": "policy: chat\nshadow: next.yaml\ncanary: 5%\n" + RULE,
            "next.yaml": "policy: chat\n" + OTHER,
        }
    )

    assert list(plans) == ["chat"]
    beside = plans["chat"].candidate
    assert (beside.plan.name, beside.share, beside.plan.is_candidate) == ("chat", 0.05, True)
    assert beside.plan.hash != plans["chat"].hash


def test_the_hash_of_a_policy_does_not_hang_on_what_is_beside_it(loading):
    alone = loading({"chat.yaml": "policy: chat\n" + RULE})["chat"]
    both = loading(
        {
            "chat.yaml": "policy: chat\nshadow: next.yaml\ncanary: 50%\n" + RULE,
            "next.yaml": "policy: next\n" + OTHER,
        }
    )["chat"]

    assert both.hash == alone.hash


@pytest.mark.parametrize("path", [".", "chat.yaml"])
def test_a_candidate_may_extend_the_policy_that_it_is_beside(loading, path):
    plans = loading(
        {
            "chat.yaml": "policy: chat\nshadow: next.yaml\n" + RULE,
            "next.yaml": "policy: next\nextends: chat\ninput: [{rule: words, threshold: 0.9}]\n",
        },
        path,
    )

    [step] = plans["chat"].candidate.plan.chains[Stage.INPUT].steps
    assert step.threshold == 0.9
    assert plans["chat"].candidate.plan.candidate is None


@pytest.mark.parametrize("path", [".", "chat.yaml"])
def test_its_problems_are_told_at_its_place(refusing, path):
    files = {
        "chat.yaml": "policy: chat\nshadow: next.yaml\n" + RULE,
        "next.yaml": "policy: next\ninput: [{check: wordz}]\nshadow: third.yaml\ncanary: 1%\n",
        "third.yaml": "policy: third\n" + OTHER,
    }

    told = "this policy is the shadow of another and has none of its own, remove"
    assert refusing(files, path) == [
        "next.yaml:2:17: unknown check 'wordz', did you mean 'words'?",
        f"next.yaml:3:9: {told} 'shadow'",
        f"next.yaml:4:9: {told} 'canary'",
    ]


def test_a_canary_frees_no_request_from_a_floor(refusing, loading):
    heir = "policy: chat\nextends: base\nshadow: next.yaml\n{}"
    free = {"base.yaml": FLOOR, "next.yaml": "policy: next\n" + OTHER}
    bound = {"base.yaml": FLOOR, "next.yaml": "policy: next\nextends: base\n"}

    [told] = refusing({**free, "chat.yaml": heir.format("canary: 1%\n")})
    assert told == (
        "chat.yaml:4:9: 'canary' would free requests from the floors of 'base', "
        "let 'next.yaml' extend it, or remove 'canary'"
    )
    assert loading({**free, "chat.yaml": heir.format("")})["chat"].candidate
    assert loading({**bound, "chat.yaml": heir.format("canary: 1%\n")})["chat"].candidate


def test_neither_key_is_inherited(loading):
    plans = loading(
        {
            "base.yaml": "policy: base\nshadow: next.yaml\ncanary: 5%\n" + RULE,
            "heir.yaml": "policy: heir\nextends: base\n",
            "next.yaml": "policy: next\n" + OTHER,
        }
    )

    assert plans["base"].candidate
    assert plans["heir"].candidate is None


@pytest.mark.parametrize(
    ("canary", "share"), [("5%", 0.05), ("0.5%", 0.005), ("100%", 1.0), ("12.5%", 0.125)]
)
def test_a_share_is_written_in_percent(loading, canary, share):
    plans = loading(
        {
            "chat.yaml": f"policy: chat\nshadow: next.yaml\ncanary: {canary}\n" + RULE,
            "next.yaml": "policy: next\n" + OTHER,
        }
    )

    assert plans["chat"].candidate.share == share
    assert f"next.yaml, {plans['chat'].candidate.plan.hash[:12]}: acts for {canary} of the" in (
        render(plans["chat"])
    )


@pytest.mark.parametrize("canary", ["0%", "101%", "5", "0.05", "-1%", "x%", "1e1%", "'5 %'", "5%%"])
def test_what_is_no_share_is_a_problem(refusing, canary):
    files = {"p.yaml": f"policy: p\nshadow: q.yaml\ncanary: {canary}\n", "q.yaml": "policy: q\n"}

    assert refusing(files) == ["p.yaml:3:9: 'canary' should be a share such as '5%' or '0.5%'"]


def test_a_check_is_built_again_only_where_something_changed(tmp_path, models):
    (tmp_path / "p.yaml").write_text(
        "policy: p\ninput:\n- {check: classifier}\n- {check: words, with: {words: [a]}}\n"
    )
    loader = Loader(tmp_path, catalog=CATALOG)
    first = loader.load(models)["p"].checks
    loader.settle(kept=True)
    (tmp_path / "p.yaml").write_text(
        "policy: p\ninput:\n- {check: classifier, threshold: 0.9}\n"
        "- {check: words, with: {words: [b]}}\n"
    )
    second = loader.load(models)["p"].checks
    loader.settle(kept=False)
    third = loader.load(models)["p"].checks

    by_kind = [{type(one).__name__: one for one in checks} for checks in (first, second, third)]
    classifier, words = sorted(by_kind[0], key=lambda name: "ord" in name)
    assert by_kind[0][classifier] is by_kind[1][classifier] is by_kind[2][classifier]
    assert len({id(one[words]) for one in by_kind}) == 3


def test_all_files_that_matter_are_known_even_where_the_load_fails(tmp_path, models):
    (tmp_path / "p.yaml").write_text(
        "policy: p\nshadow: q.yaml\nhiding: {keys_file: keys.txt, vault: v.db}\n"
        "input:\n- {check: words, with: {words: [one, two]}}\n"
    )
    loader = Loader(tmp_path, catalog=CATALOG)
    with pytest.raises(Exception, match=r"there is no file 'q\.yaml'"):
        loader.load(models)

    names = {path.name for path in loader.files}
    assert {"p.yaml", "q.yaml", "keys.txt"} <= names
    assert names.isdisjoint({"v.db", "one", "two"})
