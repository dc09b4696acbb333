import pytest

from seq2seq.errors import ConfigError
from seq2seq.settings.config import parse_config
from seq2seq.training import memory


@pytest.fixture
def machine(monkeypatch):
    """A machine of 24 GB."""
    monkeypatch.setattr(memory, "total_memory", lambda: 24_000_000_000)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"model": {"encoder_units": 32_768, "decoder_units": 32_768}},
            r"this network of [\d,]+ weights needs about \d\d+ GB with its optimiser, and this machine has 24 GB",
        ),
        ({"model": {"embedding": 32_768}, "tokenizer": {"vocabulary_size": 65_535}}, "needs about .* GB with its"),
        (
            {"training": {"batch_tokens": 1_000_000}},
            r"1,000,000 tokens with 8,000 pieces needs about 64 GB, and .* 24 GB .*: lower training\.batch_tokens",
        ),
    ],
)
def test_training_that_cannot_fit_is_refused(machine, settings, message):
    with pytest.raises(ConfigError, match=message):
        memory.check_memory(parse_config(settings))


def test_training_that_hardly_fits_is_warned_of(machine, caplog):
    memory.check_memory(parse_config({"training": {"batch_tokens": 200_000}}))
    assert "warning: network and batches need about 13 GB of the 24 GB of memory here: if training is" in caplog.text


def test_usual_training_goes_without_a_word(machine, caplog):
    memory.check_memory(parse_config({}))
    assert not caplog.text


@pytest.mark.parametrize(
    ("own", "files", "limits"),
    [
        ("0::/a/b\n", {"a/b/memory.max": "max", "a/memory.max": "5000"}, [5000]),
        ("0::/\n", {"memory.max": "7000\n"}, [7000]),
        ("9:memory,cpu:/x\n1:name=y:/z\n", {"memory/x/memory.limit_in_bytes": "3000"}, [3000]),
        ("nonsense", {}, []),
    ],
)
def test_limit_of_a_container_counts(tmp_path, own, files, limits):
    (tmp_path / "own").write_text(own, encoding="utf-8")
    for name, content in files.items():
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_text(content, encoding="utf-8")
    assert sorted(set(memory._container_limits(tmp_path / "root", tmp_path / "own"))) == limits


def test_memory_of_this_machine_is_known():
    assert 100_000_000 < memory.total_memory() < 1 << 50
