"""A zoo of awkward notebooks: what kernels are known to do differently, each with the reason why it is here.

Every animal is deterministic under plain papermill: a pause stands where output comes through a pipe, paths of folders
are not shown, nothing is timed. Harmless animals share a house (one notebook, one kernel), the others live alone.

    python -m tests.batch.zoo ENGINE FOLDER [HOUSE …]    # runs houses through papermill with that engine
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4

PLAIN = "nbclient"
# what both sides have in their environment
SAME = {"PLOTLY_RENDERER": "plotly_mimetype", "PYTHONUTF8": "1"}


@dataclass(frozen=True, slots=True)
class Animal:
    """`house`: the notebook it shares with others, "" = its own. `stops`: the notebook ends before its last cell.

    `ignore` goes to `differences`; `needs` are modules without which it is left out; `format` is nbformat's minor;
    `direct`: our engine's fastest way is good enough for it.
    """

    name: str
    why: str
    cells: Sequence[Any]
    house: str = ""
    parameters: Mapping[str, Any] | None = None
    stops: bool = False
    ignore: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    format: int = 5
    direct: bool = True
    metadata: Mapping[str, Any] = field(default_factory=dict)


def code(source: str, *tags: str, **more: Any) -> Any:
    return v4.new_code_cell(source, metadata={"tags": list(tags)} if tags else {}, **more)


def failing(source: str) -> Any:
    return code(source, "raises-exception")


def markdown(source: str, *tags: str, **more: Any) -> Any:
    return v4.new_markdown_cell(source, metadata={"tags": list(tags)} if tags else {}, **more)


def written(text: str) -> Iterator[Any]:
    """Code cells of a text: `# %%` parts them, what follows it are tags; “fails” is short for raises-exception."""
    tags: list[str] = []
    lines: list[str] = []
    for line in [*text.strip("\n").split("\n"), "# %%"]:
        if not line.startswith("# %%"):
            lines.append(line)
            continue
        if lines:
            yield code("\n".join(lines), *("raises-exception" if tag == "fails" else tag for tag in tags))
        tags, lines = line.removeprefix("# %%").split(), []


ANIMALS: list[Animal] = []


def animal(name: str, why: str, *cells: Any, **more: Any) -> None:
    parts = [list(written(part)) if isinstance(part, str) else [part] for part in cells]
    ANIMALS.append(Animal(name, why, [cell for part in parts for cell in part], **more))


# --- asynchronous code ---

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

# --- the shell and other programs ---

animal(
    "shell_escape",
    "!command: standard output, standard error, exit code, captured lines",
    r"""
!echo out; echo err >&2; exit 3
# %%
_exit_code
# %%
lines = !printf 'a\nb\n'
print(type(lines).__name__, lines, lines.n)
# %%
name = 'value'
!echo {name} $name $$HOME_IS_NOT_SHOWN
# %%
!!echo listed
""",
    r"""
!python -c "import sys; print(sys.stdout.isatty())"
""",
    house="shell",
)
animal(
    "script_magics",
    "%%bash, %%sh, %%script and their failures",
    r"""
%%bash
echo from bash
echo to stderr >&2
# %% fails
%%bash
echo before; exit 4
# %%
%%bash --out captured --err complained
echo kept; echo kept too >&2
# %%
captured, complained
# %%
%%script --no-raise-error bash
exit 5
# %% fails
%%script no-such-program
x
# %%
%%python
print(6 * 7)
""",
    house="shell",
)
animal(
    "files_written_and_run",
    "%%writefile, %run of a script and of a notebook-made module",
    r"""
%%writefile script.py
import sys
print(__name__, sys.argv[1:])
value = 42
# %%
%run script.py one two
value
# %%
%run -i script.py
%run -n script.py
# %%
%%writefile -a script.py
raise RuntimeError('in a script')
# %% fails
%run script.py
# %% fails
%run missing.py
# %%
%%writefile made_here.py
def double(n):
    return n * 2
# %%
import made_here
made_here.double(21)
# %%
%load made_here.py
""",
    house="shell",
)
animal(
    "descriptor_output",
    "output below Python: os.write, os.system, subprocess, C's printf",
    r"""
import os
os.write(1, b'written to 1\n')
import time
time.sleep(0.5)
# %%
os.write(2, b'written to 2\n')
import time
time.sleep(0.5)
# %%
os.system('echo from os.system')
import time
time.sleep(0.5)
# %%
import subprocess
done = subprocess.run(['sh', '-c', 'echo inherited; exit 2'])
import time
time.sleep(0.5)
done.returncode
# %%
subprocess.run(['echo', 'captured'], capture_output=True, text=True).stdout
# %%
import ctypes
library = ctypes.CDLL(None)
library.printf(b'from C\n')
library.fflush(None)
import time
time.sleep(0.5)
# %%
print('python first', flush=True)
os.system('echo shell second')
import time
time.sleep(0.5)
print('python third')
# %%
os.write(1, 'half a character: '.encode() + '县'.encode()[:2])
import time
time.sleep(0.5)
""",
    house="descriptors",
)
animal(
    "standard_input_of_programs",
    "a program that reads standard input must see its end, not hang",
    r"""
