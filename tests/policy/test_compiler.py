from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.checks.settings import TextModel
from guardrails.core.check import Cost
from guardrails.core.content import Stage, Surface
from guardrails.core.problem import Place
from guardrails.core.verdict import Action
from guardrails.engine import coverage
from guardrails.policy.building import canonical
from guardrails.policy.plan import COVERAGE, Step
from guardrails.policy.terms import Limits, Mode, RedactAs
from guardrails.settings import Settings

PLAIN = "policy: p\ninput:\n- {check: words, with: {words: [a]}}\n"


def first_step(plan, stage=Stage.INPUT) -> Step:
    return plan.chains[stage].steps[0]


def test_what_is_not_written_blocks(compiling):
    plan = compiling(PLAIN)
    step = first_step(plan)
    assert (plan.mode, plan.limits, plan.on_unjudged) == (Mode.ENFORCE, Limits(), Action.BLOCK)
    assert (step.rule, step.check_name, step.threshold) == ("words", "words", 0.5)
    assert {step.then, step.on_error, step.on_unjudged} == {Action.BLOCK}
    assert step.surfaces == frozenset(Surface)
    assert step.redact_as is RedactAs.LABEL
    assert not step.always
    assert plan.replies == plan.models == {}


def test_a_policy_without_rules_has_both_chains(compiling):
    plan = compiling("policy: p\n")
    assert {stage: chain.waves for stage, chain in plan.chains.items()} == {
        Stage.INPUT: (),
        Stage.OUTPUT: (),
    }


def test_light_checks_run_before_models_and_each_wave_in_the_order_of_the_file(compiling):
    plan = compiling("""policy: p
input:
- {check: classifier, rule: first}
- {check: words, rule: second, with: {words: [a]}}
- {check: classifier, rule: third, with: {model: other}}
- {check: words, rule: fourth, with: {words: [b]}}
""")
    waves = plan.chains[Stage.INPUT].waves
    assert [(wave.cost, [step.rule for step in wave.steps]) for wave in waves] == [
        (Cost.LIGHT, ["second", "fourth"]),
        (Cost.MODEL, ["first", "third"]),
    ]
    assert [step.timeout for wave in waves for step in wave.steps] == [1, 1, 5, 5]
    assert list(plan.models) == ["fake", "other"]
    assert [step.models for step in waves[1].steps] == [("fake",), ("other",)]


def test_observing_only_flags_and_hides_nothing(compiling):
    plan = compiling("""policy: p
mode: observe
input:
- {check: words, with: {words: [a]}, then: redact, on_error: allow}
""")
    step = first_step(plan)
    assert (step.then, step.on_error, step.on_unjudged) == (Action.FLAG, Action.ALLOW, Action.FLAG)
    assert plan.on_unjudged is Action.FLAG
    assert step.always


@pytest.mark.parametrize(
    ("written", "always"),
    [
        ("then: flag", True),  # it exists only to report
        ("then: block", False),
        ("then: redact", False),
        ("{then: redact, always: true}", True),
    ],
)
def test_early_stop_never_hides_a_report_that_is_asked_for(compiling, written, always):
    rule = written.strip("{}")
    plan = compiling(f"policy: p\ninput:\n- {{check: words, with: {{words: [a]}}, {rule}}}\n")
    assert first_step(plan).always is always


@pytest.mark.parametrize(
    ("written", "seconds"), [("50ms", 0.05), ("2s", 2), ("1.5s", 1.5), ("0.5ms", 0.0005)]
)
def test_times_are_in_seconds(compiling, written, seconds):
    plan = compiling(
        f"policy: p\ninput:\n- {{check: words, with: {{words: [a]}}, timeout: {written}}}\n"
    )
    assert first_step(plan).timeout == seconds


def test_equal_checks_are_built_once(loading):
    rules = """input:
- {check: words, with: {words: [a], category: c}}
- {check: words, rule: again, with: {category: c, words: [a]}}
- {check: words, rule: other, with: {words: [b]}}
"""
    plans = loading({f"{name}.yaml": f"policy: {name}\n{rules}" for name in "pq"})
    words, again, other = plans["p"].chains[Stage.INPUT].steps
    assert words.check is again.check
    assert words.check is first_step(plans["q"]).check
    assert words.check is not other.check


def test_values_come_from_the_environment(compiling):
    text = "policy: ${env:NAME}\nreplies: {block: 'ask ${env:WHO}, not $${env:WHO}'}\n"
    assert compiling(text, NAME="p", WHO="Ann").replies == {Action.BLOCK: "ask Ann, not ${env:WHO}"}


def test_a_value_from_the_environment_is_never_read_as_yaml(compiling):
    text = "policy: p\ninput:\n- {check: words, with: {words: ['${env:WORD}']}}\n"
    assert first_step(compiling(text, WORD="[x, ${env:WORD}]")).check.categories == ("word",)


