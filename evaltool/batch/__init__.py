"""Any parameterised notebook, many at a time, each as papermill would run it; knows nothing of counties."""
