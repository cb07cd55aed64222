"""Supporting material as the paper names it → the words of the vocabulary."""

from __future__ import annotations

import re

from evaltool.importing.points import plain

# the first pattern that is found in a piece names its word; pieces that fit none stay as text
_WORDS: list[tuple[str, str]] = [
    (r"会议(纪要|记录)|纪要", "会议纪要"),
    (r"申报|申请(表|书|材料)", "申报材料"),
    (r"资金(下达|分配)|下达(文件|通知)|指标文", "资金下达文件"),
    (r"资金(安排|使用计划)|预算(表|安排)", "资金安排表"),
    (r"拨付|支付(凭证|单)|转账|银行回单|到账", "拨付凭证"),
    (r"发票|票据", "发票"),
    (r"专账|账页|明细账|账簿|账目", "专账账页"),
    (r"决算|审计报告|财务报表", "决算表"),
    (r"招标|采购文件|投标", "招标文件"),
    (r"评审", "评审记录"),
    (r"合同|协议", "合同"),
    (r"验收", "验收意见书"),
    (r"培训.*(台账|签到|花名册|名单)|签到", "培训台账"),
    (r"(站点|网点|服务点|服务站).*(名单|清单|明细|一览)", "站点名单"),
    (r"台账", "台账"),
    (r"统计|报表", "统计报表"),
    (r"问卷|满意度调查", "问卷汇总"),
    (r"(系统|平台|后台).*截图", "系统截图"),
    (r"截图|网页|网址|链接", "网页截图"),
    (r"公示|公开", "公示材料"),
    (r"备案", "备案回执"),
    (r"审核|审批", "审核记录"),
    (r"(检查|督查|督导|巡查|查看|监督).*(记录|材料|报告|通报)|整改", "检查记录"),
    (r"视频|录像|音像", "图文视频"),
    (r"照片|图片|影像", "现场照片"),
    (r"总结|工作报告|自评报告", "总结材料"),
    (r"档案", "档案目录"),
    (r"标准(文本|文件)?$", "标准文本"),
    (r"文件|通知|方案|制度|办法|规划|意见|细则|印发", "印发文件"),
]


def match(text: str) -> tuple[list[str], list[str]]:
    """(words of the vocabulary, pieces that fit none of them) of a cell that lists supporting material."""
    told = re.sub(r"[(][^()]*[)]", "", plain(text))
    found: dict[str, None] = {}
    rest = []
    for piece in re.split(r"[、;,。\n]|以及|(?<=[^\d])\d{1,2}[.)]|^\d{1,2}[.)]|[①-⑳]", told):
        piece = re.sub(
            r"^(相关|有关|等|和|及|或|提供|查阅|查看|包括|的)+|(等|等相关材料|等材料|复印件|原件)$", "", piece.strip()
        )
        if not piece:
            continue
        word = next((word for pattern, word in _WORDS if re.search(pattern, piece)), "")
        if word:
            found[word] = None
        else:
            rest.append(piece)
    return list(found), rest
