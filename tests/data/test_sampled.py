"""Pairs cut anew in every epoch: the same text, in other pieces, as (seed, epoch) say."""

import numpy as np
import pytest

from seq2seq.data.batching import Batches
from seq2seq.data.corpus import Pair
from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.encoding import encode_pairs
from seq2seq.data.sampled import SampledPairs, Sampling
from seq2seq.tokenizer import train_tokenizer

STRENGTH = {"unigram": 0.02, "bpe": 0.3}


@pytest.fixture(scope="module", params=["unigram", "bpe"])
def encoded(request, tmp_path_factory, made_up_sentences):
    """Pairs of two corpora with their vocabulary, and a function that cuts them anew."""
    folder = tmp_path_factory.mktemp("encoded")
    pairs = [Pair(source, target, "made up", 1) for source, target in made_up_sentences(300)]
    tokenizer = train_tokenizer((text for pair in pairs for text in pair[:2]), vocabulary_size=345, model=request.param)
    tokenizers = (tokenizer, tokenizer)
    limits = {"weights": [1.0, 2.0], "max_tokens": (64, 64)}
    encode_pairs(folder / "train.arrow", [pairs[:200], pairs[200:]], tokenizers, **limits)
    stored = EncodedPairs(folder / "train.arrow")

    def cut(sides=(0, 1), seed=1, epochs=9, max_tokens=(64, 64)):
        sampling = Sampling(STRENGTH[request.param], sides, seed, max_tokens)
        return SampledPairs(stored, tokenizers, folder, sampling, epochs=epochs)

    return stored, tokenizer, cut


def ids(pairs, side):
    return [pairs[index][side].tolist() for index in range(len(pairs))]


def test_text_stays_and_pieces_differ_from_epoch_to_epoch(encoded):
    stored, tokenizer, cut = encoded
    sampled = cut()
    for side in (0, 1):
        preferred = ids(stored, side)
        epochs = [ids(sampled.of(epoch), side) for epoch in (1, 2)]
        for epoch in epochs:
            assert [tokenizer.decode(each) for each in epoch] == [tokenizer.decode(each) for each in preferred]
            assert sum(mine != theirs for mine, theirs in zip(epoch, preferred, strict=True)) > 150
        assert sum(mine != theirs for mine, theirs in zip(*epochs, strict=True)) > 150
    np.testing.assert_array_equal(sampled.of(1).corpora, stored.corpora)
    assert sampled.of(1).weights == stored.weights


def test_cuts_are_a_function_of_seed_and_epoch_prepared_or_not(encoded):
    _, _, cut = encoded
    first, other = cut(), cut()
    first.prepare(3)
    assert ids(first.of(3), 0) == ids(other.of(3), 0)
    assert ids(cut(seed=2).of(3), 0) != ids(other.of(3), 0)


def test_only_one_side_where_only_one_is_to_be_cut(encoded):
    stored, _, cut = encoded
    sampled = cut(sides=(0,)).of(2)
    assert ids(sampled, 1) == ids(stored, 1)
    assert ids(sampled, 0) != ids(stored, 0)


def test_pair_that_gets_too_long_keeps_its_pieces(encoded):
    stored, _, cut = encoded
    limit = int(stored.source_lengths.max())
    free, tight = (cut(sides=(0,), max_tokens=(most, 64)).of(0) for most in (10_000, limit))
    too_long = 0
    for anew, kept, preferred in zip(ids(free, 0), ids(tight, 0), ids(stored, 0), strict=True):
        assert kept == (anew if len(anew) < limit else preferred)
        too_long += len(anew) >= limit
    assert too_long


def test_no_pair_is_longer_than_those_of_the_first_epoch(encoded):
    _, _, cut = encoded
    sampled = cut()
    for epoch in (0, 1, 2):
        assert sampled.of(epoch).target_lengths.max() <= sampled.target_lengths.max()


def test_no_file_is_left_and_none_is_made_behind_the_last_epoch(encoded):
    stored, _, cut = encoded
    sampled = cut(epochs=2)
    sampled.of(1)
    sampled.prepare(2)
    sampled.close()
    assert [path.name for path in stored.path.parent.iterdir()] == ["train.arrow"]
    assert list(sampled._jobs) == [1]


def test_job_in_the_background_ends_when_it_is_not_wanted_any_more(encoded):
    stored, _, cut = encoded
    sampled = cut()
    sampled.prepare(5)
    sampled.close()
    assert not sampled._jobs[5].is_at_work()
    assert not list(stored.path.parent.glob("*.part"))


def test_shapes_of_all_epochs_are_the_same_few_and_every_pair_is_in_one(encoded):
    stored, _, cut = encoded
    batches = Batches(stored, batch_tokens=256, seed=1, most_shapes=5, sampled=cut())
    assert len(batches.shapes) <= 5
    for epoch in range(4):
        plan = batches.plan(epoch)
        assert {planned.shape for planned in plan} <= set(batches.shapes_to_expect(0)) == set(batches.shapes)
        drawn = np.concatenate([planned.pairs for planned in plan])
        assert sorted(drawn) == sorted([*range(200), *(2 * [*range(200, 300)])])
        for planned, (inputs, _, weights) in zip(plan, batches.epoch(epoch), strict=True):
            assert inputs["source"].shape == planned.shape[:2]
            assert weights.sum() == pytest.approx(1)
            assert batches.tokens(planned, epoch) == (weights > 0).sum()
    assert len(batches.plan(1)) == pytest.approx(len(batches.plan(0)), abs=3)  # so the schedule fits
