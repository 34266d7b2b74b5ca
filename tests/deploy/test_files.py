"""The Dockerfile, the compose file and the unit: linted by what is at hand, and true."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from guardrails.server.openai.routing import load as load_routing
from tests.deploy.options import must_be_options

HOST = re.compile(r"^[a-z]+:\d+$")


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  # tools of this machine, on our own files
        command, capture_output=True, text=True, check=False
    )


@pytest.fixture
def root(deploy) -> Path:
    return deploy.parent


@pytest.fixture
def compose(deploy):
    return yaml.safe_load((deploy / "compose" / "compose.yaml").read_text())


def dockerfile(deploy) -> list[str]:
    """Give the lines of the Dockerfile, with those that go on joined."""
    text = (deploy / "Dockerfile").read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="make lint-deploy brings hadolint")
def test_hadolint_finds_nothing_in_the_dockerfile(deploy):
    told = run("hadolint", str(deploy / "Dockerfile"))

    assert (told.stdout, told.returncode) == ("", 0)


def test_the_image_runs_as_nobody_in_particular(deploy):
    lines = dockerfile(deploy)

    assert "USER 10001:10001" in lines
    assert lines.index("USER 10001:10001") > max(
        number for number, line in enumerate(lines) if line.startswith(("RUN", "COPY"))
    )


@pytest.mark.parametrize("keyword", ["CMD", "HEALTHCHECK"])
def test_what_the_image_runs_are_options_of_ours(deploy, keyword):
    (line,) = (one for one in dockerfile(deploy) if one.startswith(keyword))
    command = yaml.safe_load(line[line.index("[") :])
    parsed = must_be_options([one for one in command if one != "guardrails"], {})

    assert parsed.run.__module__ == f"guardrails.cli.{command[0 if keyword == 'CMD' else 1]}"


def test_what_the_image_is_built_from_is_not_ignored(deploy, root):
    kept = [
        line.removeprefix("!")
        for line in (root / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    ]
    copied = [
        file
        for line in dockerfile(deploy)
        if line.startswith("COPY policies")
        for file in line.split()[1:-1]
    ]

    assert all(list(root.glob(one)) for one in kept)
    assert all(any(Path(file).match(one) for one in kept) for file in copied)
    assert {"constraints.txt", "pyproject.toml", "guardrails", "README.md"} <= set(kept)


def test_the_compose_file_is_what_its_specification_says(deploy):
    told = run(
        *(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"),
        str(deploy / "compose" / "compose.yaml"),
    )

    assert told.returncode == 0, told.stdout


def test_the_proxy_of_the_compose_file_is_told_what_it_takes(compose):
    service = compose["services"]["guardrails"]
    parsed = must_be_options(service["command"], {})

    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert parsed.upstream == "http://model:8080"
    must_be_options(service["healthcheck"]["test"][2:], {})


def test_the_files_that_the_compose_file_mounts_are_there(deploy, compose):
    for service in compose["services"].values():
        for volume in service["volumes"]:
            source, _, there = volume.partition(":")
            if source.startswith("."):
                assert (deploy / "compose" / source).exists(), there


def test_only_the_proxy_reaches_the_model(compose):
    services, networks = compose["services"], compose["networks"]
    shared = [
        name
        for name, one in services.items()
        if name != "model" and set(one["networks"]) & set(services["model"]["networks"])
    ]

    assert shared == ["guardrails"]
    assert networks["model"] == {"internal": True}
    assert "ports" not in services["model"]


def test_the_routing_file_fits_the_policies_that_are_mounted(deploy):
    assert load_routing(deploy / "compose" / "routing.yaml", ("base", "chat", "images")).policy


def test_prometheus_asks_where_the_proxy_serves_its_metrics(deploy, compose):
    asked = yaml.safe_load((deploy / "compose" / "prometheus.yaml").read_text())
    (target,) = asked["scrape_configs"][0]["static_configs"][0]["targets"]
    parsed = must_be_options(compose["services"]["guardrails"]["command"], {})

    assert HOST.match(target)
    assert target == f"guardrails:{parsed.metrics.port}"


def unit(deploy) -> list[tuple[str, str]]:
    text = (deploy / "systemd" / "guardrails.service").read_text()
    return [
        (line.partition("=")[0], line.partition("=")[2])
        for line in text.splitlines()
        if "=" in line and not line.startswith("#")
    ]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_understands_the_unit(deploy, tmp_path):
    # its command need not be there: another stands in its place
    text = (deploy / "systemd" / "guardrails.service").read_text()
    here = tmp_path / "guardrails.service"
    here.write_text(text.replace("/opt/guardrails/bin/guardrails", sys.executable))
    told = run("systemd-analyze", "verify", "--man=no", str(here))

    assert [line for line in told.stderr.splitlines() if here.name in line] == []
    assert told.returncode == 0


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_the_unit_is_exposed_little(deploy):
    told = run(
        *("systemd-analyze", "security", "--offline=yes", "--threshold=15", "--no-pager"),
        str(deploy / "systemd" / "guardrails.service"),
    )

    assert "Overall exposure level" in told.stdout
    assert told.returncode == 0, told.stdout.splitlines()[-1]


def test_the_unit_starts_us_and_stops_us_in_time(deploy):
    settings = dict(unit(deploy))
    command = shlex.split(settings["ExecStart"])
    parsed = must_be_options(command[1:], {})

    assert settings["Type"] == "notify"
    assert int(settings["TimeoutStopSec"]) > parsed.grace
    assert str(parsed.listen) == f"unix:/run/{settings['RuntimeDirectory']}/sidecar.sock"
