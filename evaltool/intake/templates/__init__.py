"""The workbooks that go out: county templates, the 省级认定表, and how they look."""
