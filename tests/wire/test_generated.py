"""The stubs are those of the proto."""

from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).parent.parent.parent


def test_the_stubs_are_fresh(tmp_path):
    include = files("grpc_tools") / "_proto"
    code = protoc.main(
        [
            "protoc",
            f"-I{include}",
            f"-Iguardrails/wire={ROOT}/proto/guardrails/v1",
            f"-Iguardrails/wire={ROOT}/proto/envoy",
            f"--python_out={tmp_path}",
            f"--pyi_out={tmp_path}",
            f"--grpc_python_out={tmp_path}",
            "guardrails/wire/guardrails.proto",
            "guardrails/wire/works.proto",
            "guardrails/wire/marks.proto",
            "guardrails/wire/operations.proto",
            "guardrails/wire/decisions.proto",
            "guardrails/wire/feedback.proto",
            "guardrails/wire/ext_proc.proto",
        ]
    )

    assert code == 0
    for made in (tmp_path / "guardrails/wire").iterdir():
        assert made.read_text() == (ROOT / "guardrails/wire" / made.name).read_text(), made.name
