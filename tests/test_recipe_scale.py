"""The recipe `scale`: what it reads from compiled steps, its arithmetic on paper, and both commands in little."""

import json
import math
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from seq2seq.settings.config import load_config

RECIPE = Path(__file__).parent.parent / "recipes" / "scale"
sys.path.insert(0, str(RECIPE))  # recipes are no package
import paper  # noqa: E402
import presentation  # noqa: E402
from bulk_workers import BEGIN, END, table  # noqa: E402
from collectives import collectives, sent  # noqa: E402

RUN = runpy.run_path(str(RECIPE / "run.py"))

sys.path.remove(str(RECIPE))

STEP = """\
HloModule jit_train_step, is_scheduled=true

%add.clone (x: f32[], y: f32[]) -> f32[] {
  ROOT %sum = f32[] add(%x, %y)
}

ENTRY %main.7_spmd (p: f32[4,2]) -> (f32[8,2], f32[]) {
  %all-reduce.1 = (f32[], /*index=1*/f32[8,2]{1,0}) all-reduce(%loss, %g), channel_id=1, to_apply=%add.clone
  %start = (s32[4,2]{1,0}, s32[16,2]{1,0}) all-gather-start(%ids), channel_id=2, dimensions={0}
  %done = s32[16,2]{1,0} all-gather-done(%start)
  %half = (bf16[3]{0}, pred[5]{0}) all-reduce-start(%a, %b), channel_id=3, to_apply=%add.clone
  %use = f32[8,2]{1,0} fusion(%all-reduce.1), kind=kLoop, metadata={op_name="an all-reduce(of this)"}
  ROOT %out = (f32[8,2]{1,0}, f32[]) tuple(%use, %loss)
}
"""


def test_collectives_are_counted_by_kind_with_the_bytes_of_their_results():
    kinds = collectives(STEP)
    assert kinds["all-reduce"] == {"operations": 2, "arrays": 4, "bytes": 4 * (1 + 16) + 3 * 2 + 5}
    assert kinds["all-gather"] == {"operations": 1, "arrays": 1, "bytes": 4 * 32}
    assert set(kinds) == {"all-reduce", "all-gather"}
    assert sent(kinds, 4) == 2 * 3 / 4 * 79 + 3 / 4 * 128
    assert sent(kinds, 1) == 0


def test_collective_in_a_loop_is_refused():
    with pytest.raises(SystemExit, match="may run many times in a step"):
        collectives(STEP.replace("ENTRY ", ""))


def test_line_goes_through_its_points():
    cost = paper.fitted([(100, 3.0), (300, 7.0)])
    assert (cost.token, cost.step) == (pytest.approx(0.02), pytest.approx(1.0))
    assert cost.seconds(200) == pytest.approx(5.0)
    outlier = paper.fitted([(100, 3.0), (300, 7.0), (200, 5.5)])
    assert 0 < outlier.step < 1.5


def test_all_reduce_around_a_ring_is_worked_out_by_hand():
    link = paper.Link("", 2, 1e9)
    hops = 2 * paper.HOP["between"] + 4 * paper.HOP["inside"]  # of four devices in two machines
    assert paper.reducing_seconds(8_000, 4, link) == pytest.approx(2 * 3 / 4 * 8e-6 + hops + paper.LATENCY)
    assert paper.reducing_seconds(8_000, 1, link) == 0


def test_predictions_follow_from_the_published_steps():
    rows = paper.predictions()
    points = paper.gpu_steps()
    assert set(points) == {"multi30k", "sutskever"}
    assert all(row["efficiency"] < 1 for row in rows)
    for row in rows:
        alone = dict(points[row["network"]])[row["batch_tokens"]]
        if row["scaling"] == "weak":  # two points determine the line, so it goes through both
            assert row["computing_ms"] == pytest.approx(1000 * alone)
        seconds = (row["computing_ms"] + row["sending_ms"]) / 1000
        assert row["speed_up"] == pytest.approx(row["tokens_per_second"] / (row["batch_tokens"] / alone))
        tokens = row["batch_tokens"] * (row["devices"] if row["scaling"] == "weak" else 1)
        assert row["tokens_per_second"] == pytest.approx(tokens / seconds)


def results_of(virtual):
    """One and two devices; a step takes a second and one for each 100 tokens."""

    def point(devices, tokens, seconds):
        return {"devices": devices, "tokens": tokens, "seconds": seconds, "processor_seconds": seconds}

    points = [point(1, 100, 2.0), point(1, 200, 3.0), point(2, 100, 4.0), point(2, 200, 5.0)]
    return {"virtual": virtual, "points": points, "tokens": 100, "reduced_bytes_on_paper": 9e9}


