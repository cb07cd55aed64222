"""Animals of the zoo: asynchronous code."""

from __future__ import annotations

from tests.batch.animals import animal

animal(
    "top_level_await",
    "await, async for and async with stand in a cell, outside any function",
    r"""
import asyncio
await asyncio.sleep(0)
'awaited'
# %%
async def count(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i
async for i in count(3):
    print(i)
[i async for i in count(2)]
# %%
import contextlib
@contextlib.asynccontextmanager
async def room():
    print('in')
    yield 7
    print('out')
async with room() as number:
    print(number)
""",
    house="async",
)
animal(
    "gather_and_timeout",
    "many tasks in one cell, a time-out, a cancelled task",
    r"""
async def later(n):
    await asyncio.sleep(0.01 * n)
    print('done', n)
    return n
print(await asyncio.gather(*(later(n) for n in (3, 1, 2))))
try:
    await asyncio.wait_for(asyncio.sleep(9), 0.01)
except TimeoutError as error:
    print(repr(error))
""",
    house="async",
)
animal(
    "task_across_cells",
    "a task begun in one cell goes on between cells and ends in another",
    r"""
log = []
async def work():
    for step in range(3):
        await asyncio.sleep(0)
        log.append(step)
    return 'worked'
task = asyncio.create_task(work())
log
# %%
print(task.done(), log)  # nothing is awaited here: the loop has to turn between cells
# %%
await task
""",
    house="async",
)
animal(
    "task_prints_later",
    "output of a task that was begun in another cell: in which cell does it appear?",
    r"""
gate = asyncio.Event()
async def speak():
    await gate.wait()
    print('from the task')
    display('shown')
speaking = asyncio.create_task(speak())
# %%
print('before')
gate.set()
await speaking
print('after')
""",
    house="async",
)
animal(
    "running_loop",
    "cells run inside a loop: asyncio.run is refused, get_running_loop works",
    r"""
loop = asyncio.get_running_loop()
print(type(loop).__name__, loop.is_running(), asyncio.current_task() is not None)
# %% fails
asyncio.run(asyncio.sleep(0))
# %% fails
loop.run_until_complete(asyncio.sleep(0))
# %%
found = []
loop.call_soon(found.append, 1)
found
# %%
found
""",
    house="async",
)
animal(
    "awaiting_fails",
    "an exception out of an awaited coroutine, and one nobody awaits",
    r"""
# %% fails
async def bad():
    raise ValueError('awaited')
await bad()
# %% fails
await asyncio.gather(bad(), asyncio.sleep(0))
""",
    house="async",
)
animal(
    "async_cell_state",
    "context variables and decimal contexts set in one cell, read in the next",
    r"""
import contextvars, decimal
variable = contextvars.ContextVar('variable', default='unset')
token = variable.set('set in a cell')
decimal.getcontext().prec = 5
decimal.Decimal(1) / 3
# %%
variable.get(), decimal.Decimal(1) / 3
# %%
await asyncio.sleep(0)
variable.set('set in an async cell')
decimal.getcontext().prec = 9
# %%
variable.get(), decimal.Decimal(1) / 3
""",
    house="async",
)
