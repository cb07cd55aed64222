"""One record for everything that is wrong, and the closed table of its codes.

A problem is data, not an exception: readers and checkers collect problems and go on. Only a wrong *definition* stops
(`SchemeError`), because nothing sensible can be computed from a rule that nobody understands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["stop", "count", "note"]

LEVELS: dict[Level, str] = {"stop": "退回", "count": "待补正", "note": "提示"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the material: workbook file name, sheet, A1 cell, field or indicator id; empty where not applicable."""

    workbook: str = ""
    sheet: str = ""
    cell: str = ""
    field: str = ""
    subject: str = ""

    def __str__(self) -> str:
        return " · ".join(part for part in (self.workbook, self.sheet, self.cell) if part)


@dataclass(frozen=True, slots=True)
class RulePlace:
    """Where in the definition: file with line and column, and the indicator or field concerned."""

    file: str = ""
    line: int = 0
    column: int = 0
    node: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what it is, why it matters, what to do, and where it stands.

    code   key of `CODES`; the first letter tells the stage: S scheme, I importing, W workbook, D data, P computing
    level  stop (the file is refused), count (a value is missing from the result), note (read, but look at it)
    """

    code: str
    what: str
    why: str = ""
    do: str = ""
    place: Place = field(default_factory=Place)
    rule: RulePlace = field(default_factory=RulePlace)
    clause: str = ""

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise KeyError(f"unknown problem code {self.code!r}: add it to evaltool.problems.CODES")

    @property
    def level(self) -> Level:
        return CODES[self.code][0]

    @property
    def title(self) -> str:
        return CODES[self.code][1]

    def __str__(self) -> str:
        where = str(self.rule) if self.code.startswith("S") else str(self.place) or self.place.subject
        parts = [f"{where}: " if where else "", f"[{self.code}] {self.what}"]
        if self.why:
            parts.append(f"；{self.why}")
        if self.do:
            parts.append(f"。怎么办：{self.do}")
        return "".join(parts)


class SchemeError(Exception):
    """A definition that cannot be trusted; `problems` holds every slip found, each with file, line and column."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


def catalogue() -> str:
    """The table of codes as Markdown: docs/problems.md, compared by a test. `python -m evaltool.problems` prints it."""
    stages = {"S": "指标体系文件", "I": "指标表导入", "W": "工作簿", "D": "填报数据", "P": "计算"}
    lines = [
        "# 问题代码",
        "",
        "由 `python -m evaltool.problems` 生成；每个问题都带工作簿、工作表、单元格、字段和条款。",
    ]
    for stage, name in stages.items():
        lines += ["", f"## {stage}　{name}", "", "| 代码 | 级别 | 是什么 | 怎么办 |", "|---|---|---|---|"]
        rows = [(code, *entry) for code, entry in CODES.items() if code.startswith(stage)]
        lines += [f"| {code} | {LEVELS[level]} | {title} | {remedy} |" for code, level, title, remedy in rows]
    return "\n".join(lines) + "\n"