done = subprocess.run(['cat'], capture_output=True, timeout=20)
done
""",
    house="descriptors",
)
animal(
    "redirected_streams",
    "sys.stdout replaced, put back, duplicated below Python",
    r"""
import contextlib, io, sys
with contextlib.redirect_stdout(io.StringIO()) as caught:
    print('caught')
caught.getvalue()
# %%
before = sys.stdout
sys.stdout = io.StringIO()
print('swallowed')
sys.stdout = before
print('seen')
# %%
copy = os.dup(1)
os.write(copy, b'through a copy\n')
os.close(copy)
import time
time.sleep(0.5)
# %%
print('to the original', file=sys.__stdout__, flush=True) if sys.__stdout__ else None
import time
time.sleep(0.5)
""",
    house="descriptors",
)

# --- text ---

animal(
    "interleaved",
    "stdout and stderr in turn, a display between: displays come after what was printed before",
    r"""
import sys
print('one')
print('two', file=sys.stderr)
display('three')
print('four')
print('five', file=sys.stderr)
print('six', flush=True)
# %%
sys.stdout.write('no newline')
sys.stdout.writelines([' a', ' b'])
print(end='')
print(*'abc', sep='-')
# %%
print('printed')
'result'
""",
    house="text",
)
animal(
    "carriage_returns",
    "progress bars write \\r and \\b; they stay as they are",
    r"""
for i in range(5):
    print(f'\r{i * 25}%', end='')
print()
print('abc\b\bX')
# %%
from tqdm import tqdm
for _ in tqdm(range(3), bar_format='{desc}{n}/{total}', mininterval=0, desc='bar '):
    pass
# %%
from tqdm.auto import trange
for _ in trange(2, bar_format='{n}/{total}', mininterval=0):
    pass
""",
    house="text",
    needs=("tqdm",),
)
animal(
    "strange_characters",
    "NUL, half characters, control characters, emoji, right to left, combining",
    r"""
print('a\0b', '\x1b[31mred\x1b[0m', '\u202eabc', 'e\u0301', '🧪', '\x07')
# %%
'\ud800 as a result'
# %%
'\u2028 separators \x85'
""",
    house="text",
)
animal(
    "much_text",
    "two megabytes in one cell, ten thousand prints in another",
    r"""
print('x' * 1_000_000)
print('县' * 350_000)
# %%
for i in range(10_000):
    print(i)
# %%
'y' * 300_000
""",
    house="text",
)
animal(
    "standard_streams",
    "what programs ask of sys.stdout before they write colours or bars",
    r"""
for stream in (sys.stdout, sys.stderr):
    print(type(stream).__module__, type(stream).__name__, stream.name, stream.encoding, stream.errors,
          stream.isatty(), stream.writable(), stream.readable(), stream.seekable(), stream.closed,
          getattr(stream, 'line_buffering', 'none'), hasattr(stream, 'buffer'), hasattr(stream, 'mode'))
# %%
import os, stat
print(type(sys.stdout.fileno()).__name__)
[os.isatty(number) for number in range(3)]
# %%
import shutil
shutil.get_terminal_size()
# %% fails
sys.stdout.write(1)
# %% fails
sys.stdout.buffer
# %%
type(sys.stdin).__name__, sys.stdin.encoding, sys.stdin.isatty(), sys.stdin.read()
# %%
type(sys.__stdout__).__name__, type(sys.__stderr__).__name__, sys.__stdout__ is sys.stdout
""",
    house="text",
)
animal(
    "hooks",
    "who shows results and errors",
    r"""
print(type(sys.displayhook).__name__, type(sys.excepthook).__name__, sys.excepthook is sys.__excepthook__)
print(sys.unraisablehook is sys.__unraisablehook__)
sys.displayhook(5)
# %%
hasattr(sys, 'ps1'), sys.flags.interactive, bool(sys.gettrace()), bool(sys.getprofile())
# %%
class Bad:
    def __del__(self):
        raise ValueError('in __del__')
bad = Bad()
del bad
""",
    house="text",
)

# --- displays ---

animal(
    "display_updates",
    "update_display and DisplayHandle change outputs of this and of earlier cells",
    r"""
handle = display('first', display_id='shared')
handle.update('second')
print(type(handle).__name__)
# %%
from IPython.display import HTML, display, update_display
display('again', display_id='shared')
# %%
update_display(HTML('<b>both</b>'), display_id='shared', metadata={'changed': True})
# %%
update_display('nobody', display_id='unknown')
# %%
own = display('own', display_id=True)
own.display('own again')
own.update('own twice')
len(own.display_id)
""",
    house="display",
)
animal(
    "clearing",
    "clear_output now, and when something follows; at the end of a cell; of a display with an id",
    r"""
from IPython.display import clear_output
print('gone')
display('gone too')
clear_output()
print('stays')
# %%
print('gone')
clear_output(wait=True)
print('stays')
# %%
print('stays: nothing follows')
clear_output(wait=True)
# %%
print('of the next cell')
# %%
display('cleared', display_id='cleared')
clear_output()
update_display('no longer there', display_id='cleared')
# %%
for i in range(3):
    clear_output(wait=True)
    display(i)
print('end')
""",
    house="display",
)
animal(
    "rich_objects",
    "every kind of IPython.display object, with binary data and metadata",
    r"""
