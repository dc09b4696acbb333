"""The routes that show what a translation depends on: for the page, and for everybody who wants to look inside."""

import math

from fastapi import APIRouter, Request

from seq2seq import __version__
from seq2seq.serving.about import about_pair
from seq2seq.serving.explanation import Explained, words_of
from seq2seq.serving.openapi import REFUSALS, takes
from seq2seq.serving.pairs import ServedPair
from seq2seq.serving.refusals import BadRequest
from seq2seq.serving.reply_models import (
    AboutLimits,
    AboutReply,
    Alternative,
    Between,
    BetweenReply,
    ExplainReply,
    Explanation,
    NearestReply,
    Neighbour,
    ScoredPiece,
    ScoredWord,
    SourceWord,
)
from seq2seq.serving.request_models import BetweenBody, ExplainBody, NearestBody
from seq2seq.serving.service import Service
from seq2seq.serving.translation import Translation


class ExplainingRoutes:
    """The handlers of these routes.

    Args:
        service: what the routes of a server share.
    """

    def __init__(self, service: Service):
        self._service = service

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter(tags=["looking inside"])
        router.add_api_route("/about", self.about, methods=["GET"], response_model=AboutReply)
        for path, handler, body, reply in (
            ("/explain", self.explain, ExplainBody, ExplainReply),
            ("/between", self.between, BetweenBody, BetweenReply),
            ("/nearest", self.nearest, NearestBody, NearestReply),
        ):
            router.add_api_route(
                path, handler, methods=["POST"], response_model=reply, responses=REFUSALS, openapi_extra=takes(body)
            )
        return router

    async def about(self) -> AboutReply:
        """What this server serves, and what each of its translators has learned from."""
        limits = self._service.limits
        return AboutReply(
            version=__version__,
            key_required=bool(self._service.keys),
            limits=AboutLimits(
                characters=limits.characters,
                texts=limits.texts,
                alternatives=limits.alternatives,
                deadline_seconds=limits.deadline_seconds,
            ),
            pairs=[about_pair(pair) for pair in self._service.catalogue.pairs],
        )

    async def explain(self, request: Request) -> ExplainReply:
        """The sentences of a text: h(T), translations, how sure each word of them is, what each source word does."""
        body = await self._service.read(request, ExplainBody)
        [[text]] = self._service.check_texts(body.q)
        self._service.check_alternatives(body.alternatives)
        pair = self._service.catalogue.find(body.source, body.target)
        _see_that_there_is_a_summary(pair)
        translation = Translation(pair, [text])
        task = pair.explaining(body.alternatives + 1)
        explained: list[Explained] = await self._service.compute(
            request, task, translation.sentences, translation.source_tokens
        )
        translation.hypotheses = [sentence.hypotheses for sentence in explained]
        [[best]] = translation.texts()
        sentences = [
            _explanation(sentence, tokens, pair.longest_source)
            for sentence, tokens in zip(explained, translation.source_tokens, strict=True)
        ]
        return ExplainReply(
            translatedText=best,
            sentences=sentences,
            longest_source_in_training=pair.longest_source,
            warnings=translation.warnings(),
        )

    async def between(self, request: Request) -> BetweenReply:
        """What the decoder reads in vectors on the straight line from one sentence's summary to another's."""
        body = await self._service.read(request, BetweenBody)
        [texts] = self._service.check_texts([body.q1, body.q2])
        pair = self._service.catalogue.find(body.source, body.target)
        _see_that_there_is_a_summary(pair)
        tokens = sum(len(ids) for ids in pair.translator.source_ids(texts)) * len(body.positions)
        [hypotheses] = await self._service.compute(request, pair.walking, [(*texts, body.positions)], [tokens])
        walked = zip(body.positions, hypotheses, strict=True)
        return BetweenReply(
            translations=[Between(position=place, text=one.text, log_prob=one.log_prob) for place, one in walked]
        )

    async def nearest(self, request: Request) -> NearestReply:
        """The sentences of a small set whose summaries point in the most similar direction."""
        body = await self._service.read(request, NearestBody)
        self._service.check_texts(body.q)
        pair = self._service.catalogue.find(body.source, body.target)
        if not pair.neighbours.exist:
            raise BadRequest(f"there is no set of sentences in {pair.source}, so that none can be near")
        [ids] = pair.translator.source_ids([body.q])
        [neighbours] = await self._service.compute(request, pair.neighbours, [body.q], [len(ids)])
        return NearestReply(
            neighbours=[Neighbour(text=text, cosine=cosine) for text, cosine in neighbours[: body.count]]
        )


def _see_that_there_is_a_summary(pair: ServedPair) -> None:
    if pair.translator.engine.has_attention:
        raise BadRequest("this translator has attention: one summary does not hold all that it reads")


def _explanation(explained: Explained, source_tokens: int, longest_in_training: int) -> Explanation:
    *pieces, (_, end_log_prob) = explained.pieces
    probabilities = [math.exp(hypothesis.log_prob) for hypothesis in explained.hypotheses]
    total = sum(probabilities) or 1.0
    return Explanation(
        source=explained.source,
        source_tokens=source_tokens,
        longer_than_training=0 < longest_in_training < source_tokens,
        summary=explained.summary.tolist(),
        translations=[
            Alternative(
                text=hypothesis.text,
                log_prob=hypothesis.log_prob,
                probability=probability,
                share=probability / total,
                cut=hypothesis.cut,
            )
            for hypothesis, probability in zip(explained.hypotheses, probabilities, strict=True)
        ],
        words=[_scored_word(word) for word in words_of(pieces)],
        end_log_prob=end_log_prob,
        source_words=[SourceWord(text=text, effect=effect) for text, effect in explained.source_words],
    )


def _scored_word(pieces: list[tuple[str, float]]) -> ScoredWord:
    scored = [ScoredPiece(text=text, log_prob=log_prob) for text, log_prob in pieces]
    return ScoredWord(
        text="".join(piece.text for piece in scored),
        log_prob=sum(piece.log_prob for piece in scored),
        pieces=scored,
    )
