"""The dashboard, the alerts and a real Prometheus, on a sidecar that is at work."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path

import promql_parser
import pytest
from ruamel.yaml import YAML

from guardrails.client import Client
from guardrails.core.content import prompt
from guardrails.core.errors import GuardrailsError

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy/prometheus"
DASHBOARD = json.loads((ROOT / "deploy/grafana/guardrails.json").read_text())
DOCS = (ROOT / "docs/observability.md").read_text()
PATIENCE = 60
SECONDS = 1
"""Between scrapes, and between evaluations of rules."""
POLICY = """
policy: chat
input:
  - check: keywords
    with: {words: [zephyr], category: confidential}
    then: redact
  - check: keywords
    rule: forbidden
    with: {words: [forbidden]}
    then: block
  - check: toxicity
    then: flag
  - check: prompt_injection
    then: block
    timeout: 1ms
    on_unjudged: flag
"""
NEVER = {
    "guardrails_certificate_expires_seconds": "it has no certificate",
    "guardrails_shed_total": "it has room for all",
}
"""Metrics that this sidecar has no samples of, and why."""


def binary(name: str) -> str:
    """Find a program of Prometheus: where `make test-prometheus` puts it, or on the path."""
    there = shutil.which(
        name, path=f"{ROOT / '.prometheus/usr/bin'}{os.pathsep}{os.environ['PATH']}"
    )
    if there is None:
        pytest.skip(f"there is no {name}: run `make test-prometheus`, or install prometheus")
    return there


def queries():
    """Give the queries of the dashboard, and of records and alerts."""
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield pytest.param(target["expr"], id=f"{panel['title']} {target['refId']}")
    yield pytest.param(DASHBOARD["annotations"]["list"][0]["expr"], id="annotation")


def rules():
    for name in ("records.yaml", "alerts.yaml"):
        for group in YAML(typ="safe").load((DEPLOY / name).read_text())["groups"]:
            yield from group["rules"]


def plain(query: str) -> str:
    """Put in what Grafana does for its variables."""
    return (
        query.replace("$__rate_interval", "1m").replace("$policy", ".*").replace("$instance", ".*")
    )


def metrics_in(query: str) -> set[str]:
    return set(re.findall(r"\b(?:guardrails|process)_[a-z_]+", re.sub(r'"[^"]*"', "", query)))


def documented(metric: str) -> bool:
    return f"| `{re.sub('_(bucket|sum|count)$', '', metric)}` |" in DOCS


@pytest.mark.parametrize(
    "query",
    [*queries(), *(pytest.param(one["expr"], id=one.get("alert", "record")) for one in rules())],
)
def test_a_query_parses_and_names_metrics_that_there_are(query):
    promql_parser.parse(plain(query))
    recorded = {one["record"] for one in rules() if "record" in one}
    bare = query
    for name in sorted(recorded, key=len, reverse=True):
        bare = bare.replace(name, "recorded")

    assert [name for name in metrics_in(bare) if not documented(name)] == []
    assert not re.search(r"[a-z]:[a-z]", re.sub(r'"[^"]*"', "", bare)), "a record that is not there"


def test_panels_lie_beside_each_other_and_have_numbers_of_their_own():
    places = [tuple(panel["gridPos"].values()) for panel in DASHBOARD["panels"]]
    cells = [
        (x, y)
        for height, width, left, top in places
        for x in range(left, left + width)
        for y in range(top, top + height)
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_promtool_finds_the_rules_right_and_their_tests_pass():
    promtool = binary("promtool")
    for arguments in (
        ["check", "config", "prometheus.yaml"],
        ["check", "rules", "--lint-fatal", "records.yaml", "alerts.yaml"],
        ["test", "rules", "alerts_test.yaml"],
    ):
        done = subprocess.run(  # noqa: S603  # found above
            [promtool, *arguments],
            cwd=DEPLOY,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tested():
    tested = re.findall(r"alertname: (\w+)", (DEPLOY / "alerts_test.yaml").read_text())

    assert {one["alert"] for one in rules() if "alert" in one} == set(tested)


class Prometheus:
    """A real one: scrapes one sidecar each second, and evaluates what we ship as often."""

    def __init__(self, folder: Path, target: str) -> None:
        for name in ("records.yaml", "alerts.yaml"):
            text = (DEPLOY / name).read_text().replace("interval: 1m", f"interval: {SECONDS}s")
            (folder / name).write_text(text)
        config = (DEPLOY / "prometheus.yaml").read_text()
        config = config.replace("localhost:9464", target).replace("15s", f"{SECONDS}s")
        (folder / "prometheus.yaml").write_text(config)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self._process = subprocess.Popen(  # noqa: S603  # found on the path
            [
                binary("prometheus"),
                f"--config.file={folder / 'prometheus.yaml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={self._url.removeprefix('http://')}",
                "--enable-feature=exemplar-storage",
                "--log.level=error",
            ],
        )

    def ask(self, what: str, **parameters) -> dict:
        """Ask its API."""
        url = f"{self._url}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310  # our own
            return json.loads(answer.read())["data"]

    def wait_for(self, query: str) -> list:
        """Wait until a query has an answer."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                if found := self.ask("query", query=query)["result"]:
                    return found
            except OSError:
                pass  # it does not listen yet
            time.sleep(0.2)
        raise AssertionError(f"no answer to {query}")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(30)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory, module_serving, module_collector):  # noqa: ARG001  # it is sent to
    """Give one that has seen a sidecar at work."""
    binary("prometheus")
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "policies").mkdir()
    (folder / "policies/p.yaml").write_text(POLICY)
    log = ["--decisions", str(folder / "log"), "--traces"]
    sidecar = module_serving("serve", "--policies", str(folder / "policies"), *log)
    started = Prometheus(folder, sidecar.metrics.split("/")[2])
    try:
        _drive(started, sidecar.address)
        yield started
    finally:
        started.close()