def test_virtual_devices_do_on_paper_what_does_not_depend_on_rows_once_each():
    results = results_of(virtual=True)
    assert [presentation.modelled(results, point) for point in results["points"]] == pytest.approx([2, 3, 3, 4])
    shares = [presentation.efficiency(results, point, point["seconds"]) for point in results["points"]]
    assert shares == pytest.approx([1, 1, 2 / 4, 3 / 5])


def test_real_devices_divide_the_rows_and_send_the_gradients():
    results = results_of(virtual=False)
    sending = 9e9 / paper.NVLINK + paper.LATENCY + 2 * paper.HOP["inside"]
    wanted = [2, 3, 1.5 + sending, 2 + sending]
    assert [presentation.modelled(results, point) for point in results["points"]] == pytest.approx(wanted)
    shares = [presentation.efficiency(results, point, point["seconds"]) for point in results["points"]]
    assert shares[2:] == pytest.approx([2 / 4 / 2, 2 / 5])


def test_numbers_of_devices_are_powers_of_two_and_all():
    assert [RUN["counts_up_to"](most) for most in (1, 4, 6)] == [[1], [1, 2, 4], [1, 2, 4, 6]]


def launch(name, *arguments, backend="jax", cwd):
    line = [sys.executable, str(RECIPE / name), *map(str, arguments)]
    environment = os.environ | {"KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run(line, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.slow
def test_recipe_measures_what_the_paper_says_that_devices_send(tmp_path):
    """No byte is missing or left over: gradients of all weights, the tied table twice, and what the loss collects."""
    pytest.importorskip("jax", reason="JAX is not installed: pip install 'seq2seq[jax]'")
    small = ("--devices", 2, "--units", 8, "--pieces", 300, "--tokens", 64, "--seconds", 0.01, "--turns", 1)
    result = launch("run.py", *small, cwd=tmp_path)
    assert result.returncode == 0, result.stderr[-2000:]
    results = json.loads((tmp_path / "runs" / "scale" / "results.json").read_text(encoding="utf-8"))
    assert [p["tokens"] for p in results["points"] if p["devices"] == 1] == [32, 64, 128]
    assert all(p["collectives"] == {} for p in results["points"] if p["devices"] == 1)
    shared = [p for p in results["points"] if p["devices"] == 2]
    assert [p["tokens"] for p in shared] == [64, 128]
    for point in shared:
        reduced, gathered = (point["collectives"].pop(kind)["bytes"] for kind in ("all-reduce", "all-gather"))
        assert point["collectives"] == {}
        assert reduced == results["reduced_bytes_on_paper"]
        assert gathered == results["gathered_bytes_on_paper"] * point["tokens"]
    assert "| 2 | 64 | all-reduce | 1 |" in result.stdout
    assert (tmp_path / "runs" / "scale" / "scale.png").read_bytes().startswith(b"\x89PNG")


def test_recipe_says_that_only_jax_shares_batches(tmp_path):
    result = launch("run.py", backend="tensorflow", cwd=tmp_path)
    assert result.returncode == 2
    assert "only JAX shares batches among devices: set KERAS_BACKEND=jax" in result.stderr


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot confine a process to some cores")
def test_lines_a_second_are_measured_against_workers(tmp_path):
    run = Path(__file__).parent / "stored_runs" / "plain"
    few = ("--run", run, "--beams", 1, "--lines", 8, "--shards", 2, "--turns", 1)
    result = launch("bulk_workers.py", *few, cwd=tmp_path)
    assert result.returncode == 0, result.stderr[-2000:]
    cores = len(os.sched_getaffinity(0))
    assert "| 1 | 1 | 1 | 1 | " in result.stdout
    assert f"| 1 | {cores} | {cores} | 1 | " in result.stdout


def test_figures_of_the_recipe_are_those_of_its_results():
    readme = (RECIPE / "README.md").read_text(encoding="utf-8")
    results = json.loads((RECIPE / "results.json").read_text(encoding="utf-8"))
    assert presentation.section(results) in readme
    assert results["predictions"] == paper.predictions()
    assert results["reduced_bytes_on_paper"] == paper.reduced_bytes(load_config(RECIPE / "config.toml"))
    bulk = json.loads((RECIPE / "bulk.json").read_text(encoding="utf-8"))
    assert f"{BEGIN}\n{table(bulk)}\n{END}" in readme
    assert all(math.isfinite(point["seconds"]) for point in results["points"])
