"""The RPCs: each reads, asks the evaluator, and writes."""

from collections.abc import AsyncIterator, Mapping

import grpc

from guardrails.core.errors import ModelError
from guardrails.engine.engine import Engine
from guardrails.policy.plan import Plan
from guardrails.server.admission import Admission, Work
from guardrails.server.streaming import Conversation, Messages
from guardrails.wire import convert
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire.guardrails_pb2_grpc import GuardrailsServicer


class Service(GuardrailsServicer):
    """Answers for an engine once there is one; until then it is not warm."""

    def __init__(self, admission: Admission, idle_seconds: float) -> None:
        self._admission = admission
        self._idle_seconds = idle_seconds
        self._engine: Engine | None = None

    def serve(self, engine: Engine) -> None:
        """Answer from now on."""
        self._engine = engine

    async def Evaluate(  # noqa: N802  # the name in the proto
        self, request: pb.EvaluateRequest, _: grpc.aio.ServicerContext
    ) -> pb.EvaluateResponse:
        """Judge content."""
        engine = self._warm()
        content = convert.content(request)
        async with self._admission.entered(Work.of(content)):
            return convert.response(await engine.evaluate(content, policy=request.policy))

    async def EvaluateStream(  # noqa: N802  # the name in the proto
        self,
        requests: AsyncIterator[pb.EvaluateStreamRequest],
        context: grpc.aio.ServicerContext,
    ) -> None:
        """Judge an answer as it is spoken."""
        messages = Messages(requests, self._idle_seconds)
        await Conversation(self._warm(), self._admission, messages, context.write).hold()

    async def ListPolicies(  # noqa: N802  # the name in the proto
        self, _request: pb.ListPoliciesRequest, _: grpc.aio.ServicerContext
    ) -> pb.ListPoliciesResponse:
        """List what is loaded."""
        return listing(self._warm().plans)

    def _warm(self) -> Engine:
        if self._engine is None:
            raise ModelError("policies and models are still being loaded, try again shortly")
        return self._engine


def listing(plans: Mapping[str, Plan]) -> pb.ListPoliciesResponse:
    """Describe plans, sorted by name."""
    return pb.ListPoliciesResponse(
        policies=[
            pb.Policy(
                name=plan.name,
                hash=plan.hash,
                mode=plan.mode.value,
                rules=[
                    f"{stage.value}/{step.rule}"
                    for stage, chain in plan.chains.items()
                    for step in chain.steps
                ],
                models=plan.models,
            )
            for _, plan in sorted(plans.items())
        ]
    )
