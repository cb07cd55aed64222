"""Answers out of few words: yes or no, and the options of a choice."""

from __future__ import annotations

import re
from typing import Any

from evaltool.facts import State
from evaltool.intake.entries.characters import folded
from evaltool.intake.entries.readings import Reading, legible, refused, understood
from evaltool.intake.names import simplified
from evaltool.scheme.fields import FieldDef

# what cannot mean anything else as an answer to a question; 1 and 0 may be numbers, 已 and 未 half a sentence
YES = frozenset({"是", "有", "√", "✓", "✔", "☑", "对", "是的", "y", "yes", "true"})
NO = frozenset({"否", "无", "×", "✗", "✘", "没有", "不是", "n", "no", "false"})
_ABOUT = re.compile(r"[/、，,；;]|或|和")


def truth(item: FieldDef, raw: Any, text: str) -> Reading:
    """Yes or no."""
    if text in ("是", "否"):
        return Reading(text == "是", State.FILLED)
    word = "" if isinstance(raw, int | float) and not isinstance(raw, bool) else simplified(folded(text)).lower()
    if word in YES or word in NO:
        yes = word in YES
        return understood(item.name, yes, text, "是" if yes else "否")
    what = f"“{item.name}”要填“是”或“否”，现在是“{legible(text)}”"
    return refused("D103", what, "从下拉列表里选")


def choice(item: FieldDef, text: str) -> Reading:
    """One of the options; spaces, brackets, width, traditional characters and a full stop at the end do not matter."""
    if text in item.options:
        return Reading(text, State.FILLED)
    word = simplified(folded(text))
    fitting = [option for option in item.options if simplified(folded(option)) == word]
    if len(fitting) == 1 and word:
        return understood(item.name, fitting[0], text, fitting[0])
    what = f"“{item.name}”的可选项是{'、'.join(item.options)}，现在是“{legible(text)}”"
    several = [option for option in item.options if option in text]
    two = len(several) > 1 and bool(_ABOUT.search(text))
    return refused("D103", what, "只选一项，从下拉列表里选" if two else "从下拉列表里选")
