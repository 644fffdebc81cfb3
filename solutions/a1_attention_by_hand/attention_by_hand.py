# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Attention by hand
#
# A GPT learns its weights from text. Before you let one learn, you set the weights of an attention head yourself,
# on letters instead of words and with matrices small enough to hold in your head. Nothing is trained here. At the
# end you will know what each number in an attention head does, because you will have put it there.
#
# | | you write | points |
# |---|---|---|
# | **Problem 1** | a head that tells whether a consonant has occurred so far | 28 |
# | **Problem 2** | a head that tells whether the *first* letter is a consonant | 16 |
# | **Repair** | masked attention as one function, from a snippet with five faults | 6 |
#
# Allow about two and a half hours, 50 points in all.
#
# **How it works.** Your answer goes where a cell says `...` or `raise NotImplementedError`. Run the cell, then
# run the check under it: it tells you whether the answer behaves and, for many mistakes, which mistake it is. The
# hints are folded; open them when you are stuck. Your mark comes from further tests of the same behaviour, so any
# answer that behaves rightly is right.

# %% tags=["given"]
import numpy as np

from course_lib import check, explorer, letters, plot

W_E = letters.W_E()    # (2, 26): the embedding of problem 1
W_E3 = letters.W_E3()  # (3, 26): the embedding of problem 2
np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## Letters as tokens
#
# Each letter is a token, numbered from a → 0 to z → 25. The vowels are a, e, i, o, u; every other letter is a
# consonant. The embedding matrix $W_E$ has one column for each letter, and a string becomes a matrix $X$ with one
# **row** for each letter: row $t$ is the column of $W_E$ that belongs to letter $t$. *Rows are tokens*: that
# holds throughout this course, as it does in PyTorch.

# %%
print("tokens of 'aeri':", letters.tokens("aeri"))
print("\nX for 'aeri', one row for each letter:")
for letter, row in zip("aeri", letters.embed("aeri")):
    print(f"  {letter}  {row}")

# %% [markdown]
# ### The whole embedding
#
# Here is $W_E$, first for the vowels and then for a few consonants. Read it before you answer part A.

# %%
some = "aeioubcdfgxyz"
print("       ", "  ".join(some))
for number, row in enumerate(W_E[:, letters.tokens(some)], start=1):
    print(f"row {number}  ", "  ".join(f"{value:.0f}" for value in row))

# %% [markdown]
# ## Play first
#
# In an attention head each letter asks a question, its **query**, and each letter wears a label, its **key**.
# Where query and key agree, the score is high. Every letter shares out its attention, a weight of 1 in total,
# over itself and the letters *before* it: the higher the score, the larger the share. Its output is the average
# of what it sees, in those shares.
#
# The widget below is one such head. Type a string, change the numbers, and watch every step from scores to output.
# Three things to find out:
#
# 1. Set all of $W_q$ to zero. How does a letter share out its attention when it asks nothing?
# 2. As it stands, vowels attend to vowels. Which two numbers do that? What happens when one of them is negative?
# 3. Make a number five times as large. What happens to the shares?

# %% tags=["nbval-ignore-output"]
explorer.attention_explorer("aeri")

# %% [markdown]
# *Figure: one attention head at work. Each row is a letter that asks, each column a letter that is looked at. The
# last line names the shortest string on which this head gives a wrong answer.*
#
# Put in symbols, with $x_i$ for the embedding of letter $i$: letter $i$ asks $q_i = W_q x_i$, letter $j$ wears
# $k_j = W_k x_j$ and hands over $v_j = W_v x_j$. Then
#
# $$\text{score}_{ij} = q_i \cdot k_j, \qquad
# w_{ij} = \frac{e^{\text{score}_{ij}}}{\sum_{j' \le i} e^{\text{score}_{ij'}}} \ \text{ for } j \le i, \qquad
# \text{output}_i = \sum_{j \le i} w_{ij}\, v_j .$$
#
# The length of a query is called $n_q$; here 1 is enough. (GPTs also divide the scores by a constant. You will
# see why in the last part.)

# %% [markdown]
# ---
# # Problem 1 · Has a consonant occurred?
#
# After each letter, the head is to say whether **a consonant has occurred up to and including this letter**.
#
# | letter | a | e | r | i |
# |---|---|---|---|---|
# | answer | no | no | yes | yes |
#
# The head's output is a pair. It says *no* by an output near $[1, 0]$ and *yes* by one near $[0, 1]$.

# %% [markdown]
# ## A · What the embedding knows
#
# Difficulty ●○○○○ · Importance ●●●○○ · 5 min · 4 points
#
# A head sees nothing of a letter but its embedding, so the embedding decides what can be asked. Look at $W_E$
# above.
#
# **Question.** What does each row of $W_E$ capture? What does a head that reads this embedding *not* know about a
# letter? Give an example. (3 to 5 sentences)

