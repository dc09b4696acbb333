"""SentencePiece: train, load, encode, decode, fingerprint (Kudo and Richardson 2018, arXiv:1808.06226)."""

import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from seq2seq.arguments import check_count, path_of
from seq2seq.errors import CheckpointError, ConfigError, DataError, shown
from seq2seq.files import write_atomically
from seq2seq.number_lists import whole_numbers
from seq2seq.piece_sampling import SPACE, BpeCuts, UnigramCuts, Vocabulary, sampled
from seq2seq.settings.config import parse_config
from seq2seq.symbols import BOS, EOS, PAD, UNK
from seq2seq.text_lists import checked_texts, random_sample

_MIN_TEXTS_FOR_THREADS = 256  # for fewer, starting threads takes longer than encoding does
_SAMPLING_SEED = 1  # so that the same text always gives the same vocabulary
_LEAST_PIECES = 300  # that config.py allows
_ALWAYS: dict[str, Any] = {  # of SentencePiece's trainer
    "byte_fallback": True,
    # Text is normalised before it gets here, in ways that are counted and reported.
    "normalization_rule_name": "identity",
    "remove_extra_whitespaces": False,
    "max_sentence_length": 1 << 20,
    "shuffle_input_sentence": True,
    "pad_id": PAD,
    "bos_id": BOS,
    "eos_id": EOS,
    "unk_id": UNK,
    "num_threads": 1,  # more threads sum in another order: the vocabulary would depend on the machine
    "minloglevel": 2,
}
_HALF_SURROGATES = re.compile("[\ud800-\udfff]")  # Python strings can hold one, UTF-8 cannot
_SPACES = re.compile(r"[\s\x1c-\x1f\x85]+")


