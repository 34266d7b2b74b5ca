"""Every error of ours has a code, and anything else is INTERNAL."""

import grpc
import pytest

from guardrails.core import errors
from guardrails.wire.status import code_of, error_of

CODES = {
    errors.PolicyError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.UnknownPolicyError: grpc.StatusCode.NOT_FOUND,
    errors.ModelError: grpc.StatusCode.UNAVAILABLE,
    errors.ContentError: grpc.StatusCode.INVALID_ARGUMENT,
    errors.OverloadedError: grpc.StatusCode.RESOURCE_EXHAUSTED,
}


@pytest.mark.parametrize(("kind", "code"), CODES.items())
def test_an_error_of_ours_has_its_code(kind, code):
    error = kind(()) if kind is errors.PolicyError else kind("why")

    assert code_of(error) is code


@pytest.mark.parametrize(
    ("trailing", "seconds"),
    [
        ((("grpc-retry-pushback-ms", "1500"),), 1.5),
        ((("grpc-retry-pushback-ms", "0"),), 0.0),
        ((("grpc-retry-pushback-ms", "-1"),), None),
        ((("grpc-retry-pushback-ms", "soon"),), None),
        ((("grpc-retry-pushback-ms", "²"),), None),
        ((), None),
        (None, None),
    ],
)
def test_a_hint_when_to_try_again_comes_over_the_wire(trailing, seconds):
    class Failed(grpc.RpcError):
        def code(self):
            return grpc.StatusCode.RESOURCE_EXHAUSTED

        def details(self):
            return "full"

        def trailing_metadata(self):
            return trailing

    error = error_of(Failed())

    assert isinstance(error, errors.OverloadedError)
    assert error.retry_after == seconds


def test_any_other_error_is_internal():
    assert code_of(ValueError("secret")) is grpc.StatusCode.INTERNAL
