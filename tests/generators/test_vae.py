"""Laws of ``vae``: bounds by hand, densities against scipy, posteriors, given cells, anomalies."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, norm

from synthkit.errors import ModelError, TrainingError
from synthkit.generators.base import Given, HasLatent, State
from synthkit.generators.vae.config import VAEConfig
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Categorical, Layout, Numeric

torch = pytest.importorskip("torch")

from synthkit.generators.vae.backend import VAEGenerator  # noqa: E402
from synthkit.generators.vae.completion import Completion  # noqa: E402
from synthkit.nn.mixture import Mixture  # noqa: E402
from synthkit.nn.vae import (  # noqa: E402
    VAE,
    Decoder,
    Encoder,
    gaussian_kl,
    gaussian_log_prob,
    inverse,
)

SMALL = {
    "bins": 64,
    "width": 32,
    "decoder_width": 16,
    "dropout": 0.05,
    "latent": 3,
    "components": 8,
    "free_nats": 1.0,
}


def fields() -> tuple[Categorical | Numeric, ...]:
    return (
        Numeric("x"),
        Numeric("y", spikes=((0.0, 0.3),), nullable=True),
        Categorical("group", 3),
        Categorical("flag", 2),
    )


def rows(n: int, seed: int = 0) -> Batch:
    """One hidden cause: y rises with x, group and flag follow it."""
    rng = np.random.default_rng(seed)
    x = rng.random(n)
    y = np.clip(x + 0.05 * rng.standard_normal(n), 0, 1)
    y[rng.random(n) < 0.05] = np.nan
    group = np.minimum((x * 3).astype(np.int32), 2)
    flag = ((x > 0.5) ^ (rng.random(n) < 0.05)).astype(np.int32)
    return {"x": x, "y": y, "group": group, "flag": flag}


@pytest.fixture(scope="module")
def fitted() -> VAEGenerator:
    generator = VAEGenerator(VAEConfig(epochs=30, **SMALL))
    generator.fit(rows(4000), Layout(fields()), Run(seed=1))
    return generator


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def mixture(seed: int = 0) -> Mixture:
    torch.manual_seed(seed)
    prior = Mixture(3, 2).requires_grad_(False)
    for parameter in (prior.weight, prior.scale, prior.skew):
        parameter.normal_(std=0.5)
    return prior


def moments(prior: Mixture) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, means and covariances."""
    factors = prior.factors().double()
    covariances = torch.linalg.inv(factors @ factors.transpose(1, 2))
    return prior.weight.softmax(0).numpy(), prior.mean.numpy(), covariances.numpy()


def test_the_density_of_a_mixture_is_that_of_scipy() -> None:
    prior = mixture()
    points = np.random.default_rng(0).normal(size=(50, 2)) * 2
    parts = [
        np.log(weight) + multivariate_normal(mean, covariance).logpdf(points)
        for weight, mean, covariance in zip(*moments(prior), strict=True)
    ]
    ours = prior(torch.from_numpy(points.astype(np.float32))).numpy()
    assert ours == pytest.approx(logsumexp(parts, axis=0), abs=1e-4)


def test_draws_from_a_mixture_have_its_moments() -> None:
    prior = mixture(1)
    drawn = prior.sample(400_000, torch.Generator().manual_seed(0)).numpy()
    weights, means, covariances = moments(prior)
    mean = weights @ means
    spread = np.einsum("c,cij->ij", weights, covariances)
    spread += np.einsum("c,ci,cj->ij", weights, means - mean, means - mean)
    assert drawn.mean(0) == pytest.approx(mean, abs=0.02)
    assert np.cov(drawn.T) == pytest.approx(spread, rel=0.03, abs=0.03)


def test_a_refitted_mixture_is_the_aggregate_posterior() -> None:
    """Two clusters of posterior means, each posterior with a deviation of .5."""
    noise = np.random.default_rng(0)
    side = noise.random(8000) < 0.25
    mean = np.where(side[:, None], [3.0, 0.0], [-3.0, 1.0]) + 0.1 * noise.normal(size=(8000, 2))
    means = torch.from_numpy(mean.astype(np.float32))
    torch.manual_seed(0)
    prior = Mixture(2, 2)
    for _ in range(20):
        prior.update(means + 0.5 * torch.randn(means.shape))
    weights, centres, covariances = moments(prior.requires_grad_(False))
    order = np.argsort(weights)
    assert weights[order] == pytest.approx([0.25, 0.75], abs=0.01)
    assert centres[order] == pytest.approx(np.array([[3.0, 0.0], [-3.0, 1.0]]), abs=0.05)
    assert covariances == pytest.approx(np.array([0.26 * np.eye(2)] * 2), abs=0.02)


