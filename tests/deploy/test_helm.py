"""The chart, rendered by Helm itself, in the ways that it is used."""

import re

import pytest

from guardrails import __version__
from tests.deploy.documents import (
    documents,
    must_be_hardened,
    must_be_valid,
    must_have_time_to_drain,
    ours,
    pods,
)
from tests.deploy.options import must_be_options

helm = pytest.importorskip("helm_python", reason="helm-python-sdk has no wheel for this machine")

POLICY = "policy: chat\ninput:\n- check: invisible_text\n  then: block\n"
DIGEST = f"sha256:{'0' * 64}"
WAYS = {
    "as it comes": {},
    "with policies": {"policies": {"files": {"chat.yaml": POLICY}}},
    "with policies of yours": {"policies": {"configMap": "mine"}},
    "as a proxy": {"mode": "proxy", "upstream": "http://model:8000", "routing": "policy: chat\n"},
    "as a proxy over TLS": {
        "mode": "proxy",
        "upstream": "http://model:8000",
        "tls": {"secretName": "tls"},
    },
    "over TLS": {"tls": {"secretName": "tls"}},
    "over mutual TLS": {"tls": {"secretName": "tls", "clientCa": True}},
    "with all": {
        "image": {"digest": DIGEST},
        "imagePullSecrets": [{"name": "pull"}],
        "extraArgs": ["--threads=2", "--envoy"],
        "routing": "policy: chat\n",
        "envFrom": [{"secretRef": {"name": "keys"}}],
        "env": [{"name": "A", "value": "b"}],
        "metrics": {"serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}}},
        "networkPolicy": {
            "from": [{"namespaceSelector": {"matchLabels": {"a": "b"}}}],
            "metricsFrom": [{"podSelector": {}}],
        },
        "podAnnotations": {"a": "b"},
        "podLabels": {"c": "d"},
        "nodeSelector": {"e": "f"},
        "tolerations": [{"operator": "Exists"}],
        "affinity": {"podAntiAffinity": {}},
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}
        ],
        "priorityClassName": "high",
        "service": {"clusterIP": "None"},
        "serviceAccount": {"create": False, "name": "mine"},
        "volumes": [{"name": "works", "emptyDir": {}}],
        "volumeMounts": [{"name": "works", "mountPath": "/works"}],
    },
    "with nothing that can be left out": {
        "metrics": {"enabled": False},
        "networkPolicy": {"enabled": False},
        "podDisruptionBudget": {"enabled": False},
        "serviceAccount": {"create": False},
    },
}


@pytest.fixture(scope="module")
def chart(deploy):
    with helm.Chart.load(str(deploy / "helm" / "guardrails")) as loaded:
        yield loaded


def rendered(chart, values):
    files = chart.render(values, name="demo", namespace="guarded")
    return [
        one
        for name, text in sorted(files.items())
        if name.endswith(".yaml")
        for one in documents(text)
    ]


@pytest.fixture(params=WAYS)
def manifests(chart, request):
    return rendered(chart, WAYS[request.param])


def test_helm_finds_nothing_wrong(deploy):
    told = helm.lint(str(deploy / "helm" / "guardrails"))

    assert told["errors"] == []
    assert [one["error"] for one in told["messages"]] == ["icon is recommended"]


def test_what_it_renders_is_valid(manifests):
    for manifest in manifests:
        if manifest["kind"] != "ServiceMonitor":  # of an operator: Kubernetes has no schema of it
            must_be_valid(manifest)


def test_nothing_runs_as_root_or_without_limits(manifests):
    must_be_hardened(manifests)


def test_what_is_in_flight_may_finish(manifests):
    must_have_time_to_drain(manifests)


def test_its_options_are_ours_and_so_are_those_of_its_probes(manifests):
    container = ours(manifests)

    must_be_options(container["args"], {})
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        if "exec" in container[name]:
            must_be_options(container[name]["exec"]["command"][1:], {})


def test_every_volume_that_is_mounted_is_there(manifests):
    (pod,) = pods(manifests)

    mounted = {one["name"] for one in ours(manifests)["volumeMounts"]}
    assert mounted == {one["name"] for one in pod["volumes"]}


@pytest.mark.parametrize(
    ("way", "probe"),
    [
        ("as it comes", "grpc"),
        ("as a proxy", "httpGet"),
        ("as a proxy over TLS", "httpGet"),
        ("over TLS", "exec"),  # Kubernetes asks gRPC in plain text alone
        ("over mutual TLS", "exec"),
    ],
)
def test_it_is_asked_whether_it_serves_in_a_way_that_can_be_answered(chart, way, probe):
    assert probe in ours(rendered(chart, WAYS[way]))["readinessProbe"]


def test_other_policies_are_other_pods(chart):
    def checksum(policy):
        made = rendered(chart, {"policies": {"files": {"chat.yaml": policy}}})
        (pod,) = (one["spec"]["template"] for one in made if one["kind"] == "Deployment")
        return pod["metadata"]["annotations"]["checksum/policies"]

    assert checksum(POLICY) == checksum(POLICY)
    assert checksum(POLICY) != checksum(f"{POLICY}output: []\n")


def test_policies_arrive_as_they_are_written(chart):
    (config,) = (
        one for one in rendered(chart, WAYS["with policies"]) if one["kind"] == "ConfigMap"
    )

    assert config["data"] == {"chat.yaml": POLICY}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"mode": "gateway"}, "value must be one of 'serve', 'proxy'"),
        ({"mode": "proxy"}, "name the model's server as upstream"),
        ({"upstream": "model:8000"}, "/upstream"),
        ({"replicas": "2"}, "got string, want integer"),
        ({"polices": {}}, "additional properties 'polices' not allowed"),
        ({"policies": {"files": {"../chat.yaml": "x"}}}, "chat.yaml"),
        ({"tls": {"clientCa": True}}, "tls.clientCa needs tls.secretName"),
        ({"image": {"digest": "sha256:1"}}, "/image/digest"),
        ({"port": 0}, "minimum"),
    ],
)
def test_values_that_make_no_sense_are_refused(chart, values, message):
    with pytest.raises(helm.HelmError, match=re.escape(message)):
        rendered(chart, values)


def test_the_chart_is_of_this_version(deploy):
    (told,) = documents((deploy / "helm" / "guardrails" / "Chart.yaml").read_text())

    assert told["appVersion"] == __version__
