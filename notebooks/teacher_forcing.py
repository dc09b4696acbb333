# %% [markdown]
# # Teacher forcing against free running
#
# In training, the decoder reads the *true* previous word at every step, whatever it would have written itself. In
# translation it reads its *own* previous word. Both use the same weights, but not the same input. This notebook shows
# that they agree as long as the decoder makes no mistake, and what happens after one. It uses `en-fr`, the model that
# comes with seq2seq, and runs in about a minute.

# %%
import numpy as np

from seq2seq.backend import open_backend

open_backend()  # Keras on TensorFlow, or on what KERAS_BACKEND says

from keras import ops
from matplotlib import pyplot as plt

from seq2seq import Translator, phrases
from seq2seq.runs.shipped import find_run
from seq2seq.symbols import BOS, EOS

run = "en-fr"
translator = Translator.load(run)
model = find_run(run).model()
french = translator.tokenizers[1]


def check(answer, is_right, hint):
    """Say whether the answer of an exercise is right."""
    print("no answer yet" if answer is None else "right" if is_right(answer) else f"not yet: {hint}")


# %% [markdown]
# ## 1. What the decoder reads and what it must write
#
# Teacher forcing shifts the true translation by one: at each position, the decoder reads the piece before and must
# predict the piece itself.

# %%
sentence, reference = "The children are playing in the garden.", "Les enfants jouent dans le jardin."
source = np.array([[*translator.source_ids([sentence])[0], EOS]], "int32")
target = [*translator.target_ids([reference])[0], EOS]
target_in = np.array([[BOS, *target[:-1]]], "int32")
for read, write in zip(target_in[0], target, strict=True):
    print(f"reads {french.pieces[read]:10} must write {french.pieces[write]}")

# %% [markdown]
# ## 2. All positions at once, or one at a time
#
# With the true pieces known in advance, one call computes all positions (`decode`). Free running needs a loop
# (`step`). If the loop is given the same pieces, the results are the same: there is only one set of weights.

# %%
encoding = model.encode(source)
forced = ops.convert_to_numpy(model.decode(encoding, target_in))[0]  # logits (U, V)


def stepped(pieces):
    """The logits (U, V) of a loop that reads the given pieces."""
    state = model.start(encoding)
    rows = []
    for piece in pieces:
        logits, state = model.step(state, np.array([piece], "int32"))
        rows.append(ops.convert_to_numpy(logits)[0])
    return np.array(rows)


print(f"largest difference: {np.abs(stepped(target_in[0]) - forced).max():.1e}")

# %% [markdown]
# ## 3. One wrong word
#
# Now the decoder reads "jardin" too early, where the reference has "dans". How likely does it find the true pieces
# after it?


# %%
def probabilities(logits, pieces):
    """The probability of each piece (U,) by the logits (U, V)."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted[np.arange(len(pieces)), pieces] / shifted.sum(axis=-1)


changed = target_in[0].copy()
place = 5  # it reads this piece after "jouent"
(changed[place],) = translator.target_ids(["jardin"])[0]
after_truth = probabilities(forced, target)
after_error = probabilities(stepped(changed), target)
labels = [french.pieces[index] for index in target]
plt.figure(figsize=(6.5, 3.4), layout="constrained")
plt.plot(after_truth, "o-", label="reads the true pieces")
plt.plot(
    after_error, "s--", label=f"reads {french.pieces[changed[place]]!r} instead of {french.pieces[target[place - 1]]!r}"
)
plt.xticks(range(len(labels)), labels, rotation=60)
plt.ylabel("probability of the true piece")
plt.ylim(0, 1.05)
plt.grid(alpha=0.3)
plt.legend(fontsize="small")
plt.show()

# %% [markdown]
# Training never showed such a sentence to the decoder: it always read true prefixes. This difference between training
# and use is called *exposure bias* (Ranzato et al. 2016, arXiv:1511.06732). Here h(T) still says what the sentence is
# about, so the decoder may come back.

# %% [markdown]
# ## 4. Over many sentences
#
# For 150 sentences of the phrasebook we compare two shares, position by position: how often the likeliest next piece
# is the true one after the *true* prefix, and how often free running (greedy search) has written the true piece at
# this position.

# %%
pairs = list(phrases("test", 150, min_words=8, max_words=12, seed=5))
sources = [[*ids, EOS] for ids in translator.source_ids([pair.english for pair in pairs])]
targets = [[*ids, EOS] for ids in translator.target_ids([pair.french for pair in pairs])]


def padded(rows):
    """Rows of ids as one array, padded on the right with 0."""
    array = np.zeros((len(rows), max(map(len, rows))), "int32")
    for index, row in enumerate(rows):
        array[index, : len(row)] = row
    return array


all_sources, all_targets = padded(sources), padded(targets)
all_in = np.concatenate([np.full((len(pairs), 1), BOS, "int32"), all_targets[:, :-1]], axis=1)
all_encodings = model.encode(all_sources)
by_force = ops.convert_to_numpy(model.decode(all_encodings, all_in)).argmax(axis=-1)  # (B, U)

state = model.start(all_encodings)
token = np.full(len(pairs), BOS, "int32")
steps = []
for _ in range(all_targets.shape[1]):
    logits, state = model.step(state, token)
    token = ops.convert_to_numpy(logits).argmax(axis=-1).astype("int32")
    steps.append(token)
by_itself = np.stack(steps, axis=1)  # (B, U)

true = all_targets > 0
positions = [position for position in range(all_targets.shape[1]) if true[:, position].sum() >= 100]
teacher = [(by_force == all_targets)[:, position][true[:, position]].mean() for position in positions]
free = [(by_itself == all_targets)[:, position][true[:, position]].mean() for position in positions]
plt.figure(figsize=(6.5, 3.4), layout="constrained")
plt.plot(positions, teacher, "o-", label="teacher forcing: after the true pieces")
plt.plot(positions, free, "s--", label="free running: after its own pieces")
plt.xlabel("position in the translation")
plt.ylabel("share of pieces that are the true one")
plt.ylim(0, 1.05)
plt.grid(alpha=0.3)
plt.legend(fontsize="small")
plt.show()
print(f"teacher forcing {np.mean(teacher):.0%}, free running {np.mean(free):.0%}")

# %% [markdown]
# The distance between the curves is not only exposure bias. A free translation may say the same thing in other words,
# and after one word more or less every later position counts as wrong. The analysis `exposure` of `seq2seq analyze`
# separates these causes.

# %% [markdown]
# ## Exercises
#
# 1. What does the decoder read at the first position, when there is no piece before? (The name of a constant of
#    `seq2seq.symbols`, as text.)
# 2. At how many positions can free running go wrong *because of its own mistakes* in a sentence of U pieces, at most?
#    (Write a function of U.)
# 3. Teacher forcing needs the loss of a sentence, not its translation. Use `translator.score` to find which of the
#    two French sentences the model finds likelier for "The children are playing in the garden.": 0 for "Les enfants
#    jouent dans le jardin.", 1 for "Les enfants jouent dans la maison."

# %%
answer_1 = None
answer_2 = None
answer_3 = None

check(answer_1, lambda name: name == "BOS", "the symbol that begins a sentence")
check(
    answer_2, lambda function: [function(u) for u in (1, 5, 9)] == [0, 4, 8], "the first piece has no mistake before it"
)
candidates = [reference, "Les enfants jouent dans la maison."]
scores = [log_probability for log_probability, _ in translator.score([sentence] * 2, candidates)]
check(answer_3, lambda index: index == int(np.argmax(scores)), "compare the two log-probabilities")
