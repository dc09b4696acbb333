"""Law 2 for translations: they do not change with their company. And every sentence keeps its place."""

import re

import keras
import numpy as np
import pytest

from seq2seq.backend import compiled
from seq2seq.data.shortlist import Shortlist
from seq2seq.decoding.beam import BeamSearch
from seq2seq.errors import CheckpointError, ConfigError, DataError
from seq2seq.model_from_settings import build_model
from seq2seq.phrasebook import phrases
from seq2seq.settings.config import Model, Translation
from seq2seq.symbols import EOS, PAD
from seq2seq.tokenizer import train_tokenizer
from seq2seq.translator import Sampling, Translator


@pytest.fixture(scope="module")
def tokenizers():
    pairs = list(phrases("train", 300, min_words=3, max_words=9))
    return tuple(
        train_tokenizer([pair[side] for pair in [(p.english, p.french) for p in pairs]], vocabulary_size=500)
        for side in (0, 1)
    )


def network(tokenizers, seed=5, cell="gru"):
    """Untrained, but far from indifferent: larger weights make each source's translation its own."""
    keras.utils.set_random_seed(seed)
    sizes = {"embedding": 8, "encoder_units": 8, "decoder_units": 8}
    model = build_model(Model(cell=cell, **sizes), tokenizers[0].size, tokenizers[1].size)
    for variable in model.trainable_variables:
        variable.assign(np.asarray(variable.value) * 3)
    return model


def translator(tokenizers, *models, **search):
    settings = {"beam_size": 3, "max_length_ratio": 1.0, "max_length_extra": 6} | search
    return Translator(models or [network(tokenizers)], tokenizers, max_source_tokens=40, search=Translation(**settings))


@pytest.fixture
def engine(tokenizers, shared_network):
    return translator(tokenizers, shared_network)


@pytest.fixture(scope="module")
def shared_network(tokenizers):
    return network(tokenizers)


SENTENCES = [pair.english for pair in phrases("dev", 12, min_words=3, max_words=12)]


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_translation_does_not_change_with_company_or_order(tokenizers, cell):
    model = network(tokenizers, cell=cell)
    together = translator(tokenizers, model).translate(SENTENCES)
    backwards = translator(tokenizers, model, batch_sentences=3).translate(SENTENCES[::-1])[::-1]
    alone = translator(tokenizers, model).translate(SENTENCES[4:5])
    assert len(set(together)) > 1
    assert together == backwards
    assert together[4:5] == alone


@pytest.mark.parametrize("byte", ["<0x0A>", "<0x0D>", "<0x0B>", "<0x1C>"])
def test_piece_that_breaks_lines_leaves_a_space(tokenizers, byte):
    """Whatever reads the output line by line finds as many lines as went in."""
    target = tokenizers[1]
    word = target.encode(["chat"])[0]
    model = network(tokenizers)
    tokens = np.array([[*word, target.pieces.index(byte), *word, EOS]])
    found = ([tokens], [np.zeros(1)], [np.zeros(1)])
    (hypothesis,) = translator(tokenizers, model)._hypotheses(found, 0, 1, 99)
    assert hypothesis.text == "chat chat"
    assert len(hypothesis.text.splitlines()) == 1


def test_empty_sentences_keep_their_place_and_are_counted(tokenizers):
    engine = translator(tokenizers)
    results = engine.translate(["", SENTENCES[0], " \t ", SENTENCES[1]])
    assert results[0] == results[2] == ""
    assert [results[1], results[3]] == translator(tokenizers).translate(SENTENCES[:2])
    assert "2 of 4 lines were empty or unreadable" in engine.warnings()[0]
    assert engine.translate([]) == []


def test_n_best_are_different_and_in_order(tokenizers):
    for hypotheses in translator(tokenizers, beam_size=4).hypotheses(SENTENCES[:3], n_best=4):
        assert len(hypotheses) == len({hypothesis.score for hypothesis in hypotheses}) == 4
        assert [h.score for h in hypotheses] == sorted((h.score for h in hypotheses), reverse=True)


def test_long_sentence_is_cut_and_counted(tokenizers):
    engine = translator(tokenizers)
    engine.translate(["word " * 500])
    assert "1 of 1 sentences were longer than 40 tokens" in " ".join(engine.warnings())


def test_what_is_far_behind_the_cut_is_not_even_looked_at(engine, monkeypatch):
    text = " ".join(SENTENCES)
    expected = engine.source_ids([text * 3])
    encode, lengths = engine.tokenizers[0].encode, []
    monkeypatch.setattr(engine.tokenizers[0], "encode", lambda texts: lengths.extend(map(len, texts)) or encode(texts))
    assert engine.source_ids([f"{text} " * 1000]) == expected
    assert lengths == [40 * 64]
    assert engine.counts.shortened == 2


