import pytest

from guardrails.core.content import Stage, Surface
from guardrails.core.verdict import Action
from guardrails.policy.terms import Limits, Mode, RedactAs

BASE = """policy: base
mode: observe
limits: {characters: 100, parts: 5}
on_unjudged: flag
replies: {block: no}
input:
- check: words
  with: {words: [a], category: letter}
  threshold: 0.9
  then: redact
  redact: {as: mask}
  timeout: 20ms
- {check: words, rule: more, with: {words: [b]}}
"""


def test_a_child_that_says_nothing_is_its_base(loading):
    plans = loading({"base.yaml": BASE, "c.yaml": "policy: child\nextends: base\n"})
    base, child = plans["base"], plans["child"]
    assert child.chains == base.chains
    assert (child.mode, child.limits, child.on_unjudged) == (
        Mode.OBSERVE,
        Limits(characters=100, parts=5),
        Action.FLAG,
    )
    assert child.replies == {Action.BLOCK: "no"}
    assert child.hash != base.hash  # another name is another policy


def test_a_child_overrides_key_by_key(loading):
    child = """policy: child
extends: base
mode: enforce
limits: {parts: 7, frames: 2}
on_unjudged: allow
replies: {block: sorry}
"""
    plan = loading({"base.yaml": BASE, "c.yaml": child})["child"]
    assert plan.mode is Mode.ENFORCE
    assert plan.limits == Limits(characters=100, parts=7, frames=2)
    assert plan.on_unjudged is Action.ALLOW
    assert plan.replies == {Action.BLOCK: "sorry"}


def test_a_rule_of_the_same_name_overrides_field_by_field(loading):
    child = """policy: child
extends: base
mode: enforce
input:
- {check: classifier}
- {rule: words, threshold: 0.2, surfaces: [tool]}
"""
    plan = loading({"base.yaml": BASE, "c.yaml": child})["child"]
    light, model = plan.chains[Stage.INPUT].waves
    assert [step.rule for step in (*light.steps, *model.steps)] == ["words", "more", "classifier"]
    words = light.steps[0]
    assert (words.threshold, words.surfaces) == (0.2, frozenset({Surface.TOOL}))  # its own
    assert (words.then, words.redact_as, words.timeout) == (Action.REDACT, RedactAs.MASK, 0.02)
    assert words.check.categories == ("letter",)


def test_another_check_does_not_inherit_settings(loading):
    child = "policy: child\nextends: base\ninput:\n- {rule: words, check: classifier}\n"
    plan = loading({"base.yaml": BASE, "c.yaml": child})["child"]
    (step,) = plan.chains[Stage.INPUT].waves[1].steps
    assert (step.rule, step.check_name, step.threshold) == ("words", "classifier", 0.9)


def test_settings_are_replaced_as_a_whole(loading):
    child = "policy: child\nextends: base\ninput:\n- {rule: words, with: {words: [z]}}\n"
    plan = loading({"base.yaml": BASE, "c.yaml": child})["child"]
    assert plan.chains[Stage.INPUT].steps[0].check.categories == ("word",)


def test_stages_have_names_of_their_own(loading):
    child = "policy: child\nextends: base\noutput:\n- {check: words, with: {words: [z]}}\n"
    plan = loading({"base.yaml": BASE, "c.yaml": child})["child"]
    assert [step.rule for step in plan.chains[Stage.INPUT].steps] == ["words", "more"]
    assert [step.rule for step in plan.chains[Stage.OUTPUT].steps] == ["words"]


def extending(**bases):
    return {f"{name}.yaml": f"policy: {name}\nextends: {base}\n" for name, base in bases.items()}