# code: (level, title, what a person can do about it)
CODES: dict[str, tuple[Level, str, str]] = {
    # S – the definition files
    "S100": ("stop", "文件不是合法的 YAML", "按提示的行列改正缩进、引号或冒号"),
    "S101": ("stop", "键重复", "同一层里同名的键只留一个"),
    "S102": ("stop", "不允许锚点、别名或标签", "把内容直接写出来"),
    "S103": ("stop", "不认识的键", "改成提示的键名，或删去"),
    "S104": ("stop", "缺少必需的键", "补上该键"),
    "S105": ("stop", "值的写法不对", "按提示的写法改正"),
    "S106": ("stop", "比例必须带百分号", "写成 65% 的形式"),
    "S107": ("stop", "公式看不懂", "只用名称、数字、比例、引号文字和列出的函数"),
    "S108": ("stop", "文件缺失或读不出", "补上文件，用 UTF-8 保存"),
    "S200": ("stop", "名称没有定义", "改成已定义的名称，或先定义它"),
    "S201": ("stop", "名称重复或不可用", "换一个 ASCII 名称；字段、清单、指标、事件共用一个名称空间"),
    "S202": ("stop", "条款对不上", "改成 sources.yaml 里有的条款，或补上该条款"),
    "S203": ("stop", "条款没有被引用", "引用它，或列入 not_scored 并写明理由"),
    "S204": ("stop", "分值加不起来", "改到各级分值相等"),
    "S205": ("stop", "计量单位不一致", "改成同一单位"),
    "S206": ("stop", "公式互相引用成环", "去掉其中一个引用"),
    "S207": ("stop", "分档有空缺、重叠或顺序错", "把各档按顺序首尾相接，最后一档写 otherwise"),
    "S208": ("stop", "字段没有用到", "用上它，或删去"),
    "S209": ("stop", "规则参数不成立", "按提示改正"),
    "S210": ("stop", "未知数没有对应的待定问题", "在 open_questions 里写明"),
    "S211": ("stop", "资金比例的下限加起来超过 100%", "核对各下限"),
    "S212": ("stop", "找不到指标体系", "用 evaltool show 查看已有的编号和日期"),
    "S213": ("stop", "同一体系的有效期重叠或日期不对", "改正 valid_from、valid_to"),
    "S214": ("stop", "类型不符", "条件要是真假，计算要是数字"),
    "S215": ("stop", "算例不成立", "改正算例，或改正规则"),
    "S216": ("stop", "修改或扩展的对象不成立", "按 id@生效日期 写明被修改或扩展的版本，不能互相引用成环"),
    "S217": ("stop", "下级超出上级放开的范围", "只改上级 open 里列出的内容，按它允许的方向"),
    # I – an office's indicator table on its way to a draft
    "I200": ("stop", "不是能导入的文件", "把指标表另存为 .xlsx 或 .docx"),
    "I201": ("stop", "指标表的文件加密", "去掉打开密码，保存后再导入"),
    "I202": ("stop", "指标表的文件损坏", "在办公软件里打开、另存一次，再导入"),
    "I203": ("stop", "指标表的文件过大", "只留指标表，另存一份再导入"),
    "I204": ("stop", "没有找到指标表", "表头要有指标名称，以及分值、评分标准或评价内容"),
    "I210": ("note", "这一列没有用", "不用处理"),
    "I211": ("count", "看不出是什么列", "核对该列，把有用的写进草稿"),
    "I212": ("count", "没有分值", "在草稿里补上分值"),
    "I213": ("count", "分值看不懂", "核对该格，在草稿里补上分值"),
    "I214": ("count", "分值对不上", "核对原件，改正草稿"),
    "I215": ("count", "计分办法没有解读", "对照原句，在草稿里写规则"),
    "I216": ("note", "规则是建议", "对照原句核对，核对后删去旁边的注释"),
    "I217": ("note", "佐证材料没有对上词表", "从词表里选，或先加新词"),
    "I218": ("note", "这一行没有用", "不用处理"),
    "I219": ("count", "合并的单元格盖住几个指标", "在草稿里分开写"),
    "I220": ("note", "这张表没有读", "要读就取消隐藏或补上表头，再导入"),
    "I221": ("count", "这一行没有指标名称", "核对它属于哪个指标"),
    "I222": ("count", "单元格读不出", "改正该格再导入，或在草稿里补写"),
    "I223": ("note", "各项分值合计不是 100", "核对是不是读全了，或表里有几套指标"),
    "I224": ("note", "百分数折成了分值", "核对满分是不是 100"),
    "I225": ("note", "没有表头的表接在前一张后面", "核对接得对不对"),
    "S218": ("count", "有分数线没有算例", "每条线补两个算例：正好在线上，和差最小一个单位"),
    "S219": ("count", "改了数字算例也不失败", "补一个会因这个数字而不同的算例"),
    "S220": ("note", "清单的列没有地方填", "另设一个字段，或改由县里填；用表格导入时可以不管"),
    # W – the workbook as a file
    "W100": ("stop", "不是 Excel 工作簿", "用模板另存为 .xlsx 再报"),
    "W101": ("stop", "工作簿加密", "去掉打开密码再报"),
    "W102": ("stop", "工作簿损坏", "重新保存或重新导出后再报"),
    "W103": ("stop", "不是本工具的模板", "把内容填进下发的模板"),
    "W104": ("stop", "模板不是本轮的", "用本轮下发的模板重新填报"),
    "W105": ("stop", "县名不在名册里", "核对封面上的代码和县名"),
    "W106": ("stop", "同一个县收到两份工作簿", "只留一份，或注明以哪份为准"),
    "W107": ("count", "缺少工作表", "从模板把该表补回来"),
    "W108": ("count", "找不到该项的定位标记", "从模板把该行补回来，不要删隐藏列"),
    "W109": ("note", "表头或项目名称被改动", "恢复模板原文"),
    "W110": ("note", "未报送", "请该县报送"),
    "W111": ("stop", "工作簿过大", "删去无关的表和图片后再报"),
    "W112": ("count", "定位标记重复", "同一项只留一行"),
    "W113": ("count", "名册有误", "改正名册"),
    "W114": ("note", "同一份文件收到两次", "不用处理"),
    "W115": ("count", "认定表里有名册外的县", "核对名册"),
    "W116": ("note", "已由后一份替代", "核对后一份是不是该用的一份"),
    "W117": ("note", "表格里有不认识的列", "改成字段的编号或名称；不用的列不管它"),
    "W118": ("count", "表格读不出，或列不全、不唯一", "第一行写列名，各写一次"),
    "W119": ("count", "表格的行对不上", "核对这些行的代码和行名"),
    "W120": ("stop", "工作簿带宏", "另存为不带宏的 .xlsx 再报"),
    "W121": ("stop", "读这份文件超出了时间或内存的限度", "把内容填进下发的模板再报"),
    "W122": ("stop", "不是普通文件", "报送文件本身，不要报快捷方式、链接或管道"),
    "W123": ("stop", "文件里有不允许的内容", "把内容填进下发的模板再报"),
    "W124": ("note", "工作簿引用了别的文件", "把引用来的数改成直接填写"),
    "W125": ("note", "有隐藏的表、行或列", "核对隐藏的内容是不是要报的"),
    "W126": ("note", "县名的写法与名册不同", "核对是不是同一个县"),
    "W127": ("note", "不是报送的工作簿，放在一边", "佐证材料用 evaltool evidence 编目；要报的内容填进下发的模板"),
    "W129": ("stop", "读文件时程序出错", "用模板重新填报，并把文件发给工具的维护人"),
    "W130": ("note", "已签的结论重新签过", "核对是不是核查人本人改的"),
    # D – the data in it
    "D100": ("count", "未填", "补填"),
    "D101": ("count", "要填数字", "只填数字"),
    "D102": ("count", "数字里带了单位或约数", "只填数字，单位按表头"),
    "D103": ("count", "不在可选项里", "从下拉列表里选"),
    "D104": ("count", "日期看不懂", "按 2020-06-05 的样子填"),
    "D105": ("count", "超出合理范围", "核对该数"),
    "D106": ("count", "公式没有算过的值", "在表格软件里打开、保存一次，或直接填数字"),
    "D107": ("count", "单元格是错误值", "改正公式或直接填数字"),
    "D108": ("count", "填报格被合并", "取消合并，在原格填写"),
    "D109": ("note", "写法已规整", "核对规整后的数"),
    "D110": ("count", "要填整数", "填整数"),
    "D111": ("count", "结论没有具名或没有日期", "补上核查人和日期"),
    "D112": ("count", "没有写理由", "补写理由"),
    "D113": ("count", "外部数据没有来源", "补上来源"),
    "D114": ("count", "更正缺项或原值不符", "补全更正的原值、新值、理由、更正人和日期"),
    "D115": ("count", "清单行数对不上", "核对行数"),
    "D116": ("note", "自评分超过满分", "核对自评分"),
    "D117": ("note", "缺佐证材料", "列出佐证材料"),
    "D118": ("count", "占比要带百分号", "写成 95%"),
    "D119": ("note", "部分大于全体", "核对两个数"),
    "D120": ("count", "各行分值合计不等于规定分值", "核对各行分值"),
    "D121": ("note", "格里显示的数与存储的数不同", "核对该数，直接填要报的数"),
    "D122": ("note", "公式的值没有核算", "核对该数，或直接填数字"),
    "D123": ("count", "公式的值靠不住", "直接填数字"),
    "D124": ("count", "填报格里有删除线", "删去划掉的内容，只留要报的数"),
    "D125": ("note", "填报格被隐藏", "核对该数是不是要报的"),
    "D126": ("count", "单位被改动", "恢复模板的单位，按它填数"),
    "D127": ("count", "项目名称换成了别的项目", "恢复模板原文，把数填回各自的行"),
    "D128": ("count", "已签的结论被改动", "改了结论要重新签名、写新的日期"),
    "D129": ("note", "个人信息已隐去", "不用处理"),
    # D13x – questions. The lines they draw are this tool's, no policy's: 本工具提示线，非政策规定
    "D130": ("note", "比上一轮大了或小了约百倍、万倍", "核对单位"),
    "D131": ("note", "与其他县相差约万倍", "核对单位"),
    "D132": ("note", "佐证的年份不像本轮的", "核对佐证材料"),
    "D133": ("note", "同一个数在两处填得不一样", "核对两处"),
    "D134": ("note", "各项分值或占比合计超过 100", "核对各项"),
    "D135": ("note", "自评总分不等于各项之和", "核对自评分"),
    "D136": ("note", "自评分像是按 100% 而不是按目标值折算", "按规定的目标值折算"),
    "D137": ("note", "自评满分，数据没有达到", "核对自评分和数据"),
    "D138": ("note", "完成率或执行率过高或过低", "核对两个数"),
    "D139": ("note", "数大得不像", "核对该数"),
    # P – computing
    "P100": ("count", "分母为零", "核对分母"),
    "P101": ("note", "自评分与按数据计算的得分不一致", "核对自评分"),
    "P102": ("count", "评分参数不成立", "核对该行的目标值"),
    "P103": ("count", "所选得分不在该等次的区间里", "核对等次或得分"),
}

if __name__ == "__main__":
    print(catalogue(), end="")
