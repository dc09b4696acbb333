"""What the tests of bulk work share: a small run, shards of its language, and what is in a folder."""

from pathlib import Path

import pytest

from seq2seq.bulk.shards import shards_in
from seq2seq.bulk.translating import TranslateJob
from seq2seq.phrasebook import phrases
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.identity import identity_of

RUN = Path(__file__).parents[1] / "stored_runs" / "plain"


@pytest.fixture(scope="session")
def run():
    """The folder of a run that translates the phrasebook."""
    return RUN


@pytest.fixture(scope="session")
def translate_job():
    """A function of settings: a job for the run, greedy where nothing else is said."""

    def make(**settings):
        search = {"beam_size": 1} | settings.pop("search", {})
        return TranslateJob(str(RUN), identity_of(RunDirectory(RUN)), search, **settings)

    return make


@pytest.fixture
def corpus(tmp_path):
    """A function of the lines of each shard: a folder of files with English sentences."""

    def write(*counts):
        folder = tmp_path / "corpus"
        folder.mkdir()
        sentences = [pair.english for pair in phrases("train", sum(counts), min_words=3, max_words=8)]
        for number, count in enumerate(counts, 1):
            lines = "".join(f"{sentences.pop()}\n" for _ in range(count))
            (folder / f"part{number}.en").write_text(lines, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def shards(corpus, tmp_path):
    """A function of the lines of each shard: the shards, whose outputs go to `tmp_path/out`."""

    def make(*counts):
        (tmp_path / "out").mkdir()
        return shards_in([str(corpus(*counts))], str(tmp_path / "out"))

    return make


@pytest.fixture(scope="session")
def tree():
    """A function of a folder: the bytes of every file in it, by name."""
    return lambda folder: {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
