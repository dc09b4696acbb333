"""What the tests share. The backend is opened here, before any test module imports Keras."""

import os
import random
import runpy
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from seq2seq.backend import open_backend

open_backend()
# A machine that is busy with something else is no fault of the code: no time limits for examples.
settings.register_profile("seq2seq", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("seq2seq")

_WORDS = {
    "the": "le", "a": "un", "cat": "chat", "dog": "chien", "house": "manoir", "garden": "jardin", "child": "enfant",
    "sees": "voit", "likes": "aime", "draws": "dessine", "finds": "trouve", "small": "petit", "big": "grand",
    "young": "jeune", "green": "vert", "quiet": "calme", "today": "maintenant", "slowly": "lentement", "Ève": "Ève",
    "window": "fenêtre", "market": "marché", "bridge": "pont", "forgets": "oublie", "carries": "porte",
    "often": "souvent", "happy": "joyeux", "yellow": "jaune", "kitchen": "cuisine", "before": "avant", "under": "sous",
    "with": "avec",
}  # fmt: skip


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of the real corpora, one sentence a line (multi30k/train.en and so on)."""
    folder = os.environ.get("SEQ2SEQ_DATA")
    if not folder:
        pytest.skip("SEQ2SEQ_DATA is not set: it names the folder of the real corpora, such as multi30k/train.en")
    if not Path(folder).is_dir():
        pytest.skip(f"SEQ2SEQ_DATA={folder} is not a folder")
    return Path(folder)


@pytest.fixture(scope="session")
def made_up_sentences():
    """A function of a count and a seed: pairs of invented sentences and their word-by-word translations."""

    def make(count: int, seed: int = 0) -> list[tuple[str, str]]:
        draw, words = random.Random(seed), list(_WORDS)
        sources = [draw.choices(words, k=draw.randint(3, 12)) for _ in range(count)]
        return [(" ".join(words) + ".", " ".join(_WORDS[word] for word in words) + ".") for words in sources]

    return make


@pytest.fixture(scope="session")
def permuted():
    """A function of a tokenizer: the same pieces, numbered otherwise behind the reserved ones, and their old ids."""
    import numpy as np
    from sentencepiece import sentencepiece_model_pb2

    from seq2seq.symbols import UNK
    from seq2seq.tokenizer import Tokenizer

    def permute(tokenizer, seed=0):
        proto = sentencepiece_model_pb2.ModelProto.FromString(tokenizer.model)
        order = np.random.default_rng(seed).permutation(np.arange(UNK + 1, tokenizer.size))
        pieces = [*proto.pieces[: UNK + 1], *(proto.pieces[index] for index in order)]
        del proto.pieces[:]
        proto.pieces.extend(pieces)
        return Tokenizer(proto.SerializeToString()), order

    return permute


@pytest.fixture
def calls_until(monkeypatch):
    """A function that runs another one until it has made some calls that change the disk, and then stops it.

    Everything is as after a kill: the code's own cleaning up finds a disk that takes no change. True if it came to its
    end before.
    """

    class Cut(BaseException):
        pass

    names = ("mkdir", "replace", "unlink", "rmdir", "fsync")
    true = {name: getattr(os, name) for name in names}

    def run(limit, function):
        left = limit

        def counted(name):
            def call(*arguments, **keywords):
                nonlocal left
                left -= 1
                if left < 0:
                    raise Cut
                return true[name](*arguments, **keywords)

            return call

        with monkeypatch.context() as patch:
            for name in names:
                patch.setattr(os, name, counted(name))
            try:
                function()
            except Cut:
                return False
        return True

    return run


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub on this machine, which `hub:owner/name` means while the test lasts; the user is logged in."""
    constants = pytest.importorskip("huggingface_hub.constants")
    from seq2seq.runs.hub import fetched

    server = runpy.run_path(str(Path(__file__).with_name("hub_server.py")))["HubServer"]()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
    monkeypatch.setenv("HF_TOKEN", "hf_of_this_test")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # the server speaks Git LFS
    fetched.cache_clear()
    yield server
    fetched.cache_clear()
    server.shutdown()
    server.server_close()