from IPython.display import *
from IPython.display import Audio, FileLink, IFrame, Pretty
import base64
# %%
display(HTML('<b>html</b>'), Markdown('**md**'), Latex('$x^2$'), Math('x'), SVG('<svg><g/></svg>'), Pretty('p'))
# %%
display(JSON({'a': [1, None, 1.5]}), JSON({'root': 1}, expanded=True, root='top'), Javascript('1 + 1'))
# %%
png = base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9'
                       'awAAAABJRU5ErkJggg==')
Image(png, width=10, height=20)
# %%
display(Image(png), metadata={'image/png': {'needs_background': 'light'}})
Image(url='https://example.com/x.png')
# %%
display({'text/plain': 'raw', 'application/x-own+json': {'k': [1]}}, raw=True, metadata={'m': 1}, transient={'t': 2})
# %%
display(JSON({'nan': float('nan'), 'infinite': float('inf')}))
# %%
display('include', include=['text/plain'])
display(HTML('x'), exclude=['text/html'])
# %%
display()
display(1, 2, 'three')
# %%
IFrame('https://example.com', 10, 10)
# %%
FileLink('not-there.txt')
# %%
Code('x = 1', language='python')
""",
    house="display",
)
animal(
    "own_representations",
    "rich representations that give nothing, too much, or raise",
    r"""
class Bundle:
    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {'text/plain': 'plain', 'text/html': '<i>html</i>', 'application/json': {'a': 1}}
        return data, {'text/html': {'m': 1}}
Bundle()
# %%
class Nothing:
    def _repr_html_(self):
        return None
    def __repr__(self):
        return 'Nothing'
Nothing()
# %% fails
class Raises:
    def _repr_html_(self):
        raise KeyError('in html')
    def __repr__(self):
        return 'Raises'
Raises()
# %% fails
class BadRepr:
    def __repr__(self):
        raise ZeroDivisionError('in repr')
BadRepr()
# %%
class Displays:
    def _ipython_display_(self):
        print('displayed itself')
Displays()
# %%
class Png:
    def _repr_png_(self):
        return png, {'width': 5}
    def _repr_jpeg_(self):
        return b'jpeg'
Png()
# %%
class Pretty2:
    def _repr_pretty_(self, p, cycle):
        p.text('pretty')
[Pretty2(), Pretty2()]
# %%
get_ipython().display_formatter.formatters['text/html'].for_type(complex, lambda c: f'<b>{c}</b>')
1j
# %%
class Wrong:
    def _repr_html_(self):
        return 5
Wrong()
# %%
object()
# %%
%precision 3
3.14159265
""",
    house="display",
)
animal(
    "cell_magics_that_show",
    "%%html, %%latex, %%javascript, %%markdown, %%svg",
    r"""
%%html
<p>html</p>
# %%
%%latex
$x$
# %%
%%javascript
1
# %%
%%markdown
# md
# %%
%%svg
<svg/>
""",
    house="display",
)
animal(
    "captured",
    "%%capture keeps output out of the notebook and plays it back",
    r"""
%%capture kept
print('out')
import sys; print('err', file=sys.stderr)
display('shown')
'result'
# %%
print(repr(kept.stdout), repr(kept.stderr), len(kept.outputs))
kept.show()
# %%
from IPython.utils.capture import capture_output
with capture_output() as inner:
    print('inner')
    display(HTML('<b>inner</b>'))
inner.outputs[0].data
# %% fails
%%capture
print('lost')
raise ValueError('out of a captured cell')
""",
    house="display",
)

# --- results, names, history ---

animal(
    "fresh_names",
    "what a new notebook finds: names, module, doc string, no __file__",
    r"""
sorted(name for name in dir() if not name.startswith('_i'))
# %%
print(__name__, repr(__doc__), __package__, __spec__, __loader__, '__file__' in globals())
__builtins__
# %%
%who
# %%
%whos
# %%
import __main__, sys
x = 5
__main__.x, __main__.__dict__ is globals(), sys.modules['__main__'] is __main__
# %%
__main__, type(__main__).__name__, hasattr(__main__, '__file__'), globals()['__builtins__'] is sys.modules['builtins']
# %%
[type(exit).__name__, type(quit).__name__, open]
# %%
def fresh():
    return fresh.__module__, fresh.__globals__ is globals(), fresh.__code__.co_filename[-3:]
fresh()
""",
    house="names",
)
animal(
    "results",
    "Out, In, _, __, _i, and what does not count as a result",
    r"""
1 + 1
# %%
_ + 1
# %%
_, __, ___
# %%
Out
# %%
In[-1], _i, len(_ih)
# %%
5;
# %%
None
# %%
x = 1
# %%
x;  # a comment
# %%
'a'; 'b'
# %%
if True:
    'not shown'
# %%
get_ipython().ast_node_interactivity = 'all'
'all'
'two'
# %%
1
2
# %%
get_ipython().ast_node_interactivity = 'last_expr'
# %%
_ = 'own'
_
# %%
7
# %%
_
# %%
%history -n 1-3
# %%
%reset -f out
Out
""",
    house="results",
)
animal(
    "the_shell_itself",
    "how libraries find out that they run in a notebook",
    r"""
