"""Animals of the zoo: text."""

from __future__ import annotations

from tests.batch.animals import animal

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
