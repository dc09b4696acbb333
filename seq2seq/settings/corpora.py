"""The settings of the text: where it comes from, its languages, its cleaning, and its vocabulary."""

from typing import Annotated, Literal

from pydantic import Field

from seq2seq.settings.bounds import Language, Limit, Name, Quantity, Share
from seq2seq.settings.section import Section


class Corpus(Section):
    """Where parallel text comes from: two files (`source`, `target`), a table (`path`) or a data set (`hub`)."""

    source: Name | None = None
    """Text file (plain, gzip, bzip2 or xz), one sentence a line."""
    target: Name | None = None
    """Text file with the translation of `source`, line by line."""
    path: Name | None = None
    """One table: .tsv, .csv, .jsonl or .json (each also compressed, like text), .parquet."""
    hub: Name | None = None
    """A Hugging Face data set by name, or a local folder laid out like one."""
    configuration: Name | None = None
    """The hub data set's configuration, such as "en-fr"."""
    split: Name = "train"
    """The hub data set's split; slices such as "train[:1000]" are allowed."""
    revision: Name | None = None
    """The hub data set's branch, tag or commit."""
    source_column: Name | None = None
    """A name, a dotted name ("translation.en"), or a number from 0 in a table without a header."""
    target_column: Name | None = None
    """The same for the target."""
    target_language: Language | None = None
    """The language of this target, if not `data.target_language`: the decoder then learns to write both. If the target
    is the source itself, it learns to write the source back from h(T)."""
    weight: Annotated[float, Field(ge=1e-6, le=1000.0)] = 1.0
    """How often each pair is seen in an epoch; for the fractional part, pairs are drawn at random each epoch."""


class Cleaning(Section):
    """Which normalisers and filters are used; a limit of 0 switches the filter off."""

    html_entities: bool = True
    """Replace HTML entities: "&amp;quot;" becomes a quote."""
    nfc: bool = True
    """Bring text into Unicode's composed form (NFC)."""
    control_characters: bool = True
    """Remove invisible characters. Those that separate words (tabs, line separators, no-break spaces) become a space;
    joiners, which some scripts need, stay."""
    quotes: bool = True
    """Replace typographic quotes and apostrophes by ' and "; « and » stay."""
    spaces: bool = True
    """Make several spaces one, and remove those at both ends."""
    empty: bool = True
    """Drop pairs whose source or target is empty."""
    max_words: Limit = 200
    """Drop pairs whose source or target has more words."""
    max_characters: Limit = 2000
    """Drop pairs whose source or target has more characters."""
    max_ratio: Quantity = 3.0
    """Drop pairs in which one side has more than this many times as many words as the other, unless they differ by only
    a few words."""
    copies: bool = True
    """Drop pairs whose target is a copy of the source; names and numbers may be copied."""
    duplicates: bool = True
    """Drop a pair that occurred before."""


class Data(Section):
    """The corpora, their languages, and how their text is cleaned and limited."""

    source_language: Language = "en"
    """The language that is translated."""
    target_language: Language = "fr"
    """The language that the translations are in."""
    train: Annotated[list[Corpus], Field(max_length=1000)] = Field(default=[])
    """The pairs to learn from."""
    dev: Annotated[list[Corpus], Field(max_length=1000)] = Field(default=[])
    """The pairs that are measured after each epoch, to choose the best weights; none of them may be in `train`."""
    cleaning: Cleaning = Cleaning()
    max_source_tokens: Annotated[int, Field(ge=2, le=10_000)] = 128
    """Training leaves out pairs with more pieces in the source; a longer sentence is cut before it is translated."""
    max_target_tokens: Annotated[int, Field(ge=2, le=10_000)] = 128
    """Training leaves out pairs with more pieces in the target."""

    def target_of(self, corpus: Corpus) -> str:
        """The language of a corpus' target."""
        return corpus.target_language or self.target_language

    def more_targets(self) -> list[str]:
        """The languages that the decoder learns to write beside `target_language`."""
        targets = dict.fromkeys(self.target_of(corpus) for corpus in self.train)
        return [language for language in targets if language != self.target_language]


class Tokenizer(Section):
    """SentencePiece: one vocabulary for both languages (shared), or one for each language."""

    model: Literal["unigram", "bpe"] = "unigram"
    """How pieces are chosen: by a unigram language model, or by merging frequent pairs (byte-pair encoding)."""
    vocabulary_size: Annotated[int, Field(ge=300, le=65_535)] = 8000
    """How many pieces a vocabulary has, the 256 bytes and 4 reserved symbols included; small corpora need few."""
    shared: bool = True
    """One vocabulary for both languages; false learns one for each, as languages of different scripts need it."""
    character_coverage: Annotated[float, Field(ge=0.98, le=1.0)] = 0.9999
    """The share of the text's characters that become pieces; the rarest ones are spelled as bytes."""
    split_digits: bool = False
    """Make each digit a separate piece, so that numbers that training never saw are spelled like all others."""
    sampling: Share = 0.0
    """Cut the training text into other pieces in every epoch, at random; they are shorter and more. Of a unigram model,
    this is the exponent of the pieces' probabilities (Kudo 2018): the lower, the more the cuts vary; 0.2 to 0.5 is
    usual. Of a BPE model, it is the share of merges that are left out (BPE-dropout, Provilkov et al. 2020); 0.1 is
    usual. 0 always cuts alike."""
    sampled_sides: Literal["both", "source", "target"] = "both"
    """Which side `sampling` cuts at random. Large corpora gain more where only the source is."""
    max_training_sentences: Annotated[int, Field(ge=1000, le=10_000_000)] = 100_000
    """The vocabulary is learned from so many sentences, drawn at random from more."""
