"""English to French on WMT14 as Sutskever et al. (2014) trained it: five networks, alone and together, beams 2 and 12.

Every network is a run of its own under --runs and resumes where it was; what is finished is not done again.
"""

import argparse
import logging
from pathlib import Path

from report import publish

from seq2seq import Corpus, Seq2SeqError, load_config
from seq2seq.data.corpus import read_pairs
from seq2seq.files import write_atomically

HERE = Path(__file__).parent
PAIRS = 12_000_000  # the size of their "selected" part; here it is the first pairs of the data set
BEAMS = (2, 12)
COLUMNS = {"configuration": "fr-en", "source_column": "translation.en", "target_column": "translation.fr"}
SPLITS = {"dev": "validation", "test": "test"}  # newstest2013 and newstest2014


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("runs/wmt14_en_fr"), help="where to leave all runs")
    parser.add_argument("--data-set", default="wmt/wmt14", help="on the hub, or a folder laid out like it")
    parser.add_argument("--config", default="config.toml", help="a settings file in the folder of the recipe")
    parser.add_argument(
        "--pairs", type=int, default=PAIRS, help=f"the first so many to learn from (default: {PAIRS:,})"
    )
    parser.add_argument("--members", type=int, default=5, help="networks, each from another seed (default: 5)")
    parser.add_argument("--publish", action="store_true", help="write the table into this folder's README")
    parser.add_argument("overrides", nargs="*", metavar="section.key=value", help="settings that win over the file's")
    options = parser.parse_intermixed_args()
    logging.basicConfig(format="%(message)s")
    logging.getLogger("seq2seq").setLevel(logging.INFO)
    # Half the pairs an epoch: dev scores come twice as often, and the rate can be halved every half epoch.
    human = Corpus(hub=options.data_set, split=f"train[:{options.pairs}]", weight=0.5, **COLUMNS)
    dev = Corpus(hub=options.data_set, split=SPLITS["dev"], **COLUMNS)
    test = write_test(Corpus(hub=options.data_set, split=SPLITS["test"], **COLUMNS), options.runs / "data")

    from seq2seq import Translator, train  # loads TensorFlow or JAX

    members = [options.runs / f"{Path(options.config).stem}-{seed}" for seed in range(1, options.members + 1)]
    for seed, run in enumerate(members, 1):
        print(f"\n== {run.name}")
        seeded = [*options.overrides, f"training.seed={seed}"]
        config = load_config(HERE / options.config, seeded, train=[human], dev=[dev])
        if not train(config, run, resume=True).finished:
            raise SystemExit("Interrupted. Run the same command again to resume.")
    systems = {"one": members[:1], "all": members} if len(members) > 1 else {"one": members}
    for runs in systems.values():
        for beam in BEAMS:
            path = options.runs / "translations" / f"{Path(options.config).stem}-{len(runs)}-beam{beam}.fr"
            if is_older(path, runs):
                print(f"translating newstest2014 with {len(runs)} network(s), beam {beam}")
                search = config.translation.model_copy(update={"beam_size": beam})
                write(path, Translator.load(runs, search).translate(read(test / "test.en")))
    print(publish(options.runs, members, systems, BEAMS, HERE if options.publish else None))


def is_older(translations: Path, runs: list[Path]) -> bool:
    """Whether there are no translations, or a network was begun after they were made."""
    begun = max((run / "config.json").stat().st_mtime for run in runs)
    return not translations.exists() or translations.stat().st_mtime < begun


def write_test(corpus: Corpus, folder: Path) -> Path:
    """The test set as two text files, in the order of the data set."""
    if not (folder / "test.fr").exists():
        print(f"fetching {corpus.hub}: the test set")
        pairs = list(read_pairs(corpus, source_language="en", target_language="fr"))
        write(folder / "test.en", [pair.source for pair in pairs])
        write(folder / "test.fr", [pair.target for pair in pairs])
    return folder


def read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, "".join(f"{line}\n" for line in lines).encode())


if __name__ == "__main__":
    try:
        main()
    except (Seq2SeqError, OSError) as error:
        raise SystemExit(f"error: {error}") from error
