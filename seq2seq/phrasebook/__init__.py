"""The embedded bilingual corpus: a grammar that writes English and French sentences side by side.

It needs no download, its French is a function of its English, and it knows what each sentence contains. `lexicon`
holds the words, `english` and `french` their forms, `nouns` and `clauses` build both languages from one structure,
`draws`, `patterns` and `sentences` choose structures at random, and `generate` makes them a corpus with splits.
"""

from seq2seq.phrasebook.generate import SPLITS, Features, Phrase, phrases

__all__ = ["SPLITS", "Features", "Phrase", "phrases"]
