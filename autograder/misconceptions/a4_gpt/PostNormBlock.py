# %% wrong pre_norm
# Title: pre-norm: normalised before each sub-layer
# Hint: Post-norm normalises the sum: norm(x + attention(x)).
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = x + self.sa(self.ln1(x))
        x = x + self.ffwd(self.ln2(x))
        return x

# %% wrong no_residual
# Title: no residual connections
# Hint: What is normalised is the sum: norm(x + attention(x)).
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = self.ln1(self.sa(x))
        x = self.ln2(self.ffwd(x))
        return x

# %% wrong norm_before_sum
# Title: the norm after each sub-layer, before the sum
# Hint: Add first, then normalise the sum: norm(x + attention(x)).
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = x + self.ln1(self.sa(x))
        x = x + self.ln2(self.ffwd(x))
        return x

# %% wrong norm_at_the_end_only
# Title: one norm, at the end
# Hint: Each of the two sums is normalised.
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = x + self.sa(x)
        x = x + self.ffwd(x)
        return self.ln2(x)

# %% wrong no_second_norm
# Title: the second sum not normalised
# Hint: Each of the two sums is normalised: the last line is norm_2(x + feed_forward(x)).
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = self.ln1(x + self.sa(x))
        return x + self.ffwd(x)

# %% wrong no_second_residual
# Title: no residual connection round the feed-forward layer
# Hint: What is normalised is the sum: norm_2(x + feed_forward(x)).
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = self.ln1(x + self.sa(x))
        return self.ln2(self.ffwd(x))

# %% wrong both_norms
# Title: norms before and after
# Hint: Post-norm has one norm for each sub-layer, after its sum.
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = self.ln1(x + self.sa(self.ln1(x)))
        x = self.ln2(x + self.ffwd(self.ln2(x)))
        return x

# %% wrong first_input_added_last
# Title: the block's first input added in both sums
# Hint: The second sum starts from the first one's normalised result.
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        y = self.ln1(x + self.sa(x))
        return self.ln2(x + self.ffwd(y))

# %% wrong one_norm
# Title: one layer norm for both places
# Hint: Each sub-layer has a norm of its own, with its own gain and bias.
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln = LayerNorm(n_embd)

    def forward(self, x):
        x = self.ln(x + self.sa(x))
        x = self.ln(x + self.ffwd(x))
        return x

# %% wrong feed_forward_first
# Title: the feed-forward layer before the attention
# Hint: First the tokens communicate, then each computes: attention first.
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = self.ln2(x + self.ffwd(x))
        x = self.ln1(x + self.sa(x))
        return x

# %% wrong no_feed_forward
# Title: the feed-forward layer left out
# Hint: After the attention comes norm_2(x + feed_forward(x)).
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        return self.ln1(x + self.sa(x))

# %% wrong in_place
# Title: the sum written into the input
# Hint: x += … changes the caller's tensor, and breaks the gradient. Write x + ….
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x += self.sa(x)
        x = self.ln1(x)
        x += self.ffwd(x)
        return self.ln2(x)

# %% wrong no_mask
# Title: attention without a causal mask
# Hint: A decoder's block is causal: use MultiHeadAttention, which masks the future.
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.attn = nn.MultiheadAttention(n_embd, n_head, dropout, batch_first=True)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = self.ln1(x + self.attn(x, x, x, need_weights=False)[0])
        return self.ln2(x + self.ffwd(x))

# %% wrong dropout_not_passed
# Title: dropout not passed on
# Hint: Hand it to both: MultiHeadAttention(n_embd, n_head, block_size, dropout), FeedForward(n_embd, dropout).
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size)
        self.ffwd = FeedForward(n_embd)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = self.ln1(x + self.sa(x))
        return self.ln2(x + self.ffwd(x))

# %% wrong no_first_residual
# Title: no residual connection round the attention
# Hint: What is normalised is the sum: norm_1(x + attention(x)).
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = self.ln1(self.sa(x))
        x = self.ln2(x + self.ffwd(x))
        return x

# %% wrong norms_not_used
# Title: layer norms that are declared and not used
# Hint: Each of the two sums is normalised: norm(x + …).
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = x + self.sa(x)
        x = x + self.ffwd(x)
        return x

# %% wrong first_norm_twice
# Title: the first norm used twice
# Hint: The second sum has the second norm.
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = self.ln1(x + self.sa(x))
        x = self.ln1(x + self.ffwd(x))
        return x

# %% wrong dropout_not_in_attention
# Title: dropout not handed to the attention
# Hint: Hand it to both: MultiHeadAttention(n_embd, n_head, block_size, dropout).
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = self.ln1(x + self.sa(x))
        x = self.ln2(x + self.ffwd(x))
        return x

