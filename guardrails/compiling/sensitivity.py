"""Which products of a net suffer most from 8 bits, for what it costs to spare them."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from onnx import ModelProto

from guardrails.compiling import graph, int8
from guardrails.compiling.graph import Product
from guardrails.models.net import first, run_rows
from guardrails.models.session import Floats, Hardware, OnnxSession

_SHARES = (1 / 12, 1 / 6, 1 / 3, 1 / 2, 2 / 3)
"""Of the weights in products: so much may stay in 32 bits, until the gate is content."""


def spared(model: ModelProto, rows: Sequence[Sequence[int]]) -> Iterator[Collection[str]]:
    """Give the outputs of more and more products, the most sensitive first.

    Each is rounded by itself, and judged by how far that moves the logits on these rows, against
    its number of weights.
    """
    products = list(graph.products(model))
    names = {each.output for each in products}
    exact = _logits(graph.written(model), rows)
    ranks = [_error(model, each, names, exact, rows) / each.weights.size for each in products]
    order = [products[place] for place in np.argsort(ranks)[::-1]]
    sizes = np.cumsum([each.weights.size for each in order])
    for share in _SHARES:
        count = int((sizes <= share * sizes[-1]).sum())
        yield {each.output for each in order[: max(count, 1)]}


def _error(
    model: ModelProto,
    product: Product,
    names: set[str],
    exact: Floats,
    rows: Sequence[Sequence[int]],
) -> float:
    alone = int8.rounded(model, names - {product.output})
    return float(np.abs(_logits(graph.written(alone), rows) - exact).mean())


def _logits(weights: bytes, rows: Sequence[Sequence[int]]) -> Floats:
    net = OnnxSession("rounded", weights, Hardware())
    found = [first(run_rows(net, [np.array(row, np.int32)]).values()) for row in rows]
    return np.concatenate([logits.reshape(-1) for logits in found])