shell = get_ipython()
print(type(shell).__module__, type(shell).__name__, 'IPKernelApp' in shell.config)
print(hasattr(shell, 'kernel'), type(shell.kernel).__name__, shell.execution_count, shell.colors)
# %%
import IPython
IPython.get_ipython() is shell, shell.user_module.__name__, shell.user_ns is globals()
# %%
type(shell.display_pub).__name__, type(shell.displayhook).__name__, sorted(shell.user_ns_hidden)[:5]
# %%
shell.kernel.shell is shell, shell.kernel.implementation, shell.kernel.language_info['name']
# %%
shell.xmode, shell.pdb, shell.autocall, shell.history_manager.enabled, shell.autoawait
# %%
sorted(shell.magics_manager.magics['line'])[:200]
# %%
sorted(shell.magics_manager.magics['cell'])
# %%
shell.run_cell('print("inner"); 5').result
# %%
shell.run_cell_magic('capture', '', 'print(1)')
shell.run_line_magic('pinfo', 'len')
# %%
shell.ev('1 + 1'), shell.user_expressions({'a': '1/0'})['a']['status']
""",
    house="results",
)
animal(
    "events",
    "callbacks before and after cells",
    r"""
def before(info=None):
    print('before', info.raw_cell[:6] if info else '')
def after(result=None):
    print('after', result.success if result else '')
calls = {'pre_run_cell': before, 'post_run_cell': after, 'pre_execute': before, 'post_execute': after}
for event, call in calls.items():
    get_ipython().events.register(event, call)
# %%
print('within')
# %% fails
1 / 0
# %%
for event, call in calls.items():
    get_ipython().events.unregister(event, call)
# %%
'quiet again'
""",
    house="results",
)
animal(
    "help_and_pager",
    "help, ? and %page go to a pager that a notebook does not have; next input is offered to nobody",
    r"""
len?
# %%
len??
# %%
help(len)
# %%
?le*n
# %%
%page [1, 2]
# %%
get_ipython().set_next_input('x = 2')
# %%
%pinfo dict
# %%
%lsmagic
# %%
%recall 1
""",
    house="results",
)
animal(
    "line_magics",
    "magics that change the shell or the folder",
    r"""
%env ZOO=here
%env ZOO
# %%
import os
os.makedirs('below', exist_ok=True)
%cd -q below
os.path.basename(os.getcwd())
# %%
%cd -q ..
%alias greet echo hello %s
# %%
%greet you
# %%
greet you
# %%
%macro again 1-1
again
# %%
%load_ext autoreload
%autoreload 2
# %% fails
%config Application.verbose_crash
# %%
%config IPCompleter.use_jedi
# %%
%colors nocolor
# %%
%colors neutral
# %%
%xmode Plain
# %% fails
def f():
    1 / 0
f()
# %%
%xmode Minimal
# %% fails
f()
# %%
%xmode Verbose
# %% fails
f()
# %%
%xmode Context
# %% fails
%no_such_magic
# %% fails
%%no_such_cell_magic
x
# %% fails
%run
# %%
%automagic
""",
    house="results",
)

# --- errors ---

animal(
    "errors",
    "tracebacks of every shape; each cell may fail and the next one runs",
    r"""
# %% fails
def inner():
    return {}['missing']
try:
    inner()
except KeyError as error:
    raise ValueError('chained') from error
# %% fails
try:
    1 / 0
except ZeroDivisionError:
    undefined_name
# %% fails
x = = 1
# %% fails
def f(:
    pass
""",
    failing("  indented\nwrong"),
    r"""
# %% fails
print('open
# %% fails
value = 1
valu
# %% fails
import maths
# %% fails
from math import squareroot
# %% fails
''.joins
# %% fails
class Silent(Exception):
    def __str__(self):
        raise RuntimeError('no words')
raise Silent
# %% fails
class 错误(Exception):
    pass
raise 错误('县里的“错误” 🧪\n第二行')
# %% fails
raise ExceptionGroup('several', [ValueError(1), ExceptionGroup('inner', [TypeError(2)])])
# %% fails
error = ValueError('noted')
error.add_note('a note')
raise error
# %% fails
import sys
def deep(n):
    return deep(n + 1)
sys.setrecursionlimit(200)  # every layer of a traceback takes its time
try:
    deep(0)
finally:
    sys.setrecursionlimit(1000)
# %% fails
raise KeyboardInterrupt
# %% fails
raise KeyboardInterrupt('by hand')
# %% fails
raise Exception
# %% fails
assert 1 == 2, 'unequal'
# %% fails
raise 5
# %% fails
exec('1/0')
# %% fails
eval('1 +')
# %% fails
import json
json.loads('{')
# %% fails
raise StopIteration
# %% fails
raise GeneratorExit
# %% fails
raise BaseException('base')
# %% fails
class Html(Exception):
    def _render_traceback_(self):
        return ['own traceback']
raise Html
# %% fails
print('printed before')
display('shown before')
1 / 0
""",
    failing("1 / 0  # " + "long " * 100),
    r"""
# %% fails
return 5
# %% fails
await 5
# %% fails
yield 1
# %% fails
(lambda: (yield))().throw(ValueError('thrown'))
# %% fails
nonexistent.attribute





# far below
""",
    failing("\n\n\n1 / 0\n\n\n"),
    r"""
# %% fails
import warnings
with warnings.catch_warnings():
    warnings.simplefilter('error')
    warnings.warn('as an error')
# %%
import sys, traceback
try:
    1 / 0
except ZeroDivisionError:
    traceback.print_exc()
    print(traceback.format_exc())
# %% fails
%tb
# %%
print(type(sys.last_value).__name__, sys.exc_info())
# %%
get_ipython().set_custom_exc((KeyError,), lambda shell, kind, value, tb, tb_offset=None: print('custom', value))
# %% fails
{}['x']
""",
    house="errors",
)
animal(
    "stops_at_an_error",
    "the first error ends the notebook: marks are put in, later cells stay untouched",
    markdown("# title"),
    r"""
before = 1
# %%
print('partial')
display('x')
undefined
# %%
never = 1
""",
    markdown("after"),
    stops=True,
)
animal(
    "syntax_error_stops",
    "an error that is found before anything runs",
    r"""
print('fine')
""",
    code("print('never'\n"),
    stops=True,
)
animal(
    "interrupted",
    "SIGINT while a cell runs, at the place where it stands; the next cells run on",
    r"""
import signal, time, os
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
print(signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGPIPE), signal.getsignal(signal.SIGCHLD))
# %% fails
signal.raise_signal(signal.SIGINT)
# %%
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)
except KeyboardInterrupt:
    print('caught')
