"""Machine translation through one fixed summary vector, on Keras."""

__version__ = "0.1.0"