def _drive(started, address):
    started.wait_for("guardrails_build_info")
    with Client(address) as client:
        for number in range(60):
            text = ("hello", "zephyr", "forbidden", "you are an idiot")[number % 4]
            client.evaluate(prompt(text), policy="chat")
            with pytest.raises(GuardrailsError):
                client.evaluate(prompt(text), policy="none")
            time.sleep(0.05)
    started.wait_for("sum(guardrails_verdicts_total) == 60")
    started.wait_for("rate(guardrails_verdicts_total[1m]) > 0")
    started.wait_for("policy_stage_rule_outcome:guardrails_reports:ratio5m")
    started.wait_for("source:guardrails_energy_joules_per_verdict:rate5m")


@pytest.mark.parametrize("query", [*queries()])
def test_a_query_of_the_dashboard_has_an_answer(prometheus, query):
    found = prometheus.ask("query", query=plain(query))["result"]
    silent = {metric for metric in metrics_in(query) if metric in NEVER}

    assert found or silent or "changes(" in query
    assert not (silent and found), "this one has an answer: take it out of NEVER"


def test_prometheus_evaluates_every_rule_without_an_error(prometheus):
    groups = prometheus.ask("rules")["groups"]
    there = [rule for group in groups for rule in group["rules"]]

    assert len(there) == len(list(rules()))
    assert [(rule["name"], rule.get("lastError")) for rule in there if rule["health"] != "ok"] == []


def test_the_figures_are_those_of_what_was_asked(prometheus):
    def number(query):
        return float(prometheus.ask("query", query=query)["result"][0]["value"][1])

    assert number("sum(guardrails_verdicts_total)") == 60
    assert number('guardrails_verdicts_total{action="block"}') == 15
    assert number('guardrails_refusals_total{status="NOT_FOUND"}') == 60
    assert number('guardrails_reports_total{rule="prompt_injection",outcome="unjudged"}') == 45
    assert number('guardrails_reports_total{rule="prompt_injection",outcome="skipped"}') == 15
    assert number("guardrails_decisions_written_total") >= 60  # refusals are recorded too
    assert 0 < number("source:guardrails_energy_joules_per_verdict:rate5m") < 1000
    assert number("policy_stage:guardrails_blocked:ratio5m") == pytest.approx(0.25, abs=0.1)


def test_a_rule_that_does_not_judge_is_on_its_way_to_an_alert(prometheus):
    alerts = prometheus.ask("alerts")["alerts"]

    assert [
        (one["labels"]["alertname"], one["labels"]["rule"], one["state"]) for one in alerts
    ] == [("GuardrailsUnjudged", "prompt_injection", "pending")]


def test_exemplars_lead_from_a_slow_verdict_to_its_trace(prometheus):
    found = prometheus.ask(
        "query_exemplars",
        query="guardrails_verdict_seconds_bucket",
        start=time.time() - 600,
        end=time.time(),
    )

    traces = {one["labels"]["trace_id"] for series in found for one in series["exemplars"]}
    assert traces
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in traces)
