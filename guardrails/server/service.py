"""The RPCs: each reads, asks the evaluator, and writes."""

from collections.abc import AsyncIterator, Mapping

import grpc

from guardrails.policy.plan import Plan
from guardrails.server.access.identity import admitted, asking
from guardrails.server.admitted import evaluated
from guardrails.server.backend import Backend
from guardrails.server.streaming import Conversation, Messages
from guardrails.wire import convert
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire.guardrails_pb2_grpc import GuardrailsServicer


class Service(GuardrailsServicer):
    """Answers for the engine of a backend once it is warm."""

    def __init__(self, backend: Backend, idle_seconds: float) -> None:
        self._backend = backend
        self._idle_seconds = idle_seconds

    async def Evaluate(  # noqa: N802  # the name in the proto
        self, request: pb.EvaluateRequest, context: grpc.aio.ServicerContext
    ) -> pb.EvaluateResponse:
        """Judge content."""
        engine = self._backend.engine
        content = admitted(convert.content(request), request.policy)
        verdict = await evaluated(
            engine,
            self._backend.admission,
            content,
            policy=request.policy,
            within=context.time_remaining(),
        )
        return convert.response(verdict)

    async def EvaluateStream(  # noqa: N802  # the name in the proto
        self,
        requests: AsyncIterator[pb.EvaluateStreamRequest],
        context: grpc.aio.ServicerContext,
    ) -> None:
        """Judge an answer as it is spoken."""
        messages = Messages(requests, self._idle_seconds)
        engine, admission = self._backend.engine, self._backend.admission
        within = context.time_remaining
        await Conversation(engine, admission, messages, context.write, within).hold()

    async def ListPolicies(  # noqa: N802  # the name in the proto
        self, _request: pb.ListPoliciesRequest, _: grpc.aio.ServicerContext
    ) -> pb.ListPoliciesResponse:
        """List what is loaded."""
        plans = self._backend.engine.plans
        return listing({name: plans[name] for name in plans if asking().may_use(name)})


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
