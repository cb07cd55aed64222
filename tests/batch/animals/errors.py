"""Animals of the zoo: errors."""

from __future__ import annotations

from tests.batch.animals import animal, code, failing, markdown

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
