"""Public checks of assignment 3, self-attention."""
