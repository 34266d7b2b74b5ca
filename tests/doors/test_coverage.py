"""Whatever judges has a row in the table: a new way in that has none fails here."""

import pytest

from guardrails.core.content import Surface
from guardrails.server.envoy.answers import RESPONSES
from guardrails.server.envoy.requests import REQUESTS
from guardrails.server.openai.routes import ROUTES
from guardrails.server.openai.streaming import DIALECTS
from guardrails.wire import ext_proc_pb2
from guardrails.wire import guardrails_pb2 as pb
from tests.doors.doors import DOORS, MODES
from tests.doors.table import CASES
from tests.doors.test_doors import ROWS
from tests.doors.test_pictures import STREAMED, WHOLE


def paths(client, *, streams):
    return {one.shape.path for one in DOORS if one.client == client and one.streams == streams}


@pytest.mark.parametrize("client", ["proxy", "shipped"])
def test_every_route_has_a_row(client):
    assert paths(client, streams=False) == set(ROUTES)
    assert paths(client, streams=True) == set(DIALECTS)


@pytest.mark.parametrize("route", ROUTES.values(), ids=lambda route: route.path)
def test_the_table_knows_which_routes_judge_answers(route):
    shapes = [one.shape for one in DOORS if one.name == f"proxy {route.path}"]

    assert [one.answers for one in shapes] == [route.judges_answers]


@pytest.mark.parametrize("surface", Surface)
def test_every_surface_has_a_row(surface):
    said = {who for door, case, _ in (one.values for one in ROWS) for who, _ in case.asked}
    carried = {
        part.surface for door in DOORS for case in CASES.values() for part in _parts(door, case)
    }

    assert surface in said
    assert surface in carried


def _parts(door, case):
    return door.prompt(case) if door.carries(case) else ()


def test_every_rpc_that_judges_has_a_row():
    service = pb.DESCRIPTOR.services_by_name["Guardrails"]
    verdict = pb.DESCRIPTOR.message_types_by_name["Verdict"]
    judges = {
        method.name
        for method in service.methods
        if any(field.message_type is verdict for field in method.output_type.fields)
    }

    assert {one.rpc for one in DOORS if one.rpc} == judges


def test_every_mode_of_envoy_has_a_row():
    asked, answered = (set(modes) for modes in zip(*MODES.values(), strict=True))

    assert asked == {ext_proc_pb2.BodySendMode.Name(mode) for mode in REQUESTS}
    assert answered == {ext_proc_pb2.BodySendMode.Name(mode) for mode in RESPONSES}
    assert {one.client for one in DOORS} > set(MODES)


def test_every_case_goes_through_every_kind_of_door():
    """What a door cannot carry: calls and pictures, where its route has no place for them."""
    left = {
        (door.name, name)
        for door in DOORS
        for name, case in CASES.items()
        if not door.carries(case)
    }
    names = {name for _, name in left}

    assert names == {name for name, case in CASES.items() if case.call or case.picture}
    assert all(CASES[name].call for door, name in left if "@guard" in door)


def test_every_route_whose_answers_can_hold_pictures_has_a_row():
    with_words_alone = {"/v1/completions", "/v1/embeddings"}

    assert set(WHOLE) == set(STREAMED) == set(ROUTES) - with_words_alone
