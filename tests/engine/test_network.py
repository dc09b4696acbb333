"""What `seq2seq.engine.network` changes in a graph before it is run changes no number."""

import numpy as np
import onnxruntime
import pytest

from seq2seq.engine import network as rooms
from seq2seq.engine.graphs import write_graphs
from seq2seq.engine.network import OnnxNetwork
from seq2seq.engine.products import Float32, Int8
from seq2seq.engine.shapes import source_rows
from seq2seq.runs.checkpoint import weights_of
from seq2seq.settings.config import Model


@pytest.fixture(scope="module", params=[Float32, Int8])
def graphs(request, network):
    sizes = {"embedding": 8, "encoder_units": 8, "decoder_units": 8}
    return write_graphs(weights_of(network(attention=True)), Model(**sizes, attention=True), request.param())


def stepped(network, sources):
    state = network.start(network.encode(source_rows(sources)))
    log_probs, state = network.step(np.full((len(sources), 1), 7, np.int32), state)
    return log_probs, *state.layers


def test_tables_instead_of_products_change_no_number(graphs, sources, monkeypatch):
    with_tables = OnnxNetwork(graphs)
    monkeypatch.setattr(rooms, "_TABLES", 0)
    without = OnnxNetwork(graphs)
    assert with_tables._tables
    assert not without._tables
    for ours, theirs in zip(stepped(with_tables, sources), stepped(without, sources), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_log_probabilities_are_normalised(graphs, sources):
    log_probs, *_ = stepped(OnnxNetwork(graphs), sources)
    np.testing.assert_allclose(np.exp(log_probs).sum(axis=-1), 1, rtol=1e-5)


def test_step_with_a_short_list_is_the_step_of_all_pieces_renormalised(graphs, sources):
    network = OnnxNetwork(graphs)
    pieces = np.array([0, 1, 2, 3, 8, 21, 39])
    penalties = np.zeros((len(sources), len(pieces)), np.float32)
    penalties[0, -1] = -1e9
    state = network.start(network.encode(source_rows(sources)))
    token = np.full((len(sources), 1), 7, np.int32)
    full, after = network.step(token, state)
    short, own = network.short_step(pieces, penalties, state)
    log_probs, own = short(token, own)
    wanted = full[:, :, pieces] + penalties[:, None]
    wanted -= np.log(np.exp(wanted).sum(axis=-1, keepdims=True))
    np.testing.assert_allclose(np.exp(log_probs), np.exp(wanted), atol=1e-6)
    np.testing.assert_array_equal(own.layers[0], after.layers[0])


def test_state_keeps_the_hypotheses_that_are_chosen(graphs, sources):
    network = OnnxNetwork(graphs)
    state = network.start(network.encode(source_rows(sources)))
    kept = state.rows(np.array([1, 4]), np.array([[0, 0, 0], [0, 0, 0]]))
    assert kept.layers[0].shape[:2] == (2, 3)
    np.testing.assert_array_equal(kept.layers[0][1, 2], state.layers[0][4, 0])
    np.testing.assert_array_equal(kept.fixed[0], state.fixed[0][[1, 4]])


def test_network_runs_in_the_thread_that_calls_it(graphs):
    options = OnnxNetwork(graphs)._step.get_session_options()
    assert isinstance(options, onnxruntime.SessionOptions)
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