# %% [markdown] nbgrader={"grade": true, "grade_id": "consonant_embedding", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# Row 1 is 1 for the five vowels and 0 for every other letter: it says "this is a vowel". Row 2 is its opposite, 1
# for the 21 consonants and 0 for the vowels. Each letter therefore has exactly one 1 in its column, and the two
# rows add up to a row of ones.
#
# All vowels share one embedding and so do all consonants. The head cannot tell which vowel or consonant it has
# before it ("bat" and "cup" give the same $X$), and it is not told where a letter stands.
#
# **Marking scheme**
#
# - 1 point: row 1 indicates vowels.
# - 1 point: row 2 indicates consonants.
# - 1 point: letters of one kind have the same embedding, so which letter it is (or where it stands) is lost.
# - 1 point: an example, such as two letters or two strings that the head cannot tell apart.

# %% [markdown]
# ## B · Everyone looks at consonants
#
# Difficulty ●●○○○ · Importance ●●●●● · 15 min · 5 points
#
# What a head looks at is settled by two matrices alone, $W_q$ and $W_k$. Choose them so that **every letter
# attends to the consonants** it can see.
#
# A letter attends to consonants if, as soon as there is one, the consonants together hold **more than half** of
# its weight. That must hold for vowels and consonants as askers, and for every string of up to 64 letters, even
# one consonant among 63 vowels. Try numbers in the widget above before you write them down.

# %% nbgrader={"grade": false, "grade_id": "W_consonant", "locked": false, "schema_version": 3, "solution": true, "task": false}
# W_q, W_k: arrays of shape (n_q, 2). Columns: vowel, consonant.
### BEGIN SOLUTION
W_q = np.array([[1.0, 1.0]])  # both kinds of letter ask the same question
W_k = np.array([[0.0, 5.0]])  # and only consonants answer it
### END SOLUTION
W_consonant = W_q, W_k

# %% nbgrader={"grade": true, "grade_id": "test_W_consonant", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check.W_consonant(W_consonant)

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# With $n_q = 1$ each letter's query is one number and so is its key; the score is their product. Which query
# should a vowel have? And a consonant? Are they different?
#
# </details>
# <details><summary>Hint 2: "it breaks on a long string"</summary>
#
# A vowel with score 0 still counts $e^0 = 1$ in the softmax. Sixty-three of them count 63. What must the
# consonant's score be to outweigh them?
#
# </details>
# <details><summary>Hint 3: several answers</summary>
#
# Only the scores matter, so many pairs of matrices behave alike: doubling $W_q$ and halving $W_k$ changes
# nothing, nor does turning the sign of both.
#
# </details>

# %% [markdown]
# ## C · Every step of the way
#
# Difficulty ●●●○○ · Importance ●●●●● · 25 min · 7 points
#
# You have seen what comes out; now you compute it. First as a loop, one asker and one listener at a time, exactly
# as the formula says (with a pair of matrices that means nothing in particular):

# %%
X_loop = letters.embed("aeri")                                     # (4, 2)
toy_q, toy_k = np.array([[1.0, 0.5]]), np.array([[-0.5, 1.5]])     # (1, 2) each

weights_loop = np.zeros((4, 4))
for i in range(4):                        # the letter that asks
    for j in range(i + 1):                # the letters it can see: those before it, and itself
        query, key = toy_q @ X_loop[i], toy_k @ X_loop[j]
        weights_loop[i, j] = np.exp(query @ key)
    weights_loop[i] /= weights_loop[i].sum()
print(weights_loop)

# %%
ax = plot.attention_heatmap(weights_loop, "aeri", title="Each letter shares out a weight of 1, to itself and backwards")

# %% [markdown]
# *Figure: who attends to whom in "aeri". Each row is a letter that asks, each column a letter that is looked at;
# hatched cells are hidden.*
#
# Loops are slow, and a model does all letters at once. So you write the same thing with whole matrices, and you
# hand out every step of it:
#
# 1. `Q` and `K`, whose rows are the queries and keys of the letters. Since rows are tokens,
#    $Q = X W_q^{\mathsf T}$ and $K = X W_k^{\mathsf T}$.
# 2. `scores` $= QK^{\mathsf T}$: row $i$, column $j$ says how well key $j$ answers query $i$.
# 3. `masked`: the scores with $-\infty$ wherever a letter would look at a later one, that is above the diagonal.
# 4. `weights`: the softmax of each *row* of `masked`. Since $e^{-\infty} = 0$, hidden letters get nothing. It
#    should hold for scores of any size, thousands included: Hint 2 says how to keep `np.exp` from overflowing.

# %% nbgrader={"grade": false, "grade_id": "attention_steps", "locked": false, "schema_version": 3, "solution": true, "task": false}
def attention_steps(X, W_q, W_k):
    """All steps of causal attention, from embeddings to weights.

    X: (T, d) embeddings, one row for each letter. W_q, W_k: (n_q, d).
    Returns (Q, K, scores, masked, weights): Q and K (T, n_q), the others (T, T). X, W_q and W_k stay as they
    are; the weights are right for large scores, too.
    """
    ### BEGIN SOLUTION
    Q, K = X @ W_q.T, X @ W_k.T                                # (T, d) @ (d, n_q) -> (T, n_q)
    scores = Q @ K.T                                           # (T, n_q) @ (n_q, T) -> (T, T)
    visible = np.tril(np.ones(scores.shape, dtype=bool))       # True on and below the diagonal
    masked = np.where(visible, scores, -np.inf)
    exponentials = np.exp(masked - masked.max(axis=1, keepdims=True))
    weights = exponentials / exponentials.sum(axis=1, keepdims=True)
    return Q, K, scores, masked, weights
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_attention_steps", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
check.attention_steps(attention_steps)

