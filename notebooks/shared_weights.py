# %% [markdown]
# # The same weights at every step
#
# A recurrent layer uses the same matrices at every step of a sentence. It could be built differently: each step could
# have a matrix of its own. This notebook builds both networks, trains them on a small task, and shows what sharing is
# good for. It runs in about a minute.

# %%
import numpy as np

from seq2seq.backend import open_backend, seed_everything

open_backend()  # Keras on TensorFlow, or on what KERAS_BACKEND says

import keras
from keras import ops
from matplotlib import pyplot as plt

from seq2seq.layers.recurrent import Recurrent

STEPS, PLACES, UNITS, EMBEDDING = 15, 10, 32, 16
YEARS, FILLERS = 10, 30  # pieces of the invented language
seed_everything(1)


def check(answer, is_right, hint):
    """Say whether the answer of an exercise is right."""
    print("no answer yet" if answer is None else "right" if is_right(answer) else f"not yet: {hint}")


# %% [markdown]
# ## 1. The task: which year was it?
#
# A sentence has 15 words. One of the first ten is a year, all others are fillers. The network reads the sentence from
# left to right and must name the year from its last state. In the training sentences the year is one of the words 1
# to 5, as in "In 2009 it was cold". In other test sentences it is one of the words 6 to 10.


# %%
def sentences(count, places, seed):
    """Sentences (count, STEPS) of pieces, and their years (count,): the year's place is drawn from `places`."""
    random = np.random.default_rng(seed)
    pieces = random.integers(YEARS, YEARS + FILLERS, size=(count, STEPS)).astype("int32")
    years = random.integers(0, YEARS, size=count).astype("int32")
    pieces[np.arange(count), random.choice(places, size=count)] = years
    return pieces, years


EARLY, LATE = [0, 1, 2, 3, 4], [5, 6, 7, 8, 9]
train = sentences(4000, EARLY, seed=1)
tests = {place: sentences(500, [place], seed=2 + place) for place in range(PLACES)}
print("a sentence:", train[0][0], " its year:", train[1][0])

# %% [markdown]
# ## 2. Two networks
#
# Both are made of the layer that the translators use, `Recurrent`. The first has one such layer and calls its `step`
# at every word. The second has 15 layers, one for each step. Everything else is the same.


# %%
class Reader(keras.Model):
    """Reads a sentence with a GRU and names the year; its weights are shared over time or not."""

    def __init__(self, shared):
        super().__init__()
        self.embed = keras.layers.Embedding(YEARS + FILLERS, EMBEDDING)
        self.layers_by_step = [Recurrent("gru", UNITS, name=f"step{t}") for t in range(1 if shared else STEPS)]
        for layer in self.layers_by_step:
            layer.build((None, None, EMBEDDING))
        self.answer = keras.layers.Dense(YEARS)

    def call(self, pieces):
        """Logits (B, YEARS) from pieces (B, T)."""
        embedded = self.embed(pieces)
        state = self.layers_by_step[0].zeros(ops.shape(pieces)[0])
        for t in range(pieces.shape[1]):
            layer = self.layers_by_step[t % len(self.layers_by_step)]
            state = layer.step(embedded[:, t], state)
        return self.answer(state[0])


def trained(shared):
    """A network after 10 passes over the training sentences."""
    seed_everything(1)
    model = Reader(shared)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(5e-3), loss=loss, metrics=["accuracy"], jit_compile=False)
    model.fit(*train, batch_size=100, epochs=10, verbose=0)
    return model


networks = {"shared": trained(shared=True), "one set a step": trained(shared=False)}
for name, model in networks.items():
    recurrent = sum(layer.count_params() for layer in model.layers_by_step)
    print(f"{name:15} {recurrent:6,} recurrent weights")

# %% [markdown]
# ## 3. Where the year was in training, and where it never was
#
# Each point is the share of 500 new sentences whose year was named correctly. One in ten would be right by guessing.


# %%
def right(model, place):
    """The share of correct years where the year is at this place."""
    pieces, years = tests[place]
    return float((ops.convert_to_numpy(model(pieces)).argmax(axis=-1) == years).mean())


results = {name: [right(model, place) for place in range(PLACES)] for name, model in networks.items()}
plt.figure(figsize=(6.5, 3.4), layout="constrained")
for name, shares in results.items():
    plt.plot(range(1, PLACES + 1), shares, "o-", label=name)
plt.axvspan(0.5, len(EARLY) + 0.5, alpha=0.12, label="places of the year in training")
plt.axhline(1 / YEARS, color="grey", linestyle=":", label="guessing")
plt.xlabel("place of the year in the sentence")
plt.ylabel("share of correct years")
plt.ylim(0, 1.05)
plt.legend(fontsize="small")
plt.grid(alpha=0.3)
plt.show()
for name, shares in results.items():
    print(f"{name:15} seen places {np.mean(shares[:5]):.0%}, new places {np.mean(shares[5:]):.0%}")

# %% [markdown]
# What the shared network learned about years at one step, it can use at every step, because there is only one set of
# weights to learn it. It gets worse with the distance, since it never saw so many fillers before a year. The other
# network has 15 sets of weights. Those of the steps 6 to 10 never saw a year, so they never learned to write one into
# the state, and the network can only guess.
#
# This is also a matter of data: each of the 15 sets learns from a fifteenth of the words.

# %% [markdown]
# ## 4. Longer sentences
#
# The shared network can read a sentence of any length. The other one has no weights for a sixteenth step: it would
# need a rule, and training never says which. Here it begins again with its first set.

# %%
lengths = (15, 18, 22, 30)
for name, model in networks.items():
    shares = []
    for length in lengths:
        fillers = np.random.default_rng(length).integers(YEARS, YEARS + FILLERS, size=(500, length - STEPS))
        pieces, years = tests[2]
        longer = np.concatenate([pieces, fillers.astype("int32")], axis=1)
        shares.append(float((ops.convert_to_numpy(model(longer)).argmax(axis=-1) == years).mean()))
    print(
        f"{name:15}", "  ".join(f"{length} words: {share:.0%}" for length, share in zip(lengths, shares, strict=True))
    )

# %% [markdown]
# Neither network was trained to remember a year for so long. Sharing lets the network run; it does not promise that
# it remembers.
#
# ## 5. In a translator
#
# The recipe `sharing` trains translators in seven ways. Its result for separate weights at every step: 22 BLEU less
# on sentences as long as those of training, although there are 17 times as many recurrent weights.

# %% [markdown]
# ## Exercises
#
# 1. A GRU of 32 units reads vectors of 16 numbers. How many weights does it have, biases included? (Three gates; one
#    bias for each column.)
# 2. A sentence of 40 words is read with a separate set for every step. How many times as many recurrent weights does
#    the network need as with sharing?
# 3. Choose places for the year in training (a list of numbers from 0 to 9), with which the network with one set a
#    step names more than 80 % of the years at *all* places. Training takes some seconds.

# %%
answer_1 = None
answer_2 = None
answer_3 = None


def learns_all(places):
    """Whether the network with a set for each step learns all places from such sentences."""
    global train
    before = train
    train = sentences(4000, list(places), seed=1)
    model = trained(shared=False)
    train = before
    shares = [right(model, place) for place in range(PLACES)]
    print(" ".join(f"{share:.0%}" for share in shares))
    return min(shares) > 0.8


shared_weights = networks["shared"].layers_by_step[0].count_params()
check(answer_1, lambda count: count == shared_weights, "3 x 32 columns, each with 16 + 32 weights and a bias")
check(answer_2, lambda times: times == 40, "one set for each step")
check(answer_3, learns_all, "a step learns years only from years at that step")
