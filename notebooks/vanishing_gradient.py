# %% [markdown]
# # The vanishing gradient, measured
#
# A network learns from a word only if the loss changes when that word changes. The gradient must therefore travel
# back from the last step to the step of that word. On the way it is multiplied once for each step. This notebook
# measures what is left of it, for a simple cell, a GRU and an LSTM. It needs no trained network until section 5 and
# runs in less than a minute.

# %%
import numpy as np

from seq2seq.backend import open_backend, seed_everything

open_backend()  # Keras on TensorFlow, or on what KERAS_BACKEND says

from keras import ops
from matplotlib import pyplot as plt

from seq2seq.analysis.through_time import matrices, state_gradients, walk_back
from seq2seq.layers.encoder import Reading
from seq2seq.layers.recurrent import Recurrent
from seq2seq.runs.shipped import find_run
from seq2seq.symbols import BOS, EOS
from seq2seq.translator import Translator

STEPS, UNITS, ROWS = 60, 64, 16
seed_everything(1)
random = np.random.default_rng(1)
inputs = ops.convert_to_tensor(random.normal(size=(ROWS, STEPS, 32)).astype("float32"))


def check(answer, is_right, hint):
    """Say whether the answer of an exercise is right."""
    print("no answer yet" if answer is None else "right" if is_right(answer) else f"not yet: {hint}")


# %% [markdown]
# ## 1. One gradient, walked back
#
# Let the loss depend on the last state only, as it does in a translator without attention. The gradient of the last
# state is then given, and `walk_back` carries it to all earlier states. It uses the cell's own formulas: the same
# code that trains the network.


# %%
def decay(layer, inputs=inputs):
    """The length of the gradient at every step, relative to the last one, as a mean over rows: (T,)."""
    states = layer(inputs)
    arriving = np.zeros(states[0].shape, "float32")
    arriving[:, -1] = np.random.default_rng(2).normal(size=arriving[:, -1].shape)  # dL/dh(T), at random
    gradients = walk_back(Reading(layer, inputs, states, output=states[0]), ops.convert_to_tensor(arriving))
    squares = sum(ops.convert_to_numpy(gradient) ** 2 for gradient in gradients)  # an LSTM has h and c
    norms = np.sqrt(squares.sum(axis=-1))  # (B, T)
    return (norms / norms[:, -1:]).mean(axis=0)


def made(cell, scale=1.0, **arguments):
    """A layer with random weights, whose recurrent matrix is multiplied by a number."""
    layer = Recurrent(cell, UNITS, **arguments)
    layer.build((None, None, inputs.shape[-1]))
    layer.recurrent_kernel.assign(layer.recurrent_kernel * scale)
    return layer


def draw(curves, title):
    """Draw curves over the distance from the last step."""
    plt.figure(figsize=(6.5, 3.4), layout="constrained")
    for label, curve in curves.items():
        plt.semilogy(range(STEPS), curve[::-1], label=label)
    plt.xlabel("steps back from the last one")
    plt.ylabel("gradient, relative to the last step")
    plt.title(title)
    plt.grid(alpha=0.3)
    plt.legend()
    plt.show()


layer = made("rnn")
measured = decay(layer)
print(f"a simple cell: after 10 steps {measured[-11]:.1e} of the gradient is left, after 50 steps {measured[-51]:.1e}")

# %% [markdown]
# ## 2. Is it the true gradient?
#
# The gradient says how the loss changes if an early state changes a little. So we change the state by hand and look.
# Both numbers must agree.

# %%
states = ops.convert_to_numpy(layer(inputs)[0])
direction = random.normal(size=UNITS).astype("float32")
wish = random.normal(size=UNITS).astype("float32")  # dL/dh(T) of the loss L = wish . h(T)
place, small = STEPS - 6, 1e-2


def loss_after(change):
    """L, if the state after step `place` of the first row is changed."""
    state = (ops.convert_to_tensor(states[:1, place] + change * direction),)
    for t in range(place + 1, STEPS):
        state = layer.step(inputs[:1, t], state)
    return float(ops.convert_to_numpy(state[0])[0] @ wish)


arriving = np.zeros((1, STEPS, UNITS), "float32")
arriving[0, -1] = wish
kept = (ops.convert_to_tensor(states[:1]),)
reading = Reading(layer, inputs[:1], kept, output=kept[0])
(gradient,) = walk_back(reading, ops.convert_to_tensor(arriving))
by_formula = float(ops.convert_to_numpy(gradient)[0, place] @ direction)
by_hand = (loss_after(small) - loss_after(-small)) / (2 * small)
print(f"by the formula {by_formula:.4f}, by a small change {by_hand:.4f}")

# %% [markdown]
# ## 3. Vanish or explode: the recurrent matrix decides
#
# At each step, the gradient of a simple cell is multiplied by the transposed matrix U and by the slope of tanh, which
# is at most 1. At the start, U is orthogonal: it neither stretches nor shrinks a vector. If we multiply U by a
# number, we see the three cases. Without tanh (`linear`), nothing but the matrix acts.

