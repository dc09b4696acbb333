import pytest

from seq2seq.data.languages import scripts, share_in_other_scripts, without_spaces, without_spaces_share

SENTENCES = {
    "en": "A man sleeps.",
    "ru": "Мужчина спит.",
    "el": "Ένας άντρας κοιμάται.",
    "ar": "رجل ينام.",
    "he": "איש ישן.",
    "zh": "一个人在睡觉。",
    "zh-Hant": "一個人在睡覺。",
    "ja": "男の人がネコと眠っている。",
    "ko": "남자가 잔다.",
    "th": "ผู้ชายกำลังนอนหลับ",
    "hi": "एक आदमी सो रहा है।",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_own_text_fits(language):
    assert share_in_other_scripts([SENTENCES[language]] * 3, language) == 0


@pytest.mark.parametrize("language", [language for language in SENTENCES if language != "en"])
def test_english_in_the_wrong_column_is_noticed(language):
    assert share_in_other_scripts([SENTENCES["en"], SENTENCES[language]], language) == 0.5


def test_lines_without_letters_are_not_counted():
    assert share_in_other_scripts(["2009", "!?", ""], "ru") == 0
    assert share_in_other_scripts(["2009", "hello"], "ru") == 1


def test_foreign_names_inside_a_line_are_no_fault():
    assert share_in_other_scripts(["Тёрнер читает New York Times каждое утро"], "ru") == 0


def test_script_can_be_part_of_the_tag():
    assert scripts("sr") == {"Cyrl"}
    assert scripts("sr-Latn") == {"Latn"}


def test_smaller_chinese_languages_are_written_in_chinese():
    assert {tuple(sorted(scripts(language))) for language in ("yue", "cdo", "mnp", "lzh")} == {("Bopo", "Hani")}
    assert scripts("cdo-Latn") == {"Latn"}


def test_text_without_spaces_is_known_by_language_and_by_its_letters():
    assert all(without_spaces(language) for language in ("zh", "ja", "th", "lo", "km", "my", "bo", "yue"))
    assert not any(without_spaces(language) for language in ("ko", "vi", "en", "hi", "am", "zh-Latn"))
    assert without_spaces_share(["他没有跑。", "彼は走らなかった。", "ไม่", "그는 달리지", "He ran", "12"]) == 3 / 5
