"""Questions that the shipped samples answer, with what the short answer holds and where it stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, words of its short answer, words of the source's line."""

    question: str
    answer: str
    source: str


OUTPUT = Asked("杜阮凉瓜全产业链的总产值是多少？", "1.3亿元", "2024-06-12")
TRACK = Asked("摩托车试车场占地多少亩？", "200多亩", "2025-06-20")
SEATS = Asked("区图书馆暑期自习室设多少个座位？", "260个", "蓬江区文化广电旅游体育局")
INSURANCE = Asked("2025年度城乡居民医疗保险个人缴费标准是多少？", "400元", "临江区医疗保障局")
STATIONS = Asked("镜坝镇成立了几个党建指导站？", "3个", "家具集聚区党建指导站工作简报")
PRIZE = Asked("杜阮凉瓜文创设计征集一等奖奖金是多少？", "2万元", "杜阮镇人民政府")
CLINICS = Asked("江南街道组织了多少场免费义诊？", "6场", "江海区融媒体中心")
CASES = Asked("区检察院第四党支部支持起诉多少件？", "108件", "2025-06-18")
EVERY = (OUTPUT, TRACK, SEATS, INSURANCE, STATIONS, PRIZE, CLINICS, CASES)

UNANSWERED = "火星上的第一座图书馆是哪一年建成的？"
