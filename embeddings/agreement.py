"""The fixed sentences on which a converted model has to agree with the original before it is used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embeddings.embedder import Vectors

LEAST_MEAN_COSINE = 0.99

_LONG_SIMPLIFIED = (
    "为保障汛期安全，镇水利所对辖区内十二座小型水库和三十六公里堤围逐一排查，共发现隐患四十一处，其中渗漏九处、护坡松动十七处、"
    "闸门锈蚀十五处。各村组织抢险队伍二十三支，储备编织袋五万个、砂石料三千二百立方米、照明设备一百八十套。所有隐患须在六月底前整改完毕，"
    "逾期未完成的由镇政府约谈责任人，并在全镇通报。雨量达到橙色预警标准时，沿河低洼地带的住户一律提前转移，学校和养老院优先安排车辆。"
)
_LONG_TRADITIONAL = (
    "圖書館新館於上週六正式啟用，樓高六層，藏書約八十五萬冊，並設有兒童閱覽室、地方文獻室及可容納三百人的演講廳。館方表示，開放首日共有"
    "一萬二千餘人次入館，借出圖書四千七百冊。為方便上班族，閱覽區平日延長開放至晚上九時，週末則由上午八時起開放。"
)
SENTENCES = (
    "北京大学创办于1898年。",
    "全县去年粮食总产量达到46.8万吨，比上年增长3.2%。",
    "这条高速公路什么时候通车？",
    "谁是新任的农业农村局局长？",
    "苦瓜又叫凉瓜，喜温耐热，适合在岭南地区种植。",
    "会议由副镇长主持，各村党支部书记参加。",
    "近1.3亿元",
    "2024年5月17日上午9时30分",
    "办理时限：自受理之日起20个工作日内。",
    "村民可以凭身份证到便民服务中心领取补贴。",
    "空气质量优良天数比例为92.6%，PM2.5平均浓度每立方米21微克。",
    "好",
    "這座跨海大橋全長五十五公里，是世界上最長的跨海大橋之一。",
    "行政長官表示，政府將增撥五億元支援中小企業。",
    "請問申請長者津貼需要甚麼文件？",
    "臺北市立動物園今年門票收入是多少？",
    "How many people visited the new library on its first day?",
    "The township built 36 kilometres of flood defences before the rainy season.",
    "What is bitter melon called in Guangdong?",
    "Annual output rose by 12.5 percent to 3,400 tonnes.",
    "G94高速公路与S270省道在该镇交会。",
    "１２３４５６７８９０，全角数字与 half-width 混排。",
    "联系电话：12345；网址：https://example.org/政务公开",
    _LONG_SIMPLIFIED,
    _LONG_TRADITIONAL,
    _LONG_SIMPLIFIED * 4,  # beyond 512 tokens: truncation has to agree too
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Cosine between the vectors of two runtimes over ``SENTENCES``, each as a question and as a passage."""

    mean: float
    minimum: float

    @property
    def accepted(self) -> bool:
        """Whether the converted model may replace the original."""
        return self.mean >= LEAST_MEAN_COSINE


def compare(original: Vectors, converted: Vectors) -> Agreement:
    """How far two runs of the same texts agree; rows of length 1. Vectors that are not finite agree not at all."""
    cosines = np.einsum("ij,ij->i", original, converted, dtype=np.float64)
    if not np.isfinite(cosines).all():
        return Agreement(mean=-1.0, minimum=-1.0)
    return Agreement(mean=float(cosines.mean()), minimum=float(cosines.min()))
