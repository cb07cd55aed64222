"""Indicator tables made by code, in both file kinds, the way offices send them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from docx import Document
from openpyxl import Workbook

UP, LEFT = "^", "<"  # a cell merged with the one above, with the one on its left


def workbook(path: Path, *sheets: Sequence[Sequence[object]], names: Sequence[str] = ()) -> Path:
    book = Workbook()
    book.remove(book.active)
    for i, rows in enumerate(sheets):
        sheet = book.create_sheet(names[i] if names else f"Sheet{i + 1}")
        for r, row in enumerate(rows, 1):
            for c, value in enumerate(row, 1):
                if value not in (UP, LEFT, None, ""):
                    sheet.cell(r, c, value)
        for top, left, bottom, right in merges(rows):
            sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    book.save(path)
    return path


def document(path: Path, *tables: Sequence[Sequence[object]], above: Sequence[str] = ()) -> Path:
    """A Word file; where a row has only one value and the rest is merged with it, it is a row across the table."""
    made = Document()
    for text in above:
        made.add_paragraph(text)
    for rows in tables:
        width = max(map(len, rows))
        table = made.add_table(len(rows), width)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value not in (UP, LEFT, None, ""):
                    table.cell(r, c).text = str(value)
        for top, left, bottom, right in merges(rows):
            text = table.cell(top, left).text
            whole = table.cell(top, left).merge(table.cell(bottom, right))
            whole.text = text
        made.add_paragraph("")
    made.save(path)
    return path


def merges(rows: Sequence[Sequence[object]]) -> list[tuple[int, int, int, int]]:
    """The rectangles that the marks make: each runs from a value to the marks below and beside it."""
    found = []
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if value in (UP, LEFT):
                continue
            right = c
            while right + 1 < len(row) and row[right + 1] == LEFT:
                right += 1
            bottom = r
            while bottom + 1 < len(rows) and c < len(rows[bottom + 1]) and rows[bottom + 1][c] == UP:
                bottom += 1
            if (bottom, right) != (r, c):
                found.append((r, c, bottom, right))
    return found


# --- tables after real ones (systems.md: S04, S06, S09, S10), in words of our own ---

S09 = [
    ["项目绩效评价表", LEFT, LEFT, LEFT],
    ["评价内容", "指标", "分值", "评分标准"],
    ["项目前期工作（7分）", "可行性研究报告（项目申报书）", 7, "符合要求7分；不符合的视情况扣分，扣完7分为止"],
    ["项目组织（8分）", "组织管理", 6, "到位6分；不力的酌情扣分，扣完为止"],
    [UP, "项目档案", 2, "齐全2分；不齐全扣2分"],
    ["项目实施（20分）", "建设内容完成量", 20, "100%得20分，每减少1个百分点扣1分，扣完为止"],
    ["资金使用（30分）", "资金落实", 10, "100%得10分，每减少1个百分点扣1分，扣完为止"],
    [UP, "实际支出", 10, "相符10分；基本相符6分；调整较大扣10分；不符合资金管理规定的，酌情扣分"],
    [UP, "财务管理制度执行", 10, "健全10分；基本健全6分；不健全扣10分"],
    ["实施效果（35分）", "经济效益", 20, "由各省自行制定"],
    [UP, "社会效益", 15, "由各省自行制定"],
    ["合计", LEFT, 100, ""],
]
S10 = [
    ["XX区电子商务工作考核评分表", LEFT, LEFT, LEFT],
    ["序号", "考核内容", "分值", "评分标准"],
    [1, "淘宝村或电商村", 20, "至少有1个得20分，没有不得分，每多1个加10分"],
    [2, "年交易额300万元以上的电商企业", 10, "少于2家的，每少1家扣5分；每多1家加3分"],
    [3, "年交易额100万元以上的网店", 10, "少于5家的，每少1家扣2分；每多1家加2分"],
    [4, "农村服务站点", 24, "少于6个的，每少1个扣4分；每多1个加2分"],
    [5, "站点覆盖所有行政村", 16, "每少1个扣1分，扣完为止"],
    [6, "规模以上企业上线", 10, "少于2家的，每少1家扣5分；每多1家加5分"],
    [7, "专业市场设电商交易区", 10, "有1个得10分，没有不得分；每多1个加5分"],
    ["合计", LEFT, 100, ""],
    ["加分项", LEFT, LEFT, LEFT],
    [8, "示范园区", "", "每新增1个国家级示范园区加30分"],
    [9, "示范企业", "", "新增国家级的加30分，新增省级的加20分，新增市级的加10分"],
]
S04 = [
    ["电子商务进农村综合示范绩效评价指标体系（基础分100分，加分项10分）", LEFT, LEFT, LEFT, LEFT, LEFT],
    ["一级指标", "二级指标", "指标解释", "评价内容", "评价材料", "现场检查"],
    [
        "组织管理与规范（17）",
        "组织管理（9）",
        "协调机制和扶持政策（2）",
        "主要负责同志牵头（1）",
        "领导小组文件、会议纪要",
        "",
    ],
    [UP, UP, UP, "有工作方案并基本落实（1）", "工作方案", "查看方案"],
    [
        UP,
        UP,
        "资金与项目管理制度，加强指导监督检查（3）",
        "1.建立资金与项目管理制度（0.5）；2.定期现场查看并形成记录（0.5）",
        "制度文件；现场查看的记录",
        "看记录",
    ],
    [UP, "规范实施（8）", "信息公开（8）", "在政府网站公开（8）", "网页截图", ""],
    ["加分项（10分）", "", "", "得到上级书面表扬（10）", "表扬文件", ""],
]
S06 = [
    ["农村电商民生工程绩效评价得分表", *[LEFT] * 10],
    ["序号", "一级指标", "二级指标", "三级指标", "三级分值", "指标解释说明", "评分标准", "甲县", "乙县", "平均分", "备注"],
    [1, "投入（18分）", "项目申报管理（13分）", "奖补政策合规性", 6, "是否按规定制定政策", "按规定制定年度奖补政策的，得6分", 6, 6, 6, ""],
    [2, UP, UP, "项目申报符合性", 4, "", "1.制定年度工作方案2分；2.申报项目符合材料要求2分", 4, 4, 4, ""],
    [3, UP, UP, "审批程序规范性", 3, "", "1.县级按方案审核1.5分；2.市级检查并反馈省级1.5分", 3, 3, 3, ""],
    [4, UP, "资金落实（5分）", "奖补资金到位率", 2, "实际到位与计划之比", "到位率达到100%得2分，……", 2, 2, 2, ""],
    [5, UP, UP, "奖补资金到位及时率", "", "", "", 3, 3, 3, "以拨付日期为准"],
    [6, "过程（82分）", "项目管理（82分）", "管理制度健全性", 82, "", "健全82分；基本健全40分；不健全不得分", 82, 82, 82, ""],
    ["合计", LEFT, LEFT, LEFT, 100, "", "", 100, 100, 100, ""],
]  # fmt: skip
