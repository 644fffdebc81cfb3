# %% wrong head_after_head
# Title: q, k, v of the first head, then q, k, v of the second, …
# Kind: other
def fuse_heads(multi, fused):
    with torch.no_grad():
        rows = [layer.weight for head in multi.heads for layer in (head.query, head.key, head.value)]
        fused.queries_keys_values.weight.copy_(torch.cat(rows))
        fused.queries_keys_values.bias.zero_()
        fused.projection.weight.copy_(multi.projection.weight)
        fused.projection.bias.copy_(multi.projection.bias)

# %% wrong projection_is_shared
# Title: both layers share one projection afterwards
# Kind: changes_input
def fuse_heads(multi, fused):
    with torch.no_grad():
        for i, part in enumerate(("query", "key", "value")):
            rows = torch.cat([getattr(head, part).weight for head in multi.heads])
            C = rows.shape[1]
            fused.queries_keys_values.weight[i * C : (i + 1) * C] = rows
        fused.queries_keys_values.bias.fill_(0)
    fused.projection = multi.projection

# %% wrong matrices_turned
# Title: the heads' matrices are turned round
# Kind: sizes_exchanged
def fuse_heads(multi, fused):
    with torch.no_grad():
        parts = []
        for part in ("query", "key", "value"):
            parts.append(torch.cat([getattr(head, part).weight.T for head in multi.heads], dim=1))
        fused.queries_keys_values.weight.copy_(torch.cat(parts, dim=0))
        fused.queries_keys_values.bias.zero_()
        fused.projection.weight.copy_(multi.projection.weight)
        fused.projection.bias.copy_(multi.projection.bias)

# %% right by_state_dict
def fuse_heads(multi, fused):
    source = multi.state_dict()
    n_head = len(multi.heads)
    target = fused.state_dict()
    target["queries_keys_values.weight"] = torch.vstack(
        [source[f"heads.{i}.{part}.weight"] for part in ("query", "key", "value") for i in range(n_head)]
    ).clone()
    target["queries_keys_values.bias"] = torch.zeros_like(target["queries_keys_values.bias"])
    for end in ("weight", "bias"):
        target[f"projection.{end}"] = source[f"projection.{end}"].clone()
    fused.load_state_dict(target, strict=True)
