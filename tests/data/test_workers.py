import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import seq2seq
from seq2seq.data import workers
from seq2seq.data.cleaning import Cleaner
from seq2seq.data.corpus import Pair
from seq2seq.data.encoding import tokenised, write_ids
from seq2seq.data.ids import join
from seq2seq.data.workers import Workers
from seq2seq.errors import DataError, Seq2SeqError
from seq2seq.settings.config import Cleaning
from seq2seq.tokenizer import train_tokenizer


@pytest.fixture(scope="module")
def pairs(made_up_sentences):
    """Pairs of which some are dirty, some are dropped, and some come again much later."""
    clean = [Pair(source, target, "news.tsv", line) for line, (source, target) in enumerate(made_up_sentences(300), 1)]
    dirty = [
        Pair("A  cat &amp; a dog", "Un chat\u200b et l’ami", "dirt.tsv", 1),
        Pair("", "Vide", "dirt.tsv", 2),
        Pair("Not translated at all", "Not translated at all", "dirt.tsv", 3),
        Pair("word " * 300, "mot", "dirt.tsv", 4),
        Pair("猫が好きです。", "J'aime les chats.", "dirt.tsv", 5),
    ]
    return [*clean[:100], *dirty, *clean[50:], *dirty]


@pytest.fixture(scope="module")
def tokenizers(pairs):
    texts = [text for pair in pairs for text in pair[:2] if len(text) < 500]
    return (train_tokenizer(texts, vocabulary_size=310), train_tokenizer(texts, vocabulary_size=320))


@pytest.fixture(autouse=True)
def small_portions(monkeypatch):
    monkeypatch.setattr(workers, "_PORTION_PAIRS", 7)
    monkeypatch.setattr(workers, "_FEW_PORTIONS", 2)


def is_running(number):
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def numbers_of(pool):
    return [process.number for process in pool._processes]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_any_number_of_processes_cleans_as_the_cleaner_does(pairs, count):
    alone, together = Cleaner(Cleaning()), Cleaner(Cleaning())
    told = []
    with Workers(Cleaning(), count=count, tell=told.append) as pool:
        cleaned = list(pool.clean(together, iter(pairs)))
        assert len(numbers_of(pool)) == (count if count > 1 else 0)
    assert cleaned == list(alone.clean(pairs))
    assert together.counts == alone.counts
    assert together.report() == alone.report()
    assert 0 < alone.counts["duplicates"] < alone.counts["kept"]
    assert sum(told) == len(pairs)


@pytest.mark.parametrize("count", [0, 2])
def test_any_number_of_processes_encodes_what_the_cleaner_leaves(pairs, tokenizers, count):
    alone, together = Cleaner(Cleaning()), Cleaner(Cleaning())
    expected = join(list(tokenised(alone.clean(pairs), tokenizers)))
    with Workers(Cleaning(), tokenizers, count=count) as pool:
        encoded = join(list(pool.encode(together, pairs)))
    for side, wanted in zip(encoded, expected, strict=True):
        assert np.array_equal(side.ids, wanted.ids)
        assert np.array_equal(side.lengths, wanted.lengths)
    assert together.report() == alone.report()


def test_portions_do_not_change_the_file(pairs, tokenizers, tmp_path, monkeypatch):
    files = set()
    for size in (7, 64, 10_000):
        monkeypatch.setattr(workers, "_PORTION_PAIRS", size)
        monkeypatch.setattr("seq2seq.data.encoding._CHUNK", 50)
        with Workers(Cleaning(), tokenizers, count=0) as pool:
            corpora = [pool.encode(Cleaner(Cleaning()), pairs)]
            write_ids(tmp_path / "train.arrow", corpora, weights=[1.0], max_tokens=(128, 128))
        files.add((tmp_path / "train.arrow").read_bytes())
    assert len(files) == 1


def test_long_texts_make_small_portions(monkeypatch):
    monkeypatch.setattr(workers, "_PORTION_CHARACTERS", 100)
    texts = [Pair("a" * 60, "b", "long.tsv", line) for line in range(1, 6)]
    assert [len(portion) for portion in workers._portions(texts)] == [2, 2, 1]


def test_few_pairs_start_no_process(pairs):
    with Workers(Cleaning(), count=2) as pool:
        assert len(list(pool.clean(Cleaner(Cleaning()), pairs[:14]))) == 14
        assert numbers_of(pool) == []


@pytest.mark.parametrize("count", [0, 2])
def test_error_of_the_text_comes_behind_the_pairs_before_it(pairs, count):
    fault = DataError("news.tsv, line 81: not UTF-8")

    def read():
        yield from pairs[:80]
        raise fault

    cleaner = Cleaner(Cleaning())
    seen = []
    with pytest.raises(DataError) as caught, Workers(Cleaning(), count=count) as pool:
        seen.extend(pool.clean(cleaner, read()))
    assert caught.value is fault
    assert len(seen) == cleaner.counts["kept"] == 80


