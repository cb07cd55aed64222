"""What the coordinator of a batch calls by name in Dask's processes.

The scheduler imports this too, and a worker imports it in its event loop, so it must cost nothing; and nothing here may
keep that loop waiting, or the worker would be given up for lost. The work is done by `station` and `bundle`, in
threads.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping, Sequence
from typing import Any


def known() -> bool:
    """Whether the package is there: it is, where this can be called."""
    return True


async def introduce(run: Mapping[str, Any], dask_worker: Any) -> Any:
    """`station.introduce` in a worker."""
    return await _in_thread("station", "introduce", run, dask_worker)


async def stop(token: str) -> None:
    """`station.stop` in a worker."""
    await _in_thread("station", "stop", token)


async def offered(token: str, name: str, dask_worker: Any) -> Any:
    """`bundle.offered` in a worker."""
    return await _in_thread("bundle", "offered", token, name, dask_worker.local_directory)


async def take(token: str, place: str, offset: int, data: bytes, dask_worker: Any) -> Any:
    """`bundle.take` in a worker."""
    return await _in_thread("bundle", "take", token, place, offset, data, dask_worker.local_directory)


async def complete(token: str, name: str, manifest: Sequence[Any], dask_worker: Any) -> Any:
    """`bundle.complete` in a worker."""
    return await _in_thread("bundle", "complete", token, name, manifest, dask_worker.local_directory)


def perform(run: Mapping[str, Any], task: Mapping[str, Any], key: str) -> dict[str, Any]:
    """`station.perform`, as a task of Dask's: it has a thread already."""
    from distributed import get_worker

    return dict(_call("station", "perform", run, task, key, get_worker()))


async def _in_thread(module: str, name: str, *arguments: Any) -> Any:
    return await asyncio.to_thread(_call, module, name, *arguments)


def _call(module: str, name: str, *arguments: Any) -> Any:
    return getattr(importlib.import_module(f"evaltool.batch.{module}"), name)(*arguments)