def test_length_limit_is_counted(tokenizers):
    engine = translator(tokenizers, max_length_ratio=0.01, max_length_extra=1)
    assert engine.translate(SENTENCES[:2]) == ["", ""]
    assert "2 of 2 translations reached their length limit before they ended" in " ".join(engine.warnings())


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_score_is_the_log_probability_that_the_search_found(tokenizers, cell):
    """Searching and forced decoding of what was found are the two architectures over the same weights."""
    model = network(tokenizers, cell=cell)
    source = tokenizers[0].encode([SENTENCES[0]])[0]
    limit = np.array([9], "int32")

    def search(ids):
        state = model.start(model.encode(ids))
        return BeamSearch(3)(model.step, state, minimum=limit - 8, maximum=limit, width=9)

    found = compiled(search, model)(np.array([[*source, EOS]], "int32"))
    for tokens, log_prob in zip(np.asarray(found.tokens)[0], np.asarray(found.log_probs)[0], strict=True):
        target = [int(piece) for piece in tokens if piece not in (PAD, EOS)]
        ((loss, count),) = translator(tokenizers, model).losses([(source, target)])
        assert count == len(target) + 1
        assert -loss == pytest.approx(float(log_prob), abs=1e-3)


def test_score_does_not_change_with_company(tokenizers):
    engine = translator(tokenizers)
    targets = [pair.french for pair in phrases("dev", 12, min_words=3, max_words=12)]
    together = engine.score(SENTENCES, targets)
    alone = [engine.score([source], [target])[0] for source, target in list(zip(SENTENCES, targets, strict=True))[:3]]
    np.testing.assert_allclose([score for score, _ in together[:3]], [score for score, _ in alone], rtol=1e-5)


def test_score_of_different_numbers_of_lines_is_refused(tokenizers):
    with pytest.raises(DataError, match=r"2 sources and 1 targets: each source needs one target"):
        translator(tokenizers).score(["a", "b"], ["c"])


CALLS = {
    "translate": lambda engine, texts: engine.translate(texts),
    "hypotheses": lambda engine, texts: engine.hypotheses(texts),
    "encode": lambda engine, texts: engine.encode(texts),
    "source_ids": lambda engine, texts: engine.source_ids(texts),
    "target_ids": lambda engine, texts: engine.target_ids(texts),
    "score": lambda engine, texts: engine.score(texts, texts),
}


@pytest.mark.parametrize("call", CALLS)
def test_one_text_and_what_is_no_text_are_refused(engine, call):
    with pytest.raises(DataError, match=rf"{call} takes a list of sentences, received one str: write {call}\("):
        CALLS[call](engine, "He never ran.")
    with pytest.raises(DataError, match=rf"{call}: item 1 is no text, received None \(NoneType\)"):
        CALLS[call](engine, ["He never ran.", None])


def test_no_run_is_refused():
    with pytest.raises(ConfigError, match="no run is named: give the directory of one"):
        Translator.load([])


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
        ({"models": []}, "models are a list, received"),
        ({"models": "run"}, "models are a list, received 'run'"),
        ({"tokenizers": "ab"}, r"tokenizers are a list, received 'ab' \(str\): give \(source, target\)"),
        ({"search": {}}, "search is not a Translation"),
        ({"max_source_tokens": "40"}, "max_source_tokens is a whole number"),
    ],
)
def test_translator_of_other_parts_is_refused(tokenizers, shared_network, argument, message):
    with pytest.raises(ConfigError, match=message):
        Translator(**{"models": [shared_network], "tokenizers": tokenizers} | argument)


@pytest.mark.parametrize("wrong", [5, "x", {"seed": 1}])
def test_sampling_of_another_kind_is_refused(engine, wrong):
    with pytest.raises(ConfigError, match=r"sampling is not a Sampling, received .*: write Sampling"):
        engine.hypotheses(SENTENCES, sampling=wrong)


@pytest.mark.parametrize(
    ("n_best", "sampling"), [(0, None), (4, None), (1.5, None), (True, None), ("2", None), (2, Sampling())]
)
def test_more_hypotheses_than_there_are_is_refused(engine, n_best, sampling):
    with pytest.raises(ConfigError, match=rf"n_best is .*1.*, received {n_best!r}"):
        engine.hypotheses(SENTENCES, n_best=n_best, sampling=sampling)


def test_long_target_is_scored_to_the_limit_and_counted(engine):
    (alone, tokens), (score, _) = engine.score(SENTENCES[:2], ["mot " * 5000, "mot"])
    assert tokens == 4096
    assert alone < score < 0
    assert "1 of 2 targets were longer than 4,096 tokens: the rest of them was not scored" in engine.warnings()[-1]


