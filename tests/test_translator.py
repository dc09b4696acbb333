"""Text in, text out: every sentence keeps its place, whatever it is, and what is out of the ordinary is counted."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import keras
import numpy as np
import pytest

from seq2seq.counts import Counts
from seq2seq.decoding.hypotheses import Hypotheses
from seq2seq.engine.keras import KerasEngine
from seq2seq.engine.sampling import Sampling
from seq2seq.errors import CheckpointError, ConfigError, DataError
from seq2seq.model_from_settings import build_model
from seq2seq.phrasebook import phrases
from seq2seq.settings.config import Model, Translation
from seq2seq.symbols import EOS
from seq2seq.tokenizer import train_tokenizer
from seq2seq.translator import Translator


@pytest.fixture(scope="module")
def tokenizers():
    pairs = list(phrases("train", 300, min_words=3, max_words=9))
    return tuple(
        train_tokenizer([pair[side] for pair in [(p.english, p.french) for p in pairs]], vocabulary_size=500)
        for side in (0, 1)
    )


def network(tokenizers, **settings):
    """Untrained, but far from indifferent: larger weights make each source's translation its own."""
    keras.utils.set_random_seed(5)
    sizes = {"embedding": 8, "encoder_units": 8, "decoder_units": 8}
    model = build_model(Model(**sizes, **settings), tokenizers[0].size, tokenizers[1].size)
    for variable in model.trainable_variables:
        variable.assign(np.asarray(variable.value) * 3)
    return model


@pytest.fixture(scope="module")
def engine(tokenizers):
    """Compiled once for all tests."""
    return KerasEngine([network(tokenizers)])


@pytest.fixture(scope="module")
def make(tokenizers, engine):
    """A function of settings of the search: a translator."""

    def translator(split_sentences=False, **search):
        settings = Translation(**{"beam_size": 3, "max_length_ratio": 1.0, "max_length_extra": 6} | search)
        return Translator(engine, tokenizers, max_source_tokens=40, search=settings, split_sentences=split_sentences)

    return translator


@pytest.fixture(scope="module")
def translator(make):
    return make()


SENTENCES = [pair.english for pair in phrases("dev", 12, min_words=3, max_words=12)]


def test_translation_does_not_change_with_company_or_order(make):
    together = make().translate(SENTENCES)
    assert len(set(together)) > 1
    assert together == make(batch_sentences=3).translate(SENTENCES[::-1])[::-1]
    assert together[4:5] == make().translate(SENTENCES[4:5])


class Says:
    """An engine that answers everything with the same tokens."""

    pieces, batches_at_once = 500, 1

    def __init__(self, tokens):
        self.tokens = np.array(tokens)

    def search(self, sources, limits, settings, **keywords):
        shape = len(sources), 1
        return Hypotheses(np.broadcast_to(self.tokens, (*shape, len(self.tokens))), np.zeros(shape), np.zeros(shape))


@pytest.mark.parametrize("byte", ["<0x0A>", "<0x0D>", "<0x0B>", "<0x1C>"])
def test_piece_that_breaks_lines_leaves_a_space(tokenizers, byte):
    """Whatever reads the output line by line finds as many lines as went in."""
    target = tokenizers[1]
    word = target.encode(["chat"])[0]
    engine = Says([*word, target.pieces.index(byte), *word, EOS])
    [[hypothesis]] = Translator(engine, tokenizers).hypotheses(["A cat."])
    assert hypothesis.text == "chat chat"
    assert len(hypothesis.text.splitlines()) == 1


def test_empty_sentences_keep_their_place_and_are_counted(translator):
    counts = Counts()
    results = translator.translate(["", SENTENCES[0], " \t ", SENTENCES[1]], counts=counts)
    assert results[0] == results[2] == ""
    assert [results[1], results[3]] == translator.translate(SENTENCES[:2])
    assert "2 of 4 lines were empty or unreadable" in translator.warnings(counts)[0]
    assert translator.translate([]) == []


def test_n_best_are_different_and_in_order(translator):
    for hypotheses in translator.hypotheses(SENTENCES[:3], n_best=3):
        assert len(hypotheses) == len({hypothesis.score for hypothesis in hypotheses}) == 3
        assert [h.score for h in hypotheses] == sorted((h.score for h in hypotheses), reverse=True)