# %% [markdown]
# <details><summary>Hint 1: the mask</summary>
#
# `np.tril` keeps the lower triangle of a matrix, diagonal included. `np.where(condition, a, b)` picks from `a`
# where the condition is true and from `b` elsewhere. Do not multiply by infinity: $0 \cdot \infty$ is not a
# number.
#
# </details>
# <details><summary>Hint 2: the softmax</summary>
#
# Take the exponential of every entry, then divide each row by its own sum. `keepdims=True` keeps the sum a
# column, so that it divides row by row. Subtracting a row's largest entry first changes nothing in the result and
# keeps the exponentials small.
#
# </details>
# <details><summary>Hint 3: "the first row is all NaN"</summary>
#
# The first letter sees itself. If your mask hides the diagonal, nothing is left in its row to share the weight.
#
# </details>

# %% [markdown]
# **The loop and the matrices agree.**

# %%
if check.passed("attention_steps"):
    assert np.allclose(attention_steps(X_loop, toy_q, toy_k)[-1], weights_loop)
    print("Equal: four letters at once give the weights of the loop.")

# %% [markdown]
# **Now a string of your own**, with your matrices from part B. Choose one that has a vowel before its first
# consonant, and follow it through all five steps.

# %%
my_string = "abcce"

if check.passed("W_consonant") and check.passed("attention_steps"):
    Q, K, *square = attention_steps(letters.embed(my_string), *map(np.asarray, W_consonant))
    steps = dict(zip(("scores", "masked", "weights"), square))
    for name, step in {"Q, transposed": np.transpose(Q), "K, transposed": np.transpose(K), **steps}.items():
        print(f"{name}\n{step}\n")
    plot.attention_steps(steps, my_string,
                         title="From scores to weights: the mask hides the future, the softmax shares out the rest")

# %% [markdown]
# *Figure: the three square matrices of the trace. Askers are rows, letters looked at are columns.*
#
# <details><summary>What you should see</summary>
#
# For "abcce" and a score of 5 for consonants, 0 for vowels, the last row of weights is
# `0.0022 0.3318 0.3318 0.3318 0.0022`: the e at the end shares nearly all of its weight equally between b, c and c. A larger score
# gives the vowels still less. The first row is `1 0 0 0 0` whatever the matrices.
#
# </details>

# %% [markdown]
# ## D · The answer comes out
#
# Difficulty ●●○○○ · Importance ●●●●○ · 15 min · 4 points
#
# The weights say where a letter looks. What it takes home from there are the values, $V = XW_v^{\mathsf T}$. Here
# is the output of "aeri" as a loop, with the weights of the loop above:

# %%
W_v_identity = np.eye(2)                  # each letter hands over its embedding as it is

output_loop = np.zeros((4, 2))
for i in range(4):
    for j in range(i + 1):
        output_loop[i] += weights_loop[i, j] * (W_v_identity @ X_loop[j])
print(output_loop)

# %% [markdown]
# Write the whole head as one function. You may use your `attention_steps`.

# %% nbgrader={"grade": false, "grade_id": "head_output", "locked": false, "schema_version": 3, "solution": true, "task": false}
def head_output(X, W_q, W_k, W_v):
    """The output of one causal attention head.

    X: (T, d). W_q, W_k: (n_q, d). W_v: (d_v, d).
    Returns (T, d_v): row i is the average of the values that letter i can see, by its weights. Scores may be large.
    """
    ### BEGIN SOLUTION
    weights = attention_steps(X, W_q, W_k)[-1]    # (T, T)
    values = X @ W_v.T                            # (T, d) @ (d, d_v) -> (T, d_v)
    return weights @ values                       # (T, T) @ (T, d_v) -> (T, d_v)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_head_output", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.head_output(head_output)

# %% [markdown]
# <details><summary>Hint</summary>
#
# The loop adds weight times value over all letters $j$. A sum over $j$ of (row $i$, column $j$) times (row $j$,
# …) is a matrix product.
#
# </details>

# %%
if check.passed("head_output"):
    assert np.allclose(head_output(X_loop, toy_q, toy_k, W_v_identity), output_loop)
    print("Equal: the matrix product gives the output of the loop.")

# %% [markdown]
# **Your head at work.** With the identity as $W_v$ a value is the embedding itself: $[1, 0]$ from a vowel,
# $[0, 1]$ from a consonant. The output is thus the pair (weight on vowels, weight on consonants). So the head should
# say $[1, 0]$ until the first consonant, and nearly $[0, 1]$ from then on.

# %%
if check.passed("W_consonant") and check.passed("head_output"):
    for string in ("abcce", "aeri", "aeiou"):
        output = head_output(letters.embed(string), *map(np.asarray, W_consonant), W_v_identity)
        print(string)
        for letter, (no, yes) in zip(string, output):
            print(f"   {letter}   [{no:.4f}  {yes:.4f}]   {'yes' if yes > no else 'no'}")

