"""Animals of the zoo: the shell and other programs."""

from __future__ import annotations

from tests.batch.animals import animal

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
