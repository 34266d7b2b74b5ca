"""Nets of a few lines, in the shape of TrustMark's: a word becomes stripes, stripes a word.

Written out as protobuf by hand, since nothing that runs here makes ONNX files.
"""

import numpy as np

SIDE = 256
_EDGE = 25
"""Of the square that a bit has; there are ten by ten."""
_FLOAT, _INT64 = 1, 7


def encoder():
    """Adds light and dark stripes to a picture, the other way round for a 0."""
    nodes = [
        _node("Mul", ["word", "two"], "double"),
        _node("Sub", ["double", "one"], "signs"),
        _node("Reshape", ["signs", "grid"], "squares"),
        _node(
            "ConvTranspose", ["squares", "stripes"], "all", strides=[25, 25], output_padding=[6] * 2
        ),
        _node("Add", ["cover", "all"], "image"),
    ]
    numbers = [
        _tensor("two", np.array(2, np.float32)),
        _tensor("one", np.array(1, np.float32)),
        _tensor("grid", np.array([1, 1, 10, 10])),
        _tensor("stripes", 0.12 * _stripes()),
    ]
    inputs = [_value("cover", 1, 3, SIDE, SIDE), _value("word", 1, 100)]
    return _model(nodes, numbers, inputs, _value("image", 1, 3, SIDE, SIDE))


def decoder(side=SIDE):
    """Says for each square how much its stripes are those of a 1."""
    nodes = [
        _node("Conv", ["picture", "stripes"], "fits", strides=[25 * side // SIDE] * 2),
        _node("Reshape", ["fits", "row"], "output"),
    ]
    numbers = [_tensor("stripes", _stripes()), _tensor("row", np.array([1, 100]))]
    return _model(nodes, numbers, [_value("picture", 1, 3, side, side)], _value("output", 1, 100))


def _stripes():
    stripe = np.where(np.arange(_EDGE) % 8 < 4, 1, -1).astype(np.float32)
    stripe[-1] = 0
    return np.broadcast_to(stripe, (1, 3, _EDGE, _EDGE)).astype(np.float32)


def _model(nodes, numbers, inputs, output):
    graph = b"".join(_field(1, node) for node in nodes) + _field(2, b"tiny")
    graph += b"".join(_field(5, each) for each in numbers)
    graph += b"".join(_field(11, each) for each in inputs) + _field(12, output)
    return _field(1, 8) + _field(8, _field(1, b"") + _field(2, 13)) + _field(7, graph)


def _node(kind, inputs, output, **attributes):
    node = b"".join(_field(1, name.encode()) for name in inputs) + _field(2, output.encode())
    node += _field(4, kind.encode())
    for name, numbers in attributes.items():
        ints = b"".join(_field(8, number) for number in numbers)
        node += _field(5, _field(1, name.encode()) + ints + _field(20, _INT64))
    return node


def _tensor(name, numbers):
    kind = _FLOAT if numbers.dtype == np.float32 else _INT64
    sizes = b"".join(_field(1, size) for size in numbers.shape)
    return sizes + _field(2, kind) + _field(8, name.encode()) + _field(9, numbers.tobytes())


def _value(name, *shape):
    sizes = b"".join(_field(1, _field(1, size)) for size in shape)
    tensor = _field(1, _FLOAT) + _field(2, sizes)
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _field(number, value):
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(number):
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])
