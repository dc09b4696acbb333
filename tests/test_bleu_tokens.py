import pytest

from seq2seq import bleu_tokens
from seq2seq.bleu_tokens import bleu_tokenizer
from seq2seq.errors import ConfigError


@pytest.mark.parametrize("language", ["zh", "zh-Hant-TW", "cmn", "yue", "wuu", "lzh", "nan", "hak", "cdo", "zho"])
def test_chinese_and_its_relatives_have_the_chinese_tokenizer(language):
    assert bleu_tokenizer(language) == ("zh", "")


@pytest.mark.parametrize("language", ["th", "lo", "km", "my", "shn", "bo", "dz", "nod", "ryu", "ii", "jv-Java", "tha"])
def test_other_scripts_without_spaces_are_scored_by_characters(language):
    assert bleu_tokenizer(language) == ("char", "")


@pytest.mark.parametrize("language", ["", "fr", "pt-BR", "ar", "hi", "vi", "zh-Latn", "nan-Latn", "ja-Latn", "jv"])
def test_languages_with_spaces_have_the_usual_tokenizer(language):
    assert bleu_tokenizer(language) == ("13a", "")


@pytest.mark.parametrize("language", ["ja", "ko", "ja-JP", "kor"])
def test_japanese_and_korean_have_the_tokenizer_of_their_extra_where_it_is_installed(language, monkeypatch):
    short = language.split("-")[0][:2]
    monkeypatch.setattr(bleu_tokens, "find_spec", lambda package: package)
    assert bleu_tokenizer(language) == (f"{short}-mecab", "")
    monkeypatch.setattr(bleu_tokens, "find_spec", lambda package: None)
    name, note = bleu_tokenizer(language)
    assert name == "char"
    assert f"{short}-mecab is not installed: for BLEU over words run pip install 'seq2seq[{short}]'" in note


def test_what_is_no_language_tag_is_refused():
    with pytest.raises(ConfigError, match=r"'zh_\?' is not a language tag \(BCP 47\), such as en, pt-BR or zh-Hant"):
        bleu_tokenizer("zh_?")