# %%
def rang(number, frame):
    print('alarm', number, frame.f_code.co_name)
signal.signal(signal.SIGALRM, rang)
signal.setitimer(signal.ITIMER_REAL, 0.05)
time.sleep(0.2)
# %%
'went on'
""",
    house="processes",
)
animal(
    "sys_exit_zero",
    "sys.exit(0): papermill takes it for success and leaves the rest unrun",
    r"""
print('before')
# %%
import sys
print('in it')
sys.exit(0)
# %%
print('never')
""",
    stops=True,
)
animal(
    "sys_exit_message",
    "sys.exit with a text is an error of papermill's",
    r"""
import sys
sys.exit('a reason')
# %%
print('never')
""",
    stops=True,
)
animal(
    "raise_system_exit",
    "SystemExit where errors are allowed: the notebook goes on",
    r"""
# %% fails
raise SystemExit(3)
# %%
'on'
# %% fails
exit_code = 0
raise SystemExit(exit_code)
# %%
'still'
""",
)

# --- warnings and logging ---

animal(
    "warnings",
    "what is warned of once, always, never; where; in whose name",
    r"""
import warnings
warnings.warn('plain')
warnings.warn('deprecated', DeprecationWarning)
warnings.warn('pending', PendingDeprecationWarning)
warnings.warn('resource', ResourceWarning)
# %%
for _ in range(3):
    warnings.warn('in a loop')
def f():
    warnings.warn('of the caller', FutureWarning, stacklevel=2)
f()
# %%
x = '\d'
1 is 1
# %%
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    warnings.warn('kept')
str(caught[0].message), caught[0].filename[-3:]
# %%
warnings.simplefilter('ignore')
warnings.warn('not shown')
warnings.simplefilter('default')
warnings.warn('shown')
# %%
warnings.formatwarning = lambda *parts, **more: 'own format\n'
warnings.warn('formatted')
# %%
import numpy as np
with np.errstate(all='warn'):
    print(np.array([1.0]) / 0)
""",
    house="warnings",
)
animal(
    "logging",
    "a fresh logging: no handlers, the handler of last resort, basicConfig works once",
    r"""
import logging
print(logging.root.handlers, logging.root.level, logging.root.disabled, logging.raiseExceptions)
print(logging.lastResort, logging.getLogger('fresh').getEffectiveLevel())
# %%
logging.getLogger('zoo').warning('without configuration')
logging.getLogger('zoo').info('too quiet')
# %%
logging.basicConfig(format='%(levelname)s|%(name)s|%(message)s', level=logging.INFO)
logging.info('configured')
logging.getLogger('zoo').info('now heard')
print(logging.root.handlers)
# %%
try:
    1 / 0
except ZeroDivisionError:
    logging.exception('with a traceback')
# %%
logging.captureWarnings(True)
import warnings
warnings.warn('through logging')
logging.captureWarnings(False)
# %%
import sys
handler = logging.StreamHandler(sys.stdout)
log = logging.getLogger('own')
log.addHandler(handler)
log.propagate = False
log.error('to stdout')
# %%
logging.getLogger('asyncio').error('of asyncio')
logging.getLogger('traitlets').warning('of traitlets')
logging.getLogger('ipykernel').warning('of ipykernel')
""",
    house="warnings",
)

# --- threads and processes ---

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

# --- input ---

animal(
    "asking",
    "nobody is there to answer: input, getpass and the debugger are refused",
    r"""
# %% fails
print('asking')
input('name: ')
# %% fails
import getpass
getpass.getpass()
# %% fails
import sys
sys.stdin.readline() or input()
# %% fails
get_ipython().kernel.raw_input('x')
""",
    house="errors",
)

animal(
    "debugger",
    "the debugger asks and is refused as well; without a channel it cannot run",
    r"""
