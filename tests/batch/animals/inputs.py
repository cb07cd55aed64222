"""Animals of the zoo: input."""

from __future__ import annotations

from tests.batch.animals import animal

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