# %% [markdown]
# <details><summary>What you should see</summary>
#
# For "abcce" and a score of 5 the outputs are `[1 0]`, `[.0067 .9933]`, `[.0034 .9966]`, `[.0022 .9978]`,
# `[.0045 .9955]`. Each further consonant brings the output nearer to [0, 1]; the vowel at the end takes a little back.
#
# </details>

# %% [markdown]
# ## E · How many of them?
#
# Difficulty ●●●○○ · Importance ●●●○○ · 10 min · 4 points
#
# The same head can count, in a way, if it looks elsewhere. Keep $W_v$ the identity and choose new $W_q$ and $W_k$
# so that the second number of the output is the **proportion of consonants so far**, within 0.01 for every string
# of up to 64 letters:
#
# | letter | a | b | c | c | e |
# |---|---|---|---|---|---|
# | consonants so far | 0 of 1 | 1 of 2 | 2 of 3 | 3 of 4 | 3 of 5 |
# | output | [1, 0] | [.5, .5] | [.3333, .6667] | [.25, .75] | [.4, .6] |

# %% nbgrader={"grade": false, "grade_id": "W_proportion", "locked": false, "schema_version": 3, "solution": true, "task": false}
# W_q, W_k: arrays of shape (n_q, 2). Columns: vowel, consonant.
### BEGIN SOLUTION
W_q = np.array([[1.0, 1.0]])
W_k = np.array([[1.0, 1.0]])  # every letter answers alike, so all get the same weight
### END SOLUTION
W_proportion = W_q, W_k

# %% nbgrader={"grade": true, "grade_id": "test_W_proportion", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.W_proportion(W_proportion)

# %% [markdown]
# <details><summary>Hint</summary>
#
# The output is the weight on vowels and the weight on consonants. For the weight on consonants to be their
# proportion, what must be the weight of each single letter among the first five? When does a softmax give that?
#
# </details>

# %%
if check.passed("W_consonant") and check.passed("W_proportion") and check.passed("head_output"):
    import matplotlib.pyplot as plt

    string = "aeroplanes"
    places = np.arange(1, len(string) + 1)
    figure, ax = plt.subplots(figsize=(8, 3.4), layout="constrained")
    for part, head, (colour, style), marker in zip("BE", (W_consonant, W_proportion), plot.LINES, "so"):
        yes = head_output(letters.embed(string), *map(np.asarray, head), W_v_identity)[:, 1]
        ax.plot(places, yes, color=colour, linestyle=style, marker=marker)
        ax.annotate(f"part {part}", (places[-1], yes[-1]), xytext=(-14, -20), textcoords="offset points", color=colour)
    ax.set_xticks(places, string)
    ax.set_ylim(-0.05, 1.05)
    ax.set_xlabel("letter")
    ax.set_ylabel("second number of the output")
    ax.set_title("A high score for consonants makes a switch, equal scores make a gauge")
    plt.show()

# %% [markdown]
# *Figure: the second number of the output, letter by letter. The head of part B jumps at the first consonant and
# stays up; that of part E follows the proportion.*

# %% [markdown]
# ## How wide is the margin?
#
# Difficulty ●●●○○ · Importance ●●●●○ · 15 min · 4 points
#
# Softmax never ignores anyone: a letter with a low score gets little weight, never none. So "attends to
# consonants" always comes with a length up to which it holds, and that length hangs on the score.
#
# Take one consonant with score $s$ among $n$ vowels with score 0. In the softmax the consonant counts $e^s$ and
# each vowel counts $e^0 = 1$. With $s = 5$:

# %%
for n in (10, 63, 148, 149, 1000):
    consonant = np.exp(5.0)
    share = consonant / (consonant + n)
    print(f"{n:4d} vowels count {n:4d}, the consonant counts {consonant:.1f} and holds {share:.4f} of the weight")

# %%
import matplotlib.pyplot as plt

vowels = np.logspace(0, 4, 200)
figure, ax = plt.subplots(figsize=(8, 3.8), layout="constrained")
for s, (colour, style) in zip((5, 3, 7), plot.LINES):
    ax.plot(vowels, 1 / (1 + vowels * np.exp(-s)), color=colour, linestyle=style)
    ax.annotate(f"score {s}", (np.exp(s - 1.4), 0.8), xytext=(6, 2), textcoords="offset points", color=colour)
ax.axhline(0.5, color="grey", linewidth=0.8)
for n, share, text in ((63, 0.702, "63 vowels: .70"), (148.4, 0.5, "148: half")):
    ax.plot(n, share, "o", color="black")
    ax.annotate(text, (n, share), xytext=(8, 4), textcoords="offset points")
ax.set_xscale("log")
ax.set_xlabel("number of vowels, each with score 0")
ax.set_ylabel("share of the one consonant")
ax.set_title("With a score of 5, one consonant beats 148 vowels and loses to 149")
plt.show()