# %% fails
breakpoint()
# %% fails
import pdb
pdb.set_trace()
# %% fails
1 / 0
# %% fails
%debug
# %%
%pdb
""",
    direct=False,
)

# --- objects and their sources ---

animal(
    "pickles",
    "objects of classes of the notebook, there and back",
    r"""
import pickle, copy, dataclasses, enum, typing, collections
@dataclasses.dataclass
class County:
    name: str
    score: float = 0.0
class Band(enum.Enum):
    GOOD = 1
Pair = collections.namedtuple('Pair', 'a b')
pickle.loads(pickle.dumps([County('某县', 1.5), Band.GOOD, Pair(1, 2)]))
# %% fails
pickle.dumps(lambda: 1)
# %%
County.__module__, County.__qualname__, repr(Band), typing.get_type_hints(County), copy.deepcopy(County('x'))
# %% fails
County()
# %%
pickle.dumps(County).hex()
""",
    house="objects",
)
animal(
    "cloud_pickles",
    "functions of the notebook pickled by value",
    r"""
import cloudpickle
factor = 3
f = cloudpickle.loads(cloudpickle.dumps(lambda n: n * factor))
f(14)
""",
    needs=("cloudpickle",),
)
animal(
    "sources",
    "inspect, linecache, doctest and the compiler see the source of cells",
    r"""
import inspect, linecache, doctest
def documented(n):
    '''
    >>> documented(2)
    5
    '''
    return n * 2  # a comment
print(inspect.getsource(documented))
# %%
class Here:
    def method(self):
        return 1
print(inspect.getsource(Here.method))
inspect.getsourcelines(documented)[1], documented.__code__.co_firstlineno
# %% fails
inspect.getsource(Here)
# %%
import re
re.sub('[0-9]+', 'n', inspect.getfile(documented))
# %%
doctest.testmod()
# %%
doctest.run_docstring_examples(documented, globals())
# %%
linecache.getline(documented.__code__.co_filename, 6)
# %%
inspect.currentframe().f_code.co_name, inspect.stack()[0].function, '__annotations__' in globals()
# %%
from __future__ import annotations
def hinted(x: NotThere): pass
hinted.__annotations__
# %%
def hinted(x: 'NotThere' = 1): pass
hinted.__annotations__
""",
    house="objects",
)
animal(
    "end_of_life",
    "weak references, garbage, things said when the kernel ends (lost)",
    r"""
import weakref, gc, atexit
class Thing:
    def __del__(self):
        print('deleted')
thing = Thing()
weakref.finalize(thing, print, 'finalized')
del thing
# %%
class Cycle:
    def __init__(self):
        self.me = self
    def __del__(self):
        print('collected')
Cycle()
None
# %%
Out.clear() if False else None
gc.collect() >= 0
# %%
atexit.register(print, 'at exit')
last = Thing()
# %%
gc.isenabled(), gc.get_threshold(), len(gc.callbacks) >= 0, gc.get_freeze_count() >= 0
""",
    house="objects",
)

# --- the surroundings ---

animal(
    "surroundings",
    "arguments, paths, folder, environment, locale of the process",
    r"""
import os, sys, re
[os.path.basename(sys.argv[0]), sys.argv[1], re.sub(r'.*[.]json$', 'file', sys.argv[2]), *sys.argv[3:]]
# %%
import argparse
parser = argparse.ArgumentParser()
parser.prog, len(parser.parse_known_args()[1])
# %%
sys.path[0], sys.path[-1] == sys.path[0], os.getcwd() == os.path.abspath(''), '' in sys.path
# %%
sys.path
# %%
limits = ('ARROW_', 'JE_ARROW_', 'OMP_', 'OPENBLAS_', 'MKL_', 'NUMEXPR_', 'PYDEVD_', 'BLIS_', 'VECLIB_')
sorted(name for name in os.environ if not name.startswith(limits))
# %%
{name: os.environ.get(name) for name in ('MPLBACKEND', 'TERM', 'CLICOLOR', 'CLICOLOR_FORCE', 'FORCE_COLOR', 'PAGER',
                                         'GIT_PAGER', 'PYTHONUNBUFFERED', 'PYTHONHASHSEED', 'PLOTLY_RENDERER',
                                         'ZOO_HOUSE')}
# %%
import locale
locale.setlocale(locale.LC_ALL, None), sys.getfilesystemencoding(), sys.flags.utf8_mode, locale.getencoding()
# %%
import resource, gc
[sys.getrecursionlimit(), sys.getswitchinterval(), oct(os.umask(0o022)), resource.getrlimit(resource.RLIMIT_NOFILE)]
# %%
import tempfile, pathlib
pathlib.Path('written.txt').write_text('x')
sorted(p.name for p in pathlib.Path().iterdir())
# %%
import tracemalloc, faulthandler
tracemalloc.is_tracing(), faulthandler.is_enabled(), sys.dont_write_bytecode, sys.flags
# %%
sys.executable == sys.orig_argv[0], os.path.basename(sys.executable), sys.prefix != sys.base_prefix
# %%
import subprocess
asked = 'import sys, os; print(sys.path[0], len(sys.path), os.environ.get("MPLBACKEND"), sys.flags.safe_path)'
subprocess.run([sys.executable, '-c', asked], capture_output=True, text=True).stdout
""",
    house="surroundings",
)

animal(
    "versions",
    "which ipykernel answers: the oldest one is tried from a folder of its own",
    r"""
