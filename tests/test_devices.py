"""Which devices there are, and what is said of others."""

import pytest
import torch

from yardsticks.devices import check_device


@pytest.mark.parametrize("device", ["gpu", "", "cuda:", "cuda:x", "cpu:x", "cuda0"])
def test_other_names_are_refused(device):
    with pytest.raises(ValueError, match="is none of cpu, cuda"):
        check_device(device)


def test_cards_are_counted(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for device in ("cpu", "cuda", "cuda:0", "cuda:1"):
        check_device(device)
    with pytest.raises(ValueError, match="device='cuda:2', and torch finds no such GPU"):
        check_device("cuda:2")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    check_device("cpu")
    with pytest.raises(ValueError, match="Say device='cpu'"):
        check_device("cuda")
