"""Where torch computes: on the processor or on a card."""

from __future__ import annotations


def check_device(device: str) -> None:
    """Raise a ValueError where there is no such device: ``"cpu"``, ``"cuda"``, or ``"cuda:1"`` for a second card."""
    kind, *number = device.split(":", 1)
    if kind not in ("cpu", "cuda") or not all(part.isdigit() for part in number):
        raise ValueError(f"device={device!r} is none of cpu, cuda.")
    if kind == "cuda":
        import torch

        if int(*number) >= torch.cuda.device_count():
            raise ValueError(f"device={device!r}, and torch finds no such GPU. Say device='cpu'.")