import ipykernel, IPython
ipykernel.__version__, ipykernel.version_info[:2], ipykernel.kernel_protocol_version
""",
    house="surroundings",
)
# --- pictures and tables ---

animal(
    "matplotlib_inline",
    "figures appear after their cell, without show; the backend is chosen by the environment",
    r"""
import matplotlib
import matplotlib.pyplot as plt
matplotlib.get_backend()
# %%
plt.plot([1, 2, 3])
# %%
fig, ax = plt.subplots(figsize=(2, 1))
ax.bar([1, 2], [3, 4]);
# %%
fig
# %%
for n in range(2):
    plt.figure(figsize=(1, 1))
    plt.plot([n])
print('before the figures')
plt.show()
print('after')
# %%
plt.figure(figsize=(1, 1))
plt.close()
plt.get_fignums()
# %% fails
plt.figure(figsize=(1, 1))
plt.plot([1])
raise ValueError('with an open figure')
# %%
%matplotlib inline
%config InlineBackend.figure_format = 'retina'
plt.figure(figsize=(1, 1)); plt.plot([5]);
# %%
%config InlineBackend.rc = {'figure.figsize': (1, 1)}
plt.rcParams['figure.figsize'], plt.isinteractive()
# %%
%config InlineBackend.close_figures = False
kept = plt.figure(); plt.plot([1]); plt.gcf() is kept
""",
    needs=("matplotlib",),
)
animal(
    "pandas_tables",
    "frames, styles, wide and long, Chinese, missing values",
    r"""
import pandas as pd
frame = pd.DataFrame({'县': ['甲', None], 'score': [1.5, float('nan')]}, index=['a', 'b'])
frame
# %%
frame.style.format(precision=1).highlight_max(subset=['score'])
# %%
display(frame, frame['score'])
frame.T
# %%
pd.DataFrame({'n': range(200)})
# %%
print(frame)
# %%
pd.set_option('display.max_rows', 4)
pd.DataFrame({'n': range(9)})
# %%
frame.info()
# %%
frame.style.set_caption('two')
""",
    house="tables",
)
animal(
    "plotly_figures",
    "plotly's mime type, by show and as a result; figures with numpy and dates",
    r"""
import plotly.graph_objects as go, plotly.io as pio
pio.renderers.default
# %%
go.Figure(go.Bar(x=['甲', '乙'], y=[1, 2]), layout={'title': {'text': '图'}})
# %%
import numpy as np
go.Figure(go.Scatter(x=np.arange(3), y=np.array([1.0, np.nan, 2.0]))).show()
print('after')
# %%
pio.show({'data': [{'type': 'bar', 'y': [1]}]})
# %%
from IPython.display import HTML
HTML(go.Figure(go.Bar(y=[1])).to_html(full_html=False, include_plotlyjs=False))
""",
    house="tables",
)

# --- notebooks of strange shape ---

animal(
    "shapes_of_cells",
    "empty, blank and comment-only cells, skipped cells, raw cells, attachments, stale outputs",
    code(""),
    code("   \n\t"),
    code("# only a comment"),
    code("print('skipped')", "skip-execution"),
    v4.new_raw_cell("raw {{ text }}"),
    markdown("![x](attachment:x.png)", attachments={"x.png": {"image/png": "iVBORw0KGgo="}}),
    code("'fresh'", execution_count=41, outputs=[v4.new_output("stream", name="stdout", text="stale")]),
    code("pass", execution_count=42, outputs=[v4.new_output("stream", name="stdout", text="stale")]),
    code("", execution_count=43, outputs=[v4.new_output("stream", name="stdout", text="stale in an empty cell")]),
    code("'hidden'", "hide-input", "标签"),
    code("# papermill_description=described cell\n'described'"),
    v4.new_code_cell("'own metadata'", metadata={"collapsed": True, "own": {"a": [1]}, "papermill": {"old": 1}}),
    v4.new_code_cell("'own timing'", metadata={"execution": {"iopub.status.busy": "of old", "own": "1"}}),
    code("\n\n'blank lines around'\n\n"),
    code("'carriage return'\r\n'line ends'"),
    code("\tif_tab = 1"),
    code("x = 1 \\\n+ 1\nx"),
    failing("\ufeff'byte order mark'"),
    house="shapes",
    metadata={"authors": [{"name": "某人"}], "own": 1, "language_info": {"name": "python", "version": "2"}},
)
animal(
    "parameters_awkward",
    "quotes, line ends, unicode, numbers, nothing, lists as parameters",
    r"""
