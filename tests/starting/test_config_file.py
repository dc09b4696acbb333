from seq2seq.settings.config import Corpus, load_config
from seq2seq.starting.advice import Advice
from seq2seq.starting.config_file import config_text, report
from seq2seq.starting.looking import Facts

FACTS = Facts(("en", "pt-BR"), 5000, 4000, "1,000 duplicates", 40_000, 9, 60, 22, 0.0, "2 % of them", ["an odd thing"])
ADVICE = Advice({"model": {"input_dropout": (0.3, "why")}}, 3.4, ["so little"], "what to expect: nothing")


def test_file_says_what_was_seen_and_is_read(tmp_path):
    corpora = {"train": Corpus(source='a "b".en', target="a.pt"), "dev": Corpus(path="dev.tsv", source_column="0")}
    text = config_text(FACTS, ADVICE, corpora, {"train it:": "seq2seq train"})
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    config = load_config(tmp_path / "c.toml")
    assert config.data.train == [corpora["train"]]
    assert config.data.dev == [corpora["dev"]]
    assert (config.data.target_language, config.model.input_dropout) == ("pt-BR", 0.3)
    assert "input_dropout = 0.3  # why" in text
    assert "# train it:  seq2seq train" in text
    assert max(map(len, text.split("\n"))) <= 102


def test_report_names_numbers_warnings_and_time():
    seen, dropped, remark, warning, expected = report(FACTS, ADVICE)
    assert seen.startswith("5,000 pairs, en to pt-BR; 4,000 can be used. A source sentence has 9 words (median)")
    assert dropped == "Left out: 1,000 duplicates."
    assert (remark, warning) == ("Warning: an odd thing.", "Warning: so little.")
    assert expected == "What to expect: nothing. Training takes at most about 3 minutes on two cores."
    assert report(FACTS, ADVICE._replace(minutes=1.4))[-1].endswith("at most about a minute on two cores.")
