# %% wrong flag_of_the_model_alone
# Title: `model.training = False`, which its layers do not notice
# Kind: dropout_eval
def estimate_loss(model, batches):
    mode = model.training
    model.training = False
    total = count = 0
    with torch.no_grad():
        for x, y in batches:
            total += model(x, y)[1].item() * y.numel()
            count += y.numel()
    model.training = mode
    return total / count

# %% wrong gradients_stay_off
# Title: gradients are switched off and not on again
# Kind: gradient_cut
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    torch.set_grad_enabled(False)
    total, n = 0.0, 0
    for x, y in batches:
        _, loss = model(x, y)
        total += loss.item() * y.numel()
        n += y.numel()
    model.train(was_training)
    return total / n

# %% wrong first_hundred
# Title: it stops after a hundred batches
# Kind: fixed_length
def estimate_loss(model, batches):
    was_training = model.training
    model.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for k, (x, y) in enumerate(batches):
            if k == 100:
                break
            _, loss = model(x, y)
            total += loss.item() * y.numel()
            n += y.numel()
    model.train(was_training)
    return total / n

# %% right a_copy_is_asked
import copy
import math

def estimate_loss(model, batches):
    calm = copy.deepcopy(model).eval().requires_grad_(False)
    sums, sizes = [], []
    for x, y in batches:
        sums.append(float(calm(x, y)[1]) * y.numel())
        sizes.append(y.numel())
    return math.fsum(sums) / sum(sizes)

# %% right running_mean
from contextlib import contextmanager

@contextmanager
def evaluation(model):
    mode = model.training
    model.train(False)
    try:
        with torch.inference_mode():
            yield
    finally:
        model.train(mode)

def estimate_loss(model, batches):
    mean, seen = 0.0, 0
    with evaluation(model):
        for x, y in batches:
            seen += y.shape[0] * y.shape[1]
            mean += (model(x, y)[1].item() - mean) * y.numel() / seen
    return mean