# %% [markdown]
# *Figure: the weight that one consonant holds among $n$ vowels, for three scores. The number of vowels is on a
# logarithmic scale: two more points of score move the curve to the right by a factor of $e^2 \approx 7.4$.*
#
# Since $e^5 \approx 148$, the consonant wins against 148 vowels and loses to 149; among 63 it still holds .70 of
# the weight. Now the other way round: **which score must the consonant have** to hold exactly a given share?
# Start from the share as a function of $s$ and solve it for $s$.

# %% nbgrader={"grade": false, "grade_id": "score_needed", "locked": false, "schema_version": 3, "solution": true, "task": false}
def score_needed(n_vowels, share):
    """The score at which one consonant among vowels of score 0 holds exactly this share of the weight.

    n_vowels: int, at least 1. share: float between 0 and 1, both excluded.
    Returns a float; negative when the share is less than an equal part.
    """
    ### BEGIN SOLUTION
    # share = e^s / (e^s + n)  =>  e^s (1 - share) = share n
    return float(np.log(share * n_vowels / (1 - share)))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_score_needed", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.score_needed(score_needed)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Call the share $p$: $\ p = \dfrac{e^s}{e^s + n}$. Multiply by the denominator, collect the terms with $e^s$ on
# one side, and take the natural logarithm, `np.log`.
#
# </details>

# %%
if check.passed("score_needed"):
    print("vowels   for a half   for .99")
    for n in (1, 63, 148, 149, 1000, 100_000):
        print(f"{n:6d}   {score_needed(n, 0.5):10.4f}   {score_needed(n, 0.99):7.4f}")

# %% [markdown]
# <details><summary>What you should see</summary>
#
# For a half the score is $\ln n$: 4.1431 for 63 vowels, and just above 5 for 149 of them. It grows very slowly: a
# hundred thousand vowels ask for no more than 11.5. That is why attention over long texts can work at all.
#
# </details>
#
# **The margin of your own head.** Only the products of queries and keys matter, and there are just four of them,
# two kinds of asker times two kinds of letter looked at. The cell reads them off your matrices of part B.

# %%
if check.passed("W_consonant"):
    W_q, W_k = map(np.asarray, W_consonant)
    kinds = W_q.T @ W_k                        # (2, 2): asker (vowel, consonant) × looked at (vowel, consonant)
    margins = kinds[:, 1] - kinds[:, 0]
    for kind, margin in zip(("vowel", "consonant"), margins):
        vowels = f"{np.exp(margin):.0f}" if margin < 14 else "more than a million"
        print(f"asked by a {kind}, a consonant leads by {margin:g}: half of the weight among {vowels} vowels")

# %% [markdown]
# ---
# # Problem 2 · Is the first letter a consonant?
#
# Now every letter is to say something about the *first* one: the output is $[1, 0]$ **everywhere** if the first
# letter is a consonant, and $[0, 0]$ everywhere if it is a vowel.
#
# | string | 1st letter | 2nd | 3rd |
# |---|---|---|---|
# | "cab" | [1, 0] | [1, 0] | [1, 0] |
# | "abc" | [0, 0] | [0, 0] | [0, 0] |
#
# For that, a letter must be able to say where it stands. The embedding gets a third row of zeros, and a second
# matrix, the **position embedding** $W_P$, is added to it: column $t$ of $W_P$ is added to the letter at position
# $t$.

# %%
string = "cab"
print(f"W_E, the columns of c, a, b\n{W_E3[:, letters.tokens(string)]}\n")
print(f"W_P, positions 1 to 3\n{letters.W_P(3)}\n")
print(f"X, their sum with letters as rows (vowel, consonant, first)\n{letters.embed_with_position(string)}")

# %% [markdown]
# ## A · What the position embedding knows
#
# Difficulty ●○○○○ · Importance ●●●●○ · 5 min · 4 points
#
# Position embeddings of some form are in every GPT. This is the smallest useful one.
#
# **Question.** What does $W_P$ represent? It writes in a row of its own, one that is zero in $W_E$: what is that
# good for? And can the head tell the second position from the third? (3 to 5 sentences)

# %% [markdown] nbgrader={"grade": true, "grade_id": "position_embedding", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# $W_P$ says where a letter stands, whichever letter it is: column $t$ is added to the letter at position $t$. Its
# third row is 1 at position 1 and 0 at every other, so it marks the first letter and nothing else; the first two
# rows are zero and leave "vowel" and "consonant" as they were.
#
# Embedding and position are added, and with a row of its own the marker survives the sum: what a letter is and
# where it stands can be read from $X$ separately. Had $W_P$ put its 1 in row 1, that row would be 1 for a vowel and
# for a consonant in first place alike.
#
# The head cannot tell the second position from the third: their columns in $W_P$ are both zero.
#
# **Marking scheme**
#
# - 1 point: $W_P$ depends on the position, not on the letter.
# - 1 point: its third row marks the first position.
# - 1 point: the row is free in $W_E$, so that after adding, kind and position can be read separately.
# - 1 point: all positions but the first are alike, so the second and the third cannot be told apart.

# %% [markdown]
# ## B · Everyone looks at the first letter
#
# Difficulty ●●○○○ · Importance ●●●●○ · 10 min · 3 points
#
# In trained models many heads look at the first token much of the time (Xiao et al., 2023, call it an "attention
# sink"). Choose $W_q$ and $W_k$, now with three
# columns, so that **every letter attends to the first position**: it holds more than half of the weight, in every
# string of up to 64 letters.

