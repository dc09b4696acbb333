# %% [markdown]
# # How to read BLEU
#
# A score like "BLEU 34.2" means nothing by itself. This notebook shows what BLEU counts, why the signature belongs to
# the score, what the interval says, and when one system is better than another. It uses `en-fr`, the model that comes
# with seq2seq, needs no Keras, and runs in about a minute.

# %%
from collections import Counter

import numpy as np
from matplotlib import pyplot as plt

from seq2seq import Translation, Translator, evaluate, phrases


def check(answer, is_right, hint):
    """Say whether the answer of an exercise is right."""
    print("no answer yet" if answer is None else "right" if is_right(answer) else f"not yet: {hint}")


# %% [markdown]
# ## 1. What BLEU counts
#
# BLEU counts the sequences of one to four words (*n-grams*) that the translation shares with the reference, and takes
# the geometric mean of the four shares (Papineni et al. 2002). A translation that is shorter than the reference pays
# a penalty. Here it is by hand, for one sentence.

# %%
hypothesis = "the cat sat on the mat today ."
reference = "the cat sat on a mat today ."


def ngrams(text, n):
    """The sequences of n words, counted."""
    words = text.split()
    return Counter(tuple(words[start : start + n]) for start in range(len(words) - n + 1))


shares = []
for n in (1, 2, 3, 4):
    ours, theirs = ngrams(hypothesis, n), ngrams(reference, n)
    shared = sum((ours & theirs).values())
    shares.append(shared / sum(ours.values()))
    print(f"{n} words: {shared} of {sum(ours.values())} are in the reference")
penalty = min(1.0, np.exp(1 - len(reference.split()) / len(hypothesis.split())))
by_hand = 100 * penalty * np.exp(np.mean(np.log(shares)))
by_sacrebleu = evaluate([hypothesis], [reference], resamples=0, metrics=["BLEU"]).scores[0].value
print(f"by hand {by_hand:.2f}, by sacreBLEU {by_sacrebleu:.2f}")

# %% [markdown]
# ## 2. A test set
#
# BLEU is meant for many sentences: the counts of all sentences are added before the shares are computed. We translate
# 200 sentences of the phrasebook twice, with a beam of 5 and with greedy search.

# %%
pairs = list(phrases("test", 200, min_words=5, max_words=10, seed=4))
sources, references = [pair.english for pair in pairs], [pair.french for pair in pairs]
beam = Translator.load("en-fr").translate(sources)
greedy = Translator.load("en-fr", search=Translation(beam_size=1)).translate(sources)
evaluation = evaluate(beam, references, language="fr")
print(evaluation.table())

# %% [markdown]
# ## 3. The signature
#
# Each choice below changes the score although no translation changes. Therefore two scores can only be compared if
# their signatures are equal.

# %%
for label, options in {
    "as above": {},
    "lowercased": {"lowercase": True},
    "words by spaces only": {"tokenize": "none"},
    "characters as words": {"tokenize": "char"},
}.items():
    (score,) = evaluate(beam, references, resamples=0, metrics=["BLEU"], language="fr", **options).scores
    print(f"{label:22} {score.value:5.1f}   {score.signature}")

# %% [markdown]
# ## 4. The interval
#
# Another 200 sentences would give another score. The bootstrap imitates this: it draws sentences from the test set
# with replacement, many times. The 95 % interval gets narrower with the number of sentences, but slowly: four times
# as many sentences halve it.

# %%
sizes = (12, 25, 50, 100, 200)
rows = [evaluate(beam[:size], references[:size], resamples=500, metrics=["BLEU"]).scores[0] for size in sizes]
values = np.array([row.value for row in rows])
below, above = values - [row.low for row in rows], [row.high for row in rows] - values
plt.figure(figsize=(6, 3.2), layout="constrained")
plt.errorbar(sizes, values, yerr=[below, above], fmt="o", capsize=4)
plt.xscale("log")
plt.xticks(sizes, map(str, sizes))
plt.minorticks_off()
plt.xlabel("sentences in the test set")
plt.ylabel("BLEU, 95 % interval")
plt.grid(alpha=0.3)
plt.show()

# %% [markdown]
# The interval is about sentences. It says nothing about another training with another seed, which often moves BLEU by
# a point.
#
# ## 5. Is the beam better than greedy search?
#
# The intervals of the two systems overlap. But both translate the same sentences, and what is hard for one is hard
# for the other. The *paired* bootstrap (Koehn 2004) draws the same sentences for both and looks at the difference.

# %%
compared = evaluate(beam, references, baseline=greedy, metrics=["BLEU", "chrF2"], language="fr")
print(compared.table())

# %% [markdown]
# p is the share of drawings in which the difference moves by more than what was observed. A small p speaks against
# chance. If you compare many systems and report the best, some p will be small by chance: decide before you look what
# you compare.
#
# ## 6. What BLEU does not see

# %%
said = "Je ne suis pas allé au Népal."
for other in ("Je suis allé au Népal.", "Je n'ai pas été au Népal.", "Je ne suis pas allé au Pérou."):
    scores = evaluate([other], [said], resamples=0, metrics=["BLEU", "chrF2"]).scores
    print(f"{other:32}" + "  ".join(f"{score.name} {score.value:5.1f}" for score in scores))

# %% [markdown]
# The second sentence says the same as the reference, the others do not. BLEU of single sentences is hardly a measure
# at all.

# %% [markdown]
# ## Exercises
#
# 1. A hypothesis has half as many words as the reference, and all its n-grams are in the reference. What is its BLEU?
#    (A number; the penalty is exp(1 - r / h).)
# 2. Your test set has 500 sentences and an interval of ± 2 BLEU. About how many sentences do you need for ± 1?
# 3. Change one word of `mine` so that BLEU falls below 75 although only this word is wrong.

# %%
answer_1 = None
answer_2 = None
answer_3 = None
mine = "the old man sold his car to my brother last week ."


def falls(text):
    """Whether one changed word is enough."""
    ours, theirs = text.split(), mine.split()
    changed = len(ours) != len(theirs) or sum(a != b for a, b in zip(ours, theirs, strict=True))
    (score,) = evaluate([text], [mine], resamples=0, metrics=["BLEU"]).scores
    print(f"BLEU {score.value:.1f}")
    return changed == 1 and score.value < 75


check(answer_1, lambda bleu: abs(bleu - 100 * np.exp(-1)) < 0.1, "r / h is 2, and all four shares are 1")
check(answer_2, lambda count: 1800 <= count <= 2200, "half the width needs four times as many")
check(answer_3, falls, "a word in the middle is part of the most n-grams")
