"""The class of each word of a text: what its spelling tells in any language, and the word tables of the phrasebook."""

from collections.abc import Iterable, Sequence

from seq2seq.analysis.words import words

_PHRASEBOOK = 0.75  # of the running content words (captions have a third of them): then the text is the phrasebook's


def word_classes(texts: Sequence[str], common: frozenset[str]) -> dict[str, str]:
    """The class of every word of some texts.

    Function words are those in `common`, numbers have a digit, and some words are capitalised inside a sentence. Where
    the text is the English of the phrasebook, its tables tell more, and what is not in them is a function word.
    """
    running = [word for text in texts for word in words(text)]
    rare = [word for word in running if word not in common]
    tables = _tables()
    if sum(word in tables or _has_digit(word) for word in rare) >= _PHRASEBOOK * max(len(rare), 1):
        return {word: "numbers" if _has_digit(word) else tables.get(word, "function words") for word in running}
    capital = {word for text in texts for token in text.split()[1:] if token[0].isupper() for word in words(token)}
    return {
        word: "function words"
        if word in common
        else "numbers"
        if _has_digit(word)
        else "capitalised words"
        if word in capital
        else "other content words"
        for word in running
    }


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)


def _tables() -> dict[str, str]:
    """The English forms of the phrasebook's tables, each with its class."""
    from seq2seq.phrasebook import lexicon
    from seq2seq.phrasebook.english import third_person

    forms: dict[str, Iterable[str]] = {
        "nouns": (form for noun in lexicon.NOUNS for form in (noun.english, noun.english_plural)),
        "verbs": (
            form
            for verb in lexicon.VERBS
            for form in (verb.english, verb.past, verb.participle, verb.ing, third_person(verb.english))
        ),
        "adjectives": (form for word in lexicon.ADJECTIVES for form in (word.english, word.comparative)),
        "names": [*(site.english for site in lexicon.SITES), *(name for name, _ in lexicon.NAMES)],
        "adverbs and dates": (word.english for word in (*lexicon.ADVERBS, *lexicon.CALENDAR)),
    }
    classes: dict[str, str] = {}
    for name, members in forms.items():
        # Of a fixed expression, such as "in the morning", only what has a capital is a word of its class.
        parts = {part for form in members for part in form.split() if " " not in form or part[0].isupper()}
        for word in {word for part in parts for word in words(part)}:
            classes[word] = name if classes.get(word, name) == name else "several classes"
    return classes
