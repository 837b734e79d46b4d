"""Common relations: how a sentence states them, and how people ask for them in other words than the sentence's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relation:
    """A pattern of a predicate's beginning whose group ``a`` is the answer; ``{s}`` in a question is the subject.

    ``asked``: its questions, a space between them;
    ``of_person``: only a person has it; ``by_person``: the answer is a person; ``carried``: the subject may be an
    earlier clause's; ``vague``: a short subject is not enough to ask for it; ``clause``: verbs may stand in the answer.
    """

    kind: str
    pattern: str
    asked: str
    of_person: bool = False
    by_person: bool = False
    carried: bool = False
    vague: bool = False
    clause: bool = False

    @property
    def questions(self) -> tuple[str, ...]:
        """The ways to ask for it."""
        return tuple(self.asked.split())


_D = r"(?P<a>(?:公元前?)?\d{1,4}年(?:\d{1,2}月(?:\d{1,2}日)?)?)"
_P = r"(?P<a>[^，、的]{2,16}?)"
_NUMBER = r"(?:大?约|近|超过|逾)?[\d.,，一二三四五六七八九十百千万亿多余]+"
_UNITS = (
    "平方公里|平方千米|平方米|立方米|公里|千米|米|公顷|亩|人|元|吨|辆|座|个|名|件|次|美元|欧元|分钟|岁|年|天|厘米|毫米|"
    "公斤|克"
)
_AMOUNT_UNITS = (
    "[%％]|平方公里|公里|立方米|米|公顷|亩|人|元|吨|辆|座|个|名|件|次|美元|欧元|分钟|岁|倍|家|万元|亿元|毫米|公斤"
)
_Q = rf"(?P<a>{_NUMBER}(?:{_UNITS})(?:以上|左右)?)"
ADVERB = r"(?:现|曾|后|最初|正式|原|总|则|都|也|便|又|还|均|主要|当时)?"

RELATIONS = (
    Relation(
        "birth date",
        rf"(?:出)?生于{_D}",
        "{s}的出生日期是什么时候 {s}是哪年出生的 {s}是什么时候生的 {s}生于何时 {s}的生日是哪一天",
        of_person=True,
        carried=True,
    ),
    Relation(
        "birth place",
        rf"(?:(?:出生|生|诞生)于|出生在){_P}$",
        "{s}的出生地是哪里 {s}是哪里人 {s}出生在什么地方 {s}是在哪儿出生的 {s}生在哪里",
        of_person=True,
        carried=True,
    ),
    Relation(
        "death date",
        rf"(?:逝世|去世|病逝|卒)于{_D}",
        "{s}是哪一年去世的 {s}的卒年是哪一年 {s}什么时候离世",
        of_person=True,
    ),
    Relation(
        "school",
        rf"毕业于{_P}$",
        "{s}的母校是哪所学校 {s}是从哪所学校毕业的 {s}在哪里念的书 {s}是哪里毕业的",
        of_person=True,
        carried=True,
    ),
    Relation(
        "founded",
        rf"{ADVERB}(?:成立|创立|创建|创办|组建|设立)于{_D}",
        "{s}是什么时候成立的 {s}的成立时间是哪一年 {s}创立于何时 {s}何时建立 {s}是哪年成立的",
        carried=True,
    ),
    Relation(
        "built",
        rf"{ADVERB}(?:始建|建成|兴建|建造|落成|建|动工)于{_D}",
        "{s}是什么时候建的 {s}的建造时间是哪一年 {s}建于何时 {s}是哪年修建的",
        carried=True,
    ),
    Relation(
        "opened",
        rf"{ADVERB}于?{_D}(?:正式)?(?:开通|通车|启用|开业|开放|开幕|开馆)",
        "{s}从什么时候开始使用 {s}的启用时间是哪一年 {s}哪年开的 什么时候有的{s}",
        carried=True,
    ),
    Relation(
        "released",
        rf"{ADVERB}于?{_D}(?:正式)?(?:上映|发行|发售|首播|播出|出版|推出)",
        "{s}是什么时候推出的 {s}的发行时间是什么时候 {s}何时面世 {s}哪年问世",
    ),
    Relation(
        "held date",
        rf"{ADVERB}于{_D}(?:在[^，]{{2,15}})?(?:举行|召开|举办|开幕)",
        "{s}是什么时候举行的 {s}的举办时间是哪一天 {s}何时开始 {s}在哪天开",
    ),
    Relation(
        "held place",
        r"(?:\S{0,12}?日)?在(?P<a>[^，的]{2,16}?)(?:隆重|正式|成功)?(?:举行|召开|举办|开幕)$",
        "{s}在哪儿开的 {s}的举办地点是哪里 {s}是在什么地方举行的 哪里举办了{s}",
    ),
    Relation(
        "site",
        rf"{ADVERB}(?:位于|坐落于|坐落在|地处)(?P<a>[^，]{{2,24}})$",
        "{s}在哪里 {s}在什么地方 {s}的位置在哪 {s}处在哪里 {s}的具体位置是 哪里可以找到{s}",
        vague=True,
    ),
    Relation(
        "area",
        rf"(?:总)?(?:面积|占地)(?:面积)?(?:为|约为|达|约|有|是)?{_Q}",
        "{s}有多大 {s}的面积是多少 {s}占地多少 {s}面积多大 {s}的大小是多少",
    ),
    Relation(
        "population",
        rf"(?:总)?人口(?:数量|总数)?(?:为|约为|达|约|有|是)?{_Q}",
        "{s}有多少人 {s}人口有多少 {s}住着多少人 {s}的人口总数是多少",
    ),
    Relation(
        "length",
        rf"(?:全|总)长(?:度)?(?:为|约为|达|约)?{_Q}",
        "{s}有多长 {s}的长度是多少 {s}总共有多长 {s}长多少",
    ),
    Relation(
        "height",
        rf"(?:海拔|高度?|身高)(?:为|约为|达|约)?{_Q}",
        "{s}有多高 {s}的高度是多少 {s}高多少",
    ),
    Relation(
        "weight",
        rf"重(?:量)?(?:为|约为|达|约)?{_Q}",
        "{s}有多重 {s}的重量是多少",
    ),
    Relation(
        "amount",
        rf"(?:为|是|达|达到|达到了|约为|约|有|共有|超过)(?P<a>{_NUMBER}(?:{_AMOUNT_UNITS})(?:以上|左右)?)$",
        "{s}是多少 {s}有多少 {s}达到多少 {s}究竟是多少 请问{s}是多少",
        vague=True,
    ),
    Relation(
        "office",
        rf"{ADVERB}(?:担任|出任|任)(?:了|过)?(?P<a>[^，、]{{2,24}})$",
        "{s}的职务是什么 {s}担任过什么职务 {s}当过什么 {s}在哪里任什么职 {s}任什么职务",
        of_person=True,
        carried=True,
    ),
    Relation(
        "founder",
        r"由(?P<a>[^，、]{2,12}?)(?:所)?(?:创立|创办|创建|建立|成立|设立)$",
        "{s}的创办人是谁 谁创办了{s} {s}是谁建立的 是谁创立了{s}",
        carried=True,
    ),
    Relation(
        "author",
        r"由(?P<a>[^，、]{2,12}?)(?:所)?(?:撰写|创作|编写|所著|作词|作曲|编剧|写成|绘制)$",
        "{s}的作者是谁 谁写了{s} {s}出自谁之手 {s}是谁的作品",
        by_person=True,
        carried=True,
    ),
    Relation(
        "director",
        r"由(?P<a>[^，、]{2,12}?)(?:所)?(?:执导|导演)$",
        "{s}的导演是谁 谁导演了{s} {s}是谁拍的",
        carried=True,
    ),
    Relation(
        "publisher",
        r"由(?P<a>[^，、]{2,20}?)(?:所)?(?:出版|发行|代理|运营|制作|开发|研发|推出|生产|制造)$",
        "{s}是谁推出的 哪家公司负责{s} {s}出自哪家公司",
        carried=True,
    ),
    Relation(
        "host",
        r"由(?P<a>[^，、]{3,24}?)(?:联合|共同)?(?:主办|承办|举办|组织)$",
        "{s}的主办方是谁 谁主办了{s} {s}是哪个单位办的 哪家单位组织了{s}",
    ),
    Relation(
        "manager",
        r"由(?P<a>[^，、]{2,20}?)(?:负责|管理|管辖|运作|维护|所有)$",
        "{s}归谁管 谁管理{s} {s}由哪个单位管理 {s}的管理者是谁",
    ),
    Relation(
        "designer",
        r"由(?P<a>[^，、]{2,16}?)(?:所)?设计$",
        "{s}的设计者是谁 谁设计了{s} {s}出自谁的设计",
        carried=True,
    ),
    Relation(
        "inventor",
        r"由(?P<a>[^，、]{2,16}?)(?:所)?(?:发现|发明)$",
        "{s}是谁最先弄出来的 {s}最早来自谁 {s}归功于谁",
    ),
    Relation(
        "other name",
        r"(?:又|亦|也|或|俗|别|旧|古|简|全|通|合)(?:被)?称(?:为|作|之为)?(?P<a>[^，、]{2,16})$",
        "{s}的别名是什么 {s}还叫什么 {s}有什么别的名字 人们还怎么叫{s} {s}的另一个名称是什么",
        carried=True,
    ),
    Relation(
        "called",
        r"(?:被|被人|被人们|被誉|被人)(?:称为|称作|誉为|叫做|尊称为)(?P<a>[^，、]{2,16})$",
        "人们怎么称呼{s} {s}有什么称号 {s}被人们叫做什么 {s}的美称是什么",
        carried=True,
    ),
    Relation(
        "real name",
        r"(?:原名|本名|原称|曾用名|旧名|字|号)(?:为|是|叫)?(?P<a>[^，、]{2,10})$",
        "{s}原来叫什么 {s}的本名是什么 {s}原先的名字是什么",
        of_person=True,
        carried=True,
    ),
    Relation(
        "class",
        r"属于?(?:于)?(?P<a>[^，、]{2,16}(?:科|属|目|纲|类|族|语系|语族|门|气候|流域|时代|文化|学派|教派))$",
        "{s}在分类上属于什么 {s}是哪一类的 {s}归入哪一类 {s}被归在什么之下",
        carried=True,
    ),
    Relation(
        "fame",
        r"(?:以|因|因为)(?P<a>[^，]{2,20}?)(?:而)?(?:闻名|著称|出名|知名|为人所知|成名)",
        "{s}因什么出名 {s}为什么有名 {s}以什么著称 {s}靠什么为人所知",
        carried=True,
        clause=True,
    ),
    Relation(
        "neighbour",
        r"(?:与|和|同)(?P<a>[^，]{2,20}?)(?:相邻|接壤|毗邻|为邻|交界)$",
        "{s}的邻居是谁 {s}旁边是什么地方 {s}与哪里接壤 和{s}相邻的是哪里",
    ),
    Relation(
        "death cause",
        r"因(?P<a>[^，]{2,14}?)(?:病逝|去世|逝世|身亡|死亡|而死|不治)",
        "{s}是怎么死的 {s}的死因是什么 {s}因为什么去世",
        of_person=True,
        carried=True,
        clause=True,
    ),
    Relation(
        "origin",
        r"(?:来自|源自|源于|起源于|来源于|改编自)(?P<a>[^，]{2,20})$",
        "{s}从哪里来 {s}的来源是什么 {s}源自什么 {s}的出处是什么",
        vague=True,
    ),
    Relation(
        "use",
        r"(?:用于|用来|用作|可用于|主要用于|被用于|被用来)(?P<a>[^，]{2,24})$",
        "{s}有什么用 {s}的用途是什么 {s}拿来做什么 {s}的作用是什么",
        carried=True,
        vague=True,
        clause=True,
    ),
    Relation(
        "aim",
        r"(?:旨在|目的是|目标是|是为了|致力于)(?P<a>[^，]{4,30})$",
        "{s}的目的是什么 {s}是为了什么 {s}想达到什么目的",
        vague=True,
        clause=True,
    ),
    Relation(
        "consequence",
        r"(?:导致|造成|引起|引发|致使)(?:了)?(?P<a>[^，]{4,26})$",
        "{s}的后果是什么 {s}带来了什么后果 {s}造成什么影响 {s}产生了什么结果",
        vague=True,
        clause=True,
    ),
    Relation(
        "belief",
        r"(?:信奉|信仰|奉行)(?P<a>[^，]{2,12})$",
        "{s}的信仰是什么 {s}信什么",
        carried=True,
    ),
    Relation(
        "marriage",
        r"(?:迎娶|娶|嫁给|与(?=\S+婚$))(?:了)?(?P<a>[^，、]{2,10}?)(?:为妻|结婚|成婚|完婚)?$",
        "{s}的配偶是谁 {s}和谁结了婚 {s}的另一半是谁",
        of_person=True,
        by_person=True,
        carried=True,
    ),
    Relation(
        "opponent",
        r"(?:以\S{1,8})?(?:击败|战胜|打败)(?:了)?(?P<a>[^，、]{2,14})$",
        "{s}的手下败将是谁 谁输给了{s} {s}赢了谁 {s}胜过谁",
    ),
    Relation(
        "victor",
        r"(?:不敌|负于|败于|输给)(?:了)?(?P<a>[^，、]{2,14})$",
        "谁赢了{s} {s}败给了谁 打败{s}的是谁",
    ),
    Relation(
        "prize",
        r"(?:获得|荣获|夺得|获颁|赢得)(?:了)?(?P<a>[^，]{3,20}(?:奖|奖项|冠军|金牌|银牌|铜牌|称号|学位|勋章|奖章|荣誉))$",
        "{s}得过什么奖 {s}获得了什么荣誉 {s}拿到了什么 {s}得到的是什么",
        carried=True,
        vague=True,
    ),
    Relation(
        "speech",
        r"(?:主题为|主题是|以(?=[“]))(?P<a>[“][^”，]{2,20}[”])",
        "{s}的主题是什么 {s}围绕什么主题 {s}讲的是什么主题",
        vague=True,
    ),
    Relation(
        "split",
        r"(?:分为|分成|划分为|可分为)(?P<a>[^，]{5,30})$",
        "{s}分成哪几部分 {s}有哪几类 {s}可以怎样划分 {s}怎么分",
        vague=True,
        clause=True,
    ),
)