def test_long_sentence_is_cut_and_counted(translator):
    counts = Counts()
    translator.translate(["word " * 500], counts=counts)
    assert "1 of 1 sentences were longer than 40 tokens" in " ".join(translator.warnings(counts))


def test_what_is_far_behind_the_cut_is_not_even_looked_at(translator, monkeypatch):
    text, source, counts = " ".join(SENTENCES), translator.tokenizers[0], Counts()
    expected = translator.source_ids([text * 3], counts=counts)
    encode, lengths = source.encode, []
    monkeypatch.setattr(source, "encode", lambda texts: lengths.extend(map(len, texts)) or encode(texts))
    assert translator.source_ids([f"{text} " * 1000], counts=counts) == expected
    assert lengths == [40 * 64]
    assert counts.shortened == 2


def test_length_limit_is_counted(make):
    translator, counts = make(max_length_ratio=0.01, max_length_extra=1), Counts()
    assert translator.translate(SENTENCES[:2], counts=counts) == ["", ""]
    said = " ".join(translator.warnings(counts))
    assert "2 of 2 translations reached their length limit before they ended" in said


def test_counts_belong_to_the_call_and_grow_where_a_text_comes_in_parts(translator):
    counts, others = Counts(), Counts()
    translator.translate(["", SENTENCES[0]], counts=counts)
    translator.translate(["word " * 500], counts=others)
    translator.translate(["", ""])
    translator.encode(["", SENTENCES[1]], counts=counts)
    assert (counts.sentences, counts.empty, counts.shortened) == (4, 2, 0)
    assert (others.sentences, others.empty, others.shortened) == (1, 0, 1)


def test_threads_share_a_translator_and_not_their_counts(tokenizers, make):
    """Each gets what it would get alone, from an engine that nobody has used before."""
    parts = [[*SENTENCES[:6], ""], SENTENCES[6:], ["", "word " * 500, SENTENCES[0]]]

    def results(translator, texts):
        counts = Counts()
        found = translator.hypotheses(texts, n_best=3, counts=counts)
        drawn = translator.hypotheses(texts, sampling=Sampling(seed=2), counts=counts)
        scores = [round(score, 4) for score, _ in translator.score(texts, texts, counts=counts)]
        vectors = translator.encode(texts, counts=counts).round(4).tolist()
        return found, drawn, scores, vectors, translator.warnings(counts)

    alone = make(batch_sentences=2)
    shared = replace(alone, engine=KerasEngine([network(tokenizers)]))
    with ThreadPoolExecutor(len(parts)) as pool:
        together = list(pool.map(lambda texts: results(shared, texts), parts))
    assert together == [results(alone, texts) for texts in parts]
    assert len({str(warnings) for *_, warnings in together}) > 1


def test_score_does_not_change_with_company(translator):
    targets = [pair.french for pair in phrases("dev", 12, min_words=3, max_words=12)]
    together = translator.score(SENTENCES, targets)
    alone = [translator.score([SENTENCES[place]], [targets[place]])[0] for place in range(3)]
    np.testing.assert_allclose([score for score, _ in together[:3]], [score for score, _ in alone], rtol=1e-5)


def test_score_of_different_numbers_of_lines_is_refused(translator):
    with pytest.raises(DataError, match=r"2 sources and 1 targets: each source needs one target"):
        translator.score(["a", "b"], ["c"])
    with pytest.raises(DataError, match=r"2 sources and 1 targets: each source needs one target"):
        translator.token_scores(["a", "b"], ["c"])


def test_scores_of_tokens_have_the_text_of_the_target_and_sum_to_its_score(translator):
    targets = [*(pair.french for pair in phrases("dev", 6, min_words=3, max_words=12)), "Le chat 猫猫 dort."]
    sources = SENTENCES[:7]
    scores = translator.token_scores(sources, targets)
    assert ["".join(text for text, _ in pieces).strip() for pieces in scores] == targets
    assert [pieces[-1][0] for pieces in scores] == [""] * 7
    assert "猫猫" in [text for text, _ in scores[6]]  # six pieces of bytes
    sums = [sum(log_prob for _, log_prob in pieces) for pieces in scores]
    np.testing.assert_allclose(sums, [score for score, _ in translator.score(sources, targets)], rtol=1e-5)


