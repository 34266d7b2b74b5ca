"""The house is as its plan says."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for path in (ROOT / "guardrails").rglob("*.py") if "_pb2" not in path.name)

DOORS = {
    "onnxruntime": ["guardrails/models/session.py"],
    "tokenizers": ["guardrails/models/tokenizer.py"],
    "PIL": ["guardrails/models/pixels.py"],
    "ruamel": ["guardrails/policy/source.py", "guardrails/works/shares_file.py"],
    "ahocorasick_rs": ["guardrails/checks/terms.py"],
    "cv2": ["guardrails/works/pictures/opencv.py"],
    "asyncpg": ["guardrails/works/stores/postgres_server.py"],
    "qdrant_client": ["guardrails/works/stores/qdrant_vectors.py"],
    "pyarrow": ["guardrails/works/sources/parquet.py"],
    "av": ["guardrails/marks/pictures/film.py"],
    "c2pa": ["guardrails/marks/provenance/credentials.py"],
    "starlette": ["guardrails/server/openai/proxy.py", "guardrails/server/works/site/web.py"],
    "httpx": ["guardrails/server/openai/upstream.py"],
    "jinja2": ["guardrails/server/works/site/rendering.py"],
    "uvicorn": ["guardrails/server/over_http.py"],
    "opentelemetry": [
        "guardrails/client/context.py",
        "guardrails/telemetry/decisions/otlp.py",
        "guardrails/telemetry/tracing.py",
    ],
    "structlog": ["guardrails/telemetry/logs.py"],
    "rapidfuzz": ["guardrails/works/passages/aligning.py"],
    "re2": ["guardrails/checks/regex.py"],
    "uvloop": ["guardrails/cli/proxy.py", "guardrails/cli/serve.py"],
    "rich": ["guardrails/cli/demo.py", "guardrails/cli/progress.py"],
}


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names if name}


@pytest.mark.parametrize(("library", "door"), DOORS.items())
def test_a_library_has_one_door(library, door):
    doors = [str(path.relative_to(ROOT)) for path in SOURCES if library in imported(path)]

    assert doors == door


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_first_line_says_what_a_file_is_for(path):
    docstring = ast.get_docstring(ast.parse(path.read_text()))

    assert docstring
    assert docstring.splitlines()[0].strip().endswith(".")


def test_the_core_needs_the_standard_library_alone():
    standard = {"guardrails", "asyncio", "array", "collections", "dataclasses", "enum", "typing"}
    standard |= {"types"}
    used = set().union(
        *(imported(path) for path in SOURCES if "core" in path.relative_to(ROOT).parts)
    )

    assert used <= standard


def test_the_base_install_is_the_client_alone():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    names = [one.partition(">")[0] for one in project["dependencies"]]
    assert names == ["grpcio", "protobuf"]


def test_cpu_and_gpu_runtimes_never_meet():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    both = [
        name
        for name, needs in extras.items()
        if "onnxruntime" in " ".join(needs)
        and "onnxruntime-gpu" in " ".join(needs)
        and any(one.startswith("onnxruntime>") for one in needs)
    ]

    assert both == []


def test_every_model_that_ships_is_named_in_the_notice():
    notice = " ".join((ROOT / "NOTICE").read_text().split())
    for manifest in (ROOT / "guardrails/models/zoo").glob("*/manifest.toml"):
        attribution = tomllib.loads(manifest.read_text())["licence"]["attribution"]
        assert attribution in notice
