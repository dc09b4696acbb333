"""What answers hold. Field names of LibreTranslate are kept as they are."""

from pydantic import BaseModel, Field

_LOG_PROB = "log-probability in nats"


class ErrorReply(BaseModel):
    """Why a request was not answered."""

    error: str


class StatusReply(BaseModel):
    """How the server is."""

    status: str


class Detected(BaseModel):
    """A language of a text; confidence is 0 because nothing is looked at: the server reads only one language."""

    language: str
    confidence: float


class Details(BaseModel):
    """What is known of a translation besides its text."""

    log_prob_per_token: float = Field(description="mean log-probability of the translation's tokens, in nats")
    cut: bool = Field(description="whether a sentence reached its length limit before it ended")
    longer_than_training: bool = Field(description="whether a sentence was longer than any source in training")
    source_tokens: int = Field(description="tokens of the longest sentence")
    longest_source_in_training: int = Field(description="tokens; 0 where it is unknown")


class TranslateReply(BaseModel):
    """Translations. Where a list of texts was sent, the fields that belong to a text are lists."""

    translatedText: str | list[str]  # noqa: N815
    alternatives: list[str] | list[list[str]] | None = None
    detectedLanguage: Detected | list[Detected] | None = None  # noqa: N815
    details: Details | list[Details] | None = None
    warnings: list[str] | None = Field(None, description="what was unusual in this request")


class ServedLanguage(BaseModel):
    """A language that is read, and those that it can be translated into."""

    code: str
    name: str
    targets: list[str]


class ScoredPiece(BaseModel):
    """A piece of a translation; a space in front of it belongs to it, and the last one is the end, without text."""

    text: str
    log_prob: float = Field(description=f"{_LOG_PROB}, given the source and the pieces before")


class Score(BaseModel):
    """How likely a translation is, given its source."""

    log_prob: float = Field(description=f"{_LOG_PROB}, with the end of the sentence")
    tokens: int = Field(description="that it sums over")
    pieces: list[ScoredPiece] | None = None


class ScoreReply(BaseModel):
    """A score for each text."""

    scores: list[Score]
    warnings: list[str]


class EncodeReply(BaseModel):
    """A summary h(T) for each text."""

    vectors: list[list[float]]
    warnings: list[str]


class Alternative(BaseModel):
    """A translation of a sentence."""

    text: str
    log_prob: float = Field(description=_LOG_PROB)
    probability: float = Field(description="of this translation among all texts that could be written")
    share: float = Field(description="of this translation among those that are listed here: they sum to 1")
    cut: bool = Field(description="whether it reached its length limit before it ended")


class ScoredWord(BaseModel):
    """A word of the best translation."""

    text: str
    log_prob: float = Field(description=f"{_LOG_PROB}: the sum of its pieces'")
    pieces: list[ScoredPiece]


class SourceWord(BaseModel):
    """A word of the source."""

    text: str
    effect: float = Field(description="what the log-probability of the best translation loses without this word")


class Explanation(BaseModel):
    """A sentence, its translations, and what they depend on."""

    source: str = Field(description="the sentence as it is read")
    source_tokens: int
    longer_than_training: bool
    summary: list[float] = Field(description="h(T)")
    translations: list[Alternative] = Field(description="best first")
    words: list[ScoredWord] = Field(description="of the best translation")
    end_log_prob: float = Field(description=f"{_LOG_PROB} of ending behind the last word")
    source_words: list[SourceWord]


class ExplainReply(BaseModel):
    """A text, taken apart."""

    translatedText: str  # noqa: N815
    sentences: list[Explanation]
    longest_source_in_training: int = Field(description="tokens; 0 where it is unknown")
    warnings: list[str]


class Between(BaseModel):
    """What the decoder reads in one vector."""

    position: float
    text: str
    log_prob: float = Field(description=_LOG_PROB)


class BetweenReply(BaseModel):
    """What lies between two sentences."""

    translations: list[Between]


class Neighbour(BaseModel):
    """A sentence of the server's small set."""

    text: str
    cosine: float = Field(
        description="of the angle between its summary and the given sentence's: 1 is the same direction"
    )


class NearestReply(BaseModel):
    """The nearest sentences, the nearest first."""

    neighbours: list[Neighbour]


class AboutPair(BaseModel):
    """What a translator is."""

    source: str
    source_name: str
    target: str
    target_name: str
    training_pairs: int | None = Field(description="sentence pairs that it has learned from; null where unknown")
    dev_bleu: float | None = Field(description="BLEU of 100 on its own dev set; null where unknown")
    dev_loss: float | None = Field(description="nats a token on its own dev set; null where unknown")
    longest_source_in_training: int = Field(description="tokens; 0 where it is unknown")
    longest_source_read: int = Field(description="tokens; what follows is not read")
    summary_size: int | None = Field(description="numbers of h(T); null for a network that has attention as well")
    weights: int = Field(description="numbers that training has set")
    explains: bool = Field(description="whether /explain answers for it")
    walks: bool = Field(description="whether /between answers for it")
    has_neighbours: bool = Field(description="whether /nearest answers for it")
    card: str = Field(description="its model card in Markdown; empty where it has none")


class AboutLimits(BaseModel):
    """What one request may hold."""

    characters: int
    texts: int
    alternatives: int
    deadline_seconds: float


class AboutReply(BaseModel):
    """What this server serves."""

    version: str
    key_required: bool
    limits: AboutLimits
    pairs: list[AboutPair]
