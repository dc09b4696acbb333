# %% [markdown]
# # A translator for your own language pair
#
# From two text files to a score: look at the data, write the settings, train, translate, measure. So that the
# notebook runs in two minutes without your files, it writes two files first, with sentences of the phrasebook that
# comes with seq2seq. Replace them by your own.

# %%
from pathlib import Path

from seq2seq import Translator, evaluate, load_config, phrases, train

folder = Path("pair")
folder.mkdir(exist_ok=True)


def check(answer, is_right, hint):
    """Say whether the answer of an exercise is right."""
    print("no answer yet" if answer is None else "right" if is_right(answer) else f"not yet: {hint}")


# %% [markdown]
# ## 1. The files
#
# Two files with one sentence a line; line 7 of the second translates line 7 of the first. Keep some pairs apart: the
# *dev set* chooses the best weights, the *test set* is looked at only at the end. No sentence may be in two of them.
# A few hundred pairs are enough for each.

# %%
for split, count in (("train", 10000), ("dev", 150), ("test", 200)):
    pairs = list(phrases(split, count, min_words=3, max_words=5))
    for language, lines in (
        ("en", [pair.english for pair in pairs]),
        ("fr", [pair.french for pair in pairs]),
    ):
        (folder / f"{split}.{language}").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def lines_of(name):
    """The lines of a file."""
    return (folder / name).read_text(encoding="utf-8").splitlines()


for english, french in list(zip(lines_of("train.en"), lines_of("train.fr"), strict=True))[:5]:
    print(f"{english:40} {french}")

# %% [markdown]
# ## 2. The settings
#
# A settings file names the files and the languages. Everything else has a default; `seq2seq settings` prints all of
# them. The network here is small, so that it trains in one to two minutes. For real text, leave out `[model]` and
# `[training]`.

# %%
settings = """
[data]
source_language = "en"
target_language = "fr"

[[data.train]]
source = "pair/train.en"
target = "pair/train.fr"

[[data.dev]]
source = "pair/dev.en"
target = "pair/dev.fr"

[tokenizer]
vocabulary_size = 1000

[model]
embedding = 128
encoder_units = 128
decoder_units = 128

[training]
epochs = 6
batch_tokens = 512
learning_rate = 3e-3
evaluate_every_epochs = 2
"""
(folder / "mine.toml").write_text(settings, encoding="utf-8")
config = load_config(folder / "mine.toml")
print(f"a {config.model.cell}, {config.model.direction}, vocabulary of {config.tokenizer.vocabulary_size:,} pieces")

# %% [markdown]
# ## 3. Training
#
# On the command line: `seq2seq train pair/mine.toml --run pair/run`. If it is interrupted, `--resume` goes on to the
# same end.

# %%
outcome = train(config, folder / "run")
print(f"the highest dev BLEU is {outcome.position.highest_bleu:.1f}")

# %% [markdown]
# The loss of the dev set says more than its BLEU at the beginning, when hardly any sequence of four words is right.
# The run directory has the figures of each epoch (`metrics.jsonl`) and their picture.

# %%
import json

from matplotlib import pyplot as plt

records = [json.loads(line) for line in (folder / "run" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
records = [record for record in records if "dev_loss" in record]  # every second epoch
epochs = [record["epoch"] for record in records]
figure, axes = plt.subplots(1, 2, figsize=(7, 2.8), layout="constrained")
axes[0].plot(epochs, [record["dev_loss"] for record in records], "o-")
axes[0].set_ylabel("dev loss, nats a token")
axes[1].plot(epochs, [record["dev_bleu"] for record in records], "o-")
axes[1].set_ylabel("dev BLEU")
for panel in axes:
    panel.set_xlabel("epoch")
    panel.grid(alpha=0.3)
plt.show()

# %% [markdown]
# ## 4. Translate and score
#
# The test set was never looked at so far. Read some translations before you believe a score.

# %%
translator = Translator.load(folder / "run")
translations = translator.translate(lines_of("test.en"))
references = lines_of("test.fr")
for source, translation, reference in list(zip(lines_of("test.en"), translations, references, strict=True))[:5]:
    print(f"{source}\n  ours      {translation}\n  reference {reference}")
print()
evaluation = evaluate(translations, references, language="fr")
print(evaluation.table())

# %% [markdown]
# The notebook `reading_bleu` explains this table.
#
# ## 5. With your own files
#
# - Put your files into the folder and change the two languages. Leave out `[model]` and `[training]`.
# - Do you have fewer than some ten thousand pairs? Then begin with a trained translator: `seq2seq finetune en-fr
#   mine.toml --run runs/mine`. It helps even if the target language is another one.
# - The recipe `finetune_own_files` does all of this with one command: it splits two files, trains, and writes a
#   report.

# %% [markdown]
# ## Exercises
#
# 1. How many of the test sentences did our translator translate exactly like the reference?
# 2. A colleague chose the number of epochs by looking at the *test* score. Is the score still an honest estimate for
#    new sentences? (True or False.)
# 3. Name the setting that makes the vocabulary larger, as `section.key`.

# %%
answer_1 = None
answer_2 = None
answer_3 = None

exact = sum(ours == theirs for ours, theirs in zip(translations, references, strict=True))
check(answer_1, lambda count: count == exact, "compare the two lists, line by line")
check(answer_2, lambda honest: honest is False, "what was chosen by a score is not measured by it")
check(answer_3, lambda name: name == "tokenizer.vocabulary_size", "it is in the settings above")