# %% tags=["nbval-ignore-output"]
explorer.attention_explorer("cabin", problem=2)

# %% nbgrader={"grade": false, "grade_id": "W_first", "locked": false, "schema_version": 3, "solution": true, "task": false}
# W_q, W_k: arrays of shape (n_q, 3). Columns: vowel, consonant, "is position 1".
### BEGIN SOLUTION
W_q = np.array([[1.0, 1.0, 0.0]])  # whatever the letter, wherever it stands: the query is 1
W_k = np.array([[0.0, 0.0, 5.0]])  # only position 1 answers
### END SOLUTION
W_first = W_q, W_k

# %% nbgrader={"grade": true, "grade_id": "test_W_first", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.W_first(W_first)

# %% [markdown]
# <details><summary>Hint</summary>
#
# As in problem 1: let every letter ask the same question, and let only the one you want answer it. Which column
# of $W_k$ speaks for the position? How large a score you need for 64 letters you know from `score_needed`.
#
# </details>

# %% [markdown]
# ## C · The trace
#
# Difficulty ●●○○○ · Importance ●●●○○ · 5 min · 2 points
#
# A trace on paper is the quickest way to find out whether a head does what you meant. Take a string of your own,
# of three letters or more, and keep every step for the head of part B: `letters.embed_with_position` gives you
# $X$, your `attention_steps` the rest.

# %% nbgrader={"grade": false, "grade_id": "trace_first", "locked": false, "schema_version": 3, "solution": true, "task": false}
# string: your choice, a to z. Q, K: (T, n_q). scores, masked, weights: (T, T).
### BEGIN SOLUTION
string = "cabin"
Q, K, scores, masked, weights = attention_steps(letters.embed_with_position(string), *map(np.asarray, W_first))
### END SOLUTION
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}

# %% nbgrader={"grade": true, "grade_id": "test_trace_first", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.trace_first(trace_first)

# %% [markdown]
# <details><summary>Hint</summary>
#
# `*W_first` hands the two matrices over as two arguments. `attention_steps` returns five arrays in the order in
# which the names stand here.
#
# </details>

# %%
if check.passed("trace_first"):
    steps = {step: np.asarray(trace_first[step]) for step in ("scores", "masked", "weights")}
    plot.attention_steps(steps, trace_first["string"],
                         title="The first column takes it all: every letter looks at position 1")

# %% [markdown]
# *Figure: the trace of your string. In problem 1 the consonants drew the attention; here the first column does,
# whichever letter stands there.*

# %% [markdown]
# ## D · What to bring home
#
# Difficulty ●●●○○ · Importance ●●●●○ · 10 min · 3 points
#
# Where to look and what to take from there are two separate decisions, and $W_v$ makes the second. Find $W_v$ so
# that a letter that attends to the first letter alone has the output $[1, 0]$ if that is a consonant and $[0, 0]$
# if it is a vowel.

# %% nbgrader={"grade": false, "grade_id": "W_v_first", "locked": false, "schema_version": 3, "solution": true, "task": false}
# W_v_first: array of shape (2, 3). Columns: vowel, consonant, "is position 1".
### BEGIN SOLUTION
W_v_first = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_W_v_first", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.W_v_first(W_v_first)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Write down the embedding $x_1$ of a consonant in first place and that of a vowel in first place, three numbers
# each. Row 1 of $W_v$ times $x_1$ is the first number of the output.
#
# </details>
#
# **Stretch.** There is another $W_v$ that never looks at the consonant column. Can you find it?

# %%
if check.passed("W_first") and check.passed("W_v_first") and check.passed("head_output"):
    for string in ("cabin", "arbor"):
        output = head_output(letters.embed_with_position(string), *map(np.asarray, W_first), np.asarray(W_v_first))
        print(string)
        for letter, row in zip(string, output):
            print(f"   {letter}   {row}")

# %% [markdown]
# <details><summary>What you should see</summary>
#
# Near [1, 0] all through "cabin", near [0, 0] all through "arbor". Not exactly: the later letters keep a little
# of the weight, and what they carry leaks in. A larger score in part B would make the leak smaller.
#
# </details>

# %% [markdown]
# ## E · Why it cannot be done without
#
# Difficulty ●●●●○ · Importance ●●●●● · 15 min · 4 points
#
# A head that is not told the positions is blind to order in a precise sense, and it is worth finding out in
# which. The cell tries a thousand random heads *without* position embedding on two words with the same letters,
# one of which begins with a consonant. It compares the outputs at each place. Change the words (keep them equally long), and see which
# differences vanish.

# %%
words = "tea", "eta"

if check.passed("head_output"):
    rng = np.random.default_rng(0)
    largest = np.zeros(len(words[0]))
    for _ in range(1000):
        head = [rng.normal(size=(2, 2)) for _ in range(3)]                          # W_q, W_k, W_v
        one, other = (head_output(letters.embed(word), *head) for word in words)    # (T, 2) each
        largest = np.maximum(largest, np.abs(one - other).max(axis=1))
    for place, difference in enumerate(largest, start=1):
        pair = " and ".join(word[place - 1] for word in words)
        print(f"letter {place}: {pair}, outputs differ by up to {difference:.4f}")

