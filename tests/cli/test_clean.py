"""The command that cleans pairs of files."""

import pytest


@pytest.fixture
def raw(tmp_path):
    """Two shards of pairs, of which some are dropped."""
    for number, (sources, targets) in enumerate(
        ((["A  cat.", "A cat.", "word " * 30], ["Un chat.", "Un chat.", "mot " * 30]), (["Yes.", "No."], ["Oui.", ""])),
        1,
    ):
        (tmp_path / f"{number}.en").write_text("".join(f"{text}\n" for text in sources), encoding="utf-8")
        (tmp_path / f"{number}.fr").write_text("".join(f"{text}\n" for text in targets), encoding="utf-8")
    return tmp_path


CALL = ("clean", "--source", "1.en", "2.en", "--target", "1.fr", "2.fr", "--output", "out")


@pytest.mark.parametrize("workers", [1, 2])
def test_pairs_of_all_shards_are_cleaned_and_counted(command, raw, workers):
    result = command(*CALL, "--workers", workers, "data.cleaning.max_words=20", cwd=raw)
    assert result.returncode == 0, result.stderr.decode()
    said = result.stderr.decode()
    for line in ("pairs read  ", "dropped, an empty side  ", "dropped, too long  ", "dropped, seen before  "):
        assert line.split("  ")[0] in said
    counts = {line.rsplit("  ", 1)[0].strip(): line.rsplit(" ", 1)[1] for line in said.splitlines() if "  " in line}
    assert (counts["pairs read"], counts["pairs kept"], counts["dropped, too long"]) == ("5", "2", "1")
    texts = [(raw / "out" / name).read_text("utf-8") for name in ("1.en", "1.fr", "2.en", "2.fr")]
    assert texts == ["A cat.\n", "Un chat.\n", "Yes.\n", "Oui.\n"]


def test_settings_of_a_training_clean_too(command, raw):
    (raw / "mine.toml").write_text("[data.cleaning]\nmax_words = 20\nduplicates = false\n", encoding="utf-8")
    result = command(*CALL, "--config", "mine.toml", cwd=raw)
    assert result.returncode == 0, result.stderr.decode()
    assert (raw / "out" / "1.en").read_text("utf-8") == "A cat.\nA cat.\n"


def test_shard_of_unequal_sides_is_named_and_the_others_are_done(command, raw):
    (raw / "2.fr").write_text("Oui.\n", encoding="utf-8")
    result = command(*CALL, cwd=raw)
    assert result.returncode == 1
    assert "have different lengths (2 and 1 lines)" in result.stderr.decode()
    assert (raw / "out" / "1.fr").exists()
    assert not (raw / "out" / "2.en").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["training.epochs=5"], "training.epochs=5 would do nothing: clean reads only data.cleaning.key=value"),
        (["data.cleaning=5"], "data.cleaning=5 would do nothing"),
    ],
)
def test_settings_without_effect_are_refused(command, raw, refused, arguments, message):
    refused(command(*CALL, *arguments, cwd=raw), message)
    assert not (raw / "out").exists()