@pytest.mark.parametrize("count", [0, 2])
def test_pair_that_cannot_be_cleaned_is_named(pairs, count):
    strange = Pair(b"bytes", "texte", "odd.tsv", 12_345)
    message = r"odd\.tsv, line 12,345: the pair cannot be cleaned \(TypeError: .*\): this is a bug in seq2seq"
    with pytest.raises(DataError, match=message), Workers(Cleaning(), count=count) as pool:
        list(pool.clean(Cleaner(Cleaning()), [*pairs[:80], strange, *pairs[80:]]))


def test_process_that_is_killed_is_an_error_that_names_its_pairs(pairs):
    message = r"a process that cleaned news\.tsv, lines [\d,]+ to [\d,]+, was ended by signal 9: .*memory"

    def kill(pool):
        for _ in pool.clean(Cleaner(Cleaning()), pairs * 20):
            for number in numbers_of(pool):
                os.kill(number, signal.SIGKILL)

    with pytest.raises(Seq2SeqError, match=message), Workers(Cleaning(), count=2) as pool:
        kill(pool)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("fault", [None, KeyboardInterrupt])
def test_no_process_is_left(pairs, fault):
    started = []

    def some(pool):
        for number, _ in enumerate(pool.clean(Cleaner(Cleaning()), pairs)):
            if number == 100:  # in the middle: some portions are under way
                started.extend(numbers_of(pool))
                if fault:
                    raise fault
                return

    try:
        with Workers(Cleaning(), count=2) as pool:
            some(pool)
    except KeyboardInterrupt:
        assert fault
    assert len(started) == 2
    assert not any(map(is_running, started))


def test_system_that_starts_no_process_is_a_warning(pairs, monkeypatch, caplog):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with Workers(Cleaning(), count=2) as pool:
        cleaned = list(pool.clean(Cleaner(Cleaning()), pairs))
    assert cleaned == list(Cleaner(Cleaning()).clean(pairs))
    assert "no process can be started" in caplog.text


# Without a guard of __main__, as a user may write it.
PROGRAM = """
import sys
from pathlib import Path
from seq2seq.data import workers
from seq2seq.data.cleaning import Cleaner
from seq2seq.data.corpus import Pair
from seq2seq.data.encoding import write_ids
from seq2seq.settings.config import Cleaning
from seq2seq.tokenizer import Tokenizer

workers._PORTION_PAIRS = 7
tokenizer = Tokenizer.load(Path("made.model"))
count = int(float("COUNT"))
pairs = (Pair(f"Cat number {n}", f"Chat {n}", "x", n) for n in range(count))
with workers.Workers(Cleaning(), (tokenizer, tokenizer), count=2, tell=lambda done: print(done, flush=True)) as pool:
    corpora = [pool.encode(Cleaner(Cleaning()), pairs)]
    print(write_ids(Path("made.arrow"), corpora, weights=[1.0], max_tokens=(128, 128)))
print(*[name for name in ("keras", "tensorflow", "jax") if name in sys.modules])
"""


def environment():
    paths = [str(Path(seq2seq.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


@pytest.mark.parametrize("how", ["file", "standard input", "-c"])
def test_program_without_a_guard_works(how, tokenizers, tmp_path):
    tokenizers[0].save(tmp_path / "made.model")
    program = PROGRAM.replace("COUNT", "1e3")
    (tmp_path / "program.py").write_text(program)
    arguments = {"file": ["program.py"], "standard input": ["-"], "-c": ["-c", program]}[how]
    text = program if how == "standard input" else None
    done = subprocess.run(
        [sys.executable, *arguments], input=text, capture_output=True, text=True, cwd=tmp_path, env=environment()
    )
    assert done.stderr == ""
    assert "EncodingReport(pairs=[1000], too_long=0)" in done.stdout


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_stopped_program_leaves_no_process(number, tokenizers, tmp_path):
    tokenizers[0].save(tmp_path / "made.model")
    command = [sys.executable, "-c", PROGRAM.replace("COUNT", "1e9")]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **pipes, cwd=tmp_path, env=environment()) as program:
        for _ in range(200):
            program.stdout.readline()
        children = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
        program.send_signal(number)
        program.stdout.read()
    assert len(children) == 2
    deadline = time.monotonic() + 20
    while any(map(is_running, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_running, children))
    left = {"made.model", ".made.arrow.part"} if number == signal.SIGKILL else {"made.model"}
    assert {path.name for path in tmp_path.iterdir()} == left
