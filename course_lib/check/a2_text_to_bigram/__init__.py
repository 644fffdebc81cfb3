"""Public checks of assignment 2, from text to a bigram model."""