# %%
scales = (0.8, 1.0, 1.2)
draw({f"tanh, U times {scale}": decay(made("rnn", scale)) for scale in scales}, "A simple cell with tanh")
draw({f"linear, U times {scale}": decay(made("rnn", scale, activation="linear")) for scale in scales}, "Without tanh")

# %% [markdown]
# With tanh, even the orthogonal matrix lets the gradient vanish, because each step also multiplies by the slope. A
# larger matrix slows this down, but it also pushes the states into the flat parts of tanh, where the slope is nearly
# 0, so the gradient still vanishes. Without tanh, it explodes.

# %% [markdown]
# ## 4. Gates: a way past the matrix
#
# A GRU adds its old state, multiplied by the gate z, to the new one. An LSTM does the same with its memory c and the
# forget gate f. Along this way, the gradient is multiplied by the gate only. If the gate is 0.9, half of the gradient
# is left after 7 steps; if it is 0.5, after one.

# %%
open_gru = made("gru")
bias = np.zeros(3 * UNITS, "float32")
bias[:UNITS] = 3.0  # the columns of z come first; sigmoid(3) = 0.95
open_gru.bias.assign(bias)
curves = {
    "simple cell": decay(made("rnn")),
    "GRU, at the start": decay(made("gru")),
    "GRU, z near 0.95": decay(open_gru),
    "LSTM, at the start": decay(made("lstm")),
}
draw(curves, "Random weights: the cell decides how far learning reaches")
for name, curve in curves.items():
    print(f"{name:20} left after 10 steps: {curve[-11]:.1e}, after 50 steps: {curve[-51]:.1e}")

# %% [markdown]
# The LSTM starts with a bias of 1 in its forget gate (Jozefowicz et al. 2015), so that f is about 0.73 before any
# training. Its first step back costs the most, where the gradient passes from h through the output gate into the
# memory c; from there on it loses little. A GRU starts with z about 0.5. Training can open the gates further where
# the network must remember.

# %% [markdown]
# ## 5. A trained network
#
# In the model that ships with seq2seq, a bidirectional GRU reads the sentence. Here is the gradient of the loss of a
# real translation, at all steps of both directions.

# %%
run = "en-fr"
translator = Translator.load(run)
model = find_run(run).model()
sentence = "The old man who lives in the small house near the river sold his car to my brother last week."
source = np.array([[*translator.source_ids([sentence])[0], EOS]], "int32")
target = [*translator.target_ids(translator.translate([sentence]))[0], EOS]
target_in = np.array([[BOS, *target[:-1]]], "int32")
trained = state_gradients(model, source, target_in, np.array([target], "int32"))
plt.figure(figsize=(6.5, 3.4), layout="constrained")
for backward, states in zip(model.encoder.directions, trained, strict=True):
    norms = np.linalg.norm(ops.convert_to_numpy(states[0])[0], axis=-1)
    label = "right to left" if backward else "left to right"
    plt.semilogy(norms[::-1] / norms[-1], "o-", label=label)
plt.xlabel("steps back from the last one")
plt.ylabel("gradient, relative to the last step")
plt.title(f"The trained GRU of {run}, {source.shape[1]} pieces")
plt.grid(alpha=0.3)
plt.legend()
plt.show()

# %% [markdown]
# Compare the slope with the GRU of section 4. What the gradient can still reach is what training could still learn.
# It is not what the summary keeps: that is measured by other means, see the notebook `forgetting`.

# %% [markdown]
# ## Exercises
#
# 1. The matrix of a *linear* cell is multiplied by 0.9. How much of the gradient is left after 20 steps? (A number; 1
#    % more or less will do.)
# 2. Which forget gate lets half of the gradient through after 10 steps, if only the gate multiplies it? (A number
#    between 0 and 1.)
# 3. Find a bias for the gate z of a GRU with which more than half of the gradient is left after 30 steps.

# %%
answer_1 = None
answer_2 = None
answer_3 = None


def reaches(value):
    """Whether the gradient of a GRU with this bias of z reaches 30 steps back."""
    layer = made("gru")
    bias[:UNITS] = value
    layer.bias.assign(bias)
    left = decay(layer)[-31]
    print(f"{left:.0%} is left after 30 steps")
    return left > 0.5


check(answer_1, lambda share: abs(share / 0.9**20 - 1) < 0.01, "each step multiplies by 0.9")
check(answer_2, lambda gate: abs(gate**10 - 0.5) < 0.005, "the gate to the power of 10 is a half")
check(answer_3, reaches, "sigmoid(bias) must be close to 1")

# %% [markdown]
# ## Where to go from here
#
# - `matrices(layer)` gives the largest singular value of each gate's matrix: below 1, the gradient of a simple cell
#   must vanish.
# - `seq2seq analyze RUN --only gradients ...` measures the decay over a test set, with intervals.
# - References: Bengio et al. 1994; Pascanu et al. 2013 (arXiv:1211.5063); Hochreiter and Schmidhuber 1997; Cho et al.
#   2014 (arXiv:1406.1078).

# %%
for name, values in matrices(made("gru", 0.8)).items():
    print(f"{name:12} largest singular value {values['spectral_norm']:.2f}")
