"""The lines at which a figure is asked about (D119, D130–D139). They are this tool's own: no policy draws any of them.

A question never changes a figure, a score or a grade, and it never sends a workbook back; “确实如此” is a full answer.
The practice behind the lines: public audit tools warn at an execution below 80% or above 120% and at a deviation of
more than 20% from the target; the other lines are drawn by us so far out that plain data do not cross them, at the size
of the slips that counties are known to make (a lost per cent sign is a factor of 100, 元 for 万元 one of 10,000).

`python -m evaltool.question_lines` prints docs/questions.md, which a test compares.
"""

from __future__ import annotations

from fractions import Fraction

from evaltool.quantities import MONEY, SHARE_UNIT, Exact, exact, quantity_text

OURS = "本工具提示线，非政策规定"
AS_IT_IS = "核对单位；确实如此的不用改"

# D130: this round against the last one; the inverses too
HUNDREDFOLD = (50, 200)
TEN_THOUSANDFOLD = 5_000
SMALL_COUNT = 10  # a count that was (or is) below this may grow a hundredfold without anything being wrong

# D131: a county against the median of the round; the inverse too
APART = 3_000
SHARES_APART = 50  # a share: a lost per cent sign is a factor of 100
FEWEST_COUNTIES = 8

# D139: a figure by itself
MOST_PEOPLE, PEOPLE = 10_000_000, ("人", "人次", "户")
MOST_COUNT = 100_000_000
MOST_MONEY = 10_000_000 * MONEY["万元"]
HIGHEST_SHARE, LOWEST_SHARE = 10, -1
MOST_OF_UNIT = {"平方米": 1_000_000, "小时": 24 * 365, "天": 3_660}
MOST_VILLAGES, MOST_TOWNS = 2_000, 100

# D134: the points, weights or shares of one whole; the edition's own full mark where it gives one
WHOLE = 100

# D138: what was done over what was planned, received or aimed at
COMPLETION = (exact(Fraction(80, 100)), exact(Fraction(120, 100)))
FULL_MARK = exact(Fraction(90, 100))  # a quotient whose full mark lies lower does not ask for completion

# D132: the years in the text of the evidence
YEARS_BEFORE = 3

# D137: the share of the points that the data come to, at most
CLEARLY_LESS = exact(Fraction(90, 100))


def ours(line: str) -> str:
    """The line that was crossed, with whose it is."""
    return f"提示线：{line}；{OURS}"


def in_words(number: int) -> str:
    """A round number as it is said: 1000 万, 1 亿."""
    for size, word in ((10**8, "亿"), (10**4, "万")):
        if number % size == 0:
            return f"{number // size} {word}"
    return str(number)


def _percent(share: Exact) -> str:
    return quantity_text(share, SHARE_UNIT)


def table() -> list[tuple[str, str, str, str]]:
    """(code, what is compared, the line, why it lies there) of every line, in the order of the codes."""
    low, high = HUNDREDFOLD
    money = quantity_text(exact(Fraction(MOST_MONEY, MONEY["亿元"])), "亿元")
    sizes = "；".join(
        [
            f"{'、'.join(PEOPLE)}超过 {in_words(MOST_PEOPLE)}，别的计数超过 {in_words(MOST_COUNT)}",
            f"金额超过 {money}",
            f"占比高于 {_percent(HIGHEST_SHARE)} 或低于 {_percent(LOWEST_SHARE)}（字段写了范围的除外）",
            f"超过 {'、'.join(f'{most} {unit}' for unit, most in MOST_OF_UNIT.items())}，或这些单位的数小于零",
            f"行政村超过 {MOST_VILLAGES}、乡镇超过 {MOST_TOWNS}",
        ]
    )
    return [
        ("D119", "部分与全体：指标用前者除以后者的，资金的各项用途（及合计）与总额，名称写“其中”的与它前面一项；清单逐行",
         "部分大于全体", "部分不会大于全体"),
        ("D130", "本轮与上一轮的同一项（金额列按合计比）；单位不同的金额先折算",
         f"相差 {low} 至 {high} 倍；相差 {TEN_THOUSANDFOLD} 倍以上。计数有一轮不到 {SMALL_COUNT} 的，只看后一条",
         "丢了百分号差 100 倍，元和万元填混差 1 万倍"),
        ("D131", f"金额、计数、占比与本轮各县的中位数，至少有 {FEWEST_COUNTIES} 个县填了不为零的数",
         f"相差 {APART} 倍以上；占比相差 {SHARES_APART} 倍以上",
         "各县大小相差几十倍，很少相差几千倍；元和万元填混差 1 万倍，百分号错位差 100 倍"),
        ("D132", "佐证材料里写的年份；书名号里的、起止年份的后一个、编号和页码不看",
         f"最晚的一个比开始年份早超过 {YEARS_BEFORE} 年；或有晚于基准日年份的",
         "机构、制度的文件可以早几年；开始年份取生效日、清单和阶段起日里最早的"),
        ("D133", "同名同单位的两项；名册的资金与资金总额；清单的行数、合计与同名的项", "两个数不相等", "同一件事只有一个数"),
        ("D134", "清单各行的分值、权重，或合成一个整体的占比",
         f"合计超过 {WHOLE}（分值有规定满分的，超过规定的满分）", "各部分加起来不超过整体"),
        ("D135", "打分表上的合计与它的各项", "不相等", "合计是各项相加"),
        ("D136", "自评分与 分值×比例", "按 100% 折算正好是自评分，而规则不按 100% 折算", "常见的算错：没有按规定的目标值折算"),
        ("D137", "自评满分的指标与按数据计算的得分", f"按数据不超过满分的 {_percent(CLEARLY_LESS)}", "差一成以上不是舍入造成的"),
        ("D138",
         (f"完成数与计划数：满分线在 {_percent(FULL_MARK)} 以上的资金比、计划完成比，清单各行的完成值与目标值，"
          "资金各项用途之和与总额"),
         f"低于 {_percent(COMPLETION[0])} 或高于 {_percent(COMPLETION[1])}",
         "审计工具的通常做法：偏离两成的要说明原因；清单里填了原因的不再问"),
        ("D139", "单个数",
         sizes,
         "没有哪个县有这么大"),
    ]  # fmt: skip


def document() -> str:
    """docs/questions.md."""
    lines = [
        "# 提问的线",
        "",
        "由 `python -m evaltool.question_lines` 生成。",
        "",
        f"下面的线都是{OURS}。越线的只问一句：不改数、不改分、不退回，核对后确实如此的不用改。",
        "完成率的两条线出自审计工具的通常做法（执行低于 80% 或高于 120%，偏离目标两成），其余是我们定的，定在平常的数够不着的地方。",
        "",
        "| 代码 | 比什么 | 线 | 为什么在这里 |",
        "|---|---|---|---|",
    ]
    lines += ["| " + " | ".join(row) + " |" for row in table()]
    lines += [
        "",
        "- 空着的、读不出的、没有报送的不比，不当作零；零也不算倍数。",
        "- 同一格只问一次单位：先看上一轮（D130），再看其他县（D131），最后看数本身（D139）。",
        "- D119 与 D138 不重复：资金的执行率在 100% 与上线之间问 D119，再高问 D138。",
        "- D135、D136、D137 与 P101 不重复：说得出像是哪里错的，不再只说“不一致”。",
        "- 年份只看到年：“2020 年 12 月”的材料在 2020 年 6 月 30 日的轮次里不问。",
        "- 书名号里的年份不看，引用较早的法律、规划写书名即可；文号里的年份（〔2012〕）要看，因为佐证是本县自己的文件。",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(document(), end="")
