"""Every error of ours has a code, and anything else is INTERNAL."""

import grpc
import pytest

from guardrails.core import errors
from guardrails.wire.status import code_of

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


def test_any_other_error_is_internal():
    assert code_of(ValueError("secret")) is grpc.StatusCode.INTERNAL
