from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data.batching import Batches, Shape, teacher_forcing
from seq2seq.data.corpus import Pair
from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.encoding import encode_pairs
from seq2seq.data.guesses import Guesses
from seq2seq.symbols import BOS, EOS, PAD
from seq2seq.tokenizer import train_tokenizer


class Pairs:
    """Stands in for EncodedPairs: pair number i is written in ids of 10 + i."""

    def __init__(self, lengths, weights=(1.0,), corpora=None):
        self.lengths, self.weights = lengths, list(weights)
        self.source_lengths, self.target_lengths = (
            np.array(side, np.uint16) + 1 for side in zip(*lengths, strict=True)
        )
        self.corpora = np.array(corpora or [0] * len(lengths), np.uint16)
        self.starts = np.array([BOS + 50 * corpus for corpus in range(len(self.weights))])

    def __len__(self):
        return len(self.lengths)

    def __getitem__(self, index):
        return tuple(np.full(length, 10 + index, np.uint16) for length in self.lengths[index])

    def rows(self, indices, side, width):
        rows = np.full((len(indices), width), PAD)
        for row, index in zip(rows, indices, strict=True):
            row[: self.lengths[index][side]] = 10 + index
        return rows

    def release(self):
        pass


def random_lengths(count, seed=0, longest=40):
    draw = np.random.default_rng(seed)
    source = draw.integers(0, longest, count)
    target = np.clip(source + draw.integers(-4, 5, count), 0, longest)
    return list(zip(source.tolist(), target.tolist(), strict=True))


def distributions():
    """Lengths of source and target, without their end symbols: alike, unlike, and far from one another."""
    length = st.one_of(st.integers(0, 12), st.integers(0, 127))
    return st.lists(st.tuples(length, length), min_size=1, max_size=200)


def batches_of(pairs, *, batch_tokens=256, seed=1):
    return Batches(pairs, batch_tokens=batch_tokens, seed=seed)


def drawn(batches, epoch):
    return [int(index) for planned in batches.plan(epoch) for index in planned.pairs]


def order(batches, epoch):
    return [planned.pairs.tolist() for planned in batches.plan(epoch)]


def same(first, second):
    """Whether two batches are equal, array by array."""
    arrays = [[*batch[0].values(), *batch[1:]] for batch in (first, second)]
    return all(np.array_equal(*both) for both in zip(*arrays, strict=True))


class TestTeacherForcing:
    def test_by_hand(self):
        inputs, out, weights = teacher_forcing([([7, 8, 9], [5]), ([6], [4, 5, 6])], Shape(3, 5, 4))
        assert inputs["source"].tolist() == [[7, 8, 9, EOS, PAD], [6, EOS, PAD, PAD, PAD], [EOS, PAD, PAD, PAD, PAD]]
        assert inputs["target_in"].tolist() == [[BOS, 5, EOS, PAD], [BOS, 4, 5, 6], [BOS, PAD, PAD, PAD]]
        assert out.tolist() == [[5, EOS, PAD, PAD], [4, 5, 6, EOS], [PAD, PAD, PAD, PAD]]
        expected = np.array([[1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]]) / 6
        np.testing.assert_allclose(weights, expected, rtol=1e-6)

    def test_ids_keep_their_values_beyond_16_bits_signed(self):
        inputs, out, _ = teacher_forcing(
            [(np.array([65_534], np.uint16), np.array([40_000], np.uint16))], Shape(1, 2, 2)
        )
        assert (inputs["source"][0, 0], out[0, 0]) == (65_534, 40_000)

    @given(lengths=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8))
    def test_target_in_is_target_out_shifted_by_the_start_symbol(self, lengths):
        pairs = Pairs(lengths)
        inputs, out, weights = teacher_forcing((pairs[index] for index in range(len(pairs))), Shape(8, 10, 10))
        assert (inputs["target_in"][:, 0] == BOS).all()
        assert (inputs["target_in"][:, 1:] == out[:, :-1]).all()
        assert ((weights > 0) == (out != PAD)).all()


