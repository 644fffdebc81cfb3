# %% wrong clipped_gradients
# Title: gradients are clipped to norm 1
# Kind: other
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% wrong gradients_from_before
# Title: gradients go to zero after the step only, so those that the model brings along count
# Kind: keeps_state
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses

# %% wrong batches_by_number
# Title: batches are fetched by number, which a generator does not know
# Kind: other
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for step in range(len(batches)):
        xb, yb = batches[step]
        logits, loss = model(xb, yb)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% right step_with_a_closure
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr)

    def one_step(x, y):
        def closure():
            model.zero_grad()
            loss = model(x, y)[1]
            loss.backward()
            return loss

        return float(optimizer.step(closure))

    return [one_step(x, y) for x, y in batches]

# %% right gradients_by_hand
def train(model, batches, lr):
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(params=parameters, lr=lr)
    history = []
    source = iter(batches)
    while (batch := next(source, None)) is not None:
        x, y = batch
        loss = model(x, y)[1]
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters, allow_unused=True)):
            parameter.grad = gradient
        optimizer.step()
        history.append(loss.detach().item())
    return history
