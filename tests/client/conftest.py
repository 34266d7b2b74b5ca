"""The two ways to judge: an engine in this process, and a sidecar."""

import pytest


@pytest.fixture(params=["engine", "sidecar"])
def judge(request, engine, address):
    """Options of `guard` that say who judges."""
    return {"engine": engine} if request.param == "engine" else {"address": address}