class TestEpoch:
    @given(lengths=distributions(), batch_tokens=st.sampled_from([16, 64, 1024]), epoch=st.integers(0, 5))
    def test_has_every_pair_once(self, lengths, batch_tokens, epoch):
        batches = batches_of(Pairs(lengths), batch_tokens=batch_tokens)
        assert sorted(drawn(batches, epoch)) == list(range(len(lengths)))

    @given(lengths=distributions())
    def test_batches_hold_their_pairs_to_the_last_token(self, lengths):
        pairs = Pairs(lengths)
        batches = batches_of(pairs)
        for planned, (inputs, out, _) in zip(batches.plan(0), batches.epoch(0), strict=True):
            assert inputs["source"].shape == (planned.shape.rows, planned.shape.source)
            assert inputs["target_in"].shape == out.shape == (planned.shape.rows, planned.shape.target)
            for row, index in enumerate(planned.pairs):
                for stored, ids in zip(pairs[index], (inputs["source"][row], out[row]), strict=True):
                    assert ids.tolist() == [*stored.tolist(), EOS] + [PAD] * (len(ids) - len(stored) - 1)

    @given(lengths=distributions())
    def test_no_row_is_all_padding(self, lengths):
        for inputs, _, _ in batches_of(Pairs(lengths)).epoch(0):
            for ids in inputs.values():
                assert (ids[:, 0] != PAD).all()
                assert (np.diff((ids != PAD).astype(int), axis=1) <= 0).all()  # and padding is on the right

    @given(lengths=distributions())
    def test_token_weights_sum_to_one_and_are_zero_at_padding(self, lengths):
        for _, out, weights in batches_of(Pairs(lengths)).epoch(0):
            assert weights.dtype == np.float32
            assert weights.sum() == pytest.approx(1, abs=1e-5)
            assert (weights[out == PAD] == 0).all()
            np.testing.assert_allclose(weights[out != PAD], 1 / (out != PAD).sum(), rtol=1e-5)

    @given(lengths=distributions(), batch_tokens=st.sampled_from([16, 64, 1024]))
    def test_no_batch_has_more_tokens_than_allowed(self, lengths, batch_tokens):
        for rows, source, target in (
            planned.shape for planned in batches_of(Pairs(lengths), batch_tokens=batch_tokens).plan(0)
        ):
            assert rows % 8 == 0
            assert rows == 8 or (rows * target <= batch_tokens and rows * source <= 2 * batch_tokens)

    def test_order_is_a_function_of_seed_and_epoch(self):
        pairs = Pairs(random_lengths(500))
        first, again = batches_of(pairs), batches_of(pairs)
        assert order(first, 3) == order(again, 3)
        list(again.epoch(0))
        assert order(again, 3) == order(first, 3)
        assert all(same(*both) for both in zip(first.epoch(2), again.epoch(2), strict=True))

    def test_order_differs_between_epochs_and_seeds(self):
        pairs = Pairs(random_lengths(500))
        orders = [order(batches_of(pairs, seed=seed), epoch) for seed in (1, 2) for epoch in (0, 1, 2)]
        assert all(one != other for index, one in enumerate(orders) for other in orders[:index])

    def test_pairs_meet_others_in_another_epoch(self):
        batches = batches_of(Pairs([(5, 5)] * 400))
        groups = [{frozenset(members) for members in order(batches, epoch)} for epoch in (0, 1)]
        assert not groups[0] & groups[1]

    def test_long_and_short_batches_are_mixed(self):
        widths = [planned.shape.target for planned in batches_of(Pairs(random_lengths(2000))).plan(0)]
        rising = sum(one < other for one, other in pairwise(widths))
        assert 0.25 < rising / len(widths) < 0.75

    @pytest.mark.parametrize("start", [0, 1, 17])
    def test_start_skips_what_came_before(self, start):
        batches = batches_of(Pairs(random_lengths(300)))
        whole = list(batches.epoch(4))
        rest = list(batches.epoch(4, start=start))
        assert len(rest) == len(whole) - start > 0
        assert all(same(*both) for both in zip(whole[start:], rest, strict=True))

    def test_start_at_the_end_leaves_nothing(self):
        batches = batches_of(Pairs(random_lengths(100)))
        assert list(batches.epoch(0, start=len(batches.plan(0)))) == []

    def test_is_the_same_from_the_file(self, tmp_path):
        class Words:
            def encode(self, texts):
                return [[int(word) for word in text.split()] for text in texts]

        pairs = Pairs(random_lengths(100))
        texts = [Pair(*(" ".join(map(str, ids)) for ids in pairs[index]), "made up", 1) for index in range(100)]
        encode_pairs(tmp_path / "a.arrow", [texts], (Words(), Words()), weights=[1.0], max_tokens=(99, 99))
        stored = batches_of(EncodedPairs(tmp_path / "a.arrow"))
        assert all(same(*both) for both in zip(batches_of(pairs).epoch(0), stored.epoch(0), strict=True))


