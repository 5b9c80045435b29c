"""A limit on the time that something takes, wherever it runs."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_HUNG = 60.0  # seconds that a task is given to notice that its time is over


class _TooLong(BaseException):
    """Raised from outside in a thread whose time is over; not an error that the work inside may handle."""


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Stop what is done inside when it takes longer than so many seconds; None sets no limit.

    It is stopped between two steps of Python. Where a single step goes on for `_HUNG` seconds more, nothing but the end
    of the process stops it: a nanny then starts another worker, and the task counts as one whose worker died.

    Raises
    ------
    TimeoutError
        It took longer.
    """
    if seconds is None:
        yield
        return
    thread, ended, lock = threading.get_ident(), threading.Event(), threading.Lock()

    def watch() -> None:
        if ended.wait(seconds):
            return
        with lock:  # not when it has just ended
            if ended.is_set():
                return
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(_TooLong))
        if not ended.wait(_HUNG):
            os._exit(1)

    try:
        try:
            threading.Thread(target=watch, daemon=True).start()
            yield
        finally:
            with lock:
                ended.set()
    except _TooLong:
        ended.set()  # it may have come before that
        raise TimeoutError(f"took longer than {seconds:g} seconds, and was stopped") from None
