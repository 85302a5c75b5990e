"""Keyword rules written from the codebook, which a careful reader could run by hand.

They are a baseline, and the second witness of `cuoshi.calibration`. The words come from
data/annotation/CODEBOOK.md alone (its tests, In and Out lists and settled cases); none was added
after looking at a speech.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cuoshi.measures import MEASURES

_WORDS = {
    "隔离": (
        r"隔离(?!病区|防护)|留观|医学观察|居家观察|排查|摸排|摸底|登记|测温|体温|核酸|健康码|扫码|密接|密切接触"
        r"|追踪|健康监测|随访|设卡|卡点|检疫|留验|劝返|闭环|返校|聚集|聚会|聚餐|集会|庙会"
        r"|少出门|不串门|不外出|一米线|错峰|限流|关闭|停课|停运|暂停(?:营业|开放|运营|经营)"
        r"|筛查|出入口|入口关|社区封闭|封闭管理|人员流动|重点人群管控"
    ),
    "宣传": (
        r"宣传|科普|健康教育|新闻发布|发布会|信息发布|信息公开|舆论|舆情|谣言|造谣|辟谣|不信谣|传谣"
        r"|热线|短信|广播|喇叭|公开信|告知书|提醒群众|回应(?:社会)?关切|典型|正能量|防护知识|向社会(?:公布|公开|通报)"
    ),
    "物资": (
        r"物资|口罩|防护服|护目镜|消毒液|消毒用品|药品|试剂|器械|设备|测温仪|呼吸机|床位|储备|采购"
        r"|调拨|调配|生产企业|捐赠|捐助|经费|资金保障|生活必需品|保供|供应|物价|囤积|哄抬|价格|种子|化肥|绿色通道"
    ),
    "问责": (
        r"督导|督查|暗访|监督检查|检查落实|明察|考核|通报批评|通报|曝光|问责|追责|追究|处分|免职"
        r"|倒查|严肃处理|从严处理|绝不姑息|效能|审计|吊销|举报|问题线索"
    ),
}
_DEMAND = re.compile(
    r"要|应当|应该|须|务必|确保|严禁|不得|一律|立即|尽快|禁止|必须|严格|切实|坚决|加强|强化|加大|做好|抓好"
    r"|落实|开展|组织|实行|即日起|统一|负责|进一步|全面|充分|坚持|完善|建立|依法|继续|及时"
)
_REPORT = re.compile(
    r"已经|已|了(?!解)|取得|连日来|近年来|一段时间以来|截至|截止|累计|不足|缺口|存在|暴露出|共(?:有|计)"
)


def predict_keywords(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Which measures each sentence directs by keyword, `(len(texts), 4)`.

    A measure is given where one of its words occurs in a sentence that demands something and
    does not report.
    """
    patterns = [re.compile(_WORDS[measure]) for measure in MEASURES]
    predicted = np.zeros((len(texts), len(MEASURES)), dtype=bool)
    for row, text in enumerate(texts):
        if _DEMAND.search(text) and not _REPORT.search(text):
            predicted[row] = [pattern.search(text) is not None for pattern in patterns]
    return predicted
