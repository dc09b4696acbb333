# %% [markdown]
# # One sentence through the network
#
# From English text to one vector, and from that vector to French, a step at a time, with nothing hidden. It needs the
# run of the quickstart (`make quickstart`, four minutes) and runs from top to bottom in seconds:
#
# - in an editor that knows cells (`# %%`), cell by cell;
# - as a Jupyter notebook: `pip install jupytext notebook`, then `jupytext --to notebook notebooks/one_sentence.py`;
# - as a program: `python notebooks/one_sentence.py` leaves its pictures in `notebooks/pictures`.
#
# Another run: `RUN=runs/mine python notebooks/one_sentence.py`.

# %%
import os
from pathlib import Path

from seq2seq.backend import open_backend

open_backend()  # TensorFlow, or what KERAS_BACKEND says; before anything that speaks Keras

import numpy as np  # noqa: E402
from keras import ops  # noqa: E402
from matplotlib import pyplot as plt  # noqa: E402

from seq2seq import Translator  # noqa: E402
from seq2seq.analysis.through_time import readings, state_gradients  # noqa: E402
from seq2seq.runs.directory import RunDirectory  # noqa: E402
from seq2seq.symbols import BOS, EOS  # noqa: E402

HERE = Path(__file__).parent if "__file__" in globals() else Path.cwd()  # Jupyter works in the notebook's folder
PICTURES = Path(os.environ.get("PICTURES", HERE / "pictures"))
PICTURES.mkdir(parents=True, exist_ok=True)


def show(name: str) -> None:
    """Keep the picture, and show it where there is somebody to look."""
    plt.savefig(PICTURES / f"{name}.png", dpi=120)
    plt.show()


# %% [markdown]
# ## 1. A run is all that is needed
#
# A run directory has settings, vocabulary and weights. `Translator` opens it to translate, `RunDirectory` to
# look at the network itself.

# %%
run = os.environ.get("RUN", HERE.parent / "runs" / "phrasebook_en_fr")
translator = Translator.load(run)
model = RunDirectory(run).model()
english, french = translator.tokenizers
sentence = "Our aunt never opens the red window."
translation = translator.translate([sentence])[0]
print(f"{sentence}\n{translation}")

# %% [markdown]
# ## 2. Text becomes numbers
#
# The vocabulary cuts the sentence into pieces; each piece has an id, and each id a row of the embedding matrix. The
# last id is the end symbol: the encoder, too, must see where the sentence ends.

# %%
ids = [*translator.source_ids([sentence])[0], EOS]
pieces = [english.pieces[index] for index in ids]
source = np.array([ids], "int32")  # (B, T), a batch of one
embedded = model.source_embedding(source)  # (B, T, E)
print(list(zip(pieces, ids, strict=True)))
print(f"{len(ids)} pieces, each a vector of {embedded.shape[-1]} numbers")

# %% [markdown]
# ## 3. The same weights at every step
#
# A recurrent layer has one matrix for what it reads and one for what it remembers, and uses them again at each piece:
# h(t) = f(W x(t) + U h(t-1) + b). Here is that loop, written out. The layer's own `call` does the same over the whole
# sequence at once, which is only faster.

# %%
directions, lengths = readings(model, source)  # a bidirectional encoder has two
first = directions[0]
state, by_hand = first.layer.zeros(1), []
for t in range(source.shape[1]):
    state = first.layer.step(first.inputs[:, t], state)
    by_hand.append(ops.convert_to_numpy(state[0])[0])
at_once = ops.convert_to_numpy(first.states[0])[0]  # (T, H)
print("largest difference between the loop and the layer:", np.abs(np.array(by_hand) - at_once).max())

# %%
plt.figure(figsize=(9, 4), layout="constrained")
plt.imshow(at_once[:, :80].T, aspect="auto", cmap="RdBu", vmin=-1, vmax=1)
plt.xticks(range(len(pieces)), pieces, rotation=60)
plt.xlabel("piece read")
plt.ylabel("unit (the first 80)")
plt.title("h(t): each column is computed from the one before it and from one piece")
plt.colorbar(label="activation")
show("states")