def test_a_mixture_far_from_zero_is_refitted_without_harm() -> None:
    """Second moments of a million leave nothing of a variance of 1e-4, in single precision."""
    torch.manual_seed(0)
    points = 1000.0 + 0.01 * torch.randn(500, 3)
    prior = Mixture(4, 3).requires_grad_(False)
    for _ in range(3):
        prior.update(points)
    assert bool(torch.isfinite(prior(points)).all())


def test_the_divergence_of_gaussians_is_that_of_draws() -> None:
    torch.manual_seed(0)
    mean, spread, other, wide = torch.randn(4, 1, 3).unbind(0)
    draws = mean + (0.5 * spread).exp() * torch.randn(400_000, 3)
    log_ratio = gaussian_log_prob(draws, mean, spread) - gaussian_log_prob(draws, other, wide)
    exact = gaussian_kl(mean, spread, other, wide)
    assert float(exact) == pytest.approx(float(log_ratio.mean()), rel=0.02)
    assert float(gaussian_kl(mean, spread, mean, spread)) == pytest.approx(0.0, abs=1e-6)


def test_a_gaussian_density_is_that_of_scipy() -> None:
    found = gaussian_log_prob(torch.tensor([1.0, -2.0]), torch.tensor([0.5, 0.0]), torch.ones(2))
    deviation = np.exp(0.5)
    expected = norm.logpdf(1.0, 0.5, deviation) + norm.logpdf(-2.0, 0.0, deviation)
    assert float(found) == pytest.approx(expected, abs=1e-5)


def plain(log_shares: list[float], sizes: list[int]) -> VAE:
    """Networks of which only the output's bias is not zero: the latents say nothing."""
    d, width = len(sizes), sum(sizes)
    basis, never = torch.zeros(width, 1), torch.zeros(width, dtype=torch.bool)
    encoder = Encoder(basis, d, 8, 0, 2)
    decoder = Decoder(basis, torch.tensor(log_shares), sizes, never, 4, 8, 0.0, 2)
    prior = Mixture(1, 2)
    offsets = torch.tensor([0, *np.cumsum(sizes)[:-1].tolist()])
    vae = VAE(encoder, decoder, prior, offsets).requires_grad_(False).eval()
    for part in (encoder.out.weight, encoder.out.bias, decoder.scores.free, decoder.scores.waves):
        part.zero_()
    return vae


def test_the_bound_of_a_row_by_hand() -> None:
    """The posterior is N(0, I), the prior N((1, 0), I): a divergence of 1/2; softmaxes are shares."""
    vae = plain(np.log([0.25, 0.75, 0.5, 0.3, 0.2]).tolist(), [2, 3])
    vae.prior.mean.copy_(torch.tensor([[1.0, 0.0]]))
    codes = torch.tensor([[1, 2]]).expand(200_000, 2)
    torch.manual_seed(0)
    said, kl, mean, spread = vae.elbo(codes, torch.randn(200_000, 2))
    assert float(said.mean()) == pytest.approx(np.log(0.75) + np.log(0.2), abs=1e-5)
    assert float(kl.mean()) == pytest.approx(0.5, abs=0.01)
    assert not mean.any()
    assert not spread.any()


def test_the_decoder_draws_what_it_says() -> None:
    """Frequencies of drawn rows are the products of conditionals that ``forward`` gives them."""
    torch.manual_seed(3)
    sizes, width = [2, 3], 5
    decoder = Decoder(
        torch.zeros(width, 1), torch.zeros(width), sizes, torch.zeros(width) > 0, 4, 8, 0.0, 2
    )
    decoder.requires_grad_(False).eval()
    for parameter in decoder.parameters():
        parameter.normal_()
    n, offsets = 200_000, torch.tensor([0, 2])
    latents = torch.tensor([[0.3, -1.0]]).expand(n, 2)
    drawn, _ = decoder.draw(latents, torch.rand(n, 2), torch.zeros(n, 2, dtype=torch.int64))
    grid = torch.cartesian_prod(torch.arange(2), torch.arange(3))
    exact = decoder(latents[:6], grid, grid + offsets).sum(1).exp().numpy()
    found = np.bincount((drawn[:, 0] * 3 + drawn[:, 1]).numpy(), minlength=6) / n
    assert exact.sum() == pytest.approx(1.0, abs=1e-5)
    assert found == pytest.approx(exact, abs=0.005)
    known = torch.ones(6, 2, dtype=torch.bool)
    kept, log = decoder.draw(latents[:6], torch.rand(6, 2), grid, known)
    assert torch.equal(kept, grid)
    assert log.exp().numpy() == pytest.approx(exact, abs=1e-5)


