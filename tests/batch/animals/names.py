"""Animals of the zoo: results, names, history."""

from __future__ import annotations

from tests.batch.animals import animal

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
