"""Who does the work: processes on this machine, or the workers of a Dask scheduler."""

import asyncio
import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any

BLAS_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
PATIENCE = 3.0  # seconds to reach a scheduler, and as long again for its first worker


class Unreachable(ConnectionError):  # noqa: N818 - it says what the scheduler is
    """There is no scheduler at the address, or none that has workers."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let processes that are started in this context do their linear algebra in one thread each."""
    before = {name: os.environ.get(name) for name in BLAS_THREADS}
    os.environ.update(dict.fromkeys(BLAS_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def processes(workers: int) -> ProcessPoolExecutor:
    """Return a pool of fresh processes, to be used within `one_blas_thread`.

    They are spawned, so a script that calls this needs the usual ``if __name__ == "__main__":``.
    """
    context = multiprocessing.get_context("spawn")
    return _Undisturbed(workers, mp_context=context, initializer=_begin)


class _Undisturbed(ProcessPoolExecutor):
    """Processes that hear of no Ctrl-C, from their first instruction on: it is for the one that asked."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Submit as ever; a process that is started for it is started with interrupts held back."""
        with _held_back():
            return super().submit(fn, *args, **kwargs)


@contextmanager
def _held_back() -> Iterator[None]:
    """Block SIGINT, where that can be done: a new process inherits it, and here it arrives afterwards."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def ended_at_once(executor: Executor) -> Iterator[None]:
    """Shut a pool of our own down at the end; on an exception without waiting for what it is at."""
    try:
        yield
    except BaseException:
        end(executor)
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def end(executor: Executor) -> None:
    """End a pool of our own, and what its processes are at."""
    mine = set(getattr(executor, "_processes", None) or {})  # which it keeps to itself, and forgets
    executor.shutdown(wait=False, cancel_futures=True)
    for process in multiprocessing.active_children():
        if process.pid in mine:
            process.terminate()


def _begin() -> None:
    """In a worker: leave Ctrl-C to the process that asked, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


@contextmanager
def dask(address: str) -> Iterator[tuple[Executor, int]]:
    """Connect to a Dask scheduler; its executor, and how many tasks its workers run at a time.

    Raises
    ------
    Unreachable
        Within 10 seconds.
    ModuleNotFoundError
        Without ``dask.distributed``, which the extra ``scale`` brings.
    """
    distributed: Any = importlib.import_module("distributed")
    try:
        asyncio.run(asyncio.wait_for(_greet(address), PATIENCE))
    except Exception as error:  # no such host, no answer, no address, or what answers is no scheduler
        raise Unreachable(f"no Dask scheduler at {address}: {type(error).__name__}: {error}") from error
    with distributed.Client(address, timeout=PATIENCE, set_as_default=False) as client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise Unreachable(f"the Dask scheduler at {address} has no workers") from None
        yield client.get_executor(pure=False), sum(client.nthreads().values())


async def _greet(address: str) -> None:
    """Shake hands: a client that cannot do so lingers, and talks when it is thrown away."""
    core: Any = importlib.import_module("distributed.core")
    comm = await core.connect(address, timeout=PATIENCE)
    await comm.close()