def test_completed_rows_follow_bayes() -> None:
    """Whatever the encoder proposes, the first field given the second is what the networks say."""
    torch.manual_seed(4)
    vae = plain([0.0] * 5, [2, 3])
    for parameter in (*vae.decoder.parameters(), vae.encoder.out.bias):
        parameter.normal_()
    grid, noise = torch.cartesian_prod(torch.arange(2), torch.arange(3)), torch.Generator()
    latents = vae.prior.sample(50_000, noise)
    each = [
        vae.decoder(latents, codes.expand(50_000, 2), (codes + vae.offsets).expand(50_000, 2))
        for codes in grid
    ]
    joint = torch.stack([log.sum(1).exp().mean() for log in each]).view(2, 3)
    completion = Completion(vae, torch.zeros(5, dtype=torch.bool), 64, noise)
    n = 10_000
    known = torch.tensor([False, True]).expand(n, 2)
    for second in range(3):
        drawn = completion.draw(
            torch.tensor([0, second]).expand(n, 2), known, torch.zeros_like(known)
        )
        assert (drawn[:, 1] == second).all()
        exact = float(joint[1, second] / joint[:, second].sum())
        assert float(drawn[:, 0].float().mean()) == pytest.approx(exact, abs=0.03)


def test_a_cell_that_is_to_be_present_is_drawn_given_that() -> None:
    """Code 1 of the first field is missing: without it, shares of 1/4 and 1/2 are 1/3 and 2/3."""
    vae = plain(np.log([0.25, 0.25, 0.5, 0.5, 0.5]).tolist(), [3, 2])
    gone = torch.tensor([False, True, False, False, False])
    n = 30_000
    none = torch.zeros(n, 2, dtype=torch.bool)
    present = torch.tensor([True, False]).expand(n, 2)
    completion = Completion(vae, gone, 4, torch.Generator())
    drawn = completion.draw(torch.zeros(n, 2, dtype=torch.int64), none, present)[:, 0]
    shares = torch.bincount(drawn, minlength=3) / n
    assert shares.numpy() == pytest.approx([1 / 3, 0, 2 / 3], abs=0.015)


def test_a_code_without_odds_is_never_drawn() -> None:
    odds = torch.tensor([[0.0, 0.3, 0.7, 0.0]]).expand(3, 4)
    drawn = inverse(odds, torch.tensor([0.0, 1.0, 0.5]))
    assert drawn.tolist() == [1, 2, 2]


def test_rows_have_the_joint_distribution(fitted: VAEGenerator) -> None:
    real, made = rows(20_000, seed=5), fitted.sample(20_000, rng())
    for a, b in (("group", "flag"),):
        shares = [np.bincount(t[a] * 2 + t[b], minlength=6) / len(t[a]) for t in (real, made)]
        assert np.abs(shares[0] - shares[1]).sum() / 2 < 0.06
    assert np.mean(np.isnan(made["y"])) == pytest.approx(0.05, abs=0.02)
    both = ~np.isnan(made["y"])
    assert np.corrcoef(made["x"][both], made["y"][both])[0, 1] > 0.9


def test_given_cells_move_the_others(fitted: VAEGenerator) -> None:
    n = 2000
    every = np.ones(n, bool)

    def mean_x(flag: int) -> float:
        values = {name: cells[:n] for name, cells in rows(n).items()}
        values["flag"] = np.full(n, flag, np.int32)
        made = fitted.sample(n, rng(), Given(values, {"flag": every}))
        assert (made["flag"] == flag).all()
        return float(made["x"].mean())

    assert mean_x(0) == pytest.approx(0.275, abs=0.05)  # .95 * .25 + .05 * .75
    assert mean_x(1) == pytest.approx(0.725, abs=0.05)


