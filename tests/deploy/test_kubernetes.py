"""The manifests: valid, hardened, and their options are ours."""

import shutil
import subprocess

import pytest

from guardrails.policy.loader import load
from tests.deploy.documents import (
    containers,
    documents,
    must_be_hardened,
    must_be_valid,
    must_have_time_to_drain,
    ours,
)
from tests.deploy.options import must_be_options

FILES = ("policies", "model-server", "sidecar")


@pytest.fixture(params=FILES)
def manifests(deploy, request):
    return documents((deploy / "kubernetes" / f"{request.param}.yaml").read_text())


@pytest.fixture(params=["model-server", "sidecar"])
def workload(deploy, request):
    return documents((deploy / "kubernetes" / f"{request.param}.yaml").read_text())


def test_every_manifest_is_valid(manifests):
    for manifest in manifests:
        must_be_valid(manifest)


def test_a_manifest_with_a_key_that_is_none_is_not(workload):
    workload[0]["spec"]["replics"] = 2

    with pytest.raises(Exception, match="replics"):
        must_be_valid(workload[0])


def test_nothing_runs_as_root_or_without_limits(workload):
    must_be_hardened(workload)


def test_what_is_in_flight_may_finish(workload):
    must_have_time_to_drain(workload)


def test_its_options_are_ours(workload):
    parsed = must_be_options(ours(workload)["args"], {})

    assert str(parsed.policies) == "/etc/guardrails/policies"


def test_our_container_is_asked_whether_it_serves(workload):
    container = ours(workload)

    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container[name]
        if "exec" in asked:
            must_be_options(asked["exec"]["command"][1:], {})
        else:
            assert asked["httpGet"]["path"] == "/healthz"


def test_every_volume_that_is_mounted_is_there(workload):
    (pod,) = (one["spec"]["template"]["spec"] for one in workload if one["kind"] == "Deployment")
    volumes = {one["name"] for one in pod["volumes"]}

    for container in containers(workload):
        assert {one["name"] for one in container["volumeMounts"]} <= volumes


def test_a_disruption_leaves_one(workload):
    (budget,) = (one for one in workload if one["kind"] == "PodDisruptionBudget")
    (deployment,) = (one for one in workload if one["kind"] == "Deployment")

    assert budget["spec"]["selector"] == deployment["spec"]["selector"]
    assert budget["spec"]["minAvailable"] < deployment["spec"]["replicas"]


def test_the_policies_in_the_config_map_compile(deploy, models, tmp_path):
    (config,) = documents((deploy / "kubernetes" / "policies.yaml").read_text())
    for name, text in config["data"].items():
        (tmp_path / name).write_text(text)

    assert list(load(tmp_path, models)) == ["chat"]


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl here")
def test_kustomize_builds_all_of_it(deploy):
    built = subprocess.run(  # noqa: S603  # our own files
        ["kubectl", "kustomize", str(deploy / "kubernetes")],  # noqa: S607  # wherever it is
        capture_output=True,
        text=True,
        check=True,
    )

    kinds = [one["kind"] for one in documents(built.stdout)]
    assert sorted(kinds) == [
        *("ConfigMap", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service")
    ]
