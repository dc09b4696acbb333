# %% [markdown]
# # One sentence through the network
#
# An English sentence becomes one vector, and the vector becomes a French sentence. This notebook does it step by step
# and hides nothing. It uses `en-fr`, the model that comes with seq2seq, and runs in less than a minute.

# %%
import numpy as np

from seq2seq.backend import open_backend

open_backend()  # Keras on TensorFlow, or on what KERAS_BACKEND says

from keras import ops
from matplotlib import pyplot as plt

from seq2seq import Translator
from seq2seq.analysis.through_time import readings, state_gradients
from seq2seq.runs.shipped import find_run
from seq2seq.symbols import BOS, EOS


def check(answer, is_right, hint):
    """Say whether the answer of an exercise is right."""
    print("no answer yet" if answer is None else "right" if is_right(answer) else f"not yet: {hint}")


# %% [markdown]
# ## 1. Open a run
#
# A run directory holds settings, vocabularies and weights. `Translator` opens it to translate. `find_run` gives the
# network itself. To look at a run of yours, write its path instead of `en-fr`.

# %%
run = "en-fr"
translator = Translator.load(run)
model = find_run(run).model()
english, french = translator.tokenizers
sentence = "My sister bought a small blue car yesterday."
translation = translator.translate([sentence])[0]
print(f"{sentence}\n{translation}")

# %% [markdown]
# ## 2. Text becomes numbers
#
# The vocabulary cuts the sentence into pieces. Each piece has an id, and each id has a row in the embedding matrix.
# The last id is the end symbol, because the encoder must see where the sentence ends.

# %%
ids = [*translator.source_ids([sentence])[0], EOS]
pieces = [english.pieces[index] for index in ids]
source = np.array([ids], "int32")  # (B, T), a batch of one sentence
embedded = model.source_embedding(source)  # (B, T, E)
print(" ".join(f"{piece}:{index}" for piece, index in zip(pieces, ids, strict=True)))
print(f"{len(ids)} pieces, each a vector of {embedded.shape[-1]} numbers")

# %% [markdown]
# ## 3. The same weights at every step
#
# A recurrent layer has a matrix W for what it reads and a matrix U for what it remembers, and it uses both at every
# step: h(t) = f(W x(t) + U h(t-1) + b). The loop below writes this out. The layer itself computes all steps in one
# call, which is faster and gives the same numbers.

# %%
directions, lengths = readings(model, source)  # a bidirectional encoder has two directions
first = directions[0]
state = first.layer.zeros(1)
by_hand = []
for t in range(source.shape[1]):
    state = first.layer.step(first.inputs[:, t], state)
    by_hand.append(ops.convert_to_numpy(state[0])[0])
at_once = ops.convert_to_numpy(first.states[0])[0]  # (T, H)
print(f"largest difference between the loop and the layer: {np.abs(np.array(by_hand) - at_once).max():.1e}")

# %%
plt.figure(figsize=(7, 3.2), layout="constrained")
plt.imshow(at_once[:, :60].T, aspect="auto", cmap="RdBu", vmin=-0.6, vmax=0.6)
plt.xticks(range(len(pieces)), pieces, rotation=60)
plt.xlabel("piece that was read")
plt.ylabel("unit (the first 60)")
plt.title("h(t): a column comes from the column before it and one piece")
plt.colorbar(label="activation")
plt.show()

# %% [markdown]
# ## 4. One vector, however long the sentence
#
# The decoder gets the last state of each direction, side by side: h(T). It has the same size for three words and for
# thirty. Therefore it must lose something.

# %%
texts = ["I sleep.", sentence, "In 2009 it was cold in Chile, so my sister bought a small blue car and drove to Peru."]
for text, vector in zip(texts, translator.encode(texts), strict=True):
    print(f"{len(text.split()):3} words -> {vector.shape[0]} numbers, norm {np.linalg.norm(vector):.2f}")

# %% [markdown]
# ## 5. Two architectures, one set of weights
#
# In training, the decoder reads the true translation, shifted by one (*teacher forcing*), at all positions at once.
# In translation, it reads its own last piece and makes one step (*free running*). If both read the same pieces, both
# give the same numbers.

