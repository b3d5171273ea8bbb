"""Time training and telling risks: beside a plain PyTorch loop, and a million patients as a stream.

Run `python benchmarks/prognosis.py RUN` in an installation with the extra `dev`, on an idle
machine. RUN is the folder of a finished `thoracle prognosis train`. Patients are simulated. Both
sides of a ratio take turns in one run, on one thread, by CPU time. It prints a Markdown table;
`--out FILE` writes it.
"""

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.inference.bundle import open_bundle
from thoracle.prognosis.features import DAYS, STATICS, sequences
from thoracle.prognosis.forecast import AHEAD_DAYS
from thoracle.prognosis.landmarks import DAY_H, after_admission
from thoracle.prognosis.model import RiskModel
from thoracle.prognosis.types import Chart
from thoracle.prognosis.variables import place_of
from thoracle.train.prognosis.examples import examples, fit_scaling, training_landmarks
from thoracle.train.prognosis.fit import TrainingSet, fit_members, forecast_loss, risk_loss
from thoracle.train.prognosis.network import Answers
from thoracle.train.prognosis.recipe import RiskRecipe
from thoracle.train.prognosis.run import open_ensemble
from timing import Figure, table_of

INDEX_DAY = 3
MIB = 2**20


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="Folder of a finished `thoracle prognosis train`.")
    parser.add_argument("--learned", type=int, default=300, help="Patients that are trained on.")
    parser.add_argument("--told", type=int, default=2000, help="Patients whose risks are told.")
    parser.add_argument("--streamed", type=int, default=1_000_000)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, help="Also write the table into this file.")
    options = parser.parse_args()
    torch.set_num_threads(1)
    figures = [*_streamed(options), *_trained(options), *_predicted(options)]
    printed = table_of(figures, "1 thread")
    sys.stdout.write(printed + "\n")
    if options.out is not None:
        options.out.write_text(printed, encoding="utf-8")


def _trained(options: argparse.Namespace) -> list[Figure]:
    """Time epochs: all members at once, and one after the other in a plain loop."""
    recipe = open_ensemble(options.run).recipe
    recipe = replace(recipe, training=replace(recipe.training, epochs=options.epochs))
    charts = simulate_cohort(options.learned, rng=np.random.default_rng(0)).charts
    scaling = fit_scaling(charts, patients_min=recipe.patients_min)
    made = examples(charts, training_landmarks(charts, event=recipe.event), scaling)
    markers = np.isin(scaling.places, [place_of(name) for name in recipe.draws.markers])
    data = TrainingSet(examples=made, markers=markers)
    everybody = np.arange(len(made.patients))
    members = recipe.training.members
    ours, theirs = [], []
    for _ in range(options.rounds):
        ours.append(cpu_s(lambda: fit_members(recipe, data, [everybody] * members)))
        theirs.append(cpu_s(lambda: plain_loop(recipe, data)))
    ours_s = statistics.median(ours) / (options.epochs * members)
    theirs_s = statistics.median(theirs) / options.epochs
    what = f"{len(everybody)} patients, {len(scaling.places)} variables, {recipe.network.cell}"
    return [
        Figure(
            name=f"training, {what}: {members} networks at once",
            value=f"{1 / ours_s:.1f} epochs of a network per second",
        ),
        Figure(
            name=f"training, {what}: plain PyTorch, one network, patients padded in Python",
            value=f"{1 / theirs_s:.1f} epochs per second",
        ),
        Figure(name="training: plain loop, times as long", value=f"{theirs_s / ours_s:.1f}"),
    ]


def _predicted(options: argparse.Namespace) -> list[Figure]:
    """Time risks: the bundle from charts, and PyTorch with the same weights."""
    ensemble = open_ensemble(options.run)
    charts = simulate_cohort(options.told, rng=np.random.default_rng(1)).charts
    landmarks = after_admission(charts, days=INDEX_DAY)
    model = RiskModel(open_bundle(str(options.run / "bundle")), threads=1)

    def eager() -> None:
        for at in range(0, len(landmarks), 256):
            part = landmarks[at : at + 256]
            shown = sequences(charts, part, scaling=ensemble.scaling).packed()
            with torch.inference_mode():
                ensemble.network(torch.from_numpy(shown)[None])

    ours, theirs = [], []
    for _ in range(options.rounds):
        ours.append(cpu_s(lambda: model.predict(charts, landmarks)))
        theirs.append(cpu_s(eager))
    ours_s, theirs_s = statistics.median(ours), statistics.median(theirs)
    count, members = len(landmarks), ensemble.network.members
    return [
        Figure(
            name=f"risks of {count} charts by {members} networks: bundle, from chart to answer",
            value=f"{count / ours_s:.0f} per second",
        ),
        Figure(
            name="the same by PyTorch eager, the same weights and input, 256 at once",
            value=f"{count / theirs_s:.0f} per second",
        ),
        Figure(name="risks: PyTorch, times as long", value=f"{theirs_s / ours_s:.2f}"),
    ]