class TestWeights:
    def test_of_two_shows_a_pair_twice_an_epoch(self):
        pairs = Pairs(random_lengths(90), weights=[1.0, 2.0], corpora=[0] * 40 + [1] * 50)
        assert Counter(drawn(batches_of(pairs), 0)) == {index: 1 if index < 40 else 2 for index in range(90)}

    def test_of_a_half_draws_half_of_the_pairs_anew_each_epoch(self):
        batches = batches_of(Pairs(random_lengths(2000), weights=[0.5]))
        epochs = [Counter(drawn(batches, epoch)) for epoch in (0, 1)]
        for counts in epochs:
            assert set(counts.values()) == {1}
            assert 850 < len(counts) < 1150
        assert 350 < len(epochs[0] & epochs[1]) < 650
        assert Counter(drawn(batches, 0)) == epochs[0]

    def test_of_one_and_a_half_shows_each_pair_once_or_twice(self):
        counts = Counter(drawn(batches_of(Pairs(random_lengths(2000), weights=[1.5])), 0))
        assert len(counts) == 2000
        assert 850 < list(counts.values()).count(2) < 1150
        assert max(counts.values()) == 2


class TestShapes:
    def test_are_the_same_in_each_epoch(self):
        batches = batches_of(Pairs(random_lengths(1000)))
        epochs = [Counter(planned.shape for planned in batches.plan(epoch)) for epoch in range(4)]
        assert all(shapes == epochs[0] for shapes in epochs)

    def test_of_drawn_pairs_are_never_new_ones(self):
        lengths = random_lengths(1000)
        known = {planned.shape for planned in batches_of(Pairs(lengths)).plan(0)}
        batches = batches_of(Pairs(lengths, weights=[0.3]))
        assert {planned.shape for epoch in range(4) for planned in batches.plan(epoch)} <= known

    def test_are_few(self):
        plan = batches_of(Pairs(random_lengths(20_000, longest=120)), batch_tokens=2048).plan(0)
        assert len({planned.shape for planned in plan}) < min(150, len(plan) / 3)

    @given(lengths=distributions())
    def test_are_seldom_left_unfilled(self, lengths):
        batches = batches_of(Pairs(lengths))
        plan = batches.plan(0)
        open_ones = [planned.shape for planned in plan if len(planned.pairs) < planned.shape.rows]
        assert len(set(open_ones)) == len(open_ones)
        for shape in open_ones:  # what is left over has no larger shape to go to
            assert not any(
                other.source >= shape.source and other.target >= shape.target and other != shape
                for other in (planned.shape for planned in plan)
            )


class TestPadding:
    def test_counts_target_tokens_by_hand(self):
        padding = batches_of(Pairs([(3, 3)] * 5)).padding()
        [planned] = batches_of(Pairs([(3, 3)] * 5)).plan(0)
        assert padding.tokens == 5 * 4
        assert padding.padded == planned.shape.rows * planned.shape.target
        assert padding.waste == pytest.approx(1 - padding.tokens / padding.padded)

    def test_tokens_are_the_true_ones_of_the_batch(self):
        batches = batches_of(Pairs(random_lengths(200)))
        for planned, (_, out, _) in zip(batches.plan(1), batches.epoch(1), strict=True):
            assert batches.tokens(planned) == (out != PAD).sum()

    def test_is_little_where_there_is_much_text(self):
        assert batches_of(Pairs(random_lengths(20_000)), batch_tokens=2048).padding().waste < 0.10

    @pytest.mark.data
    def test_is_below_a_tenth_on_multi30k(self, data_folder, tmp_path):
        sides = [
            (data_folder / "multi30k" / f"train.{code}").read_text("utf-8").split("\n")[:-1] for code in ("en", "fr")
        ]
        tokenizer = train_tokenizer(sides[0][:5000] + sides[1][:5000], vocabulary_size=4000)
        pairs = [Pair(*texts, "multi30k", line) for line, texts in enumerate(zip(*sides, strict=True), 1)]
        path = tmp_path / "train.arrow"
        encode_pairs(path, [pairs], (tokenizer, tokenizer), weights=[1.0], max_tokens=(128, 128))
        batches = batches_of(EncodedPairs(path), batch_tokens=2048)
        assert batches.padding().waste < 0.10
        assert len({planned.shape for planned in batches.plan(0)}) < 100


def test_every_target_begins_with_the_start_symbol_of_its_corpus():
    pairs = Pairs(random_lengths(60), weights=(1.0, 1.0), corpora=[0] * 20 + [1] * 40)
    begun = []
    for inputs, _, weights in Batches(pairs, batch_tokens=128, seed=1).epoch(0):
        true = weights.sum(axis=1) > 0
        begun += inputs["target_in"][true, 0].tolist()
    assert sorted(begun) == [BOS] * 20 + [BOS + 50] * 40


