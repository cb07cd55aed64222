"""Animals of the zoo: warnings and logging."""

from __future__ import annotations

from tests.batch.animals import animal

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
