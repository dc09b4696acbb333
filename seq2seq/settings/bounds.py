"""The kinds of values that settings have, each with its bounds.

A bound lies well beyond any known use. Values beyond it would raise an error in a library, be rounded to 0 or 1 in
float32, or cost minutes of work for nothing.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

# Valid and in standard form. Others wait for the data of langcodes, which load as long as half of NumPy.
_COMMON_LANGUAGES = {
    "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "ga", "gl",
    "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "ko", "lt", "lv", "mk", "mt", "nb",
    "nl", "nn", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tr", "uk",
    "ur", "vi", "zh",
}  # fmt: skip


def _text(value: str) -> str:
    if "\0" in value:
        raise ValueError("holds a NUL character, which no file and no name can have")
    return value


def language_tag(tag: str) -> str:
    """A language tag in standard form, or an error where it is none."""
    if tag in _COMMON_LANGUAGES:
        return tag
    import langcodes

    if not langcodes.tag_is_valid(tag):
        raise ValueError("is not a language tag (BCP 47), such as en, pt-BR or zh-Hant")
    return langcodes.standardize_tag(tag)


class ZeroOrFrom:
    """Accepts 0, and numbers from a least one up.

    Args:
        least: the smallest number that is accepted beside 0.
    """

    def __init__(self, least: float):
        self.least = least

    def __call__(self, value: float) -> float:
        """The number itself, or an error."""
        if 0 < value < self.least:
            raise ValueError(f"is 0, or {self.least:g} and more: less is lost in 32 bits")
        return value


def _zero_or_from(least: float) -> AfterValidator:
    return AfterValidator(ZeroOrFrom(least))


Text = Annotated[str, Field(max_length=4096), AfterValidator(_text)]
Name = Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(_text)]
Language = Annotated[str, Field(max_length=100), AfterValidator(language_tag)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
Limit = Annotated[int, Field(ge=0, le=1_000_000_000)]  # 0 means no limit: TOML has no null
Units = Annotated[int, Field(ge=1, le=32_768)]
Layers = Annotated[int, Field(ge=1, le=32)]
Share = Annotated[float, Field(ge=0.0, le=0.99), _zero_or_from(1e-6)]
Rate = Annotated[float, Field(ge=0.0, le=1000.0), _zero_or_from(1e-6)]  # a factor of the learning rate
Decay = Annotated[float, Field(ge=0.0, le=0.99999), _zero_or_from(1e-6)]  # of a moving average; 0 means none
LearningRate = Annotated[float, Field(ge=1e-9, le=100.0)]
FinalRate = Annotated[float, Field(ge=0.0, le=10.0), _zero_or_from(1e-9)]
Exponent = Annotated[float, Field(ge=0.0, le=10.0), _zero_or_from(1e-6)]
Penalty = Annotated[float, Field(ge=0.0, le=100.0), _zero_or_from(1e-6)]  # the weight of a part of the loss
Quantity = Annotated[float, Field(ge=0.0, le=1e9), _zero_or_from(1e-6)]  # 0 means none, or no waiting