def test_encode_gives_a_row_a_sentence_and_zeros_for_an_empty_one(tokenizers):
    engine = translator(tokenizers)
    vectors = engine.encode([SENTENCES[0], "", SENTENCES[1]])
    assert vectors.shape == (3, engine.models[0].encoder.size)
    assert not vectors[1].any()
    np.testing.assert_allclose(vectors[2], engine.encode([SENTENCES[1]])[0], atol=1e-6)


def test_ensemble_of_one_model_twice_is_that_model(tokenizers):
    model = network(tokenizers)
    assert translator(tokenizers, model, model).translate(SENTENCES) == translator(tokenizers, model).translate(
        SENTENCES
    )


def test_ensemble_is_between_its_members(tokenizers):
    models = network(tokenizers), network(tokenizers, seed=6)
    with pytest.raises(CheckpointError, match=r"encode works on one run; received an ensemble of 2"):
        translator(tokenizers, *models).encode(SENTENCES)
    assert translator(tokenizers, *models).translate(SENTENCES) != translator(tokenizers, models[0]).translate(
        SENTENCES
    )


def test_sampling_is_a_function_of_seed_and_place_not_of_the_batch(tokenizers):
    model = network(tokenizers)
    drawn = [
        translator(tokenizers, model, batch_sentences=size).hypotheses(SENTENCES, sampling=Sampling(seed=seed))
        for size, seed in ((12, 1), (5, 1), (12, 2))
    ]
    texts = [[hypotheses[0].text for hypotheses in each] for each in drawn]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize(
    "wrong",
    [
        *({"temperature": value} for value in (0.0, -1.0, 1e-20, 1e8, float("nan"), float("inf"), "hot", True)),
        *({"top_k": value} for value in (-1, 1.5)),
        *({"top_p": value} for value in (0.0, 1.5, float("nan"))),
        *({"seed": value} for value in (-1, 0.5)),
    ],
    ids=str,
)
def test_sampling_out_of_range_is_refused(wrong):
    [(name, value)] = wrong.items()
    with pytest.raises(ConfigError, match=rf"sampling needs {name} to be .*: received {re.escape(repr(value))}"):
        Sampling(**wrong)


def short_listed(tokenizers, candidates, **search):
    """A translator whose short-list has so many candidates for each source piece, drawn at random."""
    draw = np.random.default_rng(2)
    pieces = tokenizers[1].size
    likeliest = np.array([draw.permutation(np.arange(4, pieces))[:100] for _ in range(tokenizers[0].size)], np.uint16)
    engine = translator(tokenizers, shortlist=candidates, **search)
    engine.shortlist = Shortlist(likeliest, np.arange(4, 104, dtype=np.uint16))
    return engine


def test_short_list_translation_does_not_change_with_company(tokenizers):
    together = short_listed(tokenizers, 5).translate(SENTENCES)
    alone = [short_listed(tokenizers, 5, batch_sentences=1).translate([sentence])[0] for sentence in SENTENCES[:3]]
    assert len(set(together)) > 1
    assert together[:3] == alone


def test_short_list_translation_holds_candidates_only(tokenizers):
    engine = short_listed(tokenizers, 2)
    [ids] = tokenizers[0].encode([SENTENCES[0]])
    [allowed] = engine.shortlist.candidates([[*ids, EOS]], 2)
    [[best]] = engine.hypotheses([SENTENCES[0]])
    pieces = {tokenizers[1].decode([int(piece)]) for piece in allowed}
    assert best.text
    assert all(any(piece and piece in word for piece in pieces) for word in best.text.split())
    assert best.text != translator(tokenizers).translate([SENTENCES[0]])[0]


def test_short_list_that_is_not_there_is_an_error(tokenizers):
    with pytest.raises(CheckpointError, match="a short-list is asked for, and this translator has none"):
        translator(tokenizers, shortlist=5).translate(SENTENCES)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("beam_size", [1, 3])
def test_translating_summaries_is_translating_their_sentences(tokenizers, cell, beam_size):
    engine = translator(tokenizers, network(tokenizers, cell=cell), beam_size=beam_size)
    ids = engine.source_ids(SENTENCES)
    found = engine.translate_summaries(engine.encode_ids(ids), [len(each) for each in ids])
    wanted = [hypotheses[0] for hypotheses in engine.hypotheses(SENTENCES)]
    assert [each.text for each in found] == [each.text for each in wanted]
    np.testing.assert_allclose([each.log_prob for each in found], [each.log_prob for each in wanted], rtol=1e-4)


