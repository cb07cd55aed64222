"""Animals of the zoo: pictures and tables."""

from __future__ import annotations

from tests.batch.animals import animal

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
animal(
    "wide_frames",
    "pandas looks, when it is imported, whether it is in a notebook: a wide table as text comes out otherwise",
    r"""
import pandas as pd
wide = pd.DataFrame({f'column {n}': [n * 1.5, n] for n in range(40)})
print(wide)
wide
# %%
pd.get_option('display.max_columns'), pd.get_option('display.width')
""",
    house="tables",
)
