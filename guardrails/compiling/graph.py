"""ONNX graphs: their products with weights, and parts of them replaced by others."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from guardrails.models.session import Floats, Tensor

OPSET = 18
"""What graphs are exported in, and what the nodes written here mean."""
HALF = TensorProto.FLOAT16
FLOAT = TensorProto.FLOAT
_NORM = "LayerNormalization"


@dataclass(frozen=True, slots=True)
class Product:
    """A matrix product of activations with weights, inputs x outputs."""

    activations: str
    weights: Floats
    output: str

    @property
    def narrows(self) -> bool:
        """Whether it leads from a wide layer back to a narrow one."""
        inputs, outputs = self.weights.shape
        return bool(inputs > outputs)


@dataclass(frozen=True, slots=True)
class Table:
    """An embedding for each token: the rows of ``weights`` that the input picks."""

    picked: str
    weights: Floats
    output: str


@dataclass(slots=True)
class Patch:
    """Nodes to stand in for the one that gives an output, and the constants that they need."""

    nodes: dict[str, list[NodeProto]] = field(default_factory=dict)
    constants: list[TensorProto] = field(default_factory=list)

    def constant(self, name: str, value: Tensor | np.generic) -> str:
        """Add a constant; give its name."""
        self.constants.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name


def node(kind: str, inputs: Sequence[str], output: str, **attributes: int) -> NodeProto:
    """Make a node with one output."""
    return helper.make_node(kind, list(inputs), [output], **attributes)


def load(content: bytes) -> ModelProto:
    """Read a graph."""
    return onnx.load_from_string(content)


def written(model: ModelProto) -> bytes:
    """Write a graph."""
    return bytes(model.SerializeToString())


def products(model: ModelProto) -> Iterator[Product]:
    """Find the encoder's products with weights, in order.

    What comes after the last layer norm is no encoder any more but a head, and a head is small and
    has the last word: it stays as it is.
    """
    constants = _constants(model)
    norms = [place for place, each in enumerate(model.graph.node) if each.op_type == _NORM]
    for each in model.graph.node[: norms[-1] if norms else None]:
        if each.op_type == "MatMul" and each.input[1] in constants:
            weights = numpy_helper.to_array(constants[each.input[1]])
            if weights.ndim == 2 and weights.dtype == np.float32:  # noqa: PLR2004  # a matrix
                yield Product(each.input[0], weights, each.output[0])


def tables(model: ModelProto) -> Iterator[Table]:
    """Find the embeddings of tokens."""
    constants = _constants(model)
    for each in model.graph.node:
        if each.op_type == "Gather" and each.input[0] in constants:
            weights = numpy_helper.to_array(constants[each.input[0]])
            if each.input[1] == "input_ids" and weights.dtype == np.float32:
                yield Table(each.input[1], weights, each.output[0])


def patched(model: ModelProto, patch: Patch) -> ModelProto:
    """Put a patch in, and leave out what nothing needs any more."""
    nodes = [
        each
        for old in model.graph.node
        for each in patch.nodes.get(old.output[0] if old.output else "", [old])
    ]
    constants = [*model.graph.initializer, *patch.constants]
    needed = {name for each in nodes for name in each.input}
    needed |= {output.name for output in model.graph.output}
    graph = helper.make_graph(
        nodes,
        model.graph.name,
        model.graph.input,
        model.graph.output,
        [each for each in constants if each.name in needed],
    )
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def revealing(model: ModelProto, names: Collection[str]) -> bytes:
    """Write the graph with inner values as outputs, behind its own."""
    shown = ModelProto()
    shown.CopyFrom(model)
    shown.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names)
    return written(shown)


def _constants(model: ModelProto) -> Mapping[str, TensorProto]:
    return {each.name: each for each in model.graph.initializer}
