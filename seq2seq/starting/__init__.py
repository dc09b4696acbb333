"""A first settings file for somebody's own text: `seq2seq init`."""
