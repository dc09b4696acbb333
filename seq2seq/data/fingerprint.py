"""What a corpus holds, as one short text: two files with the same bytes have the same one, whatever their names."""

from hashlib import blake2b, file_digest
from pathlib import Path

from seq2seq.settings.config import Corpus


def corpus_fingerprint(corpus: Corpus) -> str | None:
    """A hash of the bytes in a corpus' files: their places, names and dates do not matter.

    Args:
        corpus: where the text lies.

    Returns:
        32 hexadecimal digits; None where the content cannot be known cheaply: a hub data set, and files that are
        missing, may not be read, or are pipes (reading one would use it up).
    """
    names = [name for name in (corpus.source, corpus.target, corpus.path) if name is not None]
    if corpus.hub is not None or not names:
        return None
    digest = blake2b(digest_size=16)
    try:
        for name in names:
            path = Path(name).expanduser()
            if not path.is_file():
                return None
            with path.open("rb") as file:
                digest.update(file_digest(file, blake2b).digest())
    except OSError:
        return None
    return digest.hexdigest()
