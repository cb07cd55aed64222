"""Animals of the zoo: threads and processes."""

from __future__ import annotations

from tests.batch.animals import animal

animal(
    "threads",
    "threads that print and display while their cell runs, and one that outlives it",
    r"""
import threading
print(threading.current_thread() is threading.main_thread(), threading.main_thread().name)
# %%
def speak(n):
    print('thread', n)
for n in range(5):
    thread = threading.Thread(target=speak, args=(n,), name='speaks')
    thread.start()
    thread.join()
# %%
def show():
    display('from a thread')
    print('thread after display')
print('main before')
thread = threading.Thread(target=show, name='shows')
thread.start()
thread.join()
print('main after')
# %%
def fail():
    raise ValueError('in a thread')
thread = threading.Thread(target=fail, name='failing')
thread.start()
thread.join()
# %%
gate, said = threading.Event(), threading.Event()
def wait():
    gate.wait()
    print('from an old thread')
    said.set()
old = threading.Thread(target=wait, daemon=True, name='old')
old.start()
print('begun')
# %%
print('opening')
gate.set()
said.wait(5)
old.join()
print('ended')
# %%
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(lambda n: n * n, range(8))))
# %%
value = threading.local()
value.x = 1
# %%
value.x
# %%
import asyncio
await asyncio.to_thread(print, 'in a thread of asyncio')
await asyncio.to_thread(lambda: 5)
""",
    house="threads",
)
animal(
    "forked_pools",
    "multiprocessing and process pools by fork: functions of the notebook run in children",
    r"""
import multiprocessing as mp, os, time
fork = mp.get_context('fork')
def square(n):
    return n * n
print(mp.get_start_method(), mp.current_process().name, mp.parent_process() is None, mp.active_children())
# %%
with fork.Pool(2) as pool:
    print(pool.map(square, range(6)))
# %%
from concurrent.futures import ProcessPoolExecutor
with ProcessPoolExecutor(2, mp_context=fork) as pool:
    print(list(pool.map(square, range(6))))
# %%
queue = fork.Queue()
child = fork.Process(target=lambda: queue.put(mp.current_process().name))
child.start()
print(queue.get(timeout=20))
child.join()
child.exitcode
# %% fails
def bad(n):
    raise ValueError(n)
with fork.Pool(1) as pool:
    pool.map(bad, [1])
# %%
class Point:
    def __init__(self, x):
        self.x = x
def made(n):
    return Point(n)
with fork.Pool(1) as pool:
    print([point.x for point in pool.map(made, range(3))])
""",
    house="processes",
)
animal(
    "children_print",
    "what forked children print reaches the cell; a child that ends badly leaves the kernel alone",
    r"""
def speak():
    print('from a child')
child = fork.Process(target=speak)
child.start()
child.join()
import time
time.sleep(0.5)
child.exitcode
# %%
def fail():
    raise ValueError('in a child')
child = fork.Process(target=fail, name='failing')
child.start()
child.join()
import time
time.sleep(0.5)
child.exitcode
# %%
pid = os.fork()
if pid == 0:
    os.write(1, b'forked by hand\n')
    os._exit(7)
status = os.waitpid(pid, 0)[1]
import time
time.sleep(0.5)
os.waitstatus_to_exitcode(status)
# %%
pid = os.fork()
if pid == 0:
    print('printed, flushed', flush=True)
    os._exit(0)
os.waitpid(pid, 0)[1]
import time
time.sleep(0.5)
'parent'
# %%
child = fork.Process(target=time.sleep, args=(60,))
child.start()
child.terminate()
child.join()
child.exitcode
""",
    house="processes",
)
animal(
    "spawned",
    "multiprocessing by spawn: children import __main__ anew, and cannot see the notebook's functions",
    r"""
import math, multiprocessing as mp
spawn = mp.get_context('spawn')
with spawn.Pool(1) as pool:
    print(pool.map(math.sqrt, [4.0, 9.0]))
# %%
def lost():
    pass
child = spawn.Process(target=lost)
child.start()
child.join()
import time
time.sleep(0.5)
child.exitcode
""",
)