@pytest.mark.parametrize(
    ("bases", "problems"),
    [
        ({"a": "a"}, ["a.yaml:2:10: policy 'a' extends itself"]),
        (
            {"a": "b", "b": "a"},
            ["a.yaml:2:10: 'extends' goes in a circle: 'a' > 'b' > 'a'"],
        ),
        (
            {"z": "c", "c": "b", "b": "a", "a": "c"},  # z is not part of it, and not told
            ["a.yaml:2:10: 'extends' goes in a circle: 'a' > 'c' > 'b' > 'a'"],
        ),
        (
            {"a": "b", "b": "a", "c": "d", "d": "c"},
            [
                "a.yaml:2:10: 'extends' goes in a circle: 'a' > 'b' > 'a'",
                "c.yaml:2:10: 'extends' goes in a circle: 'c' > 'd' > 'c'",
            ],
        ),
        ({"chat": "imagse", "images": "bass", "base": "chat"}, [
            "chat.yaml:2:10: unknown policy 'imagse', did you mean 'images'?",
            "images.yaml:2:10: unknown policy 'bass', did you mean 'base'?",
        ]),
        ({"a": "nothing"}, ["a.yaml:2:10: unknown policy 'nothing', there are no others"]),
    ],
)  # fmt: skip
def test_what_does_not_lead_to_a_base(refusing, bases, problems):
    assert refusing(extending(**bases)) == problems


def test_a_circle_is_told_from_whichever_file_one_comes(refusing):
    files = extending(z="c", c="b", b="a", a="c")
    problems = ["a.yaml:2:10: 'extends' goes in a circle: 'a' > 'c' > 'b' > 'a'"]
    assert [refusing(files, name) for name in files] == [problems] * 4


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("{rule: wrds}", "4:10: no rule 'wrds' in 'base' to override, did you mean 'words'?"),
        ("{then: block}", "4:3: missing key 'check'"),
        (
            "{rule: more, redact: {as: mask}}",
            "4:16: 'redact' does nothing here, remove it or write 'then: redact'",
        ),
    ],
)
def test_overrides_that_meet_nothing(refusing, rule, problem):
    child = f"policy: child\nextends: base\ninput:\n- {rule}\n"
    assert refusing({"base.yaml": BASE, "c.yaml": child}) == [f"c.yaml:{problem}"]


def test_a_stronger_action_leaves_the_style_of_redaction_behind(loading):
    child = "policy: child\nextends: base\nmode: enforce\ninput:\n- {rule: words, then: block}\n"
    plan = loading({"base.yaml": BASE, "c.yaml": child})["child"]
    assert plan.chains[Stage.INPUT].steps[0].then is Action.BLOCK


def test_a_mistake_in_a_base_is_told_once_and_in_its_file(refusing):
    base = "policy: base\ninput:\n- {check: words, with: {word: [a]}}\n"
    files = {"base.yaml": base} | extending(c="base", d="c")
    assert refusing(files) == [
        "base.yaml:3:24: missing setting 'words'",
        "base.yaml:3:25: unknown setting 'word', did you mean 'words'?",
    ]


def test_a_setting_that_a_child_got_wrong_is_told_in_the_child(refusing):
    child = "policy: child\nextends: base\ninput:\n- rule: words\n  with: {words: [1]}\n"
    assert refusing({"base.yaml": BASE, "c.yaml": child}) == [
        "c.yaml:5:18: an item of 'words' should be text, quote it",
    ]


@pytest.mark.parametrize(
    ("base", "override", "thresholds", "threshold"),
    [
        ("threshold: 0.9", "target_fpr: 0.01", {"bad": 0.75, "worse": 0.625}, 0.5),
        ("target_fpr: 0.01", "threshold: 0.9", {}, 0.9),
    ],
)
def test_a_threshold_and_a_rate_take_each_others_place(
    loading, base, override, thresholds, threshold
):
    rule = f"- {{check: classifier, with: {{model: guard}}, {base}}}"
    files = {
        "base.yaml": f"policy: base\ninput:\n{rule}\n",
        "c.yaml": f"policy: child\nextends: base\ninput:\n- {{rule: classifier, {override}}}\n",
    }
    (step,) = loading(files)["child"].chains[Stage.INPUT].steps
    assert (step.thresholds, step.threshold) == (thresholds, threshold)
