"""A graph with weights, and their products with activations, in 16 bits.

All else stays in 32: norms, masks, the attention's own products, and each product whose numbers
come near the end of what 16 bits can hold (65,504). DeBERTa is the known case:
https://github.com/microsoft/onnxruntime/issues/19288

On a CPU, onnxruntime computes such products in 32 bits and drops the rounding between, so a graph
that overflows on a GPU looks right there. ``pinned`` writes a graph that it must round.
"""

from collections.abc import Collection, Sequence

import numpy as np
from onnx import ModelProto, NodeProto

from guardrails.compiling import graph
from guardrails.compiling.graph import HALF, Patch, Product, Table, node
from guardrails.models.net import run_rows
from guardrails.models.session import Hardware, OnnxSession, Tensor

_SAFE = 65_504 / 8
"""The greatest number that may be seen: other texts than the corpus may give greater ones."""


def halved(model: ModelProto, keep: Collection[str] = (), *, pinned: bool = False) -> ModelProto:
    """Write the products with weights in 16 bits, but for those whose outputs ``keep`` names."""
    patch = Patch()
    for product in graph.products(model):
        if product.output not in keep:
            patch.nodes[product.output] = _multiplied(product, patch, pinned=pinned)
    for table in graph.tables(model):
        patch.nodes[table.output] = _picked(table, patch)
    return graph.patched(model, patch)


def strained(model: ModelProto, rows: Sequence[Sequence[int]]) -> frozenset[str]:
    """Find the products whose numbers come too near the end: in the weights, or on these rows."""
    products = list(graph.products(model))
    names = {each.activations for each in products} | {each.output for each in products}
    shown = OnnxSession("fp32", graph.revealing(model, sorted(names)), Hardware())
    greatest = dict.fromkeys(names, 0.0)
    for row in rows:
        values = run_rows(shown, [np.array(row, np.int32)])
        for name in names:
            greatest[name] = max(greatest[name], float(np.abs(values[name]).max()))
    return frozenset(
        each.output
        for each in products
        if max(greatest[each.activations], greatest[each.output], np.abs(each.weights).max())
        > _SAFE
    )


def _multiplied(product: Product, patch: Patch, *, pinned: bool) -> list[NodeProto]:
    name = product.output
    weights = patch.constant(f"{name}.weights", _half(product.weights))
    rows, result = f"{name}.rows", f"{name}.half"
    nodes = [node("Cast", [product.activations], rows, to=HALF)]
    if pinned:
        rows = _pin(rows, nodes)
    nodes.append(node("MatMul", [rows, weights], result))
    if pinned:
        result = _pin(result, nodes)
    return [*nodes, node("Cast", [result], name, to=graph.FLOAT)]


def _pin(name: str, nodes: list[NodeProto]) -> str:
    """Put the value through a node that only moves it, which no optimiser takes for nothing."""
    nodes.append(node("Concat", [name], f"{name}.pinned", axis=0))
    return f"{name}.pinned"


def _picked(table: Table, patch: Patch) -> list[NodeProto]:
    name = table.output
    weights = patch.constant(f"{name}.weights", _half(table.weights))
    return [
        node("Gather", [weights, table.picked], f"{name}.half"),
        node("Cast", [f"{name}.half"], name, to=graph.FLOAT),
    ]


def _half(weights: Tensor) -> Tensor:
    with np.errstate(over="ignore"):  # infinite is what it is; the gate will see it
        return weights.astype(np.float16)
