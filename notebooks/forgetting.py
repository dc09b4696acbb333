# %% [markdown]
# # What h(T) forgets: Nepal in 2009
#
# The decoder knows the source only through one vector of fixed size. A short sentence fits. What happens to a country
# and a year when the sentence becomes longer? This notebook asks `en-fr`, the model that comes with seq2seq. It needs
# no Keras and runs in about a minute.

# %%
import numpy as np
from matplotlib import pyplot as plt

from seq2seq import Translator

translator = Translator.load("en-fr")


def check(answer, is_right, hint):
    """Say whether the answer of an exercise is right."""
    print("no answer yet" if answer is None else "right" if is_right(answer) else f"not yet: {hint}")


# %% [markdown]
# ## 1. Three sentences

# %%
texts = [
    "I went to Nepal in 2009.",
    "I went to Nepal in 2009, and my brother bought a house.",
    "I went to Nepal in 2009, my brother bought a house in Spain in 2014, and our parents sold the old car.",
]
for text, translation in zip(texts, translator.translate(texts), strict=True):
    print(f"{text}\n  {translation}\n")

# %% [markdown]
# ## 2. Count what comes back
#
# One sentence proves nothing. We make many: a country and a year, and then more and more clauses behind them or
# before them. A fact *comes back* if its French word stands in the translation.

# %%
COUNTRIES = {
    "Nepal": "Népal", "Peru": "Pérou", "Japan": "Japon", "Spain": "Espagne", "Chile": "Chili", "Norway": "Norvège",
    "Brazil": "Brésil", "Italy": "Italie", "Canada": "Canada", "Mexico": "Mexique",
}  # fmt: skip
CLAUSES = [
    "my brother bought a house", "the weather was very cold", "our parents sold the old car",
    "my sister learned to play the piano", "we ate fish with our friends", "the dog slept in the garden",
]  # fmt: skip
YEARS = (2003, 2005, 2007, 2009, 2012, 2014, 2016, 2018)


def sentences(clauses, fact_first, count=40, seed=1):
    """Sentences with a country, a year and so many other clauses, and the two facts in French."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        country, year = random.choice(list(COUNTRIES)), random.choice(YEARS)
        fact = f"I went to {country} in {year}"
        others = list(random.choice(CLAUSES, size=clauses, replace=False))
        parts = [fact, *others] if fact_first else [*others, fact]
        text = ", ".join(parts[:-1]) + (", and " if clauses else "") + parts[-1] + "."
        made.append((text[0].upper() + text[1:], COUNTRIES[country], str(year)))
    return made


def kept(made):
    """The share of countries and the share of years that come back, and the mean number of words."""
    translations = translator.translate([text for text, _, _ in made])
    pairs = list(zip(translations, made, strict=True))
    countries = np.mean([country in translation for translation, (_, country, _) in pairs])
    years = np.mean([year in translation for translation, (_, _, year) in pairs])
    return countries, years, np.mean([len(text.split()) for text, _, _ in made])


counts = (0, 1, 2, 3, 4)
results = {first: np.array([kept(sentences(count, first)) for count in counts]) for first in (True, False)}
figure, axes = plt.subplots(2, 1, figsize=(6, 5.2), layout="constrained", sharex=True)
for panel, (first, figures) in zip(axes, results.items(), strict=True):
    panel.plot(figures[:, 2], figures[:, 0], "o-", label="the country comes back")
    panel.plot(figures[:, 2], figures[:, 1], "s--", label="the year comes back")
    panel.set_title("the fact comes first" if first else "the fact comes last")
    panel.set_ylabel("share of 40 sentences")
    panel.set_ylim(0, 1.05)
    panel.grid(alpha=0.3)
axes[0].legend(fontsize="small")
axes[1].set_xlabel("words of the sentence")
plt.show()

# %% [markdown]
# The vector has the same size for all of these sentences. Up to 13 words everything comes back, then less and less.
# The place matters: a year that is the last word of the sentence always came back. For a country it helped less.
#
# ## 3. Forgotten, or known and not said?
#
# A fact that is missing in the translation may still be in the vector. A *probe* tests this: a linear model learns to
# read the year from h(T) and is then asked about other sentences. If it succeeds where the translation fails, the
# decoder did not use what was there.


# %%
def probe(clauses):
    """The share of years that a linear model reads from h(T), and the share that the translation gives."""
    made = sentences(clauses, fact_first=True, count=600, seed=3)
    vectors = translator.encode([text for text, _, _ in made])
    labels = np.array([YEARS.index(int(year)) for _, _, year in made])
    taught, asked = slice(0, 450), slice(450, 600)
    x = vectors - vectors[taught].mean(axis=0)
    wanted = np.eye(len(YEARS))[labels[taught]]
    gram = x[taught] @ x[taught].T + 1.0 * np.eye(450)  # ridge regression, in its dual form
    weights = x[taught].T @ np.linalg.solve(gram, wanted)
    read = (x[asked] @ weights).argmax(axis=1)
    return (read == labels[asked]).mean(), kept(made[450:510])[1]


for clauses in (0, 2, 4):
    by_probe, by_translation = probe(clauses)
    print(f"{clauses} clauses more: the probe reads {by_probe:.0%}, the translation gives {by_translation:.0%}")

# %% [markdown]
# Where the translation has lost a year, a linear model still reads it from the vector. So the vector did not forget
# it: the decoder failed to write it. This is why the analyses of `seq2seq analyze` ask both questions (`probes`,
# `round_trip`, `capacity`), with controls and intervals, and for tense, number, words and their order too. A probe
# that succeeds does not prove that the decoder uses what the probe reads. A probe that fails proves little either, as
# another kind of probe might succeed.

# %% [markdown]
# ## Exercises
#
# 1. What is the probability that a reader who knows nothing names the right year, of the eight that occur here?
# 2. Write a sentence of at least eight words about Nepal and 2009, in which both come back.
# 3. Write a sentence of at most twelve words with "Nepal" and "2009" in it, of which at least one does *not* come
#    back.

# %%
answer_1 = None
answer_2 = None
answer_3 = None


def comes_back(text):
    """Whether the country and the year are in the translation."""
    (translation,) = translator.translate([text])
    print(translation)
    return "Népal" in translation and "2009" in translation


def names_both(text):
    """Whether the sentence speaks of Nepal and 2009."""
    return "Nepal" in text and "2009" in text


check(answer_1, lambda share: abs(share - 1 / len(YEARS)) < 0.001, "each year occurs equally often")
check(answer_2, lambda text: names_both(text) and len(text.split()) >= 8 and comes_back(text), "keep it simple")
check(
    answer_3, lambda text: names_both(text) and len(text.split()) <= 12 and not comes_back(text), "add another number"
)
