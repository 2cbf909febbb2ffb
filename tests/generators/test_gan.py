"""Laws of ``gan``: its losses by hand, what is learned, given cells, collapse, and its state."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from synthkit.contracts.generators import same
from synthkit.errors import ModelError, TrainingError
from synthkit.generators.base import Given, State
from synthkit.generators.codes import Codes
from synthkit.generators.gan import backend, task
from synthkit.generators.gan.backend import Gan
from synthkit.generators.gan.config import MOST_EPOCHS, STEPS, GanConfig
from synthkit.generators.gan.monitor import STOP_AFTER, WARN_AFTER, Monitor
from synthkit.generators.gan.sampling import Draws
from synthkit.generators.gan.tables import Tables
from synthkit.nn.gan import (
    CriticNet,
    GeneratorNet,
    drawn,
    pairing_loss,
    straight_through,
)
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Categorical, Layout, Numeric

CPU = torch.device("cpu")
LAYOUT = Layout((Categorical("a", 4), Categorical("b", 4), Numeric("x", nullable=True)))
SMALL = {"width": 32, "noise": 16, "bins": 8, "batch_rows": 200, "learning_rate": 1e-3}


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def rows(n: int, seed: int = 0) -> Batch:
    """``b`` is ``a`` nine times out of ten, and ``x`` lies in the quarter that ``a`` counts."""
    random = rng(seed)
    a = random.choice(4, n, p=[0.4, 0.3, 0.2, 0.1]).astype(np.int32)
    b = np.where(random.random(n) < 0.9, a, random.integers(0, 4, n)).astype(np.int32)
    x = (a + random.random(n)) / 4
    return {"a": a, "b": b, "x": np.where(random.random(n) < 0.1, np.nan, x)}


def fitted(n: int = 2000, **options: object) -> Gan:
    gan = Gan(GanConfig.model_validate(SMALL | options))
    gan.fit(rows(n), LAYOUT, Run(seed=0))
    return gan


@pytest.fixture(scope="module")
def learned() -> Gan:
    return fitted(epochs=100, correction_rounds=0)


# --- the losses ---


def test_the_pairing_loss_of_hand_worked_scores() -> None:
    wanted, other = torch.tensor([2.0, 0.0]), torch.tensor([0.0, 1.0])
    expected = (math.log(1 + math.exp(-2.0)) + math.log(1 + math.exp(1.0))) / 2
    assert float(pairing_loss(wanted, other)) == pytest.approx(expected)
    # it knows differences alone, and of equal scores it is log 2
    assert float(pairing_loss(wanted + 5, other + 5)) == pytest.approx(expected)
    assert float(pairing_loss(wanted, wanted)) == pytest.approx(math.log(2))


def critic(group: int = 1, depth: int = 1) -> CriticNet:
    torch.manual_seed(0)
    return CriticNet(torch.zeros(5, 1), 2, 8, depth, group)


def test_steepness_is_the_squared_gradient_over_one_hot_codes() -> None:
    net = critic(depth=2)
    places, condition = torch.tensor([[0, 3], [1, 4], [2, 3]]), torch.tensor([0, 4, 3])
    embedded = net.embedded(places)
    found = net.steepness(net(embedded, condition), embedded)

    marks = torch.zeros(3, 5).scatter_(1, places, 1.0).requires_grad_()
    net(marks @ net.codes_in(), condition).sum().backward()
    assert found.detach() == pytest.approx((marks.grad**2).sum(1), rel=1e-4)


def test_the_steepness_of_a_linear_critic_by_hand() -> None:
    net = critic(depth=0)
    with torch.no_grad():
        net.codes_in.free.copy_(torch.eye(5, 8))
        net.condition.free.zero_()
        net.out.weight.copy_(torch.arange(8.0)[None])
    embedded = net.embedded(torch.tensor([[1, 3]]))
    # codes 1 and 3 are one-hot hidden units; the leak lets .2 of 0, 2 and 4 through at or below 0
    found = net.steepness(net(embedded, torch.tensor([1])), embedded)
    assert found.item() == pytest.approx(1 + 9 + 0.04 * (0 + 4 + 16))


def test_a_row_of_a_group_is_judged_by_the_mean_of_its_group() -> None:
    net = critic(group=2)
    condition = torch.zeros(4, dtype=torch.int64)
    scores = net(net.embedded(torch.tensor([[0, 3], [1, 3], [0, 3], [0, 3]])), condition)
    assert scores[2] == scores[3]
    assert not torch.isclose(scores[0], scores[2])


def test_codes_are_drawn_by_their_softmax() -> None:
    torch.manual_seed(0)
    shares = torch.tensor([0.5, 0.3, 0.2, 0.9, 0.1])
    codes, _ = drawn(shares.log().expand(40_000, 5), [3, 2])
    assert np.bincount(codes[:, 0]) / 40_000 == pytest.approx([0.5, 0.3, 0.2], abs=0.01)
    assert np.bincount(codes[:, 1]) / 40_000 == pytest.approx([0.9, 0.1], abs=0.01)
    assert np.corrcoef(codes.T)[0, 1] == pytest.approx(0, abs=0.02)


def test_straight_through_is_one_hot_forward_and_a_softmax_backward() -> None:
    noisy = torch.tensor([[0.0, math.log(3.0), 1.0, 0.0, 0.0]], requires_grad=True)
    parts = list(noisy.split([2, 3], 1))
    codes = torch.tensor([[1, 0]])
    out = straight_through(codes, parts, 1.0)
    assert out[0].tolist() == pytest.approx([0, 1, 1, 0, 0], abs=1e-6)
    out[0, 1].backward()
    # p = (1/4, 3/4), so the gradient is (-3/16, 3/16), and none goes to the other field
    assert noisy.grad is not None
    assert noisy.grad[0].tolist() == pytest.approx([-3 / 16, 3 / 16, 0, 0, 0])


# --- the criterion and the monitor ---


def tables() -> Tables:
    codes = Codes.of(Layout((Categorical("a", 2), Categorical("b", 2))), 8)
    return Tables.of(codes, np.array([[0, 0], [1, 1]]), CPU)


def test_the_distance_of_tables_by_hand() -> None:
    real = torch.tensor([[0, 0], [1, 1]])  # .5 in two cells of four
    even = torch.full((7, 4), 0.5)  # .25 in each
    assert float(tables().distance(even, real)) == pytest.approx(0.5)
    alike = torch.tensor([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]])
    assert float(tables().distance(alike, real)) == pytest.approx(0.0)


def test_variety_is_the_entropy_of_tables() -> None:
    all_four = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
    assert tables().variety(all_four) == pytest.approx(math.log(4))
    assert tables().variety(torch.tensor([[0, 1]] * 5)) == 0.0


def test_the_monitor_warns_then_stops_and_forgets_what_passed() -> None:
    run = Run()
    monitor = Monitor(run)
    for _ in range(WARN_AFTER):
        monitor.look(0.1)
    assert len(run.notices) == 1
    assert "collapse" in run.notices[0]
    monitor.look(0.9)
    for _ in range(STOP_AFTER - 1):
        monitor.look(0.1)
    with pytest.raises(TrainingError, match="collapse"):
        monitor.look(0.1)


def test_a_collapsed_generator_is_told_and_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    forward = GeneratorNet.forward

    def collapsed(self: GeneratorNet, noise: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        logits = forward(self, noise, condition)
        only = torch.zeros(logits.shape[1])
        only[[0, 4, 8]] = 1e5  # the first code of each field, whatever the noise
        return logits + only

    monkeypatch.setattr(GeneratorNet, "forward", collapsed)
    monkeypatch.setattr(task, "LOOK_EVERY", 5)
    run = Run(seed=0)
    with pytest.raises(TrainingError, match="mode collapse") as caught:
        Gan(GanConfig.model_validate(SMALL | {"epochs": 100})).fit(rows(1000), LAYOUT, run)
    assert "penalty" in str(caught.value)
    assert any("mode collapse" in notice for notice in run.notices)


def test_a_healthy_training_is_not_told_of_collapse() -> None:
    run = Run(seed=0)
    options = SMALL | {"epochs": 40, "correction_rounds": 0}
    Gan(GanConfig.model_validate(options)).fit(rows(2000), LAYOUT, run)
    assert run.notices == []


# --- what is learned, free and given ---


def test_fields_that_go_together_do_so_in_generated_rows(learned: Gan) -> None:
    real, out = rows(2000), learned.sample(4000, rng(1))
    shares = np.bincount(out["a"], minlength=4) / 4000
    assert shares == pytest.approx([0.4, 0.3, 0.2, 0.1], abs=0.06)
    independent = float((np.bincount(real["a"]) * np.bincount(real["b"])).sum()) / 2000**2
    assert independent < 0.35
    assert np.mean(out["a"] == out["b"]) > 0.7
    known = ~np.isnan(out["x"])
    assert np.mean(np.floor(out["x"][known] * 4) == out["a"][known]) > 0.7
    assert np.mean(~known) == pytest.approx(0.1, abs=0.05)


def test_a_condition_keeps_its_category(learned: Gan) -> None:
    assert learned._net is not None
    sizes = learned._codes.sizes
    condition = torch.arange(sum(sizes)).repeat(20)
    logits = learned._net(torch.randn(len(condition), 16), condition)
    torch.manual_seed(0)
    codes, _ = drawn(logits, sizes)
    places = codes + torch.tensor([0, *sizes[:-1]]).cumsum(0)
    possible = torch.tensor(~learned._codes.impossible())[condition]
    assert torch.all((places == condition[:, None]).any(1)[possible])


@pytest.mark.parametrize("a", [0, 3])
def test_rows_with_a_given_category_are_like_the_real_ones_with_it(learned: Gan, a: int) -> None:
    n = 1000
    values = {"a": np.full(n, a, np.int32), "b": np.zeros(n, np.int32), "x": np.zeros(n)}
    out = learned.sample(n, rng(2), Given(values, {"a": np.ones(n, bool)}))
    assert np.all(out["a"] == a)
    assert np.mean(out["b"] == a) > 0.6
    known = ~np.isnan(out["x"])
    assert np.mean(np.floor(out["x"][known] * 4) == a) > 0.6


def test_two_given_cells_weigh_the_noise() -> None:
    # one number of noise: above 0 both free fields are 1, else 0; so a known one tells the other
    net = GeneratorNet(
        torch.zeros(6, 1), torch.full((6,), math.log(0.5)), torch.zeros(6) > 0, 1, 8, 0
    )

    def by_noise(noise: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        sign = torch.where(noise > 0, 3.0, -3.0)
        return torch.cat([-sign, sign] * 3, 1).scatter(1, condition[:, None], 1e4)

    net.forward = by_noise  # type: ignore[method-assign]
    table, known = torch.zeros(2000, 3, dtype=torch.int64), torch.zeros(2000, 3, dtype=torch.bool)
    table[:, :2], known[:, :2] = torch.tensor([1, 1]), True
    draws = Draws(net, [2, 2, 2], torch.Generator().manual_seed(0))
    k = 64
    codes, log = draws.completed(table, known, torch.zeros(2000, 6, dtype=torch.bool), k)
    assert torch.all(codes[:, :2] == 1)
    weight = torch.softmax(log.view(-1, k), 1)
    # by Bayes: the noise agrees with the known cell with probability s = 1 / (1 + e^-6)
    s = 1 / (1 + math.exp(-6))
    expected = s * s + (1 - s) * (1 - s)
    assert float((weight * codes[:, 2].view(-1, k)).sum(1).mean()) == pytest.approx(
        expected, abs=0.01
    )


def test_given_numbers_come_back_bit_by_bit_and_asked_cells_are_there(learned: Gan) -> None:
    batch = rows(300, seed=5)
    here = ~np.isnan(batch["x"])
    given = Given(batch, {"x": here, "b": rng(3).random(300) < 0.5}, {"x": ~here})
    out = learned.sample(300, rng(4), given)
    assert np.array_equal(out["x"][here], batch["x"][here])
    assert not np.isnan(out["x"]).any()
    assert np.array_equal(out["b"][given.known["b"]], batch["b"][given.known["b"]])


# --- blocks, budget, correction, state ---


def test_rows_come_in_blocks_of_bounded_size(learned: Gan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "BLOCK_ROWS", 50)
    monkeypatch.setattr(backend, "BLOCK_CODES", 64)
    most = 0
    forward = GeneratorNet.forward

    def counted(self: GeneratorNet, noise: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        nonlocal most
        most = max(most, len(noise))
        return forward(self, noise, condition)

    monkeypatch.setattr(GeneratorNet, "forward", counted)
    out = learned.sample(333, rng(1))
    assert LAYOUT.check(out) == 333
    assert most <= 64


def test_what_the_generator_gets_wrong_is_thinned() -> None:
    real = rows(3000)

    def agreement(rounds: int) -> float:
        gan = Gan(GanConfig.model_validate(SMALL | {"epochs": 3, "correction_rounds": rounds}))
        gan.fit(real, LAYOUT, Run(seed=0))
        assert (gan._correction is not None) == (rounds > 0)
        out = gan.sample(3000, rng(1))
        return float(np.mean(out["a"] == out["b"]))

    plain, thinned = agreement(0), agreement(60)
    wanted = float(np.mean(real["a"] == real["b"]))
    assert plain < 0.5
    assert abs(thinned - wanted) < abs(plain - wanted) / 2


def test_a_budget_ends_training_and_is_told() -> None:
    run = Run(seed=0)
    gan = Gan(GanConfig.model_validate(SMALL | {"epochs": 10_000}))
    gan.fit(rows(1000), LAYOUT, run, budget_s=3.0)
    assert any("budget" in notice for notice in run.notices)
    assert LAYOUT.check(gan.sample(10, rng(0))) == 10


def test_the_state_gives_the_same_rows() -> None:
    gan = fitted(1000, epochs=2, correction_rounds=20)
    assert gan._correction is not None
    again = Gan.from_state(gan.config, LAYOUT, gan.state())
    assert same(gan.sample(200, rng(1)), again.sample(200, rng(1)))
    batch = rows(50, seed=9)
    given = Given(batch, {"a": np.ones(50, bool)})
    assert same(gan.sample(50, rng(1), given), again.sample(50, rng(1), given))


def test_a_damaged_state_is_a_model_error(learned: Gan) -> None:
    state = learned.state()
    for arrays in (
        {k: v for k, v in state.arrays.items() if "bias" not in k},
        state.arrays | {"generator/bias": np.zeros(3, np.float32)},
        state.arrays | {"correction/kept": np.array([0.0, 1.0])},
    ):
        with pytest.raises(ModelError):
            Gan.from_state(learned.config, LAYOUT, State(state.meta, arrays))


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(TrainingError, match="too few"):
        fitted(99)


def test_steps_follow_from_the_rows_where_epochs_are_left_out() -> None:
    config = GanConfig()
    assert config.steps(1) == MOST_EPOCHS
    assert config.steps(1000) == config.steps(10_000) == STEPS
    assert GanConfig(epochs=7).steps(11) == 77
