"""Which language a text is in: by its script, by letters that only some languages have, and by its small words."""

from collections.abc import Iterable, Sequence
from itertools import chain, islice

import regex

from seq2seq.data.function_words import SURE, scores

_MOST_LETTERS = 50_000  # judged: more change no share noticeably
_FEWEST_LETTERS = 200  # under this, chance decides which letters occur
_CLEARLY = 1.2  # as many small words as of the next language, and more

# Scripts, and the language that most text in them is in.
_SCRIPTS = {
    "Latn": "", "Cyrl": "", "Arab": "ar", "Deva": "hi", "Grek": "el", "Hang": "ko", "Hani": "zh", "Hira": "ja",
    "Kana": "ja", "Thai": "th", "Geor": "ka", "Armn": "hy", "Hebr": "he", "Beng": "bn", "Taml": "ta", "Telu": "te",
    "Gujr": "gu", "Guru": "pa", "Knda": "kn", "Mlym": "ml", "Sinh": "si", "Khmr": "km", "Laoo": "lo", "Mymr": "my",
    "Tibt": "bo", "Ethi": "am",
}  # fmt: skip
# Of languages that share a script, letters of which the others have none, and their least share of the letters; the
# first that fits is taken.
_LETTERS = {
    "Cyrl": (("be", "ў", 0.002), ("uk", "їєґ", 0.004), ("kk", "әғқңұһ", 0.02), ("mk", "ѓќѕ", 0.001),
             ("sr", "ђћјљњ", 0.02), ("ru", "ыэё", 0.01), ("bg", "ъ", 0.005)),
    "Arab": (("ur", "ٹڈڑےں", 0.02), ("fa", "پچژگ", 0.005)),
    "Deva": (("mr", "ळ", 0.004),),
    "Hani": (("ja", "のはがをにでと", 0.05),),
}  # fmt: skip


def identify(lines: Sequence[str]) -> str | None:
    """The language of a text (ISO 639), if it is clear enough.

    Weak on a line and good on some hundreds. Languages in Latin letters are known if `function_words` lists them.

    >>> identify(["Ένας άντρας κοιμάται στο σπίτι."] * 20)
    'el'

    Args:
        lines: the text; some hundreds of lines are enough.
    """
    letters = list(islice(filter(str.isalpha, chain.from_iterable(lines)), _MOST_LETTERS))
    if len(letters) < _FEWEST_LETTERS:
        return None
    text = "".join(letters).casefold()
    script = _main_script(text)
    if script == "Latn":
        return _by_small_words(lines)
    for language, typical, share in _LETTERS.get(script, ()):
        if sum(map(text.count, typical)) >= share * len(text):
            return language
    return _SCRIPTS[script] or None


def _main_script(text: str) -> str:
    counts = {script: len(regex.findall(rf"\p{{Script={script}}}", text)) for script in _SCRIPTS}
    return max(counts, key=lambda script: counts[script])


def _by_small_words(lines: Iterable[str]) -> str | None:
    by_language = scores(lines)
    best, second = sorted(by_language, key=lambda language: -by_language[language])[:2] or (None, None)
    if best is None or second is None or by_language[best] < _CLEARLY * by_language[second]:
        return None
    return best if by_language[best] >= SURE else None
