"""SacreBLEU's metrics, set up for a language."""

from typing import Any

from seq2seq.data.languages import scripts, without_spaces
from seq2seq.errors import ConfigError


def bleu_metric(lowercase: bool, tokenize: str) -> Any:
    """SacreBLEU's BLEU.

    Args:
        lowercase: whether to ignore the difference of upper and lower case.
        tokenize: the name of one of sacreBLEU's tokenisers.

    Raises:
        ConfigError: there is no such tokeniser, or it does not load.
    """
    from sacrebleu.metrics import BLEU

    if tokenize not in BLEU.TOKENIZERS:
        raise ConfigError(f"sacreBLEU has no tokenizer {tokenize!r}: it has {', '.join(BLEU.TOKENIZERS)}")
    try:
        # force=True silences a warning about tokenised text, which the notes give; it changes no figure.
        return BLEU(lowercase=lowercase, tokenize=tokenize, force=True)
    except (ImportError, RuntimeError, OSError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(
            f"sacreBLEU's tokenizer {tokenize!r} does not load: {reason}: install what it needs, or choose another"
        ) from error


def ter_metric(language: str) -> Any:
    """TER over words; over characters where a language has no spaces.

    SacreBLEU parts Chinese and Japanese itself. For the others (Thai, Lao, Khmer, Burmese and more) its `char`
    tokenizer goes first, as for BLEU, and the signature says so.
    """
    from sacrebleu.metrics import TER
    from sacrebleu.tokenizers.tokenizer_char import TokenizerChar

    characters = bool(language) and without_spaces(language)
    known = characters and bool(scripts(language) & {"Hani", "Hira", "Kana"})
    metric = TER(normalized=known, asian_support=known)
    if characters and not known:
        tercom = metric.tokenizer
        into_characters = TokenizerChar()
        metric.tokenizer = lambda text: tercom(into_characters(text))
        metric.tokenizer_signature = f"char+{metric.tokenizer_signature}"
    return metric