CALIBRATED = "policy: p\ninput:\n- {check: classifier, with: {model: guard}, %s}\n"


def test_a_target_is_resolved_for_each_category_when_the_policy_is_compiled(compiling):
    step = first_step(compiling(CALIBRATED % "target_fpr: 0.01"))
    assert step.thresholds == {"bad": 0.75, "worse": 0.625}
    assert [step.threshold_of(category) for category in ("bad", "worse")] == [0.75, 0.625]
    step = first_step(compiling(CALIBRATED % "threshold: 0.2"))
    assert [step.threshold_of(category) for category in ("bad", "worse")] == [0.2, 0.2]


def test_the_hash_has_the_thresholds_that_a_target_comes_to(compiling, models, monkeypatch):
    before = compiling(CALIBRATED % "target_fpr: 0.01").hash
    monkeypatch.setitem(models.open("guard").thresholds, "worse", 0.7)
    assert compiling(CALIBRATED % "target_fpr: 0.01").hash != before


def test_a_plan_knows_its_file(compiling):
    assert compiling(PLAIN).file == "p.yaml"


SAME = [
    PLAIN,
    f"# a comment\n\n{PLAIN}",
    "input:\n- with:\n    words:\n    - a\n  check: words\npolicy: 'p'\n",
    f"{PLAIN}mode: enforce\nlimits: {{parts: 1_000}}\n",
    f"{PLAIN[:-2]}, threshold: 0.5, then: block, timeout: 1s}}\n",
    f"{PLAIN[:-3]}, category: word}}}}\n",  # the default of the check
]
OTHER = [
    PLAIN.replace("policy: p", "policy: q"),
    PLAIN.replace("[a]", "[b]"),
    PLAIN.replace("input", "output"),
    f"{PLAIN}mode: observe\n",
    f"{PLAIN}on_unjudged: allow\n",
    f"{PLAIN}limits: {{parts: 999}}\n",
    f"{PLAIN}replies: {{block: no}}\n",
    *(
        f"{PLAIN[:-2]}, {key}}}\n"
        for key in (
            "threshold: 0.51",
            "then: flag",
            "then: redact",
            "on_error: allow",
            "on_unjudged: flag",
            "timeout: 2s",
            "surfaces: [user]",
            "always: true",
            "rule: x",
        )
    ),
    f"{PLAIN[:-2]}, then: redact, redact: {{as: mask}}}}\n",
]


def test_the_hash_is_of_what_decides_and_nothing_else(loading):
    def hash_of(text):
        (plan,) = loading({"p.yaml": text}, "p.yaml").values()
        return plan.hash

    assert len({hash_of(text) for text in SAME}) == 1
    assert len({hash_of(text) for text in (PLAIN, *OTHER)}) == 1 + len(OTHER)


def test_the_hash_changes_with_the_weights(compiling, models, monkeypatch):
    text = "policy: p\ninput:\n- {check: classifier}\n"
    before = compiling(text)
    monkeypatch.setattr(type(models.open("fake")), "sha256", "other weights")
    after = compiling(text)
    assert before.hash != after.hash
    assert after.models == {"fake": "other weights"}


@given(
    st.dictionaries(
        st.text(),
        st.integers() | st.text() | st.frozensets(st.text()) | st.tuples(st.integers(), st.text()),
    )
)
def test_the_canonical_form_knows_no_order(value):
    backwards = dict(reversed(value.items()))
    assert canonical(value) == canonical(backwards)


def test_the_canonical_form_of_settings(models):
    class Inner(Settings):
        tags: frozenset[str] = frozenset({"b", "a"})

    class Outer(Settings):
        model: TextModel = "fake"
        inner: tuple[Inner, ...] = (Inner(),)
        table: Mapping[str, int] = {"x": 1}

    settings = Outer.model_validate({}, context={"models": models})
    assert canonical(settings) == '{"inner":[{"tags":["a","b"]}],"model":"fake","table":{"x":1}}'


def test_of_a_file_its_content_counts(tmp_path):
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("a")
    two.write_text("a")
    assert canonical({"file": one}) == canonical({"file": two})
    two.write_text("b")
    assert canonical({"file": one}) != canonical({"file": two})


def test_the_order_of_surfaces_and_a_file_name_do_not_count(loading):
    rule = "- {check: words, with: {words: [a]}, surfaces: [%s]}\n"
    one = loading({"a.yaml": "policy: p\ninput:\n" + rule % "user, tool"}, "a.yaml")["p"]
    two = loading({"b.yaml": "policy: p\ninput:\n" + rule % "tool, user"}, "b.yaml")["p"]
    assert one.hash == two.hash


def test_the_reserved_name_is_the_one_that_the_engine_uses():
    assert coverage.RULE == COVERAGE


def test_places_sort_as_a_reader_goes():
    assert Place("a", 2, 9) < Place("a", 10, 1) < Place("b", 1, 1)
