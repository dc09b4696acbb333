"""The words that headers of tables are made of: names of languages, of the two sides, and of what is not text."""

from collections.abc import Collection
from contextlib import suppress
from functools import lru_cache

# Languages as headers call them: the code, and the names in English and in the language itself.
LANGUAGES = {
    "af": "afrikaans", "am": "amharic", "ar": "arabic العربية", "az": "azerbaijani", "be": "belarusian",
    "bg": "bulgarian български", "bn": "bengali bangla", "bs": "bosnian", "ca": "catalan català",
    "cs": "czech čeština cz", "cy": "welsh", "da": "danish dansk", "de": "german deutsch", "el": "greek ελληνικά",
    "en": "english", "eo": "esperanto", "es": "spanish español castellano", "et": "estonian eesti",
    "eu": "basque euskara", "fa": "persian farsi فارسی", "fi": "finnish suomi", "fr": "french français francais",
    "ga": "irish gaeilge", "gl": "galician galego", "gu": "gujarati", "ha": "hausa", "he": "hebrew עברית",
    "hi": "hindi हिन्दी", "hr": "croatian hrvatski", "hu": "hungarian magyar", "hy": "armenian", "id": "indonesian",
    "ig": "igbo", "is": "icelandic íslenska", "it": "italian italiano", "ja": "japanese 日本語 jp", "ka": "georgian",
    "kk": "kazakh", "km": "khmer", "kn": "kannada", "ko": "korean 한국어", "la": "latin", "lo": "lao",
    "lt": "lithuanian lietuvių", "lv": "latvian latviešu", "mk": "macedonian", "ml": "malayalam", "mn": "mongolian",
    "mr": "marathi", "ms": "malay", "mt": "maltese", "my": "burmese", "ne": "nepali", "nl": "dutch nederlands",
    "no": "norwegian norsk", "nb": "bokmål", "nn": "nynorsk", "pa": "punjabi", "pl": "polish polski",
    "ps": "pashto", "pt": "portuguese português portugues", "ro": "romanian română", "ru": "russian русский",
    "si": "sinhala", "sk": "slovak slovenčina", "sl": "slovenian slovene slovenščina", "so": "somali",
    "sq": "albanian shqip", "sr": "serbian српски srpski", "sv": "swedish svenska", "sw": "swahili kiswahili",
    "ta": "tamil", "te": "telugu", "th": "thai ไทย", "tl": "tagalog filipino", "tr": "turkish türkçe",
    "uk": "ukrainian українська", "ur": "urdu", "uz": "uzbek", "vi": "vietnamese", "xh": "xhosa", "yo": "yoruba",
    "zh": "chinese mandarin 中文 cn", "zu": "zulu",
}  # fmt: skip
SIDES = (
    ({"source", "src"}, {"sentence", "sentences", "text", "original", "input", "phrase", "satz", "frase", "原文"}),
    (
        {"target", "tgt", "trg"},
        {"translation", "translated", "output", "reference", "traduction", "übersetzung", "traducción", "traduzione",
         "tradução", "译文"},
    ),
)  # fmt: skip
# Words beside a language or a side that say what kind of thing a column holds.
TEXT = {
    "text", "texts", "sentence", "sentences", "sent", "segment", "string", "word", "words", "phrase", "phrases",
    "language", "column", "col", "line", "corpus", "raw", "clean", "simplified", "traditional", "brazilian",
    "european", "american", "british", "latin", "original", "human",
}  # fmt: skip
NO_TEXT = {
    "id", "ids", "index", "idx", "no", "nr", "num", "number", "row", "score", "scores", "similarity", "quality",
    "url", "link", "lang", "language", "locale", "code", "len", "length", "count", "tokens", "date", "time",
    "license", "licence", "author", "user", "username", "file", "path", "domain", "topic", "label", "rank", "name",
    "hash", "audio", "embedding", "attribution", "comment", "context", "unnamed", "alignment", "split", "title",
    "key", "type",
}  # fmt: skip


def languages_of(words: Collection[str]) -> set[str]:
    """The languages that some words of a header name."""
    return {code for code in LANGUAGES if not language_words(code).isdisjoint(words)}


@lru_cache
def language_words(language: str) -> frozenset[str]:
    """How headers may call a language: by its codes and names."""
    import langcodes

    tag = langcodes.get(language)
    code = tag.language or language
    words = {language.casefold(), code, *LANGUAGES.get(code, "").split()}
    for variant in ("T", "B"):
        with suppress(LookupError):
            words.add(tag.to_alpha3(variant=variant))
    return frozenset(words)
