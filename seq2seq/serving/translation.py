"""The texts of one request on their way through the translator: their sentences, and what is made of them."""

from collections.abc import Sequence

from seq2seq.counts import Counts
from seq2seq.hypothesis import Hypothesis
from seq2seq.serving.documents import text_document
from seq2seq.serving.html_documents import html_document, see_that_markup_stayed
from seq2seq.serving.pairs import ServedPair
from seq2seq.serving.reply_models import Details


class Translation:
    """The texts of a request, parted into sentences, and their translations once these are known.

    Args:
        pair: the translator of the languages that were asked for.
        texts: the texts of the request, of any number of lines each.
        is_html: whether the texts are HTML.
        n_best: how many translations of each text to give.

    Attributes:
        sentences: the sentences of all texts, in order.
        source_tokens: the length of each sentence.
        hypotheses: the n best translations of each sentence; set by the caller.

    Raises:
        BadRequest: HTML that is not well-formed.
    """

    def __init__(self, pair: ServedPair, texts: Sequence[str], is_html: bool = False, n_best: int = 1):
        self._pair = pair
        self._texts = texts
        self._is_html = is_html
        self._n_best = n_best
        make = html_document if is_html else text_document
        self._documents = [make(text, pair.translator.sentences) for text in texts]
        self.sentences = [sentence for document in self._documents for sentence in document.sentences]
        self._counts = Counts()
        self._source_ids = pair.translator.source_ids(self.sentences, counts=self._counts)
        self.source_tokens = [len(ids) for ids in self._source_ids]
        self.hypotheses: list[list[Hypothesis]] = []

    def texts(self) -> list[list[str]]:
        """The translations of each text, best first: the n-th of a text joins the n-th of each sentence.

        Raises:
            BadRequest: the markup of HTML would change.
        """
        return [
            [self._joined(number, rank) for rank in range(self._n_best if document.sentences else 1)]
            for number, document in enumerate(self._documents)
        ]

    def details(self) -> list[Details]:
        """What is known of the best translation of each text."""
        return [self._details(number) for number in range(len(self._documents))]

    def warnings(self) -> list[str]:
        """What was unusual in the texts and in their translations."""
        counts = self._counts
        for ids, (best, *_) in zip(self._source_ids, self.hypotheses, strict=True):
            counts.cut += best.cut
            counts.add_translation(ids, best.ids, best.text)
        return self._pair.translator.warnings(counts)

    def _joined(self, number: int, rank: int) -> str:
        translations = [hypotheses[rank].text for hypotheses in self.hypotheses[self._places(number)]]
        text = self._documents[number].joined(translations)
        if self._is_html:
            see_that_markup_stayed(self._texts[number], text)
        return text

    def _details(self, number: int) -> Details:
        places = self._places(number)
        best = [hypotheses[0] for hypotheses in self.hypotheses[places]]
        longest_source = max(self.source_tokens[places], default=0)
        longest_in_training = self._pair.longest_source
        tokens = sum(len(hypothesis.ids) + 1 for hypothesis in best)  # with the end symbols
        return Details(
            log_prob_per_token=sum(hypothesis.log_prob for hypothesis in best) / max(tokens, 1),
            cut=any(hypothesis.cut for hypothesis in best),
            longer_than_training=0 < longest_in_training < longest_source,
            source_tokens=longest_source,
            longest_source_in_training=longest_in_training,
        )

    def _places(self, number: int) -> slice:
        """Where the sentences of a text are among all sentences."""
        begin = sum(len(document.sentences) for document in self._documents[:number])
        return slice(begin, begin + len(self._documents[number].sentences))
