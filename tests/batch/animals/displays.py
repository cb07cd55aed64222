"""Animals of the zoo: displays."""

from __future__ import annotations

from tests.batch.animals import animal

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