class Tokenizer:
    """Text to piece ids and back, without loss.

    Pieces of single bytes stand in for characters that training never saw, so every text can be written:
    `decode(encode(s))` is `Tokenizer.normalise(s)` for any `s`.

    Args:
        model: a serialised SentencePiece model.
        threads: how many threads encode a list of texts; by default, one for each core.
    """

    def __init__(self, model: bytes, threads: int | None = None):
        import sentencepiece

        if not isinstance(model, bytes):
            raise CheckpointError(f"not a SentencePiece model, received {shown(model)}: use Tokenizer.load(path)")
        self.model = model
        self._threads = threads or -1
        self._cuts_by_strength: dict[float, UnigramCuts | BpeCuts] = {}
        self._processor: Any = sentencepiece.SentencePieceProcessor()
        try:
            self._processor.LoadFromSerializedProto(model)
        except RuntimeError as error:
            raise CheckpointError(f"not a SentencePiece model ({len(model):,} bytes): {error}") from error
        ids = (self._processor.pad_id(), self._processor.bos_id(), self._processor.eos_id(), self._processor.unk_id())
        if ids != (PAD, BOS, EOS, UNK):
            raise CheckpointError(f"the vocabulary numbers padding, start, end and unknown {ids}, expected 0, 1, 2, 3")

    @classmethod
    def read(cls, model: bytes, origin: str) -> "Tokenizer":
        """A vocabulary from a file's bytes.

        Args:
            model: the content of the file.
            origin: the file's name, for messages.

        Raises:
            CheckpointError: the file holds no vocabulary; names it.
        """
        try:
            tokenizer = cls(model)
            tokenizer.pieces  # noqa: B018  # each is decoded: a damaged one would end a translation
        except CheckpointError as error:
            raise CheckpointError(f"{origin}: {error}: copy it again") from error
        except UnicodeDecodeError as error:
            raise CheckpointError(f"{origin}: the vocabulary has a damaged piece ({error}): copy it again") from error
        return tokenizer

    @classmethod
    def load(cls, path: str | Path) -> "Tokenizer":
        """Read a ``.model`` file."""
        try:
            return cls.read(path_of(path, "the path of a vocabulary").read_bytes(), str(path))
        except OSError as error:
            raise CheckpointError(f"cannot read the vocabulary {path}: {error.strerror}") from error

    def save(self, path: str | Path) -> None:
        """Write the ``.model`` file."""
        write_atomically(path_of(path, "the path of a vocabulary"), self.model)

    @property
    def size(self) -> int:
        """V: pieces, the four reserved ones included."""
        return int(self._processor.GetPieceSize())

    @property
    def pieces(self) -> list[str]:
        """The pieces in the order of their ids."""
        return [self._processor.IdToPiece(index) for index in range(self.size)]

    @property
    def fingerprint(self) -> str:
        """A short hash: runs with the same fingerprint number the same pieces alike."""
        return hashlib.sha256(self.model).hexdigest()[:16]

    @staticmethod
    def normalise(text: str) -> str:
        r"""What survives the way there and back: single spaces, none at the ends, no space mark.

        Raises:
            DataError: what was received is no text.

        >>> Tokenizer.normalise("  a \t man ")
        'a man'
        """
        if not isinstance(text, str):
            raise DataError(f"normalise takes one text, received {shown(text)}")
        text = text.replace(SPACE, "_")
        if text.isprintable() and "  " not in text:  # no other space than " ", no control, no half surrogate
            return text.strip(" ")
        return _SPACES.sub(" ", _HALF_SURROGATES.sub("\ufffd", text.replace("\0", " "))).strip()

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Piece ids of each text, without start or end.

        Raises:
            DataError: one text instead of a list of them, or an item that is not text.
        """
        normalised = [self.normalise(text) for text in checked_texts(texts, "encode")]
        if len(normalised) < _MIN_TEXTS_FOR_THREADS:  # of a list, SentencePiece encodes even one text in a new thread
            return [self._processor.Encode(text) for text in normalised]
        return self._processor.Encode(normalised, num_threads=self._threads)  # type: ignore[no-any-return]

    def sample(self, texts: Sequence[str], strength: float, *, seed: int) -> list[list[int]]:
        """Piece ids of each text, cut at random (Kudo 2018, arXiv:1804.10959; for BPE: Provilkov et al. 2020).

        Args:
            texts: the texts to cut; `decode` gives them back.
            strength: as the setting ``tokenizer.sampling`` describes it.
            seed: below 2^32 - 1; the same texts and seed give the same ids.
        """
        normalised = [self.normalise(text) for text in checked_texts(texts, "sample")]
        return sampled(normalised, self._cuts(strength), seed)

    def _cuts(self, strength: float) -> UnigramCuts | BpeCuts:
        """How words are cut at random; kept, since a word's cuts are worked out once."""
        if strength not in self._cuts_by_strength:
            proto = _proto(self.model)
            kinds = (proto.SentencePiece.NORMAL, proto.SentencePiece.USER_DEFINED)
            pieces = {p.piece: (index, p.score) for index, p in enumerate(proto.pieces) if p.type in kinds}
            vocabulary = Vocabulary(pieces, self._bytes_of)
            bpe = proto.trainer_spec.model_type == proto.trainer_spec.BPE
            self._cuts_by_strength[strength] = (BpeCuts if bpe else UnigramCuts)(vocabulary, strength)
        return self._cuts_by_strength[strength]

    def _bytes_of(self, character: str) -> list[int]:
        return [int(self._processor.PieceToId(f"<0x{byte:02X}>")) for byte in character.encode()]

    def spell(self, pieces: Sequence[str]) -> list[list[int]]:
        """The ids that write each of some pieces of any other vocabulary, as they would inside of a word."""
        import sentencepiece

        proto = _proto(self.model)
        proto.normalizer_spec.add_dummy_prefix = False
        processor: Any = sentencepiece.SentencePieceProcessor()
        processor.LoadFromSerializedProto(proto.SerializeToString())
        spelled: list[list[int]] = processor.Encode(list(pieces))
        return spelled

    def is_byte(self, index: int) -> bool:
        """Whether a piece is a single byte, which stands in where no other piece fits."""
        return bool(self._processor.IsByte(index))

    def start_of(self, language: str) -> int:
        """The id that begins a translation into a language: its own symbol, or else the usual one."""
        index = int(self._processor.PieceToId(_language_symbol(language)))
        return index if self._processor.IsControl(index) else BOS

    def extended(self, other: "Tokenizer | None" = None, language: str | None = None) -> "Tokenizer":
        """This vocabulary and, behind it, what is missing of another one and the start symbol of a language.

        All ids stay. Text of this vocabulary's own language may still split differently, as more pieces compete.
        """
        proto = _proto(self.model)
        known = {piece.piece for piece in proto.pieces}
        lowest = min(piece.score for piece in proto.pieces)
        bpe = proto.trainer_spec.model_type == proto.trainer_spec.BPE
        for rank, piece in enumerate(_proto(other.model).pieces if other else ()):
            if piece.piece not in known:
                added = proto.pieces.add()
                added.CopyFrom(piece)
                added.score = lowest - rank if bpe else piece.score  # BPE's scores are the order of its merges
        symbol = language and _language_symbol(language)
        if symbol and symbol not in known:
            proto.pieces.add(piece=symbol, score=0.0, type=proto.pieces[BOS].type)
        return Tokenizer(proto.SerializeToString())

    def decode(self, ids: Iterable[int]) -> str:
        """The text of one sequence of ids; reserved ids are skipped.

        Raises:
            DataError: no whole numbers, or an id that this vocabulary does not have.
        """
        numbers = whole_numbers(ids, "ids of pieces", "give those of one text, as encode makes them of each")
        if numbers.size and not 0 <= numbers.min() <= numbers.max() < self.size:
            wrong = numbers[(numbers < 0) | (numbers >= self.size)][0]
            raise DataError(f"the id {wrong} is no piece of this vocabulary, which has 0 to {self.size - 1:,}")
        text: str = self._processor.Decode(numbers[numbers > UNK].tolist())
        return text

    def spelling(self, ids: Sequence[int]) -> str:
        """The text of one piece, with a space where it begins a word, or of bytes that together write characters."""
        pieces = [self._processor.IdToPiece(int(index)) for index in ids]
        if all(self.is_byte(int(index)) for index in ids):
            return bytes(int(piece[1:-1], 16) for piece in pieces).decode("utf-8", "replace")  # "<0xE7>"
        return "".join(pieces).replace(SPACE, " ")


