"""Animals of the zoo: the surroundings."""

from __future__ import annotations

from tests.batch.animals import animal

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
limits = ('ARROW_', 'JE_ARROW_', 'OMP_', 'OPENBLAS_', 'MKL_', 'NUMEXPR_', 'PYDEVD_', 'BLIS_', 'VECLIB_', 'EVALTOOL_')
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
