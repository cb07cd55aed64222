"""Limits inside a condition: `达到90%以上`, `80%（含）-90%`, `不少于5家`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from evaltool.importing.proposal import Field
from evaltool.importing.sentences import N, flat
from evaltool.quantities import Exact, decimal_text, parse_plain

# units of the paper that the vocabulary has no word for
NEAREST = {"名": "人", "处": "个", "条": "项", "例": "个", "起": "次", "篇": "份", "期": "次", "村": "个", "所": "个",
           "站": "个", "日": "天", "届": "次"}  # fmt: skip

_UNIT = r"%|个百分点|[个家户件次份笔项人场天处条名例起篇期村所站日届]|人次|平方米|万元|亿元|元"
_INSIDE = r"(?:[(](?P<{}>不?含)[^)]{{0,6}}[)])?"
_UP = r"≥|>=|不低于|不少于|不小于|达到|达|完成|至少|大于等于|为|是"
_MORE = r">|超过|高于|大于|多于|超"
_DOWN = r"≤|<=|不超过|不高于|不多于|不大于|小于等于|控制在"
_LESS = r"<|低于|少于|小于|不足|未达到|未达|达不到|不到"
_ONE = re.compile(
    rf"(?P<of>.*?)(?P<sign>{_DOWN}|{_UP}|{_LESS}|{_MORE}|=)?(?P<a>{N})(?P<unit>{_UNIT})?{_INSIDE.format('ia')}"
    r"(?P<side>(?:[(]含[)])?(?:及)?(?:以上|以下|以内|之内))?[(]?(?P<ib>不?含)?(?:本数|\d+%?)?[)]?(?P<what>[^\d%]{0,16})"
)
_TWO = re.compile(
    rf"(?P<of>.*?)(?:在|为|介于|≥|>=)?(?P<a>{N})(?P<ua>{_UNIT})?{_INSIDE.format('ia')}(?:以上)?"
    rf"[-~至到—,]+(?:不足|<|低于)?(?P<b>{N})(?P<ub>{_UNIT})?"
    rf"{_INSIDE.format('ib')}(?:之间|以下|区间|以内)?(?:的)?(?P<what>[^\d%]{{0,12}})"
)
_BETWEEN = re.compile(
    rf"(?P<a>{N})(?P<ua>{_UNIT})?(?P<ia>≤|<|<=)(?P<of>[^\d≤<]*)(?P<ib>≤|<|<=)(?P<b>{N})(?P<ub>{_UNIT})?(?P<what>)"
)
_PARTED = ("%", "个百分点", "元", "万元", "亿元", "平方米")  # units that come in parts; all others are counted


@dataclass(frozen=True)
class Threshold:
    """One limit or a range of a number.

    low, high    the ends; None where open. `has_low`/`has_high`: whether the end itself belongs to it
    vague        an end of a range of which the paper does not say to which side it belongs
    """

    of: str
    unit: str
    low: Exact | None = None
    high: Exact | None = None
    has_low: bool = True
    has_high: bool = False
    vague: bool = False

    @property
    def up(self) -> bool:
        return self.low is not None

    @property
    def text(self) -> str:
        """The limit as the language writes it."""
        value = self.low if self.low is not None else self.high
        assert value is not None
        return decimal_text(value) + ("%" if self.unit in ("%", "个百分点") else "")


def read(condition: str) -> Threshold | None:
    """The limit that a condition names, or None where it names none or more than one."""
    told = flat(condition).strip(",;。的")
    if not told:
        return None
    if found := _BETWEEN.fullmatch(told):
        unit = found["ub"] or found["ua"] or ""
        low, high = parse_plain(found["a"]), parse_plain(found["b"])
        return Threshold(_of(found), unit, low, high, found["ia"] != "<", found["ib"] != "<") if unit else None
    if found := _TWO.fullmatch(told):
        a, b = parse_plain(found["a"]), parse_plain(found["b"])
        unit = found["ub"] or found["ua"] or ""
        if not unit or (found["ua"] or unit) != unit:
            return None
        ends = {a: found["ia"], b: found["ib"]}
        low, high = min(a, b), max(a, b)
        vague = not ends[low] and not ends[high]
        has_low = ends[low] == "含" or (ends[low] is None and ends[high] != "含")
        return Threshold(_of(found), unit, low, high, has_low, not has_low or ends[high] == "含", vague)
    found = _ONE.fullmatch(told)
    if not found or not found["unit"] or re.search(r"\d", found["of"]):
        return None
    value, unit, sign, side = parse_plain(found["a"]), found["unit"], found["sign"] or "", found["side"] or ""
    without = "不含" in (found["ia"] or "", found["ib"] or "")
    if re.fullmatch(_LESS, sign):
        return Threshold(_of(found), unit, high=value, has_high=False)
    if re.fullmatch(_DOWN, sign) or "以内" in side or "之内" in side:
        return Threshold(_of(found), unit, high=value, has_high=not without)
    if "以下" in side:
        return Threshold(_of(found), unit, high=value, has_high=not without, vague=not found["ia"])
    if re.fullmatch(_MORE, sign):
        return Threshold(_of(found), unit, low=value, has_low=False)
    if sign or side or (unit == "%" and value == 100):
        return Threshold(_of(found), unit, low=value, has_low=not without)
    return None


def _of(found: re.Match[str]) -> str:
    return (found["of"] + found["what"]).strip("的,;()以上 ")


def plain_count(told: str, unit: str) -> Exact | None:
    """The only number of a text, if it counts this unit: `有1个淘宝村`; years and document numbers are none."""
    found = re.findall(rf"(?<![\d.])({N})(?={unit})", re.sub(r"[〔\[(]\d{{4}}[〕\])]\d*号?|\d{4}年", "", told))
    return parse_plain(found[0]) if len(found) == 1 else None


def ladder(
    upper: list[tuple[Threshold, Exact]], lower: list[tuple[Threshold | None, Exact | None]]
) -> tuple[list[tuple[str, str, Exact]], Exact | None] | str:
    """Steps from the highest down (limit, key, points) and what is given below the last; or why they do not join.

    `lower` are the parts that give nothing or take away (低于80%, 否则, 没有), with what they leave.
    """
    if any(value is None for _, value in lower):
        return "扣多少分看不清"
    every = [*upper, *((limit, value) for limit, value in lower if limit is not None and value is not None)]
    words = {value for limit, value in lower if limit is None}
    if len({limit.unit for limit, _ in every}) != 1:
        return "各档的单位不一样"
    if all(limit.low is None for limit, _ in upper):
        return "各档都是上限，没有替它拟规则"
    every.sort(key=lambda pair: -1 if pair[0].low is None else pair[0].low, reverse=True)
    if every[0][0].high not in (None, 100):
        return "最高一档以上给几分没有写"
    steps: list[tuple[str, str, Exact]] = []
    for i, (limit, value) in enumerate(every):
        beneath = every[i + 1][0] if i + 1 < len(every) else None
        if limit.low is None or limit.low == 0:
            if beneath is not None or words:
                return "最低一档说了两次"
            return steps, value
        key = _key(limit, beneath)
        if key is None:
            return f"{limit.text} 上下两档接不上"
        steps.append((limit.text, key, value))
    return (steps, words.pop() if words else None) if len(words) < 2 else "最低一档说了两次"


def _key(limit: Threshold, beneath: Threshold | None) -> str | None:
    """How a step is written, by who owns its lower end, the step or the one beneath; None for both or neither."""
    if beneath is None or beneath.high is None:
        return "at_least" if limit.has_low else "more_than"
    if limit.unit not in _PARTED and beneath.high + 1 == limit.low and limit.has_low:  # 3-4 家, 5 家
        return "at_least"
    if beneath.high != limit.low:
        return None
    if limit.has_low:
        return "at_least" if not beneath.has_high or beneath.vague else None
    return "more_than" if beneath.has_high or beneath.vague else None


def measure(limit: Threshold, name: str) -> Field:
    """The field that holds the number which a limit speaks of."""
    said = f"{name}：{limit.of}" if limit.of and limit.of not in name else name
    if limit.unit in ("%", "个百分点"):
        return Field("rate", said, "share")
    return counted("count", said, limit.unit)


def counted(suffix: str, name: str, unit: str) -> Field:
    """A number of things or of money; a unit that the vocabulary has no word for gets the nearest, and says so."""
    if unit in ("元", "万元", "亿元"):
        return Field(suffix, name, "money", unit)
    word = NEAREST.get(unit, unit)
    kind = "number" if word == "平方米" else "count"
    return Field(suffix, name, kind, word, note="" if word == unit else f"纸上的单位是“{unit}”")
