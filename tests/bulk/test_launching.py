"""A whole corpus: the same files for any number of workers and either launcher, whoever is killed on the way."""

import importlib.util
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seq2seq.bulk import launching
from seq2seq.bulk.launching import launch
from seq2seq.errors import CheckpointError, ConfigError, DataError
from seq2seq.locking import owned

KILLS = int(os.environ.get("SEQ2SEQ_KILLS", "2"))


def outcome(progress):
    """What is said last of each shard."""
    return {news.shard.name: news for news in progress}


def test_one_and_four_workers_write_the_same_files(shards, translate_job, tree, tmp_path):
    corpus = shards(9, 0, 5, 7, 3)
    alone = outcome(launch(translate_job(), corpus, tmp_path / "out", workers=1))
    assert [news.made for news in alone.values()] == [True] * 5
    before = tree(tmp_path / "out")
    (tmp_path / "out").rename(tmp_path / "alone")
    together = outcome(launch(translate_job(), corpus, tmp_path / "out", workers=4))
    assert {name: news.results for name, news in together.items()} == {n: news.results for n, news in alone.items()}
    assert tree(tmp_path / "out") == before
    assert len(before) == 11  # five outputs, their records, and the lock


def test_second_process_is_kept_out_of_the_folder(shards, translate_job, tmp_path):
    corpus = shards(1)
    work = launch(translate_job(), corpus, tmp_path / "out")
    with (
        owned(tmp_path / "out" / ".lock", "writing"),
        pytest.raises(CheckpointError, match=r"is writing in .*out: wait"),
    ):
        next(work)


def test_files_of_others_in_the_folder_are_refused_before_the_work(shards, translate_job, tmp_path):
    corpus = shards(1, 1)
    (tmp_path / "out" / "part2.en").write_text("A week of work.\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"out/part2\.en would be replaced.*part2\.en\.json"):
        launch(translate_job(), corpus, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["part2.en"]


def test_nothing_half_written_is_left_after_an_interruption(shards, translate_job, tmp_path, monkeypatch):
    def interrupted(*_):
        (tmp_path / "out" / ".part1.en.01234567.part").touch()
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(launching, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        next(launch(translate_job(), shards(1), tmp_path / "out"))
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".lock"]


def test_unknown_launcher_is_refused(shards, translate_job, tmp_path):
    with pytest.raises(ConfigError, match="launcher is 'local' or 'ray': received 'slurm'"):
        launch(translate_job(), shards(1), tmp_path / "out", launcher="slurm")


def command(run, folder, output, *options):
    line = [sys.executable, "-m", "seq2seq", "bulk", run, "--input", folder, "--output", output, "--beam-size", "1"]
    return [str(word) for word in (*line, *options)]


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("ray"), reason="Ray is not installed: pip install 'seq2seq[ray]'")
def test_ray_writes_the_files_that_local_processes_write(run, corpus, tree, tmp_path):
    folder = corpus(9, 5, 7)
    (folder / "bad.en").write_bytes(bytes(100))
    for launcher in ("local", "ray"):
        line = command(run, folder, tmp_path / launcher, "--launcher", launcher)
        for _ in range(3):  # Ray gives itself 30 seconds to start, too few on a machine that is very busy
            result = subprocess.run(line, capture_output=True, text=True, check=False)
            if "Ray cannot be started" not in result.stderr:
                break
        assert result.returncode == 1, result.stderr
        assert "1 of 4 shards could not be done (bad.en)" in result.stderr
    assert tree(tmp_path / "ray") == tree(tmp_path / "local")


def children_of(number):
    return [int(child) for child in Path(f"/proc/{number}/task/{number}/children").read_text("utf-8").split()]


def finished(folder):
    """The outputs that are there, which is after their records, and which files they are."""
    outputs = [output for record in folder.glob("*.json") if (output := record.with_suffix("")).exists()]
    return {output.name: (output.stat().st_ino, output.stat().st_mtime_ns) for output in outputs}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="there is no /proc to find the workers in")
def test_killed_workers_and_calls_lose_nothing_and_repeat_nothing(run, corpus, tree, tmp_path):
    """By hand: SEQ2SEQ_KILLS=20 python -m pytest tests/bulk/test_launching.py -k killed."""
    folder = corpus(*[80] * 8)
    begun = time.monotonic()
    subprocess.run(command(run, folder, tmp_path / "whole", "--workers", "2"), check=True, capture_output=True)
    seconds = time.monotonic() - begun
    draw = random.Random(1)
    for kill in range(KILLS):
        output = tmp_path / f"killed{kill}"
        process = subprocess.Popen(command(run, folder, output, "--workers", "2"), stderr=subprocess.PIPE)
        time.sleep(draw.uniform(0.1, 0.9) * seconds)
        workers = children_of(process.pid) if process.poll() is None else []
        before = finished(output) if output.exists() else {}
        if workers and kill % 2 == 0:
            os.kill(draw.choice(workers), signal.SIGKILL)
            _, said = process.communicate()
            assert process.returncode == 0, said  # it replaced its worker
        else:
            process.kill()
            process.communicate()
        again = subprocess.run(command(run, folder, output, "--workers", "2"), capture_output=True, check=True)
        assert b"8 of 8 shards are done" in again.stderr
        assert tree(output) == tree(tmp_path / "whole"), f"kill {kill}"
        after = finished(output)
        assert {name: after[name] for name in before} == before, f"kill {kill} repeated what was done"
