import json

import pytest

from seq2seq.phrasebook import phrases
from seq2seq.settings.config import load_config


@pytest.fixture
def text(tmp_path):
    """Two files of a few hundred pairs."""
    for language in ("english", "french"):
        lines = "".join(f"{getattr(phrase, language)}\n" for phrase in phrases("train", 200))
        (tmp_path / f"my.{language[:2]}").write_text(lines, encoding="utf-8")
    return tmp_path


def test_written_file_trains_and_its_test_set_is_scored(command, text):
    result = command("init", "my.en", "my.fr", "--output", "mine.toml", "--json", "seen.json", cwd=text)
    assert result.returncode == 0, result.stderr.decode()
    said = result.stderr.decode()
    assert "200 pairs, en to fr" in said
    assert "About 20 pairs each were set aside as dev and test set; all three sets are in mine-data." in said
    assert said.endswith("then run\n  seq2seq train mine.toml --run runs/mine\n")
    seen = json.loads((text / "seen.json").read_text("utf-8"))
    assert seen["text"]["languages"] == ["en", "fr"]
    assert load_config(text / "mine.toml").tokenizer.vocabulary_size == seen["settings"]["tokenizer"]["vocabulary_size"]
    small = [f"model.{size}=8" for size in ("embedding", "encoder_units", "decoder_units")]
    small += ["training.samples=0", "translation.max_length_ratio=1.0", "translation.beam_size=1"]
    trained = command("train", "mine.toml", "training.epochs=1", *small, "--run", "runs/mine", cwd=text)
    assert trained.returncode == 0, trained.stderr.decode()
    line = next(line for line in (text / "mine.toml").read_text("utf-8").split("\n") if "seq2seq evaluate" in line)
    scored = command(*line.split("seq2seq ")[1].split(), cwd=text)
    assert b"BLEU" in scored.stdout, scored.stderr.decode()


def test_own_dev_set_is_named_and_nothing_is_set_aside(command, text):
    arguments = ("init", "my.en", "my.fr", "--dev", "my.en", "my.fr", "--from", "en", "--to", "fr-CA")
    result = command(*arguments, cwd=text)
    assert result.returncode == 0, result.stderr.decode()
    config = load_config(text / "config.toml")
    assert (config.data.dev[0].source, config.data.target_language) == ("my.en", "fr-CA")
    assert not (text / "config-data").exists()


def test_a_table_without_a_split(command, text):
    table = "".join(f"{p.english}\t{p.french}\n" for p in phrases("train", 300))
    (text / "pairs.tsv").write_text(table, encoding="utf-8")
    result = command("init", "pairs.tsv", "--no-split", cwd=text)
    assert result.returncode == 0, result.stderr.decode()
    assert load_config(text / "config.toml").data.train[0].path == "pairs.tsv"
    assert "Warning: there is no dev set" in result.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("my.en", "my.fr", "--output", "my.fr"), ("my.fr is there already and may hold work of yours",)),
        (("my.en", "none.fr"), ("none.fr",)),
        (("my.en", "my.fr", "--dev", "a", "b", "c"), ("--dev takes two files or one table, received 3",)),
        (("my.en", "my.fr", "--json", "no/seen.json"), ("--json no/seen.json: there is no folder",)),
        (
            ("my.en", "my.fr", "--dev", "d.en", "d.fr", "--json", "d.fr"),
            ("--json d.fr would overwrite --dev (2) d.fr",),
        ),
        (("my.en", "my.fr", "--json", "config-data"), ("--json config-data would overwrite the folder config-data",)),
        (("my.en", "my.fr", "--source-column", "3"), ("column 3 of what?", "leave --source-column and")),
        (("my.en", "my.fr", "--output", "a\nb.toml"), ("'a\\nb.toml' has a line end", "rename it")),
        (("my.en", "my.fr", "--output", "\udcff.toml"), ("bytes that are not UTF-8 in its name",)),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_written(command, text, refused, arguments, parts):
    for name in ("d.en", "d.fr"):
        (text / name).write_text("One cat.\n", encoding="utf-8")
    before = sorted((path, path.read_bytes()) for path in text.rglob("*"))
    refused(command("init", *arguments, cwd=text), *parts)
    assert sorted((path, path.read_bytes()) for path in text.rglob("*")) == before


@pytest.mark.parametrize(
    ("dev", "message"),
    [
        (("my.en", "empty.fr"), "my.en and empty.fr have different lengths (200 and 0 lines)"),
        (("my.en", "one.fr"), "my.en and one.fr have different lengths (200 and 1 lines)"),
        (("my.en", "my.en"), "every pair was filtered out, of 200: 200 source and target the same"),
        (("my.en",), "my.en has an unknown extension"),
    ],
)
def test_dev_set_that_training_could_not_read_is_refused(command, text, dev, message):
    (text / "empty.fr").touch()
    (text / "one.fr").write_text("Un chat.\n", encoding="utf-8")
    result = command("init", "my.en", "my.fr", "--dev", *dev, cwd=text)
    assert result.returncode == 1
    assert message in result.stderr.decode()
    assert not (text / "config.toml").exists()


def test_what_is_no_language_tag_is_refused(command, text):
    result = command("init", "my.en", "my.fr", "--to", "klingon!", cwd=text)
    assert result.returncode == 1
    assert b"data.target_language: is not a language tag" in result.stderr
    assert not (text / "config.toml").exists()