# %% [markdown]
# **Question.** Explain why problem 2 is impossible for a head without positions, whatever its matrices. Give two
# strings of your own that prove it (other than tea and eta), and say what the position embedding changes. (4 to 6
# sentences)

# %% [markdown] nbgrader={"grade": true, "grade_id": "why_positions", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# Without positions the query, key and value of a letter depend on the letter alone. The output of the last letter
# is a weighted average over the letters it sees, and a sum does not depend on the order of its terms. So two
# strings that end with the same letter and hold the same letters before it give the same output at the end,
# whatever $W_q$, $W_k$ and $W_v$ are.
#
# "bade" and "abde" are such a pair: both end with e, after one a, one b and one d. But "bade" begins with a
# consonant and asks for [1, 0] at its e, "abde" begins with a vowel and asks for [0, 0]. One output cannot be
# both.
#
# With the position embedding a b in first place has another embedding than a b in second place. Their keys and
# values may differ, so the two strings no longer hold the same terms.
#
# (The causal mask alone does not help this head: it settles which letters are seen, and the last letter sees all
# of them.)
#
# **Marking scheme**
#
# - 1 point: without positions a letter's query, key and value do not depend on where it stands.
# - 1 point: the output is a weighted sum over the visible letters, so their order does not matter.
# - 1 point: a valid pair: the same last letter, the same letters before it in another order, one beginning with a
#   consonant and the other with a vowel.
# - 1 point: with $W_P$ the first letter's embedding differs from that of the same letter elsewhere, so key or
#   value can.

# %% [markdown]
# ---
# # Repair · Masked attention as one function
#
# What you have built for letters is, up to one constant, the attention of every GPT: queries, keys and values
# come in, outputs go out. As a function of $Q$, $K$ and $V$ it is a handful of lines, and you will use it in all
# later assignments.
#
# Here is what it is to compute, as a loop, for one sequence. New is the division by $\sqrt d$, where $d$ is the
# length of a query.

# %%
rng = np.random.default_rng(1)
Q_small, K_small = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))   # T = 4, d = 3
V_small = rng.normal(size=(4, 2))                                     # d_v = 2

attended_loop = np.zeros((4, 2))
for i in range(4):
    shares = np.array([np.exp(Q_small[i] @ K_small[j] / 3**0.5) for j in range(i + 1)])
    for j in range(i + 1):
        attended_loop[i] += shares[j] / shares.sum() * V_small[j]
print(attended_loop)

# %% [markdown]
# Snippets like the next one are passed around a good deal. It is short, it looks about right, and it has **five
# faults**. Read it and mark what you do not like, before you run it.

# %%
def faulty_attention(Q, K, V):
    length = Q.shape[-2]
    similarity = Q @ K.T
    mask = np.tril(np.ones((length, length)))
    similarity = similarity + mask * -1e9
    e = np.exp(similarity)
    return e / np.sum(e, axis=-1, keepdims=True) @ V

# %% [markdown]
# ## Five faults, five symptoms
#
# Find the line behind each symptom.
#
# **Symptom 1.** Three tokens with equal scores, and $V$ the identity, so that the output is the weights. The rows
# should be `1 0 0`, then `½ ½ 0`, then `⅓ ⅓ ⅓`.

# %%
equal = np.zeros((3, 4))   # three tokens, d = 4: every score is 0
with np.errstate(all="ignore"):
    print(faulty_attention(equal, equal, np.eye(3)))

# %% [markdown]
# **Symptom 2.** A batch of two sequences of three tokens each. The output should have the shape (2, 3, 4).

# %%
batch = np.zeros((2, 3, 4))
try:
    print(faulty_attention(batch, batch, batch).shape)
except ValueError:
    print("ValueError: a matrix of shape", batch.shape, "cannot be multiplied by one of shape", batch.T.shape)

# %% [markdown]
# **Symptom 3.** Two tokens, scores of about a thousand. Every output should be a number.

# %%
strong = np.array([[30.0], [35.0]])
with np.errstate(all="ignore"):
    print(faulty_attention(strong, strong, np.eye(2)))

# %% [markdown]
# **Symptom 4.** This one shows in the scores alone. Take random queries and keys of various lengths $d$: how much
# of its weight does a token give to its favourite among eight?

# %%
import matplotlib.pyplot as plt

rng = np.random.default_rng(2)
sizes = 4 ** np.arange(6)                                        # d = 1, 4, 16, ..., 1024
favourite = {"scores as they are": [], "scores divided by √d": []}
for d in sizes:
    scores_d = np.array([rng.normal(size=(8, d)) @ rng.normal(size=d) for _ in range(500)])   # (500, 8)
    for name, divisor in zip(favourite, (1, d**0.5)):
        e = np.exp(scores_d / divisor - scores_d.max(axis=1, keepdims=True) / divisor)
        favourite[name].append((e.max(axis=1) / e.sum(axis=1)).mean())

