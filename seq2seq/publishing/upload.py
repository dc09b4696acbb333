"""Pushing a folder to a hub."""

from pathlib import Path

from seq2seq.errors import CheckpointError, cut
from seq2seq.runs.downloading import api

_REPLACED = ["checkpoints/*", "graphs/*", "decoders/*", "tokenizer/*", "*.json", "*.jsonl", "*.npz"]


def upload(folder: Path, repository: str, *, private: bool = False) -> str:
    """Push a folder as one commit; the repository is made where there is none.

    Args:
        folder: what `write_folder` wrote.
        repository: the owner and the name.
        private: whether a new repository can be seen by its owner only.

    Returns:
        the address of the commit.

    Raises:
        CheckpointError: the hub refuses it, or cannot be reached.
        MissingExtraError: huggingface_hub is not installed.
    """
    client = api()
    try:
        client.create_repo(repository, private=private, exist_ok=True)
        # What an earlier push left is replaced: weights of another step would lie beside those of this one.
        commit = client.upload_folder(
            repo_id=repository,
            folder_path=folder,
            commit_message="Push with seq2seq",
            delete_patterns=_REPLACED,
        )
    except Exception as error:  # the client and what it is built on have many classes, with no common one of their own
        reason = cut(" ".join(str(error).split()), 300) or type(error).__name__
        advice = "look at the name and the connection, and log in with `hf auth login`"
        raise CheckpointError(f"cannot push to hub:{repository}: {reason}: {advice}") from error
    return str(commit.commit_url)
