"""Graphs in 8 and 16 bits."""

from itertools import pairwise

import numpy as np
import pytest
from onnx import numpy_helper

from guardrails.compiling import corpus, fp16, graph, int8
from guardrails.compiling.expected import ask
from guardrails.compiling.exporting import Exporter, export
from guardrails.compiling.folder import Order, shape
from guardrails.compiling.opening import open_source
from guardrails.compiling.sensitivity import spared
from guardrails.models.manifest import Licence
from guardrails.models.net import run_rows
from guardrails.models.session import Hardware, OnnxSession


@pytest.fixture(scope="module")
def model(checkpoints):
    return graph.load(export(open_source(checkpoints()), Exporter.TORCHSCRIPT))


@pytest.fixture(scope="module")
def rows(checkpoints, tmp_path_factory):
    source = open_source(checkpoints())
    order = Order(tmp_path_factory.mktemp("x"), Licence(spdx="CC0-1.0", attribution="nobody"))
    expected = ask(source, shape(source, order), corpus.texts())
    return [np.array(row, np.int32) for each in expected for row in each.rows]


def session(model):
    return OnnxSession("test", model.SerializeToString(), Hardware())


def logits(net, rows):
    return run_rows(net, rows)["logits"]


def test_the_encoder_has_a_product_for_each_linear_layer(model):
    # query, key, value, output, and two of the feed-forward part, in each of two layers
    assert [each.weights.shape for each in graph.products(model)] == [
        *[(64, 64)] * 4,
        (64, 128),
        (128, 64),
    ] * 2


def test_the_head_keeps_its_weights(model):
    small = int8.rounded(model)
    [head] = [each for each in small.graph.initializer if each.name.endswith("classifier.weight")]

    assert head.data_type == graph.FLOAT


def test_eight_bits_are_a_quarter_and_sixteen_a_half(model):
    whole = model.ByteSize()

    assert int8.rounded(model).ByteSize() < 0.5 * whole  # small as it is, shape counts too
    assert fp16.halved(model).ByteSize() < 0.7 * whole


def test_a_text_does_not_depend_on_its_neighbours(model, rows):
    """One scale for each row of activations, not one for the batch, as the runtime would take."""
    net = session(int8.rounded(model))
    alone = np.concatenate([logits(net, [row]) for row in rows[:40]])

    together = logits(net, rows[:40])
    assert np.abs(alone - together).max() < 0.02


def test_one_outlier_costs_only_its_own_row(model, rows):
    small, whole = session(int8.rounded(model)), session(model)

    errors = [np.abs(logits(small, [row]) - logits(whole, [row])).max() for row in rows]
    assert np.median(errors) < 0.1


def test_what_is_kept_is_as_it_was(model, rows):
    everything = [each.output for each in graph.products(model)]
    embeddings_only = session(int8.rounded(model, everything))

    assert "QuantizeLinear" not in {
        each.op_type for each in int8.rounded(model, everything).graph.node
    }
    assert np.abs(logits(embeddings_only, rows) - logits(session(model), rows)).max() < 0.1


def test_the_product_that_suffers_most_is_spared_first(model, rows):
    """A single huge weight takes the scale of its column from all the others."""
    spoiled = graph.load(graph.written(model))
    victim = list(graph.products(spoiled))[2]
    for tensor in spoiled.graph.initializer:
        weights = numpy_helper.to_array(tensor)
        if weights.shape == victim.weights.shape and np.array_equal(weights, victim.weights):
            worse = weights.copy()
            worse[0] *= 300
            tensor.CopyFrom(numpy_helper.from_array(worse, tensor.name))

    steps = list(spared(spoiled, [row.tolist() for row in rows[:12]]))
    assert steps[0] == {victim.output}
    assert all(less <= more for less, more in pairwise(steps))
    assert len(steps[-1]) < len(list(graph.products(model)))


def test_rows_of_zeros_stay_zeros():
    scales_of = int8._rounded(np.zeros((4, 3), np.float32), axis=0)

    assert np.all(scales_of[0] == 0)
    assert np.all(np.isfinite(scales_of[1]))


def test_weights_are_off_by_half_a_step_at_most():
    weights = np.random.default_rng(0).normal(size=(64, 48)).astype(np.float32)

    whole, scales = int8._rounded(weights, axis=0)
    assert whole.dtype == np.int8
    assert np.all(np.abs(whole * scales - weights) <= scales / 2 + 1e-6)
