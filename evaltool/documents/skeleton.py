"""A commented skeleton of a new edition: three files that load and whose cases pass."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import indicators
from evaltool.files import write_text
from evaltool.scheme import Scheme, load, load_folder, schemas
from evaltool.scheme.layering import find_upper

_LANGUAGE = "# yaml-language-server: $schema=../../../schema/{}.schema.json"
_SCHEME = """\
{language}
# 指标体系的规则。每个数字旁边写出处（cite），出处的条款列在 sources.yaml。逐键说明见 indicators/README.md。
# 下面是能装载、算例能通过的小例子；一段一段换成文件里的内容，随时运行 evaltool check 和 evaltool test。
format: 1
id: {id}                 # 发文方/体系，定了不改
name: {name}              # 中文名，可以改
valid_from: {day}           # 施行日期，与文件夹名一致
valid_to: null                  # 没有止期写 null；有新文件替换时填
status: draft                   # draft 没有写完；official 分值和规则都出自文件；reference 一部分是我们拟的（另写 ours）
subject: 县                     # 评的是什么：县、乡镇、企业、项目……
results: {{total: TOTAL, grade: GRADE}}   # 哪个指标是总分、哪个是等次；没有的不写

# 空白算什么：pending 待定、zero 零、no 否、out 不计。文件写了的写 cite，没写的写 question（见最下面）。
blank: {{means: pending, question: Q1}}

# 字段：凡是要人填的，一项一个字段。type 有 count money number share yesno choice date text points。
# filled_by 写 county（不写即是）、reviewer 或 province。
fields:
  built:   {{name: 已建站点的村数, type: count, unit: 个, evidence: [台账], cite: [WJ/1]}}
  village: {{name: 行政村数, type: count, unit: 个, cite: [WJ/1]}}
  plan:    {{name: 实施方案已印发, type: yesno, evidence: [印发文件], cite: [WJ/2]}}

# 清单：一次填报里有许多行的内容（项目、月报、支出）。用不着就不写这一段。
# lists:
#   projects: {{name: 项目, rows_from: subject, columns: {{paid: {{name: 已付, type: money, unit: 万元}}}}, cite: [WJ/1]}}

# 指标：一级、二级、三级写法相同，in 指向上一级，分值逐级加得起来。
# 没有 rule 的，“是”得满分；规则种类有 checklist levels steps proportional linear curve range per_unit rank relative delegated。
indicators:
  TOTAL: {{name: 总分, points: 100, combine: sum, cite: [WJ/1]}}
  A:
    name: 站点覆盖率
    in: TOTAL
    points: 60
    value: built / village
    unit: 占比
    rule: {{kind: proportional, target: 80%}}
    cite: [WJ/1]
  B: {{name: 组织保障, in: TOTAL, points: 40, value: plan, cite: [WJ/2]}}
  GRADE:
    name: 等次
    value: TOTAL
    rule:
      kind: steps               # 从上往下，第一档成立的算数；at_least 含本数，more_than 不含
      steps:
        - {{at_least: 60, gives: 合格}}
        - {{otherwise: true, gives: 不合格}}
    cite: [WJ/3]

# 情形：一票否决等。改变等次的，在等次指标里写 overrides: [{{when: V1, gives: 不合格}}]。
# events:
#   V1: {{name: 弄虚作假, when: fake, cite: [WJ/3]}}

# 后果：文件说成立以后怎样办。verb 写 shall（应）或 may（可）。
consequences:
  - {{when: GRADE == '不合格', do: [rectify], verb: shall, cite: [WJ/3]}}

# 资金、阶段、职责（funds stages duties）与分数无关，有才写。

# 文件没有说清的：写上我们的读法；还没有读法写 null。
open_questions:
  Q1: {{clause: WJ/2, question: 没有填的项怎样计分, reading: 待补，不按零计}}

# 读到了而不写成规则的条款，写理由。
not_scored:
  WJ/4: 附则，没有分值
"""
_SOURCES = """\
{language}
# 文件和条款。短名（这里是 WJ）自己起；条款照纸上的编号写，每条一句我们自己的话。
# 不知道的写 unknown。单位内部用时，可在条款里加 text: 放原文。
format: 1
WJ:
  title: {title}
  number: unknown
  issuer: unknown
  issued: unknown
  clauses:
{clauses}
"""
_CLAUSES = """\
    "1": {gist: 满分 100；站点覆盖率 60 分，覆盖八成的村得满分，不到的按比例}
    "2": {gist: 印发实施方案得 40 分}
    "3": {gist: 60 分以上合格，含 60；不合格的应当整改}
    "4": {gist: 施行日期}"""
_CASES = """\
{language}
# 算例：填这些，应当得出那些。base 是一份填全的表，given 只写改动的格，expect 写应得的结果。
# 每条分数线两个算例：正好在线上，和差最小一个单位。evaltool test --strict 指出还缺哪些。
format: 1
base: {{built: 80, village: 100, plan: 是}}
cases:
  - {{name: 正好八成, expect: {{A: 60, B: 40, TOTAL: 100, GRADE: 合格}}, expect_do: []}}
  - {{name: 差一个村, given: {{built: 79}}, expect: {{A: 59.25}}}}
  - {{name: 没有方案，正好 60 分, given: {{plan: 否}}, expect: {{B: 0, TOTAL: 60, GRADE: 合格}}}}
  - {{name: 没有方案又差一个村, given: {{plan: 否, built: 79}}, expect: {{TOTAL: 59.25, GRADE: 不合格}}, expect_do: [rectify]}}
  - {{name: 没填待定, given: {{plan: 未填}}, expect: {{B: [0, 40], GRADE: 合格}}}}