def _streamed(options: argparse.Namespace) -> list[Figure]:
    """Time a stream that nobody holds, and the most memory the process ever had."""
    model = RiskModel(open_bundle(str(options.run / "bundle")), threads=1)
    before = peak_mib()
    count, total = 0, 0.0
    began = time.process_time()
    for risks in model.stream(patients(options.streamed)):
        count += len(risks)
        total += float(risks[:, -1].sum())
    took_s = time.process_time() - began
    return [
        Figure(
            name=f"stream of {count} simulated patients, mean risk {total / count:.3f}",
            value=f"{count / took_s:.0f} per second",
        ),
        Figure(
            name="most memory resident before the stream, and after it",
            value=f"{before:.0f} and {peak_mib():.0f} MiB",
        ),
    ]


def patients(count: int) -> Iterator[tuple[Chart, float]]:
    """Yield simulated patients: each a simulated stay with values of their own."""
    rng = np.random.default_rng(2)
    stays = simulate_cohort(500, rng=rng).charts
    for number in range(count):
        stay = stays[number % len(stays)]
        changed = stay.values * rng.uniform(0.8, 1.25, len(stay.values))
        yield replace(stay, patient=str(number), values=changed), DAY_H * INDEX_DAY


def peak_mib() -> float:
    """Return the most memory that was ever resident, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MIB


def cpu_s(work: Callable[[], object]) -> float:
    """Return the CPU time of some work, in seconds."""
    began = time.process_time()
    work()
    return time.process_time() - began


class PlainNetwork(nn.Module):
    """One member as anybody would write it: torch's own layers and cell."""

    def __init__(self, recipe: RiskRecipe, inputs: int) -> None:
        super().__init__()
        width, ahead = recipe.network.hidden, len(AHEAD_DAYS) * inputs
        self.inputs = inputs
        self.embed = nn.Linear(3 * inputs + len(STATICS), width, bias=False)
        cell = nn.LSTM if recipe.network.cell == "lstm" else nn.GRU
        self.cells = cell(width, width, batch_first=True)
        self.score = nn.Linear(width, 1)
        self.gate = nn.Linear(width, width)
        self.told, self.sooner = nn.Linear(width, 1), nn.Linear(width, 3)
        self.middle, self.spread = nn.Linear(width, ahead), nn.Linear(width, 2 * ahead)
        self.hide = nn.Dropout(recipe.network.dropout)

    def forward(self, days: Tensor) -> Answers:
        """Return what one member tells of (batch, days, 3 × inputs + 4)."""
        shown = self.hide(self.embed(days))
        states, _ = self.cells(shown)
        attention = torch.softmax(self.score(states)[..., 0], dim=1)
        context = (torch.tanh(self.gate(states)) * attention[..., None] * shown).sum(dim=1)
        whole = self.told(context)
        less = nn.functional.softplus(self.sooner(context))
        sooner = whole - less.flip(-1).cumsum(-1).flip(-1)
        middle = self.middle(context)
        below, above = nn.functional.softplus(self.spread(context)).chunk(2, dim=-1)
        three = torch.stack([middle - below, middle, middle + above], dim=-1)
        quantiles = three.reshape(len(days), len(AHEAD_DAYS), self.inputs, 3)
        return Answers(
            logits=torch.cat([sooner, whole], dim=-1)[None],
            attention=attention,
            contributions=attention,
            quantiles=quantiles[None],
        )


def plain_loop(recipe: RiskRecipe, data: TrainingSet) -> None:
    """Train one network: patients drawn one by one, padded in Python, optimizer and loss alike."""
    plan, made = recipe.training, data.examples
    rng = np.random.default_rng(recipe.seed)
    network = PlainNetwork(recipe, made.ahead.shape[2])
    optimizer = torch.optim.AdamW(network.parameters(), lr=plan.learning_rate)
    rows = np.arange(len(made.owners))
    for _ in range(plan.epochs * max(1, len(made.patients) // plan.batch)):
        drawn = rng.choice(rows, plan.batch)
        padded = nn.utils.rnn.pad_sequence(
            [_hidden(made.packed[one], recipe, data, rng) for one in drawn], batch_first=True
        )
        days = nn.functional.pad(padded, (0, 0, 0, DAYS - padded.shape[1]))
        answers = network(days)
        labels, ahead = (torch.from_numpy(one[drawn])[None] for one in (made.labels, made.ahead))
        loss = risk_loss(answers, labels) + plan.forecast_weight * forecast_loss(answers, ahead)
        optimizer.zero_grad()
        loss.sum().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), plan.clip)
        optimizer.step()


def _hidden(
    packed: np.ndarray, recipe: RiskRecipe, data: TrainingSet, rng: np.random.Generator
) -> Tensor:
    """Return one patient's days up to the first measurement, some variables hidden."""
    inputs = len(data.markers)
    if rng.random() < recipe.draws.only_markers:
        shown = data.markers
    else:
        shown = rng.random(inputs) >= rng.uniform(0, recipe.draws.hidden_max)
    statics = np.full(len(STATICS), rng.random() >= recipe.draws.statics_hidden)
    known = np.flatnonzero(packed[:, inputs : 2 * inputs].any(axis=1))
    length = int(known[-1]) + 1 if known.size else 1
    return torch.from_numpy(packed[:length] * np.concatenate([shown, shown, shown, statics]))


if __name__ == "__main__":
    main()