# %%
target = [*translator.target_ids([translation])[0], EOS]
target_in = np.array([[BOS, *target[:-1]]], "int32")
encoding = model.encode(source)
forced = ops.convert_to_numpy(model.decode(encoding, target_in))[0]  # (U, V)

state = model.start(encoding)
stepped = []
for token in target_in[0]:
    logits, state = model.step(state, np.array([token], "int32"))
    stepped.append(ops.convert_to_numpy(logits)[0])
print(f"largest difference of the logits: {np.abs(np.array(stepped) - forced).max():.1e}")

# %% [markdown]
# ## 6. Free running, a piece at a time
#
# Each line shows the three likeliest next pieces. The decoder goes on with the first one.

# %%
state = model.start(encoding)
token = BOS
written = []
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
# Training asks: if h(t) had been a little different, how would the loss have changed? The answer arrives at the last
# step and walks back. At every step it is multiplied by the transposed recurrent matrix and the slope of the
# activation. Where this factor is below one, the gradient *vanishes* with the distance (Bengio et al. 1994).

# %%
gradients = state_gradients(model, source, target_in, np.array([target], "int32"))
plt.figure(figsize=(6, 3.2), layout="constrained")
for backward, states in zip(model.encoder.directions, gradients, strict=True):
    norms = np.linalg.norm(ops.convert_to_numpy(states[0])[0], axis=-1)  # (T,)
    label = "right to left" if backward else "left to right"
    plt.semilogy(range(len(norms))[::-1], norms / norms[-1], "o-", label=label)
plt.gca().invert_xaxis()
plt.xlabel("steps before the last one, T - t")
plt.ylabel("‖∂L/∂h(t)‖, relative to the last step")
plt.title("How much a step could still learn")
plt.grid(alpha=0.3)
plt.legend()
plt.show()

# %% [markdown]
# ## 8. What the vector tells apart
#
# Two sentences whose vectors are close look alike to the decoder. How far does a changed word move the vector?

# %%
changes = {
    "the same sentence": sentence,
    "another colour": "My sister bought a small red car yesterday.",
    "another tense": "My sister will buy a small blue car tomorrow.",
    "negated": "My sister did not buy a small blue car yesterday.",
    "words exchanged": "My small sister bought a blue car yesterday.",
    "something else": "I went to Nepal in 2009.",
}
vectors = translator.encode(list(changes.values()))
for name, vector in zip(changes, vectors, strict=True):
    distance = np.linalg.norm(vector - vectors[0]) / np.linalg.norm(vectors[0])
    print(f"{name:18} {distance:.2f} lengths of h(T) away")

# %% [markdown]
# ## Exercises
#
# Write your answers instead of `None` and run the cell.
#
# 1. How many numbers does h(T) have for a sentence of 100 words?
# 2. How many numbers does the recurrent matrix U of one direction have? (A GRU of H units has three gates.)
# 3. Write a sentence of at least five words whose vector is less than 0.5 lengths away from the one above. It must be
#    another sentence.

# %%
answer_1 = None
answer_2 = None
answer_3 = None

check(answer_1, lambda n: n == model.encoder.size, "the length of the sentence does not matter")
check(answer_2, lambda n: n == 3 * first.layer.units**2, f"H is {first.layer.units}")


def is_near(text):
    """Whether another sentence has nearly the same vector."""
    distance = np.linalg.norm(translator.encode([text])[0] - vectors[0]) / np.linalg.norm(vectors[0])
    print(f"{distance:.2f} lengths of h(T) away")
    return text != sentence and len(text.split()) >= 5 and distance < 0.5


check(answer_3, is_near, "change only one word, and keep its kind")

# %% [markdown]
# ## Where to go from here
#
# - `seq2seq analyze en-fr --source test.en --reference test.fr --output report` asks these questions over many
#   sentences, with intervals.
# - The notebook `vanishing_gradient` compares section 7 for three cells, the notebook `forgetting` goes on with
#   section 8.
