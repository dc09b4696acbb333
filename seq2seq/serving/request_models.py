"""What requests hold. Field names of LibreTranslate are kept as they are."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

Texts = str | list[str]
Language = Annotated[str, Field(max_length=100)]
_KEY = Field("", max_length=1000, description="one of the server's keys, if it asks for one")
_TEXTS = Field(description="a text, or a list of them")
_SOURCE: str = Field("auto", description="the language of the text; auto where the server reads only one")
_TARGET: str = Field(description="the language to write")


class Body(BaseModel):
    """What every request has."""

    api_key: str = _KEY


class TranslateBody(Body):
    """A request for translations."""

    q: Texts = _TEXTS
    source: Language = _SOURCE
    target: Language = _TARGET
    format: Literal["text", "html"] = "text"
    alternatives: int = Field(0, ge=0, description="translations wanted beside the best one")
    details: bool = Field(False, description="say how likely each translation is and what was unusual")


class DetectBody(Body):
    """A request for the language of a text."""

    q: str = Field(description="a text")


class ScoreBody(Body):
    """A request for the probability of translations. A text is read as one sentence."""

    q: Texts = _TEXTS
    translation: Texts = Field(description="a translation of each text")
    source: Language = _SOURCE
    target: Language = _TARGET
    pieces: bool = Field(False, description="score each piece of the translation as well")


class EncodeBody(Body):
    """A request for the summary h(T) of texts. A text is read as one sentence."""

    q: Texts = _TEXTS
    source: Language = _SOURCE
    target: Language = Field("", description="the language that the summary is for; any where not given")


class ExplainBody(Body):
    """A request for a translation and for what it depends on."""

    q: str = Field(description="a text")
    source: Language = _SOURCE
    target: Language = _TARGET
    alternatives: int = Field(4, ge=0, description="translations of each sentence beside the best one")


class BetweenBody(Body):
    """A request for what the decoder reads in vectors between two sentences' summaries."""

    q1: str = Field(description="the sentence at position 0")
    q2: str = Field(description="the sentence at position 1")
    source: Language = _SOURCE
    target: Language = _TARGET
    positions: list[Annotated[float, Field(ge=0, le=1)]] = Field(
        [0.0, 0.25, 0.5, 0.75, 1.0], min_length=1, max_length=33, description="0 is the first sentence, 1 the second"
    )


class NearestBody(Body):
    """A request for the sentences whose summaries are nearest."""

    q: str = Field(description="a sentence")
    source: Language = _SOURCE
    target: Language = Field("", description="the language that the summary is for; any where not given")
    count: int = Field(5, ge=1, le=50)