# %% wrong dropout_not_in_feed_forward
# Title: dropout not handed to the feed-forward layer
# Hint: Hand it to both: FeedForward(n_embd, dropout).
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = self.ln1(x + self.sa(x))
        x = self.ln2(x + self.ffwd(x))
        return x

# %% wrong dropout_on_the_path
# Title: dropout on the residual path
# Hint: The path stays free: dropout is inside the two sub-layers only.
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.drop = nn.Dropout(dropout)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = self.ln1(x + self.sa(x))
        x = self.ln2(x + self.ffwd(x))
        return self.drop(x)

# %% wrong one_head
# Title: one head, whatever n_head says
# Hint: Hand n_head on to MultiHeadAttention.
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, 1, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = self.ln1(x + self.sa(x))
        x = self.ln2(x + self.ffwd(x))
        return x

# %% wrong other_block_size
# Title: another number in place of block_size
# Hint: Hand block_size on: MultiHeadAttention(n_embd, n_head, block_size, dropout).
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, n_embd, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = self.ln1(x + self.sa(x))
        x = self.ln2(x + self.ffwd(x))
        return x

# %% wrong path_detached
# Title: a residual path without gradients
# Hint: Leave out detach(): the path is there for the gradients.
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x = self.ln1(x.detach() + self.sa(x))
        x = self.ln2(x.detach() + self.ffwd(x))
        return x

# %% wrong in_place_once
# Title: the first sum written into the input
# Hint: x += … changes the caller's tensor, and breaks the gradient. Write x + ….
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        x += self.sa(x)
        x = self.ln1(x)
        x = self.ln2(x + self.ffwd(x))
        return x

# %% wrong finite_mask
# Title: a finite number in place of -inf
# Hint: Such a score hides the future only while all others are larger: where they are lower still, the future wins. Write float("-inf").
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.h = n_head
        self.norm1, self.norm2 = nn.LayerNorm(n_embd), nn.LayerNorm(n_embd)
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.out = nn.Linear(n_embd, n_embd)
        self.mlp = nn.Sequential(nn.Linear(n_embd, 4 * n_embd), nn.ReLU(), nn.Linear(4 * n_embd, n_embd), nn.Dropout(dropout))
        self.drop = nn.Dropout(dropout)

    def attend(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.h, C // self.h).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(C // self.h)
        scores = scores.masked_fill(torch.ones(T, T).tril() == 0, -1e9)
        y = self.drop(F.softmax(scores, dim=-1)) @ v
        return self.drop(self.out(y.transpose(1, 2).reshape(B, T, C)))

    def forward(self, x):
        x = self.norm1(x + self.attend(x))
        return self.norm2(x + self.mlp(x))

# %% right one_expression
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        y = self.ln1(self.sa(x) + x)
        return self.ln2(self.ffwd(y) + y)

# %% right built_on_block
class PostNormBlock(Block):
    def forward(self, x):
        children = list(self.children())
        norms = [c for c in children if isinstance(c, (LayerNorm, nn.LayerNorm))]
        parts = [c for c in children if not isinstance(c, (LayerNorm, nn.LayerNorm))]
        for part, norm in zip(parts, norms):
            x = norm(x + part(x))
        return x

# %% right torch_norms
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.attn = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.mlp = nn.Sequential(nn.Linear(n_embd, 4 * n_embd), nn.ReLU(), nn.Linear(4 * n_embd, n_embd), nn.Dropout(dropout))
        self.norms = nn.ModuleList([nn.LayerNorm(n_embd), nn.LayerNorm(n_embd)])

    def forward(self, x):
        x = self.norms[0](x + self.attn(x))
        return self.norms[1](x + self.mlp(x))

# %% right list_of_parts
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.norms = nn.ModuleList([LayerNorm(n_embd) for _ in range(2)])
        self.parts = nn.ModuleList([MultiHeadAttention(n_embd, n_head, block_size, dropout), FeedForward(n_embd, dropout)])

    def forward(self, x):
        for norm, part in zip(self.norms, self.parts):
            x = norm(x + part(x))
        return x

# %% right torch_layer
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(n_embd, n_head, 4 * n_embd, dropout, batch_first=True)

    def forward(self, x):
        T = x.shape[1]
        return self.layer(x, src_mask=torch.full((T, T), float("-inf")).triu(1))

# %% right finds_its_parts_by_class
class PostNormBlock(Block):
    def forward(self, x):
        modules = list(self.children())
        attention = next(m for m in modules if isinstance(m, MultiHeadAttention))
        feed = next(m for m in modules if isinstance(m, FeedForward))
        norm1, norm2 = (m for m in modules if isinstance(m, LayerNorm))
        x = norm1(x + attention(x))
        return norm2(x + feed(x))