CALLS = {
    "translate": lambda translator, texts: translator.translate(texts),
    "hypotheses": lambda translator, texts: translator.hypotheses(texts),
    "encode": lambda translator, texts: translator.encode(texts),
    "source_ids": lambda translator, texts: translator.source_ids(texts),
    "target_ids": lambda translator, texts: translator.target_ids(texts),
    "score": lambda translator, texts: translator.score(texts, texts),
    "token_scores": lambda translator, texts: translator.token_scores(texts, texts),
}


@pytest.mark.parametrize("call", CALLS)
def test_one_text_and_what_is_no_text_are_refused(translator, call):
    with pytest.raises(DataError, match=rf"{call} takes a list of sentences, received one str: write {call}\("):
        CALLS[call](translator, "He never ran.")
    with pytest.raises(DataError, match=rf"{call}: item 1 is no text, received None \(NoneType\)"):
        CALLS[call](translator, ["He never ran.", None])


@pytest.mark.parametrize("wrong", [None, 5, b"run", [None], ["run", 5]])
def test_what_names_no_run_is_refused(wrong):
    with pytest.raises(ConfigError, match=r"the directory of a run is text or a pathlib.Path, received"):
        Translator.load(wrong)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"search": {"beam_size": 3}}, r"search is not a Translation, received .*: write Translation\(beam_size=5\)"),
        ({"target_language": 5}, r"target_language is not a str, received 5"),
        ({"split_sentences": "no"}, r"split_sentences is True or False, received 'no'"),
    ],
)
def test_option_of_another_kind_is_refused_before_a_run_is_opened(option, message):
    with pytest.raises(ConfigError, match=message):
        Translator.load("there is no such run", **option)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"engine": []}, "engine is a list: write OnnxEngine"),
        ({"tokenizers": "ab"}, r"tokenizers are a list, received 'ab' \(str\): give \(source, target\)"),
        ({"search": {}}, "search is not a Translation"),
        ({"max_source_tokens": "40"}, "max_source_tokens is a whole number"),
    ],
)
def test_translator_of_other_parts_is_refused(tokenizers, engine, argument, message):
    with pytest.raises(ConfigError, match=message):
        Translator(**{"engine": engine, "tokenizers": tokenizers} | argument)


@pytest.mark.parametrize("wrong", [5, "x", {"seed": 1}])
def test_sampling_of_another_kind_is_refused(translator, wrong):
    with pytest.raises(ConfigError, match=r"sampling is not a Sampling, received .*: write Sampling"):
        translator.hypotheses(SENTENCES, sampling=wrong)


@pytest.mark.parametrize(
    ("n_best", "sampling"), [(0, None), (4, None), (1.5, None), (True, None), ("2", None), (2, Sampling())]
)
def test_more_hypotheses_than_there_are_is_refused(translator, n_best, sampling):
    with pytest.raises(ConfigError, match=rf"n_best is .*1.*, received {n_best!r}"):
        translator.hypotheses(SENTENCES, n_best=n_best, sampling=sampling)


def test_long_target_is_scored_to_the_limit_and_counted(translator):
    counts = Counts()
    (alone, tokens), (score, _) = translator.score(SENTENCES[:2], ["mot " * 5000, "mot"], counts=counts)
    assert tokens == 4096
    assert alone < score < 0
    said = translator.warnings(counts)[-1]
    assert "1 of 2 targets were longer than 4,096 tokens: the rest of them was not scored" in said


def test_encode_gives_a_row_a_sentence_and_zeros_for_an_empty_one(translator):
    vectors = translator.encode([SENTENCES[0], "", SENTENCES[1]])
    assert vectors.shape == (3, translator.engine.summary_size)
    assert not vectors[1].any()
    np.testing.assert_allclose(vectors[2], translator.encode([SENTENCES[1]])[0], atol=1e-6)