"""
_AMENDS = """\
{language}
# 修改通知：只写改了什么，其余照 {upper}。每一处改动写 cite，条款列在本文件夹的 sources.yaml。
# 被修改的版本到本通知施行的前一天为止。
format: 1
amends: {upper}
valid_from: {day}
valid_to: null

# set：位置 → 改成什么。位置从原版的段名写起，一层一个点，例如
#   indicators.A.points: {{to: 50, cite: [WJ/1]}}
#   indicators.A.rule.steps.0.at_least: {{to: 70%, cite: [WJ/1]}}
set:
  {path}: {{to: {note}, cite: [WJ/1]}}

# add：增加的字段、指标、职责……写法与原版相同，每一项写自己的 cite；drop：位置 → {{cite: […]}}，删去的内容。
# add:
#   fields:
#     more: {{name: 新字段, type: count, unit: 个, cite: [WJ/1]}}
# drop:
#   indicators.X: {{cite: [WJ/1]}}
"""
_EXTENDS = """\
{language}
# 下级细则：在 {upper} 之上，只能动上级放开（open）的内容，按放开的方向。每一处改动写 cite。
format: 1
extends: {upper}
id: {id}
name: {name}
valid_from: {day}
valid_to: null
status: draft                   # 写完以后改成 official 或 reference

# 上级放开的：
{open}
# set：位置 → 改成什么，例如  indicators.A.rule.target: {{to: 75%, cite: [WJ/1]}}
# set:

# add：增加的内容；不动分数的待定问题和不打分的条款总可以写。
add:
  not_scored:
    WJ/1: 没有分值
"""
_FEW_CASES = """\
{language}
# 上级的算例仍然要成立；改动使它不再成立的，在这里写一个同名的算例替换它。
format: 1
base: {{}}
cases: []
"""


def default_root() -> Path:
    """Where a draft goes: among the built-in editions in a checkout that may be written, else `editions` here."""
    root = Path(str(indicators.root()))
    checkout = (root.parent / ".git").exists() and os.access(root, os.W_OK)
    return root if checkout else Path("editions")


def write_draft(
    root: Path, scheme_id: str, day: dt.date, editions: Sequence[Path] = (), *, extends: str = "", amends: str = ""
) -> Path:
    """The three files in root/ISSUER/SCHEME/DATE, and the schemas for editors beside them; returns the folder.

    Raises FileExistsError where something lies there, ValueError for an upper edition that does not fit.
    """
    folder = root.joinpath(*scheme_id.split("/"), day.isoformat())
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} 已经有内容，不会覆盖；换一个日期或文件夹，或先把它移走")
    texts = _changing(root, scheme_id, day, editions, extends, amends) if extends or amends else _whole(scheme_id, day)
    for name, text in texts.items():
        write_text(folder / name, text)
    if not (root / "schema").is_dir():
        schemas.write(root / "schema")
    return folder


def _language(name: str) -> str:
    return _LANGUAGE.format(name)


def _whole(scheme_id: str, day: dt.date) -> dict[str, str]:
    name = "（写上中文名）"
    return {
        "scheme.yaml": _SCHEME.format(language=_language("scheme"), id=scheme_id, name=name, day=day),
        "sources.yaml": _SOURCES.format(language=_language("sources"), title="（写上文件标题）", clauses=_CLAUSES),
        "cases.yaml": _CASES.format(language=_language("cases")),
    }


def _changing(
    root: Path, scheme_id: str, day: dt.date, editions: Sequence[Path], extends: str, amends: str
) -> dict[str, str]:
    if extends and amends:
        raise ValueError("--extends 和 --amends 只写一个")
    upper = _upper(root, extends or amends, editions)
    if amends and upper.id != scheme_id:
        raise ValueError(f"修改通知的编号要与被修改的一致，写 {upper.id}")
    if extends and upper.id == scheme_id:
        raise ValueError("下级的细则要有自己的编号")
    if amends and day <= upper.edition.valid_from:
        raise ValueError(f"修改通知的施行日期要晚于 {upper.edition.valid_from}")
    if "WJ" in upper.sources:
        short = next(f"WJ{i}" for i in range(2, 100) if f"WJ{i}" not in upper.sources)
    else:
        short = "WJ"
    first = next(iter(upper.indicators or upper.edition.fields))
    path = f"{'indicators' if upper.indicators else 'fields'}.{first}.note"
    opened = "\n".join(f"#   {where}: {way}" for where, way in upper.edition.open.items()) or "#   （没有）"
    words: dict[str, Any] = {
        "upper": extends or amends, "id": scheme_id, "name": "（写上中文名）", "day": day, "path": path,
        "note": "（写上改成什么）", "open": opened, "language": _language("scheme"),
    }  # fmt: skip
    clauses = '    "1": {gist: （用自己的话写这一条说什么）}'
    made = {
        "scheme.yaml": (_AMENDS if amends else _EXTENDS).format(**words),
        "sources.yaml": _SOURCES.format(language=_language("sources"), title="（写上文件标题）", clauses=clauses),
        "cases.yaml": _FEW_CASES.format(language=_language("cases")),
    }
    return {name: text.replace("WJ/", f"{short}/").replace("\nWJ:", f"\n{short}:") for name, text in made.items()}


def _upper(root: Path, named: str, editions: Sequence[Path]) -> Scheme:
    scheme_id, _, day = named.partition("@")
    roots = [one for one in (root, *editions) if one.is_dir()]
    if not day:
        raise ValueError(f"写成 编号@施行日期，如 {load(scheme_id, None, roots).key}")
    folder = find_upper(root / "发文方" / "体系" / "日期", named, roots)
    if folder is None:
        raise ValueError(f"没有 {named}；用 evaltool show 查看已有的编号和日期")
    return load_folder(folder, roots)