def test_translation_of_a_summary_does_not_change_with_company(tokenizers):
    model = network(tokenizers)
    vectors = translator(tokenizers, model).encode(SENTENCES)
    together = translator(tokenizers, model).translate_summaries(vectors)
    parted = translator(tokenizers, model, batch_sentences=5).translate_summaries(vectors[::-1])[::-1]
    assert [each.text for each in together] == [each.text for each in parted]
    assert translator(tokenizers, model).translate_summaries(vectors[:0]) == []


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
def test_vectors_that_cannot_be_summaries_are_refused(engine, vectors, message):
    with pytest.raises(DataError, match=f"translate_summaries.*{message}"):
        engine.translate_summaries(vectors)


@pytest.mark.parametrize("tokens", [[1], [1, 2, 3], [1, -1], [1, 10**9], [1.5, 2], 5, "ab"])
def test_source_lengths_that_do_not_fit_are_refused(engine, tokens):
    with pytest.raises(DataError, match="source_tokens"):
        engine.translate_summaries(np.zeros((2, 16)), tokens)


@pytest.mark.parametrize(
    "ids", [[[10**6]], [[4], [-1]], [[0]], [[2]], [5], 5, "ab", ["ab"], [[1.5]], [[True]], [[10**30]], [[[5]]], None]
)
def test_ids_that_are_no_sentence_are_refused(engine, ids):
    with pytest.raises(DataError, match=r"encode_ids.* ids? "):
        engine.encode_ids(ids)
    if isinstance(ids, list):
        for pairs in ([(each, [5]) for each in ids], [([5], each) for each in ids]):
            with pytest.raises(DataError, match=r"losses, (source|target): .* ids? "):
                engine.losses(pairs)


@pytest.mark.parametrize("pairs", [5, "ab", ["ab"], [5], [([5],)], [([5], [6], [7])]])
def test_what_are_no_pairs_is_refused(engine, pairs):
    with pytest.raises(DataError, match=r"losses.*give \(source ids, target ids\) for each"):
        engine.losses(pairs)


def test_summaries_are_not_enough_for_attention_or_an_ensemble(tokenizers):
    sizes = {"embedding": 8, "encoder_units": 8, "decoder_units": 8}
    attentive = build_model(Model(attention=True, **sizes), tokenizers[0].size, tokenizers[1].size)
    with pytest.raises(CheckpointError, match=r"has attention: its decoder reads the source"):
        translator(tokenizers, attentive).translate_summaries(np.zeros((1, 16)))
    with pytest.raises(CheckpointError, match=r"translate_summaries works on one run"):
        translator(tokenizers, network(tokenizers), network(tokenizers)).translate_summaries(np.zeros((1, 16)))


@pytest.mark.parametrize("sampling", [None, Sampling(seed=3)], ids=["search", "sampling"])
def test_batches_side_by_side_find_what_they_find_one_after_the_other(tokenizers, monkeypatch, sampling):
    model = network(tokenizers)
    together = translator(tokenizers, model, batch_sentences=2).hypotheses(SENTENCES, sampling=sampling)
    monkeypatch.setattr("seq2seq.translator.side_by_side", map)
    assert together == translator(tokenizers, model, batch_sentences=2).hypotheses(SENTENCES, sampling=sampling)


def test_sentences_of_a_line_are_translated_one_by_one_where_asked_for(tokenizers, shared_network):
    engine = translator(tokenizers, shared_network)
    engine.split_sentences = True
    first, second = engine.hypotheses(SENTENCES[:2])
    both, empty, alone = engine.hypotheses([f"{SENTENCES[0]} {SENTENCES[1]}", "", SENTENCES[1]])
    assert both[0].text == f"{first[0].text} {second[0].text}"
    assert both[0].ids == first[0].ids + second[0].ids
    assert both[0].log_prob == pytest.approx(first[0].log_prob + second[0].log_prob, rel=1e-4)
    assert (empty[0].text, alone[0].text) == ("", second[0].text)


def test_lines_of_several_sentences_are_said_where_they_are_not_split(engine):
    engine.translate([f"{SENTENCES[0]} {SENTENCES[1]}", SENTENCES[2]])
    assert any("1 of 2 lines hold several sentences, which training may not" in text for text in engine.warnings())


def test_batches_hold_few_enough_numbers(engine):
    generator = engine._generator
    assert generator.most_rows(64, 3) == 64
    assert generator.most_rows(10**6, 100) * 100 * tokenizer_size(engine) <= 1 << 25
    ids = [[5] * length for length in (100, 30_000, 70_000, 100, 0)]
    assert engine._source_batches(ids) == [[2], [1], [0, 3]]


def tokenizer_size(engine):
    return engine.tokenizers[1].size
