"""Hidden suite of `TokenPositionEmbedding(vocab_size, n_embd, block_size)`: known tables, and sums of random ones."""

import torch

from autograder import modules
from autograder.oracles import call
from autograder.suite import expect, expect_close, points
from autograder.suites.a3_self_attention._modules import expect_no_seed, probes


def sizes(rng):
    """vocab_size, n_embd, block_size, all different."""
    return tuple(int(size) for size in rng.permutation([5, 6, 7, 9, 11, 13])[:3])


@points(1)
def test_shape(student, rng, torch_rng):
    """The output has shape (B, T, n_embd), for every T up to block_size"""
    vocab_size, n_embd, block_size = sizes(rng)
    model = student.TokenPositionEmbedding(vocab_size, n_embd, block_size)
    for B, T in ((3, block_size), (2, block_size - 1), (1, 2), (4, 1)):
        idx = torch.randint(vocab_size, (B, T), generator=torch_rng)
        asked = f"the output of TokenPositionEmbedding({vocab_size}, {n_embd}, {block_size}) for idx {(B, T)}"
        call(model, (B, T, n_embd), asked, idx)
    long = torch.randint(vocab_size, (1, 70), generator=torch_rng)
    asked = f"the output of TokenPositionEmbedding({vocab_size}, {n_embd}, 70) for idx (1, 70)"
    call(student.TokenPositionEmbedding(vocab_size, n_embd, 70), (1, 70, n_embd), asked, long)


@points(3)
def test_known_tables(student, rng, torch_rng):
    """With known tables: a token's row plus its position's row"""
    for _ in range(2):
        vocab_size, n_embd, block_size = sizes(rng)
        model = student.TokenPositionEmbedding(vocab_size, n_embd, block_size)
        tokens, positions = (torch.randn(size, generator=torch_rng) for size in (vocab_size, block_size))
        if (
            modules.fill(probes(student), model, 0.0, [(tokens, n_embd), (positions, n_embd)]) != 2
        ):  # both tables in one, or in another form
            tokens, positions = torch.ones(vocab_size), torch.ones(block_size)
            modules.fill(probes(student), model, 1.0)
        T = int(rng.integers(2, block_size + 1))
        idx = torch.randint(vocab_size, (3, T), generator=torch_rng)
        wanted = (tokens[idx] + positions[:T])[..., None].expand(3, T, n_embd)
        asked = f"the output for idx {(3, T)} and known tables"
        expect_close(
            call(model, (3, T, n_embd), asked, idx), wanted, asked, hint="token row plus position row.", atol=1e-5
        )


@points(2)
def test_sum(student, rng, torch_rng):
    """With random tables: what a token adds is the same at every place, what a place adds the same for every token"""
    vocab_size, n_embd, block_size = sizes(rng)
    model = student.TokenPositionEmbedding(vocab_size, n_embd, block_size)
    modules.randomise(probes(student), model, torch_rng, 1.0)
    # Row i is token i all along: the difference of two rows must be the same at every position, and not zero.
    repeated = torch.arange(vocab_size)[:, None].expand(vocab_size, block_size)
    table = call(model, (vocab_size, block_size, n_embd), "the output for repeated tokens", repeated)
    added = table[1:] - table[:-1]
    expect_close(added, added[:, :1].expand_as(added), "what a token adds, at all positions", atol=1e-5)
    # Rows of random tables differ by more than 1e-3 in some of n_embd >= 5 numbers, but for one draw in 1e15.
    expect(bool((added[:, 0].abs() > 1e-3).any(-1).all()), "two different tokens have the same vector.")
    steps = (table[0, 1:] - table[0, :-1]).abs()
    expect(
        bool((steps > 1e-3).any(-1).all()),
        "a token has the same vector in two places.\nHint: positions 0, 1, …, T - 1.",
    )
    idx = torch.randint(vocab_size, (3, block_size), generator=torch_rng)
    asked = "the output for mixed tokens, beside the same tokens repeated"
    got = call(model, (3, block_size, n_embd), asked, idx)
    expect_close(
        got, table[idx, torch.arange(block_size)], asked, hint="each token is looked up for itself.", atol=1e-5
    )


@points(2)
def test_learnt(student, rng):
    """Two tables to learn, of vocab_size and of block_size rows, and every row of them is used; no seed is set"""
    vocab_size, n_embd, block_size = sizes(rng)
    model = student.TokenPositionEmbedding(vocab_size, n_embd, block_size)
    rows = modules.matrix_numbers(probes(student), model) / n_embd
    expect(
        rows == vocab_size + block_size,
        f"for vocab_size {vocab_size} and block_size {block_size} expected {vocab_size + block_size} rows of n_embd "
        f"numbers to learn, yours has {rows:.4g}.",
    )
    n = -(-vocab_size // block_size)
    everything = (torch.arange(n * block_size) % vocab_size).view(n, block_size)
    idle = modules.idle(probes(student), model, everything)
    expect(idle == 0, f"{idle} numbers of the tables have no influence, though every token and position occurs.")
    expect_no_seed(student, student.handle("TokenPositionEmbedding"), (vocab_size, n_embd, block_size), everything)
