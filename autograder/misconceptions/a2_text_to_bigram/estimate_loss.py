# %% wrong dropout_on
# Title: measured in training mode, with dropout on
# Hint: Call model.eval() before the first batch, and bring the mode back afterwards.
def estimate_loss(model, batches):
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            total += loss.item() * y.numel()
            count += y.numel()
    return total / count

# %% wrong train_before_measuring
# Title: train() called before measuring and eval() after it
# Hint: The other way round: eval() while you measure, then the mode from before.
def estimate_loss(model, batches):
    was_training = model.training
    model.train()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            total += loss.item() * y.numel()
            count += y.numel()
    model.eval()
    return total / count

# %% wrong mean_of_means
# Title: the mean of the batch means, although batches are unequal
# Hint: Multiply each batch's loss by its number of targets and divide by the number of all targets.
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    losses = []
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            losses.append(loss.item())
    model.train(was_training)
    return sum(losses) / len(losses)

# %% wrong mean_of_means_left_in_eval
# Title: the mean of the batch means, and the model left in evaluation mode
# Hint: Weight each batch by its number of targets, and set the mode back with model.train(was_training).
def estimate_loss(model, batches):
    model.eval()
    losses = []
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            losses.append(loss.item())
    return sum(losses) / len(losses)

# %% wrong mean_of_means_then_train
# Title: the mean of the batch means, and the model always put into training mode
# Hint: Weight each batch by its number of targets, and remember the mode: model.train(was_training).
def estimate_loss(model, batches):
    model.eval()
    losses = []
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            losses.append(loss.item())
    model.train()
    return sum(losses) / len(losses)

# %% wrong bare_mean
# Title: a plain mean of batch losses, in training mode and with gradients
# Hint: Three things are missing: eval mode, torch.no_grad(), and weights by the number of targets.
def estimate_loss(model, batches):
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        losses.append(loss.item())
    return sum(losses) / len(losses)

# %% wrong mean_of_means_dropout_on
# Title: a plain mean of batch losses, in training mode
# Hint: Call model.eval() before the first batch (and restore the mode), and weight each batch by its number of targets.
def estimate_loss(model, batches):
    losses = []
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            losses.append(loss.item())
    return sum(losses) / len(losses)

# %% wrong weighted_by_rows
# Title: batches weighted by their rows instead of their tokens
# Hint: A batch of 2 rows and 8 columns holds 16 targets: weight by y.numel().
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            total += loss.item() * len(y)
            count += len(y)
    model.train(was_training)
    return total / count

# %% wrong weighted_by_length
# Title: batches weighted by their length instead of their tokens
# Hint: A batch of 2 rows and 8 columns holds 16 targets: weight by y.numel().
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            total += loss.item() * y.shape[1]
            count += y.shape[1]
    model.train(was_training)
    return total / count

# %% wrong left_in_eval
# Title: the model left in evaluation mode
# Hint: Remember model.training before eval() and set it back with model.train(was_training).
def estimate_loss(model, batches):
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            total += loss.item() * y.numel()
            count += y.numel()
    return total / count

# %% wrong always_train_after
# Title: the model always put into training mode afterwards
# Hint: It may have come in evaluation mode: remember model.training and set that back.
def estimate_loss(model, batches):
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            total += loss.item() * y.numel()
            count += y.numel()
    model.train()
    return total / count

# %% wrong gradients_kept
# Title: gradients recorded while measuring
# Hint: Put the loop under torch.no_grad(); measuring needs no gradients, and they cost memory and time.
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    total, count = 0.0, 0
    for x, y in batches:
        _, loss = model(x, y)
        total += loss.item() * y.numel()
        count += y.numel()
    model.train(was_training)
    return total / count

# %% wrong gradients_and_tensor
# Title: a tensor with its whole computation returned
# Hint: Put the loop under torch.no_grad() and add up loss.item(), plain numbers.
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    total, count = 0.0, 0
    for x, y in batches:
        _, loss = model(x, y)
        total = total + loss * y.numel()
        count += y.numel()
    model.train(was_training)
    return total / count

# %% wrong tensor_returned
# Title: a tensor returned instead of a float
# Hint: Turn the result into a plain number with item() or float().
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            total = total + loss * y.numel()
            count += y.numel()
    model.train(was_training)
    return total / count

# %% wrong sum_of_batches
# Title: the sum of the batch losses
# Hint: Divide by the number of targets, so that the result does not grow with the number of batches.
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            total += loss.item()
    model.train(was_training)
    return total

# %% wrong sum_of_tokens
# Title: the sum over all tokens
# Hint: Divide by the number of all targets.
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            total += loss.item() * y.numel()
    model.train(was_training)
    return total

# %% wrong divided_by_batches
# Title: token losses summed, then divided by the number of batches
# Hint: Divide by the number of all targets, not by the number of batches.
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            total += loss.item() * y.numel()
            count += 1
    model.train(was_training)
    return total / count

# %% wrong means_divided_by_tokens
# Title: batch means summed, then divided by the number of tokens
# Hint: Each batch's loss is already a mean; multiply it by its number of targets before you add it up.
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            total += loss.item()
            count += y.numel()
    model.train(was_training)
    return total / count

# %% wrong last_batch_only
# Title: only the last batch measured
# Hint: Add up over all batches; the loss after the loop is that of the last one.
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
    model.train(was_training)
    return loss.item()

# %% wrong first_batch_only
# Title: only the first batch measured
# Hint: The return belongs after the loop, not inside it.
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            model.train(was_training)
            return loss.item()