class TestFewShapes:
    @given(lengths=distributions(), most=st.integers(1, 12))
    def test_there_are_no_more_than_wanted(self, lengths, most):
        batches = Batches(Pairs(lengths), batch_tokens=256, seed=1, most_shapes=most)
        assert len(batches.shapes) <= most
        assert len(set(batches.shapes)) == len(batches.shapes)

    @given(lengths=distributions(), most=st.integers(1, 12))
    def test_every_pair_is_there_once_and_fits(self, lengths, most):
        pairs = Pairs(lengths)
        batches = Batches(pairs, batch_tokens=256, seed=1, most_shapes=most)
        assert sorted(drawn(batches, 0)) == list(range(len(lengths)))
        for planned in batches.plan(0):
            assert pairs.source_lengths[planned.pairs].max() <= planned.shape.source
            assert pairs.target_lengths[planned.pairs].max() <= planned.shape.target

    def test_more_of_them_waste_less(self):
        pairs = Pairs(random_lengths(20_000))
        waste = [Batches(pairs, batch_tokens=2048, seed=1, most_shapes=most).padding().waste for most in (1, 4, 12)]
        assert waste == sorted(waste, reverse=True)
        assert waste[2] < 0.15

    def test_as_many_as_there_are_change_nothing(self):
        pairs = Pairs(random_lengths(500))
        assert order(Batches(pairs, batch_tokens=256, seed=1, most_shapes=1000), 2) == order(batches_of(pairs), 2)


def test_order_has_another_checksum_where_batches_hold_other_pairs():
    pairs = Pairs(random_lengths(500))
    checksums = {batches_of(pairs, seed=seed).order(epoch) for seed in (1, 2) for epoch in (0, 1)}
    checksums |= {Batches(pairs, batch_tokens=256, seed=1, most_shapes=3).order(0)}
    assert len(checksums) == 5
    assert batches_of(pairs).order(1) in checksums


def test_copies_stand_next_to_each_other_and_weigh_as_much_together():
    pairs = Pairs(random_lengths(60))
    single, double = batches_of(pairs), batches_of(pairs)
    double.copies = 2
    for (inputs, out, weights), copied in zip(single.epoch(1), double.epoch(1), strict=True):
        rows = [inputs["source"], inputs["target_in"], out]
        for array, twice in zip(rows, [*copied[0].values(), copied[1]], strict=True):
            np.testing.assert_array_equal(twice[::2], array)
            np.testing.assert_array_equal(twice[1::2], array)
        np.testing.assert_allclose(copied[2].reshape(-1, 2, weights.shape[1]).sum(axis=1), weights)
    assert copied[0]["source"].shape == double.blank(single.plan(1)[-1].shape)[0]["source"].shape


def test_curriculum_draws_short_batches_first_and_as_many_as_without():
    pairs = Pairs(random_lengths(2000))
    plain, taught = batches_of(pairs), Batches(pairs, batch_tokens=256, seed=1, curriculum_epochs=2)
    plans = [taught.plan(epoch) for epoch in range(3)]
    widths = [[planned.shape.target for planned in plan] for plan in plans]
    assert [len(plan) for plan in plans] == [len(plain.plan(epoch)) for epoch in range(3)]
    first, last = (np.mean(part) for part in (widths[0][:20], widths[2]))
    assert first < last / 3
    assert max(widths[0]) < max(widths[1][-40:]) <= max(widths[2])
    assert [planned.pairs.tolist() for planned in plans[2]] == order(plain, 2)
    again = Batches(pairs, batch_tokens=256, seed=1, curriculum_epochs=2)
    assert order(again, 1) == order(taught, 1)
    assert {planned.shape for plan in plans for planned in plan} <= set(taught.shapes_to_expect(0))


def test_guesses_are_inputs_that_depend_on_the_place_in_training():
    batches = batches_of(Pairs(random_lengths(100)))
    batches.guesses = Guesses(0.5, 4, seed=1)
    marked = [inputs["guessed"] for inputs, _, _ in batches.epoch(3)]
    for all_of_them, later in zip(marked[2:], batches.epoch(3, start=2), strict=True):
        np.testing.assert_array_equal(later[0]["guessed"], all_of_them)
        assert later[0]["guessed"].shape == later[1].shape
    assert sum(each.sum() for each in marked) > 100