# %% [markdown]
# ## 4. One vector, however long the sentence
#
# What the decoder gets is the last column, h(T) (of both directions, side by side). Three words or thirty: the same
# size. That it must be lossy is the point of it.

# %%
some = ["I sleep.", sentence, "It was cold in Chile in 2009, so our aunt never opened the red window."]
for text, vector in zip(some, translator.encode(some), strict=True):
    print(f"{len(text.split()):3} words -> {vector.shape[0]} numbers, norm {np.linalg.norm(vector):.2f}")

# %% [markdown]
# ## 5. Two architectures, one set of weights
#
# To train, the decoder reads the true translation, shifted by one (*teacher forcing*), all positions at once. To
# translate, it reads its own last piece and makes one step (*free running*). Fed the same pieces, both give the same
# numbers.

# %%
target = [*translator.target_ids([translation])[0], EOS]
target_in = np.array([[BOS, *target[:-1]]], "int32")
encoding = model.encode(source)
forced = ops.convert_to_numpy(model.decode(encoding, target_in))[0]  # (U, V)

state, stepped = model.start(encoding), []
for token in target_in[0]:
    logits, state = model.step(state, np.array([token], "int32"))
    stepped.append(ops.convert_to_numpy(logits)[0])
print("largest difference of the logits:", np.abs(np.array(stepped) - forced).max())

# %% [markdown]
# ## 6. Free running, a piece at a time
#
# The three pieces that the decoder finds likeliest, and the one that it goes on with.

# %%
state, token, written = model.start(encoding), BOS, []
while token != EOS and len(written) < 40:
    logits, state = model.step(state, np.array([token], "int32"))
    probabilities = ops.convert_to_numpy(ops.softmax(logits))[0]
    best = np.argsort(-probabilities)[:3]
    token = int(best[0])
    written.append(token)
    print("   ".join(f"{french.pieces[index]} {probabilities[index]:.0%}" for index in best))

# %% [markdown]
# ## 7. Back through time
#
# Training asks: had h(t) been a little different, how would the loss have changed? The answer arrives at the last
# step and walks back, multiplied at each one by the transposed recurrent matrix and the slope of the activation.
# Where that factor is below one, what a step far from the end could still learn *vanishes* (Bengio et al. 1994).

# %%
gradients = state_gradients(model, source, target_in, np.array([target], "int32"))
plt.figure(figsize=(7, 4), layout="constrained")
for backward, states in zip(model.encoder.directions, gradients, strict=True):
    norms = np.linalg.norm(ops.convert_to_numpy(states[0])[0], axis=-1)  # (T,)
    plt.semilogy(
        range(len(norms))[::-1], norms / norms[-1], "o-", label="right to left" if backward else "left to right"
    )
plt.gca().invert_xaxis()
plt.xlabel("steps before the last one, T - t")
plt.ylabel("‖∂L/∂h(t)‖, relative to the last step")
plt.title("How much a step could still learn")
plt.grid(alpha=0.3)
plt.legend()
show("gradient")

# %% [markdown]
# ## 8. What the vector tells apart
#
# Sentences near each other in h(T) look alike to the decoder. Does it hear a changed word, an exchanged pair, another
# tense?

# %%
changes = {
    "the same": sentence,
    "one word": "Our aunt never opens the blue window.",
    "another tense": "Our aunt never opened the red window.",
    "not negated": "Our aunt opens the red window.",
    "the words exchanged": "The red aunt never opens our window.",
    "something else": "I went to Nepal in 2009.",
}
vectors = translator.encode(list(changes.values()))
for name, vector in zip(changes, vectors, strict=True):
    distance = np.linalg.norm(vector - vectors[0]) / np.linalg.norm(vectors[0])
    print(f"{name:20} is {distance:.2f} lengths of h(T) away")

# %% [markdown]
# ## Where to go from here
#
# - `seq2seq analyze RUN --source F --reference F --output DIR` asks these questions over a thousand sentences, with
#   intervals.
# - `python recipes/phrasebook_en_fr/run.py model.cell=rnn --run runs/phrasebook_rnn`, then this notebook with
#   `RUN=runs/phrasebook_rnn`: how does the picture of section 7 change?
# - `recipes/bottleneck` makes h(T) narrower until it hurts.