# %% wrong swapped_batch
# Title: inputs and targets swapped
# Hint: Call model(x, y): the inputs first, the targets second.
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(y, x)
            total += loss.item() * y.numel()
            count += y.numel()
    model.train(was_training)
    return total / count

# %% wrong two_passes
# Title: two passes through batches that come only once
# Hint: A generator is empty after the first pass: add up the losses and count the targets in the same loop.
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        total = sum(model(x, y)[1].item() * y.numel() for x, y in batches)
    model.train(was_training)
    return total / sum(y.numel() for _, y in batches)

# %% wrong gradients_left_off
# Title: gradients switched off and not on again
# Hint: torch.set_grad_enabled(False) stays in force, and nothing can be trained any more. with torch.no_grad(): ends by itself.
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    torch.set_grad_enabled(False)
    total, count = 0.0, 0
    for x, y in batches:
        total += model(x, y)[1].item() * y.numel()
        count += y.numel()
    model.train(was_training)
    return total / count

# %% wrong parameters_frozen
# Title: the parameters frozen instead of torch.no_grad()
# Hint: requires_grad_(False) stays, and the model can no longer be trained. Put the loop under with torch.no_grad().
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    total, count = 0.0, 0
    for x, y in batches:
        total += model(x, y)[1].item() * y.numel()
        count += y.numel()
    model.train(was_training)
    return total / count

# %% wrong median_of_batches
# Title: the median of the batch losses
# Hint: The mean over all targets was asked for: weight each batch's loss by its number of targets, and divide by all.
@torch.no_grad()
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    losses = [model(x, y)[1].item() for x, y in batches]
    model.train(was_training)
    return float(np.median(losses))

# %% wrong flag_alone
# Title: model.training = False in place of model.eval()
# Hint: That sets a flag of the model alone; dropout and the like are parts of it, with a mode of their own. model.eval() reaches them all.
def estimate_loss(model, batches):
    was, total, count = model.training, 0.0, 0
    model.training = False
    with torch.no_grad():
        for x, y in batches:
            total += model(x, y)[1].item() * y.numel()
            count += y.numel()
    model.training = was
    return total / count

# %% wrong flag_alone_afterwards
# Title: model.training = True in place of model.train() at the end
# Hint: model.eval() reached every part of the model, and the flag brings back none of them. Give the mode back by model.train(mode).
def estimate_loss(model, batches):
    was, total, count = model.training, 0.0, 0
    model.eval()
    with torch.no_grad():
        for x, y in batches:
            total += model(x, y)[1].item() * y.numel()
            count += y.numel()
    model.training = was
    return total / count

# %% wrong some_batches
# Title: an end before the last batch
# Hint: Whoever hands over the batches decides how many there are. Go through all of them.
def estimate_loss(model, batches):
    was, total, count = model.training, 0.0, 0
    model.eval()
    with torch.no_grad():
        for number, (x, y) in enumerate(batches):
            if number < 200:
                total += model(x, y)[1].item() * y.numel()
                count += y.numel()
    model.train(was)
    return total / count

# %% right token_weighted
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            total += loss.item() * y.numel()
            count += y.numel()
    model.train(was_training)
    return total / count

# %% right decorated
@torch.no_grad()
def estimate_loss(model, batches):
    mode = model.training
    try:
        model.eval()
        pairs = [(float(model(x, y)[1]), y.numel()) for x, y in batches]
    finally:
        model.train(mode)
    return float(np.average([loss for loss, _ in pairs], weights=[n for _, n in pairs]))

# %% right from_logits
@torch.inference_mode()
def estimate_loss(model, batches):
    if model.training:
        model.eval()
        result = estimate_loss(model, batches)
        model.train()
        return result
    token_losses = []
    for x, y in batches:
        logits, _ = model(x)
        token_losses.append(F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none"))
    return torch.cat(token_losses).mean().item()

# %% right gradients_switched_off
def estimate_loss(model, batches):
    training, recording = model.training, torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    model.train(False)
    weighted = torch.zeros(2, dtype=torch.float64)
    for x, y in batches:
        loss = model(x, y)[1]
        weighted += torch.tensor([loss.item() * y.shape[0] * y.shape[1], y.shape[0] * y.shape[1]], dtype=torch.float64)
    model.train(training)
    torch.set_grad_enabled(recording)
    return (weighted[0] / weighted[1]).item()

# %% right running_mean
def estimate_loss(model, batches):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    mean, count = 0.0, 0
    with torch.inference_mode():
        for x, y in batches:
            count += y.numel()
            mean += (model(x, y)[1].item() - mean) * y.numel() / count
    for module, mode in modes.items():
        module.training = mode
    return mean

# %% right switched_and_restored
def estimate_loss(model, batches):
    recording, training = torch.is_grad_enabled(), model.training
    torch.set_grad_enabled(False)
    model.train(False)
    sums = [(model(x, y)[1].double() * y.numel(), y.numel()) for x, y in batches]
    model.train(training)
    torch.set_grad_enabled(recording)
    return (sum(loss for loss, _ in sums) / sum(count for _, count in sums)).item()

# %% right of_a_copy
import copy

def estimate_loss(model, batches):
    measured = copy.deepcopy(model).requires_grad_(False).eval()
    losses, counts = zip(*((measured(x, y)[1].item(), y.numel()) for x, y in batches))
    return float(np.average(losses, weights=counts))
