# %% wrong no_zero_grad
# Title: gradients never set to zero
# Hint: backward adds to the gradients that are there; call optimizer.zero_grad() in each step.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% wrong step_before_backward
# Title: the step made before backward
# Hint: backward fills the gradients that the step needs: zero_grad, backward, step.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.step()
        optimizer.zero_grad()
        loss.backward()
        losses.append(loss.item())
    return losses

# %% wrong zeroed_in_place_before_step
# Title: gradients filled with zeros between backward and step
# Hint: The step then sees zeros and only decays the weights; put zero_grad before backward, or after step.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        loss.backward()
        optimizer.zero_grad(set_to_none=False)
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% wrong nothing_changes
# Title: parameters that never change
# Hint: backward fills the gradients, step uses them; both must be there, and zero_grad must not stand between the two.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        losses.append(loss.item())
    return losses

# %% wrong sgd
# Title: plain gradient descent instead of AdamW
# Hint: Use torch.optim.AdamW(model.parameters(), lr=lr).
def train(model, batches, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% wrong adam
# Title: Adam instead of AdamW, without weight decay
# Hint: AdamW also shrinks each weight a little in each step; use torch.optim.AdamW.
def train(model, batches, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% wrong adam_with_l2
# Title: Adam with weight decay in the gradient instead of AdamW
# Hint: In AdamW the decay is apart from the gradient and not divided by its size; use torch.optim.AdamW.
def train(model, batches, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=0.01)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% wrong ignores_lr
# Title: the learning rate argument ignored
# Hint: Pass it on: torch.optim.AdamW(model.parameters(), lr=lr).
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters())
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% wrong keeps_graphs
# Title: losses kept as tensors with their whole computation
# Hint: Append loss.item(), a plain number; otherwise every step stays in memory.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss)
    return losses

# %% wrong first_batch_only
# Title: only the first batch used
# Hint: The return belongs after the loop, not inside it.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        return losses

# %% wrong same_batch
# Title: the first batch used at every step
# Hint: Each step takes the next batch: for x, y in batches.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    batches = list(batches)
    losses = []
    for _ in batches:
        x, y = batches[0]
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% wrong optimizer_in_loop
# Title: a new optimizer for each batch
# Hint: AdamW remembers averages of past gradients; make it once, before the loop.
def train(model, batches, lr):
    losses = []
    for x, y in batches:
        optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% wrong one_step_at_the_end
# Title: one step at the end instead of one for each batch
# Hint: zero_grad, backward and step all belong inside the loop.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        loss.backward()
        losses.append(loss.item())
    optimizer.step()
    return losses

# %% wrong uphill
# Title: uphill instead of downhill
# Hint: The optimizer goes down by itself; give backward the loss, not minus the loss.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        (-loss).backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% wrong last_loss
# Title: only the last loss returned
# Hint: Collect the loss of each batch in a list and return the list.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()

# %% wrong mean_loss
# Title: the mean loss returned instead of one for each batch
# Hint: Return the list itself; the curve needs every loss.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)

# %% wrong loss_after_step
# Title: the loss measured again after the step
# Hint: Record the loss that you call backward on; a second pass through the model costs time and tells of another model.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(model(x, y)[1].item())
    return losses

# %% wrong nothing_returned
# Title: nothing returned
# Hint: Return the list of losses after the loop.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

# %% wrong swapped_batch
# Title: inputs and targets swapped
# Hint: Call model(x, y): the inputs first, the targets second.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(y, x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% wrong clipped
# Title: gradients clipped on the way
# Hint: Nothing but zero_grad, backward and step here; clipping comes in a later notebook.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% wrong needs_a_list
# Title: batches counted and indexed instead of taken one by one
# Hint: Batches may come from a generator, which has no length: for x, y in batches.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for i in range(len(batches)):
        x, y = batches[i]
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% wrong in_evaluation_mode
# Title: trained in evaluation mode
# Hint: model.eval() switches dropout off. Train in training mode: leave the mode alone, or call model.train() first.
def train(model, batches, lr):
    model.eval()
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% wrong two_rounds
# Title: the batches gone through twice
# Hint: One step for each batch, and each batch once. How many there are is decided outside.
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for _ in range(2):
        for x, y in batches:
            _, loss = model(x, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses

# %% wrong zero_after_step
# Title: gradients set to zero after the step alone
# Hint: A model may hold gradients already, and the first step takes them along. Zero comes before backward.
def train(model, batches, lr):
    opt = torch.optim.AdamW(params=list(model.parameters()), lr=lr)
    model.train()
    losses = []
    for batch in batches:
        inputs, targets = batch
        logits, loss = model(inputs, targets)
        losses.append(float(loss))
        loss.backward()
        opt.step()
        model.zero_grad()
    return losses

# %% right standard
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% right zero_twice
def train(model, batches, lr):
    opt = torch.optim.AdamW(params=list(model.parameters()), lr=lr)
    model.train()
    model.zero_grad()
    losses = []
    for batch in batches:
        inputs, targets = batch
        logits, loss = model(inputs, targets)
        losses.append(float(loss))
        loss.backward()
        opt.step()
        model.zero_grad()
    return losses

# %% right own_loss
def train(model, batches, lr):
    opt = torch.optim.AdamW(model.parameters(), lr)
    history = []
    for x, y in batches:
        opt.zero_grad()
        logits = model(x)[0]
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
        loss.backward()
        opt.step()
        history.append(loss.detach().numpy().item())
    return history

# %% right by_hand
def train(model, batches, lr):
    beta1, beta2, eps, decay = 0.9, 0.999, 1e-8, 0.01
    params = [p for p in model.parameters() if p.requires_grad]
    first = [torch.zeros_like(p) for p in params]
    second = [torch.zeros_like(p) for p in params]
    losses = []
    for step, (x, y) in enumerate(batches, start=1):
        _, loss = model(x, y)
        grads = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for p, g, m, v in zip(params, grads, first, second):
                p *= 1 - lr * decay
                m.mul_(beta1).add_(g, alpha=1 - beta1)
                v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
                m_hat, v_hat = m / (1 - beta1 ** step), v / (1 - beta2 ** step)
                p -= lr * m_hat / (v_hat.sqrt() + eps)
        losses.append(loss.item())
    return losses

# %% right detached
def train(model, batches, lr):
    optimizer = torch.optim.AdamW([{"params": model.parameters()}], lr=lr, weight_decay=1e-2)

    def one_step(x, y):
        optimizer.zero_grad()
        loss = model(x, targets=y)[1]
        loss.backward()
        optimizer.step()
        return loss.detach()

    return [one_step(x, y) for x, y in batches]

# %% right closure
def train(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)

    def step(x, y):
        def closure():
            optimizer.zero_grad()
            loss = model(x, y)[1]
            loss.backward()
            return loss

        return optimizer.step(closure).item()

    return [step(x, y) for x, y in batches]

# %% right adamw_by_hand
def train(model, batches, lr):
    model.train()
    parameters = list(model.parameters())
    means, squares = ([torch.zeros_like(p) for p in parameters] for _ in range(2))
    losses = []
    for t, (x, y) in enumerate(batches, start=1):
        _, loss = model(x, y)
        with torch.no_grad():
            for p, g, m, v in zip(parameters, torch.autograd.grad(loss, parameters), means, squares):
                p.mul_(1 - 0.01 * lr)
                m.mul_(0.9).add_(g, alpha=0.1)
                v.mul_(0.999).addcmul_(g, g, value=0.001)
                p.sub_(lr * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)).sqrt() + 1e-8))
        losses.append(loss.item())
    return losses