def test_one_hidden_cell_is_drawn_from_all_others(fitted: VAEGenerator) -> None:
    """Given y and flag, x is known to about .05, and group with it."""
    hidden = rows(1000, seed=8)
    known = {name: np.ones(1000, bool) for name in ("y", "flag")}
    present = {name: np.ones(1000, bool) for name in ("x", "group")}
    made = fitted.sample(1000, rng(), Given(hidden, known, present))
    clear = ~np.isnan(hidden["y"]) & (hidden["y"] > 0.3)
    error = np.abs(made["x"] - hidden["x"])[clear]
    assert np.median(error) < 0.1
    assert np.mean(made["group"] == hidden["group"]) > 0.75


def test_encoded_rows_keep_the_order_of_their_cause(fitted: VAEGenerator) -> None:
    table = rows(1000, seed=2)
    places = fitted.encode(table)
    assert places.shape == (1000, 3)
    assert np.array_equal(places, fitted.encode(table))
    design = np.column_stack([places, np.ones(1000)])
    rest = table["x"] - design @ np.linalg.lstsq(design, table["x"], rcond=None)[0]
    assert 1 - rest.var() / table["x"].var() > 0.6


def test_interpolation_begins_and_ends_at_its_rows(fitted: VAEGenerator) -> None:
    """From rows with the lowest x to those with the highest; one nat does not say x exactly."""
    table = rows(4000, seed=3)
    low, high = (
        {name: cells[order][:300] for name, cells in table.items()}
        for order in (np.argsort(table["x"]), np.argsort(-table["x"]))
    )
    path = fitted.interpolate(low, high, 5, rng())
    steps = path["x"].reshape(300, 5).mean(0)
    assert steps[0] < 0.35
    assert steps[-1] > 0.65
    same = fitted.interpolate(low, low, 2, rng())
    assert np.array_equal(same["group"][::2], same["group"][1::2])
    one_way = fitted.interpolate(low, high, 2, rng())["group"].reshape(300, 2)
    assert np.array_equal(one_way[:, 0], same["group"][::2])


def test_a_planted_anomaly_has_the_worst_score(fitted: VAEGenerator) -> None:
    x = np.linspace(0.02, 0.98, 500)
    table = {
        "x": x,
        "y": x.copy(),
        "group": np.minimum((x * 3).astype(np.int32), 2),
        "flag": (x > 0.5).astype(np.int32),
    }
    table["y"][480], table["group"][480], table["flag"][480] = 0.4, 0, 0
    score = fitted.reconstruction_score(table)
    assert score.shape == (500,)
    assert int(score.argmax()) == 480


def test_a_stored_model_encodes_and_scores_alike(fitted: VAEGenerator) -> None:
    again = VAEGenerator.from_state(fitted.config, Layout(fields()), fitted.state())
    table = rows(50, seed=6)
    assert isinstance(again, HasLatent)
    assert np.array_equal(again.encode(table), fitted.encode(table))
    assert np.array_equal(again.reconstruction_score(table), fitted.reconstruction_score(table))
    first, second = (g.sample(20, rng())["x"] for g in (fitted, again))
    assert np.array_equal(first, second)


def test_another_tables_weights_are_refused(fitted: VAEGenerator) -> None:
    with pytest.raises(ModelError, match="does not fit its layout"):
        VAEGenerator.from_state(fitted.config, Layout((Categorical("a", 3),)), fitted.state())
    with pytest.raises(ModelError, match="incomplete"):
        VAEGenerator.from_state(fitted.config, Layout(fields()), State())


def test_few_rows_are_refused() -> None:
    with pytest.raises(TrainingError, match="too few"):
        VAEGenerator(VAEConfig(epochs=1)).fit(rows(50), Layout(fields()), Run(seed=1))


def test_more_free_nats_make_latents_know_more() -> None:
    def known(free: float) -> float:
        options = SMALL | {"free_nats": free}
        generator = VAEGenerator(VAEConfig(epochs=15, **options))
        generator.fit(rows(2000), Layout(fields()), Run(seed=1))
        table = generator._table(rows(1000, seed=9))
        torch.manual_seed(0)
        with generator._running(rng()) as (vae, _):
            return float(vae.elbo(torch.from_numpy(table), torch.randn(1000, 3))[1].mean())

    assert known(3.0) > known(0.0) + 1.0
