"""The gate: what is broken does not pass, and leaves nothing behind."""

import dataclasses
import json
import re
from functools import partial

import numpy as np
import onnx
import pytest
import torch
from safetensors.torch import load_file, save_file

from guardrails.compiling import compiler as compiling
from guardrails.compiling import corpus, exporting, fp16, graph, parity
from guardrails.compiling.compiler import Compiler
from guardrails.compiling.expected import ask
from guardrails.compiling.exporting import Exporter, export
from guardrails.compiling.folder import Order, shape, write
from guardrails.compiling.opening import open_source
from guardrails.compiling.parity import Pair, ParityError, prove
from guardrails.compiling.precision import TOLERANCES, Precision, Tolerance
from guardrails.models.manifest import Activation, Calibration, Licence

LICENCE = Licence(spdx="CC0-1.0", attribution="nobody")
FINE = TOLERANCES[Precision.FP32]


@pytest.fixture
def order(tmp_path):
    return Order(tmp_path / "made", LICENCE)


@pytest.fixture
def gate(order):
    """Write a graph of a source beside a manifest that may say something else, and prove it."""

    def run(source, weights=None, *, said=None, rehearsal=None, tolerance=FINE, order=order):
        weights = weights or export(source, Exporter.TORCHSCRIPT)
        write(order.to, source, order, weights)
        judge = said or source
        expected = ask(judge, shape(judge, order), corpus.texts())
        return prove(order.to, rehearsal or weights, expected, tolerance)

    return run


def altered(weights, name, change):
    """Change one constant of a graph."""
    model = graph.load(weights)
    [tensor] = [each for each in model.graph.initializer if name in each.name]
    tensor.CopyFrom(
        onnx.numpy_helper.from_array(change(onnx.numpy_helper.to_array(tensor)), tensor.name)
    )
    return model.SerializeToString()


def shifted(weights, *, by):
    """Move the first of some weights."""
    weights = weights.copy()
    weights[0] += by
    return weights


def test_a_true_export_passes_with_its_figures(checkpoints, gate):
    proved = gate(open_source(checkpoints()))

    assert proved.texts == len(corpus.texts())
    assert 0 < proved.difference < FINE.difference


@pytest.mark.parametrize("budget", [512, 1])
def test_labels_in_another_order_are_caught(budget, checkpoints, gate, order):
    source = open_source(checkpoints())
    swapped = dataclasses.replace(source, labels=("rude", "calm", "cruel"))
    precision = Precision.FP32 if budget > 1 else Precision.INT8

    with pytest.raises(
        ParityError, match=r"model 'made' judges \d+ texts otherwise .*'(calm|rude)'"
    ):
        gate(swapped, said=source, order=dataclasses.replace(order, precision=precision))


def test_labels_by_other_names_are_caught(checkpoints, gate):
    source = open_source(checkpoints())
    renamed = dataclasses.replace(source, labels=("calm", "rude", "nasty"))

    with pytest.raises(ParityError, match="labels are calm, cruel, rude, the manifest's are calm"):
        gate(renamed, said=source)


@pytest.mark.parametrize("activation", [Activation.SIGMOID, Activation.NONE])
def test_another_activation_is_caught(activation, checkpoints, gate):
    source = open_source(checkpoints())

    with pytest.raises(ParityError):
        gate(dataclasses.replace(source, activation=activation), said=source)


def test_another_tokenizer_is_caught(checkpoints, gate):
    source = open_source(checkpoints())
    table = json.loads(source.tokenizer)
    table["normalizer"]["lowercase"] = False
    spoiled = dataclasses.replace(source, tokenizer=json.dumps(table).encode())

    with pytest.raises(ParityError, match="is cut into other tokens"):
        gate(spoiled, said=source)


def test_one_changed_weight_is_caught(checkpoints, gate):
    source = open_source(checkpoints())

    weights = altered(
        export(source, Exporter.TORCHSCRIPT), "classifier.bias", partial(shifted, by=1)
    )
    with pytest.raises(ParityError):
        gate(source, weights)


def test_padding_that_leaks_is_caught(checkpoints, gate):
    class Deaf(torch.nn.Module):
        """Reads padding as if it were text."""

        def __init__(self, net):
            super().__init__()
            self.net = net

        def forward(self, input_ids, attention_mask):
            return self.net(input_ids, attention_mask * 0 + 1)

    source = open_source(checkpoints())
    leaking = dataclasses.replace(source, net=Deaf(source.net).eval())
    with pytest.raises(ParityError):
        gate(leaking)


def test_a_graph_that_is_fixed_to_one_shape_is_caught(checkpoints, gate, monkeypatch):
    source = open_source(checkpoints())
    monkeypatch.setattr(exporting, "_AXES", {})

    with pytest.raises(ParityError, match=r"does not run on 1 rows of up to \d+ tokens"):
        gate(source)


def test_what_overflows_in_16_bits_is_caught_on_a_cpu_that_hides_it(checkpoints, gate, order):
    """Numbers inside grow beyond what 16 bits hold; in 32 they do no harm."""
    source = open_source(stretched(checkpoints("DebertaV2"), order.to.parent / "stretched"))
    model = graph.load(export(source, Exporter.TORCHSCRIPT))
    order = dataclasses.replace(order, precision=Precision.FP16)
    broken = fp16.halved(model).SerializeToString()
    rehearsal = fp16.halved(model, pinned=True).SerializeToString()

    hidden = gate(source, broken, tolerance=TOLERANCES[Precision.FP16], order=order)
    assert hidden.difference < TOLERANCES[Precision.FP16].difference
    with pytest.raises(ParityError, match="inf"):
        gate(
            source,
            broken,
            rehearsal=rehearsal,
            tolerance=TOLERANCES[Precision.FP16],
            order=order,
        )


