"""A graph with weights and activations in 8 bits.

Weights have one scale for each output, embeddings one for each token of the vocabulary. Activations
have one scale for each *row*, that is for each token of each text: the row is divided by its
greatest value, rounded, multiplied, and scaled back. What leads back from a wide layer comes out of
GELU or ReLU, nearly all of it positive, so those rows are measured from their least value. A
token's numbers never depend on what else is in its text or batch, and one outlier costs only its
own row. (onnxruntime's own dynamic quantisation takes one scale for all rows together; on the
shipped encoder that costs twice the error at the same speed.)

The pattern of DequantizeLinear nodes around a MatMul is one that onnxruntime runs in integers:
https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
"""

from collections.abc import Collection

import numpy as np
from onnx import ModelProto, NodeProto

from guardrails.compiling import graph
from guardrails.compiling.graph import Patch, Product, Table, node
from guardrails.models.session import Floats, Tensor

_MOST = 127


def rounded(model: ModelProto, keep: Collection[str] = ()) -> ModelProto:
    """Write the products with weights in 8 bits, but for those whose outputs ``keep`` names."""
    patch = Patch()
    patch.constant("int8.step", np.float32(1 / _MOST))
    patch.constant("int8.zero", np.uint8(128))
    patch.constant("int8.small_step", np.float32(1 / 255))
    patch.constant("int8.first", np.uint8(0))
    patch.constant("int8.least", np.float32(1e-12))
    patch.constant("int8.last_axis", np.array([-1], np.int64))
    seen: set[str] = set()
    for product in graph.products(model):
        if product.output not in keep:
            rows = _rows(product)
            new = [] if rows in seen else _rounded_rows(product)
            seen.add(rows)
            patch.nodes[product.output] = [*new, *_multiplied(product, patch)]
    for table in graph.tables(model):
        patch.nodes[table.output] = _picked(table, patch)
    return graph.patched(model, patch)


def _rows(product: Product) -> str:
    """Name the rounded rows that a product takes; query, key and value share theirs."""
    return f"{product.activations}.{'leaning' if product.narrows else 'balanced'}"


def _rounded_rows(product: Product) -> list[NodeProto]:
    make = _leaning if product.narrows else _balanced
    return make(product.activations, _rows(product))


def _balanced(values: str, name: str) -> list[NodeProto]:
    """Divide each row by its greatest value, either side of zero, and round it."""
    return [
        node("Abs", [values], f"{name}.size"),
        node("ReduceMax", [f"{name}.size", "int8.last_axis"], f"{name}.most", keepdims=1),
        node("Max", [f"{name}.most", "int8.least"], f"{name}.scale"),
        node("Div", [values, f"{name}.scale"], f"{name}.even"),
        *_near(name, "int8.step", "int8.zero"),
    ]


def _leaning(values: str, name: str) -> list[NodeProto]:
    """Measure each row from its least value to its greatest, and round it.

    For what comes out of GELU or ReLU, which is nearly all on one side of zero.
    """
    return [
        node("ReduceMin", [values, "int8.last_axis"], f"{name}.bottom", keepdims=1),
        node("ReduceMax", [values, "int8.last_axis"], f"{name}.most", keepdims=1),
        node("Sub", [f"{name}.most", f"{name}.bottom"], f"{name}.span"),
        node("Max", [f"{name}.span", "int8.least"], f"{name}.scale"),
        node("Sub", [values, f"{name}.bottom"], f"{name}.lifted"),
        node("Div", [f"{name}.lifted", f"{name}.scale"], f"{name}.even"),
        *_near(name, "int8.small_step", "int8.first"),
    ]


def _near(name: str, step: str, zero: str) -> list[NodeProto]:
    return [
        node("QuantizeLinear", [f"{name}.even", step, zero], f"{name}.int8"),
        node("DequantizeLinear", [f"{name}.int8", step, zero], f"{name}.near"),
    ]


def _multiplied(product: Product, patch: Patch) -> list[NodeProto]:
    """Multiply rounded rows by rounded weights, and scale the rows back."""
    name, rows = product.output, _rows(product)
    weights, scales = _rounded(product.weights, axis=0)
    constants = [
        patch.constant(f"{name}.weights", weights),
        patch.constant(f"{name}.scales", scales[0]),
        patch.constant(f"{name}.zeros", np.zeros(scales.size, np.int8)),
    ]
    scaled = f"{name}.scaled" if product.narrows else name
    nodes = [
        node("DequantizeLinear", constants, f"{name}.near_weights", axis=1),
        node("MatMul", [f"{rows}.near", f"{name}.near_weights"], f"{name}.even"),
        node("Mul", [f"{name}.even", f"{rows}.scale"], scaled),
    ]
    if product.narrows:
        lift = patch.constant(f"{name}.lift", (weights.astype(np.float32) * scales).sum(axis=0))
        nodes.append(node("Mul", [f"{rows}.bottom", lift], f"{name}.lowered"))
        nodes.append(node("Add", [scaled, f"{name}.lowered"], name))
    return nodes


def _picked(table: Table, patch: Patch) -> list[NodeProto]:
    """Pick rounded embeddings, and scale them."""
    name = table.output
    weights, scales = _rounded(table.weights, axis=1)
    patch.constant(f"{name}.weights", weights)
    patch.constant(f"{name}.scales", scales)
    return [
        node("Gather", [f"{name}.weights", table.picked], f"{name}.int8"),
        node("Gather", [f"{name}.scales", table.picked], f"{name}.scale"),
        node("Cast", [f"{name}.int8"], f"{name}.even", to=graph.FLOAT),
        node("Mul", [f"{name}.even", f"{name}.scale"], name),
    ]


def _rounded(weights: Floats, *, axis: int) -> tuple[Tensor, Floats]:
    """Round weights to whole numbers, with one scale along the axis."""
    most = np.abs(weights).max(axis=axis, keepdims=True)
    scales = np.where(most > 0, most / _MOST, 1).astype(np.float32)
    return np.rint(weights / scales).astype(np.int8), scales