def _language_symbol(language: str) -> str:
    return f"<2{language}>"


def _proto(model: bytes) -> Any:
    from sentencepiece import sentencepiece_model_pb2

    return sentencepiece_model_pb2.ModelProto.FromString(model)


def _advice(error: str) -> str:
    """What to do when SentencePiece refuses a size."""
    least = re.search(r"required_chars\. \d+ vs (\d+)", error)
    if least:  # one for each character, and those of single bytes
        return f"their characters need {int(least[1]):,}: set tokenizer.vocabulary_size to {int(least[1]):,} or more"
    most = re.search(r"value <= (\d+)", error)
    if not most:
        return f"SentencePiece says: {error}"
    if int(most[1]) < _LEAST_PIECES:
        return f"this is too little text, enough for {most[1]} pieces, and {_LEAST_PIECES} is the least: add sentences"
    # Of as many as there can be, most pieces are seen once; a third is 1,000 for 1,000 pairs, 3,000 for 10,000
    good = max(_LEAST_PIECES, int(most[1]) // 300 * 100)
    return f"there can be {int(most[1]):,} pieces, and fewer are better: set tokenizer.vocabulary_size to {good}"


def train_tokenizer(
    sentences: Iterable[str],
    *,
    vocabulary_size: int,
    model: str = "unigram",
    character_coverage: float = 0.9999,
    split_digits: bool = False,
    max_sentences: int = 100_000,
) -> Tokenizer:
    """Learn a vocabulary from text.

    Args:
        sentences: the training text; of more than `max_sentences`, a random sample is used.
        vocabulary_size: V, how many pieces to learn, the reserved ones included.
        model: ``unigram`` (Kudo 2018, arXiv:1804.10959) or ``bpe`` (Sennrich et al. 2016, arXiv:1508.07909).
        character_coverage: the share of characters that get a piece of their own; the others are written in bytes.
        split_digits: whether each digit is a piece of its own.
        max_sentences: the most sentences to look at.

    Raises:
        ConfigError: a value that no vocabulary can have, or the text has too few different words for so large a
            vocabulary; says which size it allows.
        DataError: there is no text, or something that is no list of texts.
    """
    import sentencepiece

    check_count(max_sentences, "max_sentences", 1)
    settings = {"vocabulary_size": vocabulary_size, "model": model, "character_coverage": character_coverage}
    parse_config({"tokenizer": settings}, origin="train_tokenizer")  # or an error

    sample = random_sample(checked_texts(sentences, "train_tokenizer"), max_sentences, seed=_SAMPLING_SEED)
    texts = [Tokenizer.normalise(sentence) for sentence in sample]
    count = sum(map(bool, texts))
    stream = io.BytesIO()
    try:
        sentencepiece.set_random_generator_seed(_SAMPLING_SEED)
        sentencepiece.SentencePieceTrainer.Train(
            sentence_iterator=iter(texts),
            model_writer=stream,
            model_type=model,
            vocab_size=vocabulary_size,
            character_coverage=character_coverage,
            split_digits=split_digits,
            input_sentence_size=max_sentences,
            **_ALWAYS,
        )
    except RuntimeError as error:
        if count == 0:
            raise DataError("there is no text to learn a vocabulary from: every pair was filtered out") from error
        size = f"tokenizer.vocabulary_size={vocabulary_size:,}"
        raise ConfigError(
            f"{size} does not fit {count:,} sentence{'s' * (count != 1)}: {_advice(str(error))}"
        ) from error
    return Tokenizer(stream.getvalue())
