"""An ensemble as one ONNX graph: logits of each member, all else in their mean."""

from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from thoracle.prognosis.features import DAYS, STATICS
from thoracle.prognosis.network import BATCH, OUTPUTS
from thoracle.train.onnx_graph import save_program
from thoracle.train.prognosis.network import RiskNetworks

INPUT: Final = "days"


class RiskGraph(nn.Module):
    """The network as the file has it.

    Parameters
    ----------
    network
        In evaluation mode.
    """

    def __init__(self, network: RiskNetworks) -> None:
        super().__init__()
        self.network = network

    def forward(self, packed: Tensor) -> tuple[Tensor, ...]:
        """Return `OUTPUTS`, landmarks first; logits are (landmarks, members, 4)."""
        told = self.network(packed[None])
        means = (told.attention, told.contributions, told.quantiles)
        return told.logits.transpose(0, 1), *(one.mean(dim=0) for one in means)


class LogitGraph(RiskGraph):
    """The same with the logits alone, for whoever compares them."""

    def forward(self, packed: Tensor) -> Tensor:  # type: ignore[override]
        """Return logits, (landmarks, members, 4)."""
        return super().forward(packed)[0]


def write_risk_onnx(network: RiskNetworks, path: Path) -> None:
    """Write an ensemble as one ONNX file with a free number of landmarks.

    Parameters
    ----------
    network
        In evaluation mode.
    path
        Where the file goes; it is written under another name first.
    """
    width = 3 * network.inputs + len(STATICS)
    save_program(
        RiskGraph(network).eval(),
        path,
        example=torch.zeros(2, DAYS, width),
        free={0: torch.export.Dim("landmarks", min=1, max=16 * BATCH)},
        input_name=INPUT,
        output_names=OUTPUTS,
    )
