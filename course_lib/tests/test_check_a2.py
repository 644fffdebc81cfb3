"""Public checks of assignment 2: what passes, what fails, and what a failure says."""

import copy

import pytest
import torch
from torch import nn

from course_lib import check, doubles
from course_lib.check import diagnosis

NAMES = sorted(name for name, module in check.modules().items() if ".a2_text_to_bigram." in module)


def windows(data, batch_size, block_size):
    at = torch.randint(len(data) - block_size, (batch_size, 1)) + torch.arange(block_size + 1)
    return data[at[:, :-1]], data[at[:, 1:]]


def table(data, vocab_size, smoothing=1.0):
    hot = torch.eye(vocab_size, dtype=torch.float64)[data]
    counts = hot[:-1].mT @ hot[1:] + smoothing
    return counts / counts.sum(1)[:, None]


def continued(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        drawn = torch.distributions.Categorical(logits=model(idx)[0][:, -1]).sample()
        idx = torch.cat([idx, drawn[:, None]], 1)
    return idx


def measured(model, batches):
    mode = model.training
    model.train(False)
    with torch.inference_mode():
        parts = [(float(model(x, y)[1]), y.numel()) for x, y in batches]
    model.train(mode)
    return sum(loss * count for loss, count in parts) / sum(count for _, count in parts)


def test_every_exercise_has_a_check():
    assert NAMES == sorted(
        "build_vocab encode decode train_val_split context_target_pairs get_batch sequence_loss BigramLanguageModel "
        "generate train estimate_loss bigram_table".split()
    )


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("build_vocab", lambda text: sorted(set(text))),
        ("decode", lambda ids, vocab: "".join(vocab[i] for i in ids)),
        (
            "train_val_split",
            lambda data, f: (data[: len(data) - round(f * len(data))], data[len(data) - round(f * len(data)) :]),
        ),
        ("context_target_pairs", lambda block: [(block[:end], block[end]) for end in range(1, len(block))]),
        ("get_batch", windows),
        ("sequence_loss", lambda logits, targets: nn.CrossEntropyLoss()(logits.mT, targets)),
        ("generate", continued),
        ("estimate_loss", measured),
        ("bigram_table", table),
    ],
)
def test_right_answers_pass(name, answer, capsys):
    check.run(name, answer)
    assert f"{name} passes" in capsys.readouterr().out
    assert check.passed(name)


@pytest.mark.parametrize("name", NAMES)
def test_placeholders_name_the_exercise(name):
    def stub(*args, **kwargs):
        raise NotImplementedError(name)

    for placeholder in (stub, ...):
        with pytest.raises(NotImplementedError, match=name):
            check.run(name, placeholder)


@pytest.mark.parametrize("name", NAMES)
def test_questions_answer_with_data(name):
    """Whatever an answer does, its outcomes are plain values that compare equal to themselves."""
    for answer in (lambda *args, **kwargs: None, lambda *args, **kwargs: torch.zeros(2, 2), lambda x: x):
        first, second = (diagnosis.signature(name, answer) for _ in "ab")
        assert first and diagnosis.same(first, second)


@pytest.mark.parametrize(
    ("name", "answer", "says"),
    [
        ("encode", lambda text, vocab: [vocab.index(c) for c in text if c in vocab], "expected a ValueError"),
        ("encode", lambda text, vocab: [0], r"4 ids, shape \(4,\), yours has shape \(1,\)"),
        ("train_val_split", lambda data, f: (data, data), r"\(40,\) and \(40,\); expected \(32,\) and \(8,\)"),
        ("context_target_pairs", lambda block: [(block[:0], block[0])] * 4, r"expected shape \(1,\), yours is \(0,\)"),
        (
            "get_batch",
            lambda data, B, T: [part.T for part in windows(data, B, T)],
            r"\(6, 4\); yours: tensor of shape \(4, 6\)",
        ),
        ("get_batch", lambda data, B, T: (windows(data, B, T)[0],) * 2, "one token later"),
        ("get_batch", lambda data, B, T: windows(data[:-1], B, T), r"never start at \[15\]"),
        ("sequence_loss", lambda logits, targets: logits[..., 0], r"shape \(\), yours is \(2, 3\)"),
        ("generate", lambda model, idx, new: idx, r"shape \(3, 7\), yours is \(3, 2\)"),
        ("estimate_loss", lambda model, batches: torch.zeros(3), r"shape \(\), yours is \(3,\)"),
        ("bigram_table", lambda data, C, smoothing=1.0: table(data, C, smoothing).mT, "sum of each row"),
        ("bigram_table", lambda data, C, smoothing=1.0: torch.ones(3), r"shape \(4, 4\), yours is \(3,\)"),
    ],
)
def test_wrong_answers_hear_what_is_wrong(name, answer, says):
    with pytest.raises(check.CheckFailed, match=says):
        check.run(name, answer)
    assert name in str(_failure(name, answer))


