"""Makes torch_gru.npz: a small GRU and LSTM of PyTorch's, their weights, an input and what they made of it.

    python data/scripts/make_torch_gru.py        needs PyTorch (its own extra); the file is the same at each run

So a lesson can show that PyTorch's gate order and ours give the same numbers where PyTorch is not installed.
"""

from pathlib import Path

import numpy as np
import torch

T, N, D, H = 4, 2, 3, 5


def main():
    torch.manual_seed(0)
    xs, arrays = torch.randn(T, N, D, dtype=torch.float64), {}
    for name in ("GRU", "LSTM"):
        module = getattr(torch.nn, name)(D, H).double()
        with torch.no_grad():
            output, _ = module(xs)
        cell = name.lower()
        arrays |= {f"{cell}.{key}": value.numpy() for key, value in module.state_dict().items()}
        arrays[f"{cell}.output"] = output.numpy()
    np.savez(Path(__file__).resolve().parents[1] / "torch_gru.npz", xs=xs.numpy(), **arrays)


if __name__ == "__main__":
    main()
