"""Animals of the zoo: objects and their sources."""

from __future__ import annotations

from tests.batch.animals import animal

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
