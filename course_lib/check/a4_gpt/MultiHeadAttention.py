"""Public check of `MultiHeadAttention(n_embd, n_head, block_size, dropout)`: heads side by side, and a projection."""

from __future__ import annotations

from course_lib.check.a4_gpt._attention import check, questions, trial

__all__ = ["check", "questions", "trial"]
