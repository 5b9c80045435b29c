"""A card that only pretends to be one: for tests of what is computed where, on machines without a GPU.

Its tensors say that they are on cuda:0, do not meet tensors of the processor or of numpy, and what the host reads of
them or brings to them is counted. Their numbers are in ordinary memory, so that results can be compared.
"""

from collections import Counter

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

DEVICE = torch.device("cuda", 0)
_T = torch.Tensor
# what waits for the card: the host goes on when it has the value
_READS = {
    *(getattr(_T, name) for name in ("item", "tolist", "cpu", "nonzero", "equal", "allclose")),
    *(getattr(_T, f"__{name}__") for name in ("bool", "float", "int", "index", "contains")),
    *(torch.nonzero, torch.equal, torch.allclose, torch.masked_select, torch.unique),
    *(torch.linalg.eigh, torch.linalg.eigvalsh, torch.linalg.svd),  # these ask whether they succeeded
}
_OURS = {_T.device.__get__: DEVICE, _T.is_cuda.__get__: True, _T.is_cpu.__get__: False}


class OnCard(torch.Tensor):
    """A tensor in the memory of the card."""


class Card(TorchFunctionMode):
    """While it is entered, ``device="cuda"`` is a card.

    ``reads`` counts what the host read, by the name of the function; ``uploads`` holds the sizes of what was copied to
    the card.
    """

    def __init__(self):
        super().__init__()
        self.reads, self.uploads = Counter(), []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        with torch._C.DisableTorchFunctionSubclass():
            return self._do(func, args, kwargs)

    def _do(self, func, args, kwargs):
        parts = list(_flat((args, kwargs)))
        ours = [part for part in parts if isinstance(part, OnCard)]
        if ours and func in _OURS:
            return _OURS[func]
        if func == _T.to:
            return self._move(*args, **kwargs)
        target = _kind(kwargs["device"]) if kwargs.get("device") is not None else None
        if target:
            kwargs["device"] = "cpu"
        if ours:
            self._refuse(func, parts)
            if func in _READS or target == "cpu" or _needs_count(func, args):
                self.reads[func.__name__] += 1
        elif target == "cuda" and func in (torch.as_tensor, torch.tensor):
            self.uploads.append(np.size(args[0]))
        if func == _T.__iter__:
            return iter(_mark(_T.unbind(*args), OnCard if ours else _T))
        stays = target == "cuda" or (target is None and ours and func != _T.cpu)
        return _mark(func(*args, **kwargs), OnCard if stays else _T)

    def _move(self, tensor, *where, **more):
        """Do ``tensor.to(...)``."""
        there, dtype = isinstance(tensor, OnCard), tensor.dtype
        target = there
        for part in (*where, *more.values()):
            if isinstance(part, torch.dtype):
                dtype = part
            elif isinstance(part, torch.Tensor):
                target, dtype = isinstance(part, OnCard), part.dtype
            elif isinstance(part, str | torch.device):
                target = _kind(part) == "cuda"
        if there and not target:
            self.reads["to"] += 1
        if target and not there:
            self.uploads.append(tensor.numel())
        out = tensor.to(dtype)
        if out is tensor and target == there:
            return tensor
        return (out.clone() if target != there else out).as_subclass(OnCard if target else _T)

    @staticmethod
    def _refuse(func, parts):
        if func in (_T.numpy, _T.__array__):
            raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() first.")
        for part in parts:
            if isinstance(part, np.ndarray) and part.ndim:
                raise TypeError(f"{func.__name__}: an array of numpy meets a tensor on cuda:0")
            if isinstance(part, torch.Tensor) and not isinstance(part, OnCard) and part.ndim:
                raise RuntimeError(f"{func.__name__}: expected all tensors to be on the same device, cuda:0 and cpu")


def _kind(device) -> str:
    return torch.device(device).type


def _flat(parts):
    """Yield what is in arguments, however deep."""
    for part in parts.values() if isinstance(parts, dict) else parts:
        if isinstance(part, list | tuple | dict):
            yield from _flat(part)
        elif isinstance(part, slice):
            yield from (part.start, part.stop, part.step)
        else:
            yield part


def _needs_count(func, args) -> bool:
    """Tell whether an index is a mask, whose number of entries the host must know; not where one number is set."""
    if func not in (_T.__getitem__, _T.__setitem__):
        return False
    if func == _T.__setitem__ and not (isinstance(args[2], torch.Tensor) and args[2].ndim):
        return False
    return any(isinstance(part, OnCard) and part.dtype == torch.bool for part in _flat(args[1:2]))


def _mark(out, kind):
    """Return results as tensors of a kind; what was changed in place stays the same object."""
    if isinstance(out, torch.Tensor):
        return out if type(out) is kind else out.as_subclass(kind)
    if isinstance(out, tuple | list) and any(isinstance(part, torch.Tensor) for part in out):
        return type(out)([_mark(part, kind) for part in out])
    return out