def stretched(checkpoint, to):
    """Scale what goes into a norm, which scales it back: the same model, with greater numbers."""
    to.mkdir()
    for name in ("config.json", "tokenizer.json"):
        (to / name).write_bytes((checkpoint / name).read_bytes())
    weights = load_file(checkpoint / "model.safetensors")
    for name in weights:
        if re.search(r"layer\.0\.output\.dense\.(weight|bias)", name):
            weights[name] = weights[name] * 30_000
    save_file(weights, to / "model.safetensors", metadata={"format": "pt"})
    return to


def test_a_product_near_the_end_of_16_bits_stays_in_32(checkpoints, tmp_path):
    source = open_source(stretched(checkpoints("DebertaV2"), tmp_path / "stretched"))
    model = graph.load(export(source, Exporter.TORCHSCRIPT))
    rows = [
        row
        for each in ask(source, shape(source, Order(tmp_path, LICENCE)), corpus.texts()[:9])
        for row in each.rows
    ]

    [kept] = fp16.strained(model, rows)
    assert "layer.0/output" in kept
    Compiler(source, Order(tmp_path / "made", LICENCE, Precision.FP16)).run()


def test_a_model_that_fails_is_not_written(checkpoints, order, monkeypatch):
    monkeypatch.setattr(compiling, "export", broken_export)

    with pytest.raises(ParityError):
        Compiler(open_source(checkpoints()), order).run()
    assert list(order.to.parent.iterdir()) == []


def test_a_model_that_fails_leaves_the_one_before(checkpoints, order, monkeypatch):
    source = open_source(checkpoints())
    before = Compiler(source, order).run()
    monkeypatch.setattr(compiling, "export", broken_export)

    with pytest.raises(ParityError):
        Compiler(source, order).run()
    assert [each.name for each in order.to.parent.iterdir()] == ["made"]
    assert (order.to / "model.onnx").is_file()
    assert before.digest == compiling.read(order.to).digest


def broken_export(source, exporter):
    return altered(export(source, exporter), "classifier.bias", partial(shifted, by=1))


def test_when_one_exporter_is_wrong_the_other_has_its_turn(checkpoints, order, monkeypatch):
    def half_broken(source, exporter):
        give = broken_export if exporter is Exporter.TORCHSCRIPT else export
        return give(source, exporter)

    monkeypatch.setattr(compiling, "export", half_broken)

    assert Compiler(open_source(checkpoints()), order).run().compiled.exporter == "dynamo"


def test_when_neither_exporter_can_it_is_said(checkpoints, order, monkeypatch):
    def refuse(*_):
        raise TypeError

    monkeypatch.setattr(compiling, "export", refuse)

    with pytest.raises(compiling.ModelError, match="no exporter of torch can export 'BertFor"):
        Compiler(open_source(checkpoints()), order).run()


@pytest.mark.parametrize(
    ("source", "compiled", "agrees"),
    [
        (0.70, 0.71, True),
        (0.70, 0.90, False),  # too far
        (0.79, 0.81, True),  # across the threshold, where the source was in doubt
        (0.76, 0.84, False),  # across it, where it was not
        (0.46, 0.54, True),  # across one half, which is no threshold of this label
        (0.70, float("nan"), False),
        (0.70, float("inf"), False),
    ],
)
def test_a_verdict_may_flip_only_where_the_source_is_in_doubt(source, compiled, agrees):
    pair = Pair(1, "rude", np.array([source]), np.array([compiled]))

    assert parity._agrees(pair, {"rude": (0.8,)}, Tolerance(0.1, 0.03)) is agrees


def test_without_calibration_the_threshold_is_one_half():
    pair = Pair(1, "rude", np.array([0.46]), np.array([0.54]))

    assert not parity._agrees(pair, {}, Tolerance(0.1, 0.03))


def test_another_number_of_windows_is_no_agreement():
    pair = Pair(1, "rude", np.array([0.5, 0.5]), np.array([0.5]))

    assert pair.difference == float("inf")


def test_calibrated_thresholds_come_from_the_manifest(checkpoints, gate):
    source = open_source(checkpoints())
    scores = [said.scores["calm"] for each in ask_all(source) for said in each.said]
    table = Calibration(fpr=((0.01, float(np.median(scores)) - 0.002),), examples=100)
    weights = altered(
        export(source, Exporter.TORCHSCRIPT), "classifier.bias", partial(shifted, by=-0.05)
    )

    gate(source, weights, tolerance=Tolerance(0.5, 0.05))
    calibrated = dataclasses.replace(source, calibration={"calm": table})
    with pytest.raises(ParityError, match=r"'calm': 0\.0"):
        gate(calibrated, weights, tolerance=Tolerance(0.5, 0.001))


def ask_all(source):
    return ask(source, shape(source, Order(compiling.Path("x"), LICENCE)), corpus.texts())


def test_a_failure_names_numbers_and_no_texts(checkpoints, gate):
    source = open_source(checkpoints())
    with pytest.raises(ParityError) as error:
        gate(dataclasses.replace(source, activation=Activation.NONE), said=source)

    message = str(error.value)
    assert re.search(r"text \d+, '\w+': (\d+\.\d{4}|inf)", message)
    assert not any(text in message for text in corpus.texts() if len(text) > 3)