figure, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
for (name, share), (colour, style), marker in zip(favourite.items(), plot.LINES, "so"):
    ax.plot(sizes, share, color=colour, linestyle=style, marker=marker)
    ax.annotate(name, (sizes[-1], share[-1]), xytext=(0, -18), textcoords="offset points", ha="right", color=colour)
ax.axhline(1 / 8, color="grey", linewidth=0.8)
ax.annotate("equal shares", (sizes[-1], 1 / 8), xytext=(0, -13), textcoords="offset points", ha="right", color="dimgrey")
ax.set_xscale("log", base=2)
ax.set_xticks(sizes, sizes)
ax.set_ylim(0, 1.02)
ax.set_xlabel("length d of queries and keys")
ax.set_ylabel("weight of the favourite")
ax.set_title("Without 1/√d, a wide head sees only one token")
plt.show()

# %% [markdown]
# *Figure: the weight of the favourite among eight random keys, the mean of 500 draws. A score is a sum of $d$
# products, so it varies like $\sqrt d$; dividing by $\sqrt d$ keeps the softmax as soft at 1024 as at 16.*
#
# **Symptom 5.** Suppose 1 does mean "blocked". A token has the score 0 for itself and 3,000,000,000 for the next
# one, which is blocked. It should give all its weight to itself.

# %%
row = np.array([0.0, 3e9]) + np.array([0.0, 1.0]) * -1e9
print("after the mask:", row)
print("weights:       ", np.exp(row - row.max()) / np.exp(row - row.max()).sum())

# %% [markdown]
# <details><summary>The five faults</summary>
#
# 1. `np.tril` has its ones where a token *may* look, but the next line takes 1 for *blocked*: past and future
#    change places, and the last token sees nothing at all.
# 2. `.T` turns round *all* dimensions, and a batch has more than two. Only the last two are to change places.
# 3. `np.exp` overflows above about 709, and ∞ / ∞ is not a number.
# 4. The scores are not divided by $\sqrt d$.
# 5. Adding −1e9 is not masking: it lowers a score by a billion, and a score can be larger than that. −∞ in its
#    *place* holds for every score.
#
# </details>

# %% [markdown]
# ## The right one
#
# Difficulty ●●●●○ · Importance ●●●●● · 20 min · 6 points
#
# Write masked attention as it should be: causal, scaled by $1/\sqrt d$, safe for large scores, and for any number
# of leading dimensions (batches, heads).

# %% nbgrader={"grade": false, "grade_id": "masked_attention", "locked": false, "schema_version": 3, "solution": true, "task": false}
def masked_attention(Q, K, V):
    """Causal scaled dot-product attention.

    Q, K: (..., T, d). V: (..., T, d_v). The leading dimensions are attended separately.
    Returns (..., T, d_v). The inputs are left as they are.
    """
    ### BEGIN SOLUTION
    T, d = Q.shape[-2:]
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(d)            # (..., T, d) @ (..., d, T) -> (..., T, T)
    may_attend = np.tril(np.ones((T, T), dtype=bool))           # True = may attend
    scores = np.where(may_attend, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)        # the largest is now 0: exp cannot overflow
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return weights @ V                                          # (..., T, T) @ (..., T, d_v) -> (..., T, d_v)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_masked_attention", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check.masked_attention(masked_attention)

# %% [markdown]
# <details><summary>Hint 1: batches</summary>
#
# `np.swapaxes(K, -1, -2)` exchanges the last two dimensions and no others. `@` multiplies matrix by matrix over
# all leading dimensions. Use `axis=-1` and `keepdims=True` in the softmax.
#
# </details>
# <details><summary>Hint 2: large scores</summary>
#
# Softmax does not change when the same number is subtracted from a whole row. Subtract the row's largest score,
# and the largest exponential is $e^0 = 1$. Do it after masking; each row has at least one finite score then.
#
# </details>
# <details><summary>Hint 3: which T?</summary>
#
# The mask is a square of the size of the last two dimensions of the scores, and it is broadcast over the others.
# $d$ is the last dimension of $Q$, not of $V$.
#
# </details>

# %% [markdown]
# **The same symptoms, cured.**

# %%
if check.passed("masked_attention"):
    assert np.allclose(masked_attention(Q_small, K_small, V_small), attended_loop)
    print("Equal to the loop.")
    print(f"\n1. Equal scores\n{masked_attention(equal, equal, np.eye(3))}")
    print(f"\n2. A batch\n{masked_attention(batch, batch, batch).shape}")
    print(f"\n3. Scores of a thousand\n{masked_attention(strong, strong, np.eye(2))}")
    one, billions = np.array([[1.0], [1.0]]), np.array([[0.0], [3e9]])
    print(f"\n5. Three billion behind the mask\n{masked_attention(one, billions, np.eye(2))}")

# %% [markdown]
# ---
# ## What you have now
#
# - Queries and keys decide where a letter looks, values decide what it brings home. You have set both by hand.
# - Softmax gives everyone a share. A head's margin, in score, decides how long a text it can bear.
# - Without positions a head sees a bag of letters (a single layer of heads, to be exact).
# - Attention is one function of $Q$, $K$ and $V$, and you have a version without the usual faults.
#
# In the next assignment real text comes in, and the first weights that nobody sets by hand.
