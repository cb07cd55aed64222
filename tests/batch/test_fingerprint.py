"""Fingerprints: what counts as the same parts and what as others."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaltool.batch.ledger import (
    fingerprint,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def turned(value):
    """The same, with the keys of every mapping the other way round."""
    if isinstance(value, dict):
        return {key: turned(item) for key, item in reversed(value.items())}
    return [turned(item) for item in value] if isinstance(value, list) else value


@settings(max_examples=40)
@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_the_order_of_parts_does_not_matter(parts):
    assert fingerprint(parts) == fingerprint(turned(parts))


@settings(max_examples=40)
@given(st.dictionaries(st.text(), JSON, max_size=4), st.dictionaries(st.text(), JSON, max_size=4))
def test_any_change_of_parts_matters(one, other):
    assert (fingerprint(one) == fingerprint(other)) == (repr(sorted_all(one)) == repr(sorted_all(other)))


def sorted_all(value):
    if isinstance(value, dict):
        return [(key, sorted_all(item)) for key, item in sorted(value.items())], dict
    return [sorted_all(item) for item in value] if isinstance(value, list) else value


def test_values_that_only_look_alike_differ():
    values = [1, 1.0, "1", True, None, "", [], {}, [1], {"1": 1}, ["1"], "é", "e\u0301", "\ud800"]
    assert len({fingerprint({"x": value}) for value in values}) == len(values)


@pytest.mark.parametrize("part", [float("nan"), float("inf"), b"x", {1, 2}, Path("x"), {1: "x"}, [{"a": {2: 3}}]])
def test_what_has_no_one_form_has_no_fingerprint(part):
    with pytest.raises((TypeError, ValueError)):
        fingerprint({"x": part})