def test_long_text_is_drawn_alike_in_one_call_and_in_several(translator):
    sampling, counts = Sampling(seed=3), Counts()
    together = translator.hypotheses(SENTENCES, sampling=sampling)
    parts = [translator.hypotheses(part, sampling=sampling, counts=counts) for part in (SENTENCES[:5], SENTENCES[5:])]
    apart = parts[0] + parts[1]
    assert [[drawn.ids for drawn in line] for line in together] == [[drawn.ids for drawn in line] for line in apart]
    for (whole,), (part,) in zip(together, apart, strict=True):  # rounded otherwise in a batch of another size
        assert part == whole._replace(score=pytest.approx(whole.score), log_prob=pytest.approx(whole.log_prob))
    assert together != translator.hypotheses(SENTENCES, sampling=Sampling(seed=4))


def test_translating_summaries_is_translating_their_sentences(translator):
    tokens = [len(ids) for ids in translator.source_ids(SENTENCES)]
    found = translator.translate_summaries(translator.encode(SENTENCES), tokens)
    assert [best.text for best in found] == translator.translate(SENTENCES)
    assert translator.translate_summaries(np.zeros((0, 16))) == []


def test_summaries_without_lengths_may_become_as_long_as_the_longest_source_allows(make):
    translator = make(min_length_ratio=1.0, max_length_ratio=1.0, max_length_extra=1)
    [found] = translator.translate_summaries(translator.encode(SENTENCES[:1]))
    assert 40 <= len(found.ids) + 1 <= 41


def test_summaries_are_not_enough_for_attention(tokenizers):
    translator = Translator(KerasEngine([network(tokenizers, attention=True)]), tokenizers)
    with pytest.raises(CheckpointError, match=r"has attention: its decoder reads the source"):
        translator.translate_summaries(np.zeros((1, 16)))


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (np.zeros((2, 3)), "rows of 16 numbers, one for each sentence, received 2 x 3"),
        (np.zeros(16), "rows of 16 numbers, one for each sentence, received 16"),
        (np.zeros((2, 2, 16)), "received 2 x 2 x 16"),
        (5.0, "received one number"),
        ([[0.0] * 16, [np.nan] * 16], "row 1 holds a number that is not finite in 32 bits"),
        ([[1e300] * 16], "row 0 holds a number that is not finite"),
        ([["a"] * 16], "takes numbers, received"),
        ([[1, 2], [1]], "takes numbers, received"),
        (None, "takes numbers, received None"),
        ("vectors.npy", "takes numbers, received 'vectors.npy'"),
    ],
)
def test_vectors_that_cannot_be_summaries_are_refused(translator, vectors, message):
    with pytest.raises(DataError, match=f"translate_summaries.*{message}"):
        translator.translate_summaries(vectors)


@pytest.mark.parametrize("tokens", [[1], [1, 2, 3], [1, -1], [1, 10**9], [1.5, 2], 5, "ab"])
def test_source_lengths_that_do_not_fit_are_refused(translator, tokens):
    with pytest.raises(DataError, match="source_tokens"):
        translator.translate_summaries(np.zeros((2, 16)), tokens)


def test_sentences_of_a_line_are_translated_one_by_one_where_asked_for(make):
    translator = make(split_sentences=True)
    first, second = translator.hypotheses(SENTENCES[:2])
    both, empty, alone = translator.hypotheses([f"{SENTENCES[0]} {SENTENCES[1]}", "", SENTENCES[1]])
    assert both[0].text == f"{first[0].text} {second[0].text}"
    assert both[0].ids == first[0].ids + second[0].ids
    assert both[0].log_prob == pytest.approx(first[0].log_prob + second[0].log_prob, rel=1e-4)
    assert (empty[0].text, alone[0].text) == ("", second[0].text)


def test_lines_of_several_sentences_are_said_where_they_are_not_split(translator):
    counts = Counts()
    translator.translate([f"{SENTENCES[0]} {SENTENCES[1]}", SENTENCES[2]], counts=counts)
    said = translator.warnings(counts)
    assert any("1 of 2 lines hold several sentences, which training may not" in text for text in said)


def test_importing_the_translator_loads_nothing_that_translating_does_without():
    late = {"keras", "tensorflow", "jax", "pyarrow", "datasets", "matplotlib", "tqdm", "langcodes", "sacrebleu"}
    code = f"import sys, seq2seq.translator, seq2seq.ensemble; print({late} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "set()", done.stderr
