"""The GPU benchmark of the recipe `speed`: its networks, its arithmetic, its time limit, its profile."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

RECIPE = Path(__file__).parent.parent / "recipes" / "speed"
sys.path.insert(0, str(RECIPE))  # recipes are no package
from gpu_networks import NETWORKS, compiled_model, pytorch_module  # noqa: E402
from kernels import Kernel, busy, kernel_table, kind  # noqa: E402

sys.path.remove(str(RECIPE))

SMALL = {"sutskever": {"layers": 3, "units": 6, "embedding": 5}, "multi30k": {"layers": 2, "units": 6, "embedding": 4}}


def small(name):
    return NETWORKS[name]._replace(pieces=30, **SMALL[name])


def matrices(name):
    """Sizes of the weights with two axes, by their names."""
    model = compiled_model(small(name), "float32")
    return {weight.path: int(np.prod(weight.shape)) for weight in model.trainable_variables if len(weight.shape) == 2}


@pytest.mark.parametrize("name", NETWORKS)
def test_operations_are_six_a_token_for_each_weight_that_every_token_meets(name):
    """A product takes a multiplication and an addition a weight, and its two gradients as many each."""
    once_a_sentence = ("source_embedding", "bridge", "constant_kernel", "summary_readout")
    met = sum(size for path, size in matrices(name).items() if not any(part in path for part in once_a_sentence))
    assert small(name).operations() == 6 * met


@pytest.mark.parametrize("name", NETWORKS)
def test_pytorch_has_the_same_matrices(name):
    pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'seq2seq[speed]'")
    theirs = [weight.numel() for weight in pytorch_module(small(name)).parameters() if weight.dim() == 2]
    assert sum(theirs) == sum(matrices(name).values())


def measured(folder, *arguments):
    sizes = ("--layers", 2, "--units", 8, "--pieces", 50, "--batches", 64, "--seconds", 0.01, "--precisions", "float32")
    line = [sys.executable, str(RECIPE / "gpu.py"), *map(str, (*sizes, "--results", folder / "gpu.json", *arguments))]
    return subprocess.run(line, capture_output=True, text=True, timeout=600, check=False)


def test_gpu_benchmark_runs_in_little_on_a_processor(tmp_path):
    pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'seq2seq[speed]'")
    result = measured(tmp_path, "--networks", "multi30k", "--jobs", 2)
    assert result.returncode == 0, result.stderr[-2000:]
    assert "| multi30k | seq2seq | float32 | 48 |" in result.stdout  # two sentences of 24 pieces
    assert "| multi30k | PyTorch, cuDNN | float32 | 48 |" in result.stdout
    assert "Points were compiled 2 at a time, timed one at a time." in result.stdout
    assert len(json.loads((tmp_path / "gpu.json").read_text(encoding="utf-8"))) == 2


def test_gpu_benchmark_begins_nothing_when_its_time_is_over(tmp_path):
    result = measured(tmp_path, "--minutes", 0)
    assert result.returncode == 1
    assert "0 minutes are over: 4 of 4 points are left out" in result.stdout + result.stderr
    assert "error: no point was measured" in result.stderr


def test_gpu_benchmark_traces_the_kernels_of_points_compiled_side_by_side(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    result = measured(tmp_path, "--contenders", "seq2seq", "--profile", tmp_path, "--jobs", 2)
    assert result.returncode == 0, result.stderr[-2000:]
    assert "Points were compiled 2 at a time, timed one at a time." in result.stdout
    texts = [path.read_text(encoding="utf-8") for path in tmp_path.glob("*/kernels.md")]
    assert len(texts) == len(NETWORKS)
    for text in texts:
        assert "| matrix products |" in text
        assert "busy" in text


def test_gpu_benchmark_reports_a_point_that_falls_over_and_ends(tmp_path):
    result = measured(tmp_path, "--contenders", "seq2seq", "--networks", "multi30k", "--units", -1)
    assert result.returncode == 1
    assert "multi30k, seq2seq, float32, 64 tokens failed: " in result.stdout + result.stderr
    assert "minutes are over" not in result.stdout + result.stderr


def test_profile_is_refused_where_there_is_no_trace(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    assert "set KERAS_BACKEND=jax" in measured(tmp_path, "--profile", tmp_path).stderr


def test_device_is_busy_while_any_kernel_runs():
    """Kernels that overlap count once, gaps not at all: 0 to 5, 7 to 9."""
    launches = [Kernel("gemm", "dot.1", 0, 4), Kernel("fusion", "add", 1, 2), Kernel("fusion", "add", 3, 2)]
    assert busy([*launches, Kernel("copy", "copy.1", 7, 2)]) == 7


@pytest.mark.parametrize(
    ("name", "operation", "expected"),
    [
        ("nvjet_tst_128x64", "custom-call.3", "matrix products"),
        ("MemcpyD2D", "copy.7", "copies"),
        ("input_reduce_fusion", "reduce.2", "reductions"),
        ("loop_multiply_fusion", "multiply_fusion.2", "elementwise"),
    ],
)
def test_kernels_are_told_by_their_names(name, operation, expected):
    assert kind(Kernel(name, operation, 0, 1)) == expected


def test_kernels_of_several_steps_are_given_a_step():
    launches = [Kernel("gemm", "dot", at, 1e6) for at in (0, 2e6, 4e6, 6e6)]
    assert "| matrix products | 2.000 | 2 | 100.0 % |" in kernel_table(launches, steps=2)