def _failure(name, answer):
    with pytest.raises(check.CheckFailed) as info:
        check.run(name, answer)
    return info.value


def test_losses_with_graphs_are_refused():
    def losses(model, batches, lr):
        return [model(x, y)[1] for x, y in batches]

    assert "hold on to their whole computation" in str(_failure("train", losses))


def test_model_without_parameters():
    class Empty(nn.Module):
        def __init__(self, vocab_size):
            super().__init__()

    assert "no parameters" in str(_failure("BigramLanguageModel", Empty))


class TestDoubles:
    """The stand-ins that checks and suites hand to an answer."""

    def test_table_model_loss_belongs_to_its_logits(self):
        torch.manual_seed(3)
        idx, targets = torch.randint(5, (2, 4)), torch.randint(5, (2, 4))
        for memory in (False, True):
            model = doubles.TableModel(torch.randn(5, 5), memory)
            logits, loss = model(idx, targets)
            torch.testing.assert_close(loss, nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten()))
            assert model(idx)[1] is None

    def test_memory_reads_the_sum_of_the_context(self):
        model = doubles.TableModel(torch.eye(4), memory=True)
        assert model(torch.tensor([[1, 2, 3]]))[0].argmax(-1).tolist() == [[1, 3, 2]]

    def test_two_mode_model_keeps_its_calls(self):
        model = doubles.TwoModeModel(torch.zeros(3, 3), torch.ones(3, 3))
        idx = torch.tensor([[0, 1]])
        assert model(idx)[0].eq(1).all()
        with torch.no_grad():
            assert model.train(False)(idx)[0].eq(0).all()
        assert model.calls == [(True, True), (False, False)]

    def test_two_mode_model_goes_by_the_mode_of_its_part_and_hears_of_its_copies(self):
        model = doubles.TwoModeModel(torch.zeros(3, 3), torch.ones(3, 3))
        idx = torch.tensor([[0, 1]])
        model.training = False
        assert model(idx)[0].eq(1).all() and model.modes == [False, True]
        copy.deepcopy(model).requires_grad_(False).eval()(idx)
        assert model.calls == [(True, True), (False, False)] and model.table.requires_grad

    def test_once_is_empty_the_second_time(self):
        stream = doubles.once([1, 2])
        assert (list(stream), list(stream)) == ([1, 2], [])

    def test_gradients_are_none_where_nothing_is_connected(self):
        logits = torch.ones(2, 3)
        assert doubles.input_gradient(lambda x: x.sum().item(), logits) is None
        assert doubles.input_gradient(lambda x: 2 * x.sum(), logits).eq(2).all()
        model = doubles.TableModel(torch.zeros(3, 3))
        idx = torch.tensor([[0, 1]])
        assert set(doubles.parameter_gradients(model, idx, idx)) == {"table"}
        with torch.no_grad():
            assert doubles.parameter_gradients(model, idx, idx) is None

    def test_kinds_of_results(self):
        leaf = torch.ones(1, requires_grad=True)
        result, kind, parts = doubles.call_with_kinds(lambda: [leaf * 2, torch.ones(1), 3.0])
        assert kind == "list" and parts == ["graph", "tensor", "float"]
        assert not result[0].requires_grad
