"""What is counted of verdicts, and that the docs name all that a sidecar shows."""

import re
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from prometheus_client.parser import text_string_to_metric_families as families

from guardrails.core.content import Content, Stage, Text
from guardrails.core.verdict import Action, Outcome, Report, Verdict
from guardrails.engine.engine import Engine
from guardrails.policy.loader import load
from guardrails.telemetry.metrics import OTHER, POLICIES, RULES, Metrics

DOCS = Path(__file__).parents[2] / "docs/observability.md"
MODELS = """
policy: models
input:
  - check: toxicity
    then: flag
"""


def documented() -> set[str]:
    table = DOCS.read_text().partition("## Metrics")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE))


def shown(page: str) -> set[str]:
    names = re.findall(r"^# TYPE (\S+)", page, re.MULTILINE)
    return {name for name in names if not name.endswith("_created")}


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310  # our own
        return answer.read().decode()


@pytest.fixture
def secured(tmp_path):
    authority = trustme.CA()
    shown_ = authority.issue_cert("127.0.0.1")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    shown_.cert_chain_pems[0].write_to_path(str(chain))
    shown_.private_key_pem.write_to_path(str(key))
    return ["--tls-cert", str(chain), "--tls-key", str(key)]


@pytest.mark.usefixtures("collector")
def test_the_docs_name_every_metric_that_a_sidecar_shows_and_no_other(
    serving, secured, tmp_path, policies
):
    all_there_is = ["--decisions", str(tmp_path / "log"), "--traces", *secured]
    alone = page(serving("serve", "--policies", str(policies), *all_there_is).metrics)
    many = serving("serve", "--policies", str(policies), "--workers", "2").metrics
    exposed = shown(alone) | shown(page(many))

    assert exposed - documented() == set(), "add these to the table of docs/observability.md"
    assert documented() - exposed == set(), "these are in docs/observability.md, and nowhere else"


def verdict(policy="p", rule="r", **more) -> Verdict:
    report = Report(rule, "keywords", Outcome.CLEAR, Action.ALLOW, milliseconds=2.0, parts=(0,))
    text = Content((Text("x"),))
    made = Verdict("1", Action.ALLOW, text, (report,), policy, "h", Stage.INPUT, milliseconds=3.0)
    return replace(made, **more)


def value(metrics: Metrics, name: str, **labels) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_rules_are_counted_and_timed():
    metrics = Metrics()
    for _ in range(3):
        metrics.record(verdict())
    rule = {"policy": "p", "stage": "input", "rule": "r"}

    assert value(metrics, "guardrails_reports_total", **rule, outcome="clear") == 3
    assert value(metrics, "guardrails_rule_seconds_count", **rule) == 3
    assert value(metrics, "guardrails_rule_seconds_sum", **rule) == pytest.approx(0.006)
    assert value(metrics, "guardrails_rule_seconds_bucket", **rule, le="0.001") == 0
    assert value(metrics, "guardrails_rule_seconds_bucket", **rule, le="0.005") == 3


async def test_a_rule_that_another_made_moot_is_skipped_and_takes_no_time(tmp_path, models):
    (tmp_path / "p.yaml").write_text(
        "policy: p\n"
        "input:\n"
        "  - {check: keywords, with: {words: [forbidden]}, then: block}\n"
        "  - {check: toxicity}\n"
    )
    metrics = Metrics()
    engine = Engine(load(tmp_path, models), recorders=[metrics])
    await engine.evaluate(Content((Text("forbidden"),)), policy="p")
    rule = {"policy": "p", "stage": "input", "rule": "toxicity"}

    assert value(metrics, "guardrails_reports_total", **rule, outcome="skipped") == 1
    assert value(metrics, "guardrails_reports_total", **rule, outcome="unjudged") is None
    assert value(metrics, "guardrails_rule_seconds_count", **rule) == 0


def test_names_that_change_for_ever_share_series_in_the_end():
    metrics = Metrics()
    for number in range(3 * POLICIES):
        metrics.record(verdict(policy=f"p{number}"))
    for number in range(2 * RULES):
        metrics.record(verdict(policy="p0", rule=f"r{number}"))
    metrics.record(verdict(policy=f"p{3 * POLICIES - 1}"))
    text = metrics.registry
    policies = {
        sample.labels["policy"]
        for family in text.collect()
        if family.name == "guardrails_verdicts"
        for sample in family.samples
    }
    rules = {
        (sample.labels["policy"], sample.labels["rule"])
        for family in text.collect()
        if family.name == "guardrails_reports"
        for sample in family.samples
    }

    assert len(policies) == POLICIES + 1
    assert len(rules) <= RULES + POLICIES + 1
    assert (
        value(metrics, "guardrails_verdicts_total", policy=OTHER, stage="input", action="allow")
        == 2 * POLICIES + 1
    )


async def test_what_models_have_to_do_is_shown(serving, tmp_path):
    (tmp_path / "p.yaml").write_text(MODELS)
    sidecar = serving("serve", "--policies", str(tmp_path))
    for _ in range(3):
        sidecar.ask("some words", policy="models")
    found = {
        sample.name: sample.value
        for family in families(page(sidecar.metrics))
        for sample in family.samples
        if sample.labels.get("model") == "text_guard" and "le" not in sample.labels
    }

    assert found["guardrails_model_batch_items_count"] == 3
    assert found["guardrails_model_batch_items_sum"] == 3
    assert found["guardrails_model_batch_seconds_sum"] > 0
    assert found["guardrails_model_wait_seconds_count"] == 3
    assert found["guardrails_model_queue_items"] == 0
    assert found["guardrails_model_failures_total"] == 0
    assert found["guardrails_model_well"] == 1
