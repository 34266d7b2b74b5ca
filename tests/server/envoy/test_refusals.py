"""Errors have a status and a code over HTTP, whoever's fault they are."""

import json

import pytest

from guardrails.core.errors import ContentError, ModelError, OverloadedError, UnknownPolicyError
from guardrails.server.openai import replies
from guardrails.server.openai.failures import UpstreamError


@pytest.mark.parametrize(
    ("failure", "answering", "status", "code", "kind"),
    [
        (ContentError("no text"), False, 400, "request_unjudged", "invalid_request_error"),
        (ContentError("no text"), True, 502, "answer_unjudged", "api_error"),
        (OverloadedError("full"), False, 503, "overloaded", "api_error"),
        (ModelError("cold"), True, 503, "guard_failed", "api_error"),
        (UnknownPolicyError("none"), False, 503, "guard_failed", "api_error"),
        (UpstreamError("gone"), True, 502, "upstream_failed", "api_error"),
        (UpstreamError("slow", late=True), True, 504, "upstream_failed", "api_error"),
    ],
)
def test_an_error_is_told_by_its_kind(failure, answering, status, code, kind):
    told = replies.failed(failure, answering=answering)

    error = json.loads(told.body)["error"]
    assert (told.status, error["code"], error["type"]) == (status, code, kind)
    assert error["message"].endswith(str(failure))
