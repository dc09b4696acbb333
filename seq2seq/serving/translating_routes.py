"""The routes that programs call: LibreTranslate's, and scores and summaries beside them."""

from fastapi import APIRouter, Request

from seq2seq.counts import Counts
from seq2seq.serving.openapi import REFUSALS, takes
from seq2seq.serving.pairs import AUTO, ServedPair, language_name
from seq2seq.serving.refusals import BadRequest
from seq2seq.serving.reply_models import (
    Detected,
    EncodeReply,
    Score,
    ScoredPiece,
    ScoreReply,
    ServedLanguage,
    TranslateReply,
)
from seq2seq.serving.request_models import DetectBody, EncodeBody, ScoreBody, TranslateBody
from seq2seq.serving.service import Service
from seq2seq.serving.translation import Translation


class TranslatingRoutes:
    """The handlers of these routes.

    Args:
        service: what the routes of a server share.
    """

    def __init__(self, service: Service):
        self._service = service

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter(tags=["translating"])
        router.add_api_route("/languages", self.languages, methods=["GET"], response_model=list[ServedLanguage])
        for path, handler, body, reply in (
            ("/translate", self.translate, TranslateBody, TranslateReply),
            ("/detect", self.detect, DetectBody, list[Detected]),
            ("/score", self.score, ScoreBody, ScoreReply),
            ("/encode", self.encode, EncodeBody, EncodeReply),
        ):
            router.add_api_route(
                path,
                handler,
                methods=["POST"],
                response_model=reply,
                response_model_exclude_none=True,
                responses=REFUSALS,
                openapi_extra=takes(body),
            )
        return router

    async def languages(self) -> list[ServedLanguage]:
        """The languages that are read, each with those that it can be translated into."""
        catalogue = self._service.catalogue
        return [
            ServedLanguage(code=source, name=language_name(source), targets=catalogue.targets(source))
            for source in catalogue.sources
        ]

    async def detect(self, request: Request) -> list[Detected]:
        """The language of a text: the only one that the server reads, or an error."""
        body = await self._service.read(request, DetectBody)
        self._service.check_texts(body.q)
        return [detected_language(self._service.catalogue.find(AUTO, ""))]

    async def translate(self, request: Request) -> TranslateReply:
        """Translations of a text or of several, with their line breaks, and with their markup if they are HTML."""
        body = await self._service.read(request, TranslateBody)
        [texts] = self._service.check_texts(body.q)
        self._service.check_alternatives(body.alternatives)
        pair = self._service.catalogue.find(body.source, body.target)
        translation = Translation(pair, texts, body.format == "html", body.alternatives + 1)
        translation.hypotheses = await self._service.compute(
            request, pair.translating(body.alternatives + 1), translation.sentences, translation.source_tokens
        )
        return _reply(body, pair, translation)

    async def score(self, request: Request) -> ScoreReply:
        """How likely the network finds given translations of given texts; each text is one sentence to it."""
        body = await self._service.read(request, ScoreBody)
        texts, translations = self._service.check_texts(body.q, body.translation)
        if len(texts) != len(translations):
            raise BadRequest(f"{len(texts):,} texts and {len(translations):,} translations: send one for each text")
        pair = self._service.catalogue.find(body.source, body.target)
        counts = Counts()
        sources = pair.translator.source_ids(texts, counts=counts)
        targets = pair.translator.target_ids(translations, counts=counts)
        lengths = [len(source) + len(target) for source, target in zip(sources, targets, strict=True)]
        items = list(zip(texts, translations, strict=True))
        scores = await self._service.compute(request, pair.scoring, items, lengths)
        warnings = pair.translator.warnings(counts)
        return ScoreReply(scores=[_score(pieces, body.pieces) for pieces in scores], warnings=warnings)

    async def encode(self, request: Request) -> EncodeReply:
        """The summary h(T) of texts; each text is one sentence to the network."""
        body = await self._service.read(request, EncodeBody)
        [texts] = self._service.check_texts(body.q)
        pair = self._service.catalogue.find(body.source, body.target)
        counts = Counts()
        lengths = [len(ids) for ids in pair.translator.source_ids(texts, counts=counts)]
        vectors = await self._service.compute(request, pair.encoding, texts, lengths)
        return EncodeReply(vectors=[vector.tolist() for vector in vectors], warnings=pair.translator.warnings(counts))


def _reply(body: TranslateBody, pair: ServedPair, translation: Translation) -> TranslateReply:
    """The answer in LibreTranslate's form: lists for a list, single values for a text."""
    several = translation.texts()
    alternatives = [texts[1:] for texts in several] if body.alternatives else None
    detected = [detected_language(pair)] * len(several) if body.source.lower() == AUTO else None
    details = translation.details() if body.details else None
    warnings = translation.warnings() if body.details else None
    best = [texts[0] for texts in several]
    if isinstance(body.q, list):
        return TranslateReply(
            translatedText=best,
            alternatives=alternatives,
            detectedLanguage=detected,
            details=details,
            warnings=warnings,
        )
    return TranslateReply(
        translatedText=best[0],
        alternatives=alternatives[0] if alternatives else None,
        detectedLanguage=detected[0] if detected else None,
        details=details[0] if details else None,
        warnings=warnings,
    )


def detected_language(pair: ServedPair) -> Detected:
    """The only language that can be meant. Nothing was looked at, so there is no confidence."""
    return Detected(language=pair.source, confidence=0.0)


def _score(pieces: list[tuple[str, float]], wanted: bool) -> Score:
    scored = [ScoredPiece(text=text, log_prob=log_prob) for text, log_prob in pieces]
    return Score(
        log_prob=sum(piece.log_prob for piece in scored), tokens=len(scored), pieces=scored if wanted else None
    )
