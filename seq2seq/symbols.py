"""The four reserved piece ids: the only place where they are written."""

PAD, BOS, EOS, UNK = 0, 1, 2, 3
