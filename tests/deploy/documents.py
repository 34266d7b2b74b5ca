"""Reads the manifests, and judges them as a cluster would: by its own schemas."""

from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import yaml

VERSIONS = ("1.29", "1.34", "1.37")
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def documents(text: str) -> list[dict[str, Any]]:
    """Read the documents of a file."""
    return [one for one in yaml.safe_load_all(text) if one]


def must_be_valid(manifest: dict[str, Any]) -> None:
    """Hold a manifest to the schemas of some versions, with no key that they do not know."""
    for version in VERSIONS:
        kubernetes_validate.validate(manifest, version, strict=True)


def pods(manifests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the specs of the pods that are made."""
    return [
        one["spec"]["template"]["spec"]
        for one in manifests
        if one["kind"] in {"Deployment", "DaemonSet", "StatefulSet"}
    ]


def containers(manifests: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give the containers of all pods."""
    for pod in pods(manifests):
        yield from (*pod.get("initContainers", ()), *pod["containers"])


def ours(manifests: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the one container that is ours."""
    (found,) = (one for one in containers(manifests) if one["name"] == "guardrails")
    return found


def must_be_hardened(manifests: list[dict[str, Any]]) -> None:
    """See that nothing runs as root, writes to its image, or takes what it likes."""
    for pod in pods(manifests):
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers(manifests):
        assert container["securityContext"] == RESTRICTED
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"]["cpu"]


def must_have_time_to_drain(manifests: list[dict[str, Any]]) -> None:
    """See that a pod is not killed before what it is at has its grace."""
    (pod,) = pods(manifests)
    container = ours(manifests)
    (grace,) = (
        int(one.partition("=")[2]) for one in container["args"] if one.startswith("--grace=")
    )
    hook = container.get("lifecycle", {}).get("preStop", {"exec": {"command": ["sleep", "0"]}})
    before = int(hook["exec"]["command"][1])

    assert pod["terminationGracePeriodSeconds"] > before + grace
