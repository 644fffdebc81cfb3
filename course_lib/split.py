"""A corpus as ids: what is trained on, what is validated on, and the losses that need no network.

In the room: characters to ids, the split, windows of a text. The texts themselves are in `corpus`.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import torch

from course_lib import corpus as corpora
from course_lib import floors

Batch = tuple[torch.Tensor, torch.Tensor]
VAL_FRACTION = 0.1
EVAL_TOKENS = 16_384  # in one batch while measuring


@dataclass(frozen=True)
class Split:
    """A corpus as ids: the first nine tenths to train on, the rest to validate on.

    vocab: the characters, sorted; an id is a place in it. train, val: int64, one axis. floors: label -> loss in nats
    per character, for plots. bytes_per_token: of the validation part in UTF-8. unit: what an id stands for, a
    "character" here; make a Split of your own for the ids of another tokenizer.
    """

    name: str
    vocab: tuple[str, ...]
    train: torch.Tensor
    val: torch.Tensor
    floors: dict[str, float]
    bytes_per_token: float = 1.0
    unit: str = "character"

    @classmethod
    def of(cls, name_or_path: str | Path) -> Split:
        """The ids of a corpus: "tinyplays", "tinyshakespeare" or a text file. Raises CorpusNotFound."""
        return cls.of_corpus(corpora.load(name_or_path))

    @classmethod
    def of_corpus(cls, corpus: corpora.Corpus) -> Split:
        """The same for a corpus at hand."""
        vocab = sorted(set(corpus.text))
        place = {char: number for number, char in enumerate(vocab)}
        ids = torch.tensor([place[char] for char in corpus.text])
        cut = len(ids) - round(VAL_FRACTION * len(ids))
        known = {
            "uniform": floors.uniform(len(vocab)),
            "unigram": floors.unigram(ids[:cut], ids[cut:], len(vocab)),
            "bigram, counted": floors.bigram(ids[:cut], ids[cut:], len(vocab)),
        }
        entropy = corpus.entropy(cut, len(ids))
        if entropy is not None:
            known["true entropy"] = entropy
        size = len(corpus.text[cut:].encode()) / (len(ids) - cut)
        return cls(corpus.name, tuple(vocab), ids[:cut], ids[cut:], known, size)

    @classmethod
    def of_any(cls, corpus: str | Path | corpora.Corpus) -> Split:
        """The ids of a corpus, whether named or at hand."""
        return cls.of_corpus(corpus) if isinstance(corpus, corpora.Corpus) else cls.of(corpus)

    def digest(self) -> str:
        """What tells one corpus and division from another: 16 hexadecimal digits."""
        parts = (part.cpu().numpy().tobytes() for part in (self.train, self.val))
        return hashlib.sha256(b"|".join(parts)).hexdigest()[:16]

    def bits_per_byte(self, loss: float) -> float:
        """A loss in nats per token as bits per byte, which compares across tokenizers and alphabets."""
        return loss / math.log(2) / self.bytes_per_token


def windows(ids: torch.Tensor, block_size: int, most: int | None = None, at_once: int | None = None) -> list[Batch]:
    """Neighbouring windows of a text, each with its targets, in batches: x, y of shape (up to B, block_size).

    They ask what random windows of this length ask on average, once each. most: take only this many tokens, from
    windows spread evenly over the text. at_once: tokens in a batch. Raises ValueError for a text that holds no window.
    """
    n = (len(ids) - 1) // block_size
    if n < 1:
        raise ValueError(f"a text of {len(ids)} ids holds no window of {block_size} and its target")
    chosen = torch.arange(n)
    if most is not None and n * block_size > most:
        chosen = torch.linspace(0, n - 1, max(1, most // block_size)).round().long()
    x = ids[: n * block_size].reshape(n, block_size)[chosen]
    y = ids[1 : n * block_size + 1].reshape(n, block_size)[chosen]
    size = max(1, (at_once or EVAL_TOKENS) // block_size)
    return list(zip(x.split(size), y.split(size), strict=True))