# %% parameters
text = ''
number = 0
# %%
text, number, flag, nothing, many, some, real, quoted, injected
""",
    parameters={
        "text": "县\n'单' \"双\" \\ {x} \t🧪",
        "number": 330107,
        "flag": True,
        "nothing": None,
        "many": [1, "二", [3.5]],
        "some": {"k": {"甲": [None]}},
        "real": 1e300,
        "quoted": "010101",
        "injected": "'; print('no') #",
    },
)
animal(
    "parameters_no_cell",
    "no cell tagged parameters: they are put in front",
    markdown("# title"),
    "x + 1",
    parameters={"x": 41},
)
animal(
    "parameters_two_cells",
    "two tagged cells and an old injected one, which is replaced",
    code("a = 1", "parameters"),
    code("# Parameters\na = 99\n", "injected-parameters"),
    code("a = 2\nb = 3", "parameters"),
    "a, b",
    parameters={"a": 10},
)
animal(
    "old_format",
    "format 4.4: cells have no ids, papermill draws them",
    r"""
# %% parameters
a = 1
# %%
a
# %%
1 / 0
""",
    parameters={"a": 5},
    stops=True,
    ignore=("id",),
    format=4,
)
animal(
    "run_again",
    "a notebook that failed before: papermill's marks of then are taken out",
    markdown("An Exception was encountered", "papermill-error-cell-tag"),
    code("a = 1", "parameters"),
    markdown("stopped here", "papermill-error-cell-tag"),
    code("a + 1", execution_count=1, outputs=[v4.new_output("error", ename="E", evalue="old", traceback=["old"])]),
    metadata={"papermill": {"exception": True, "parameters": {"a": 0}, "version": "2.0", "duration": 3.5, "own": 1}},
)


# --- houses ---


@dataclass(frozen=True, slots=True)
class House:
    """One notebook with its animals."""

    name: str
    animals: tuple[Animal, ...]

    @property
    def notebook(self) -> Any:
        """A new notebook of format 4; cells carry the name of their animal, ids say where they stand."""
        made = v4.new_notebook(metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        })  # fmt: skip
        for one in self.animals:
            made.metadata.update(nbformat.from_dict(dict(one.metadata)))
            for cell in one.cells:
                cell = nbformat.from_dict(json.loads(json.dumps(cell)))
                cell.metadata["zoo"] = one.name
                cell.id = f"cell-{len(made.cells) + 1}"
                made.cells.append(cell)
        made.nbformat_minor = self.animals[0].format
        if made.nbformat_minor < 5:
            for cell in made.cells:
                del cell["id"]
        return made

    @property
    def parameters(self) -> Mapping[str, Any] | None:
        return self.animals[0].parameters

    @property
    def ignore(self) -> tuple[str, ...]:
        return self.animals[0].ignore

    @property
    def stops(self) -> bool:
        return any(one.stops for one in self.animals)

    @property
    def direct(self) -> bool:
        return all(one.direct for one in self.animals)

    @property
    def needs(self) -> list[str]:
        """Modules that are not installed here."""
        return [name for one in self.animals for name in one.needs if importlib.util.find_spec(name) is None]


def houses(names: Iterable[str] = ()) -> list[House]:
    """All houses, or those of the given names (of houses or animals)."""
    together: dict[str, list[Animal]] = {}
    for one in ANIMALS:
        together.setdefault(one.house or one.name, []).append(one)
    wanted = set(names)
    every = [House(name, tuple(animals)) for name, animals in together.items()]
    return [house for house in every if not wanted or wanted & {house.name, *(one.name for one in house.animals)}]


# --- running ---


@dataclass(frozen=True, slots=True)
class Ran:
    """`notebook`: as papermill left it, None if it left none. `raised`: the class of what papermill raised, "" =
    nothing. `said`: what papermill's log was told.
    """

    notebook: Any
    raised: str
    said: tuple[str, ...] = ()


class _Listening(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def run(house: House, folder: Path, engine: str | None) -> Ran:
    """Runs a house through papermill. `folder` is made and is the working folder; its name can be seen in notebooks, so
    runs that are to be compared take turns in one place.
    """
    import papermill

    folder.mkdir(parents=True)
    before = Path.cwd()
    os.chdir(folder)
    os.environ["ZOO_HOUSE"] = house.name
    log, listening = logging.getLogger("papermill"), _Listening()
    log.addHandler(listening)
    level = log.level
    log.setLevel(logging.INFO)
    raised = ""
    try:
        Path("in.ipynb").write_text(json.dumps(house.notebook), encoding="utf-8")
        try:
            papermill.execute_notebook(
                "in.ipynb", "out.ipynb", dict(house.parameters) if house.parameters else None, engine_name=engine,
                progress_bar=False, execution_timeout=60,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001 – whatever it is has to be the same by both ways
            raised = type(error).__name__
    finally:
        log.removeHandler(listening)
        log.setLevel(level)
        os.chdir(before)
    return Ran(left(folder), raised, tuple(listening.said))


def left(folder: Path) -> Any:
    """The notebook that a run left in its folder."""
    out = folder / "out.ipynb"
    return nbformat.read(out, 4) if out.exists() else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs houses and leaves FOLDER/HOUSE/out.ipynb and FOLDER/runs.json."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("engine")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    given = parser.parse_args(arguments)
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(**SAME, IPYTHONDIR=str(folder / ".ipython"))
    runs = {}
    for house in houses(given.names):
        if not house.needs:
            ran = run(house, folder / house.name, given.engine)
            runs[house.name] = {"raised": ran.raised, "said": ran.said}
    (folder / "runs.json").write_text(json.dumps(runs, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
