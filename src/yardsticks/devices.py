"""Where torch computes: on the processor or on a card."""

from __future__ import annotations


def check_device(device: str) -> None:
    """Raise a ValueError where there is no such device: ``"cpu"``, ``"cuda"``, or ``"cuda:1"`` for a second card."""
    kind, _, number = device.partition(":")
    if kind not in ("cpu", "cuda") or (number and not number.isdigit()):
        raise ValueError(f"device={device!r} is none of cpu, cuda.")
    if kind == "cuda":
        import torch

        if int(number or 0) >= torch.cuda.device_count():
            raise ValueError(f"device={device!r}, and torch finds no such GPU. Say device='cpu'.")
