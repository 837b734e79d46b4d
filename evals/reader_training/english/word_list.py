"""Words of questions whose English the dictionary gives badly or not at all. No code.

Each line: the word, its class, its English words with a slash between them. Classes: n noun, s name, v verb, b adjective before
a noun, d adverb, p preposition, f word after a place or time, q measure word, t time, c conjunction, r pronoun, k copula,
h have, e 的, l aspect, j 被, g 把, u dropped; w… question words (who, when, where, why, how, much, what, which, whether).
"""

from __future__ import annotations

WORDS = """
谁 wwho who
哪位 wwho who
什么人 wwho who/which person
何人 wwho who
哪些人 wwho who/which people
哪个人 wwho who
是谁 wisw who
什么时候 wwhen when
何时 wwhen when
什么时间 wwhen when/at what time
哪一年 wwhen in what year/in which year/what year/when
哪年 wwhen in what year/in which year/when
何年 wwhen in what year
哪一天 wwhen on what day/on what date/when
哪天 wwhen on what day/on which day/when
哪一日 wwhen on what date/when
几月几日 wwhen on what date/when
哪个月 wwhen in what month/in which month
几月 wwhen in what month
几年 wmuch how many years
几岁 wmuch how old/at what age
多少岁 wmuch how old/at what age
多大 wmuch how large/how big
多长 wmuch how long
多高 wmuch how high/how tall
多久 wmuch how long
多长时间 wmuch how long
多远 wmuch how far
多深 wmuch how deep
多重 wmuch how heavy
多宽 wmuch how wide
哪里 wwhere where
哪儿 wwhere where
何处 wwhere where
何地 wwhere where
什么地方 wwhere where/what place
哪个地方 wwhere where/which place
哪些地方 wwhere where/which places
为什么 wwhy why
为何 wwhy why
因何 wwhy why
怎么 whow how
怎样 whow how
如何 whow how
怎么样 whow how
多少 wmuch how many
多少个 wmuch how many
多少名 wmuch how many
多少位 wmuch how many
多少人次 wmuch how many visits/how many people
百分之多少 wmuch what percentage/what percent/how many percent
百分之几 wmuch what percentage/what percent
几多 wmuch how many
几 wmuch how many
几个 wmuch how many
几名 wmuch how many
几位 wmuch how many
几次 wmuch how many times
多少次 wmuch how many times
多少倍 wmuch how many times
什么 wwhat what
何 wwhat what
啥 wwhat what
甚么 wwhat what
何种 wwhat what kind of/what type of
什么样 wwhat what kind of
什么样的 wwhat what kind of
怎样的 wwhat what kind of
哪种 wwhat what kind of/which kind of/what type of
哪一种 wwhat what kind of/which type of
哪类 wwhat what type of/which type of
哪个 wwhich which/what
哪一个 wwhich which/what
哪些 wwhich which/what
哪 wwhich which/what
哪家 wwhich which/what
哪所 wwhich which/what
哪座 wwhich which/what
哪部 wwhich which/what
哪本 wwhich which
哪支 wwhich which/what
哪项 wwhich which/what
哪次 wwhich which
哪场 wwhich which/what
哪条 wwhich which/what
哪国 wwhich which country/what country
哪两个 wwhich which two/what two
哪三个 wwhich which three
哪几个 wwhich which/what
哪一 wwhich which/what
哪一位 wwho who
哪一家 wwhich which/what
哪一部 wwhich which/what
哪一场 wwhich which/what
哪一所 wwhich which/what
哪一座 wwhich which/what
哪一项 wwhich which/what
是否 wwhether whether
是不是 wwhether whether
有没有 wwhether whether there is
吗 wwhether ?
的 e of
之 e of
了 l .
过 l .
着 l .
是 k is/was
为 k is/was
系 k is
即 k is
达 k reach/is
达到 k reach/is
达到了 k reach/is
共 d altogether/in total
共计 d in total
一共 d in total
总共 d in total
共有 h have
有 h have
拥有 h have/own
具有 h have
被 j by
遭 j by
遭到 v suffer/meet with
受到 v receive/suffer
把 g .
将 g .
在 p in/at/on
于 p in/at
从 p from
由 p by
自 p from
向 p to
对 p to/for/on
对于 p for
关于 p about
与 c and/with
和 c and
跟 c and
同 c and/with
及 c and
以及 c and
、 c and
或 c or
或者 c or
并 c and
并且 c and
而 c and
但 c but
以 p with/by
按 p by/according to
按照 p according to
根据 p according to/by
依据 p according to
通过 p through/by
经过 p after/through
因 p because of/for
因为 p because of/because
由于 p due to/because of
除了 p besides/apart from/except
除 p except/besides
为了 p for/in order to
作为 p as
比 p than/compared with
较 p than/compared with
到 p to
至 p to
截至 p as of/by
截止 p as of/by
随着 p with
用 p with/using
使用 v use
当 p when
给 p to
上 f on/in
下 f under
中 f in
里 f in
内 f in/within
外 f outside
后 f after
前 f before
之后 f after
之前 f before
以后 f after
以前 f before
以来 f since
期间 f during
时 f when/during
时候 f when
时期 f during/period
之间 f between
之中 f among
以上 f above/over
以下 f below
左右 f about
旁 f near
附近 f near
当中 f among
年间 f during
个 q .
名 q .
位 q .
只 q .
座 q .
所 q .
家 q .
条 q .
件 q .
项 q .
种 q kind/type
类 q kind/type
次 q time
支 q .
部 q .
本 q .
张 q .
台 q .
辆 q .
艘 q .
架 q .
场 q .
届 q session
批 q batch
例 q case
起 q .
片 q .
颗 q .
间 q .
栋 q .
户 q household
列 q .
枚 q .
倍 n time
人 n person/people
人们 n people
人次 n visit/visitor
人数 n number of people
人口 n population/people
年 n year
月 n month
日 n day
岁 n year old
元 n yuan
万元 n 10,000 yuan
亿元 n 100 million yuan/hundred million yuan
美元 n US dollar
万 n ten thousand
亿 n hundred million
千 n thousand
百 n hundred
亩 n mu
公顷 n hectare
公里 n kilometer
千米 n kilometer
米 n meter
平方公里 n square kilometer
平方千米 n square kilometer
平方米 n square meter
吨 n ton
公斤 n kilogram
斤 n jin
万吨 n 10,000 ton
亿斤 n 100 million jin
英里 n mile
毫米 n millimeter
厘米 n centimeter
百分点 n percentage point
基点 n basis point
地方 n place
名字 n name
名称 n name
姓名 n name
事情 n thing
东西 n thing
问题 n problem/question
情况 n situation
原因 n reason/cause
目的 n purpose/goal
结果 n result
作用 n role/effect
职务 n position/post/office
职位 n position/post
总数 n total number/total
总量 n total amount
总额 n total amount
数量 n number/amount
产量 n output/production
总产量 n total output
产值 n output value
总产值 n total output value
增加值 n added value/value added
生产总值 n gross product
营业收入 n operating revenue/revenue
营收 n revenue
净利润 n net profit
归母净利润 n net profit attributable to shareholders
同比 d year on year
环比 d month on month
同期 t the same period
上年 t the previous year/last year
去年 t last year
今年 t this year
全年 t the whole year
上半年 t the first half of the year
下半年 t the second half of the year
第一季度 t the first quarter
一季度 t the first quarter
第二季度 t the second quarter
二季度 t the second quarter
三季度 t the third quarter
第三季度 t the third quarter
第四季度 t the fourth quarter
近日 t recently
目前 t currently/now
当时 t at the time
现在 t now
增长 v grow/increase
增加 v increase/add
增长率 n growth rate
增幅 n growth/increase
增速 n growth rate
比重 n proportion/share
占比 n share/proportion
占 v account for/make up
比例 n ratio/proportion
下降 v decrease/fall/drop
减少 v decrease/reduce
提高 v increase/raise/improve
完成 v complete/finish
实现 v achieve/realize
投资 n investment
收入 n income/revenue
支出 n expenditure/spending
粮食 n grain
苦瓜 n bitter melon/bitter gourd
凉瓜 n bitter melon/bitter gourd
面积 n area
种植 v plant/grow
种植面积 n planting area/area planted
村民 n villager
镇长 n mayor of the town/town mayor
副镇长 n deputy mayor of the town/deputy town mayor
县长 n county magistrate/county head
区长 n district mayor/district head
市长 n mayor
副市长 n deputy mayor/vice mayor
书记 n secretary
党委 n Party committee
党委书记 n Party secretary/secretary of the Party committee
副书记 n deputy secretary
局长 n director/head of the bureau
副局长 n deputy director
主任 n director
副主任 n deputy director
主席 n chairman/president
总统 n president
总理 n premier/prime minister
现任 b current
现 b current
原 b former
前任 b former
任 v serve as/hold
任职 v work/serve
担任 v serve as/hold the post of/be
出任 v serve as
出生 v be born
出生于 v be born in
生于 v be born in
诞生 v be born
出生地 n birthplace/place of birth
位于 v be located in
坐落于 v be located in
坐落在 v be located in
处于 v be in
居住 v live
住 v live
住在 v live in
死亡 v die
去世 v die/pass away
死于 v die of/die in
叫 v be called/be named
叫做 v be called
称为 v be called
称作 v be called
被称为 v be called/be known as
成立 v found/establish/set up
成立于 v be founded in/be established in
建立 v establish/found/build
建立于 v be established in
创立 v found/establish
创办 v found
始建于 v be built in/be first built in
建于 v be built in
建成 v build/complete
举行 v hold/take place
举办 v hold/host
召开 v hold/convene
发生 v happen/occur/take place
发生于 v happen in/occur in
开始 v start/begin
结束 v end/finish
发布 v release/publish/issue
公布 v announce/publish
颁布 v issue/promulgate
发表 v publish
出版 v publish
上映 v be released
播出 v air/broadcast
获得 v win/receive/get/gain
取得 v gain/obtain/achieve
赢得 v win
荣获 v win
授予 v award/grant
属于 v belong to/be part of
隶属于 v belong to
组成 v make up/be composed of
构成 v make up/constitute
包括 v include
包含 v contain/include
导致 v cause/lead to
造成 v cause
引起 v cause
影响 v affect/influence
认为 v think/believe/consider
提出 v propose/put forward
表示 v say/express/state
使用 v use
采用 v adopt/use
利用 v use
用于 v be used for
进行 v carry out/conduct
设立 v set up/establish
设置 v set up
设有 v have
开展 v carry out/launch
开通 v open
开放 v open
参加 v take part in/attend/join
参与 v take part in/participate in
毕业 v graduate
毕业于 v graduate from
就读 v study
就读于 v study at
来自 v come from/be from
源于 v come from/originate from
起源于 v originate in/come from
负责 v be responsible for
管理 v manage
领导 v lead
击败 v defeat/beat
打败 v defeat/beat
签署 v sign
签订 v sign
改名 v be renamed
更名 v be renamed
改为 v change to
成为 v become
变成 v become
当选 v be elected
存在 v exist
需要 v need/require
可以 d can
能 d can
能够 d can
会 d will/would
应该 d should
应 d should
必须 d must
可能 d may
不 d not
没有 d not/no
没 d not
也 u .
还 d also/still
都 u .
就 u .
才 u .
又 d again
再 d again
已 d already
已经 d already
曾 d once
曾经 d once
首次 d first/for the first time
最早 d earliest/first
最终 d finally
最后 d finally/last
最 d most
最大 b largest/biggest/greatest
最高 b highest
最多 b most
最少 b least
最低 b lowest
最长 b longest
最新 b latest
最重要 b most important
最主要 b main
第一 b first
第二 b second
第三 b third
首 b first
首个 b first
首位 b first
首批 b first batch of
首任 b first
主要 b main
全国 n the whole country/national/China
全省 n the whole province
全市 n the whole city/the city
全县 n the county
全区 n the district
全镇 n the town
全球 n the world/global
世界 n world
中国 s China
美国 s the United States/America/the US
英国 s Britain/the United Kingdom/England
法国 s France
德国 s Germany
日本 s Japan
俄罗斯 s Russia
韩国 s South Korea
香港 s Hong Kong
台湾 s Taiwan
澳门 s Macau
欧盟 s the European Union
联合国 s the United Nations
欧洲 s Europe
非洲 s Africa
亚洲 s Asia
他 r he
她 r she
它 r it
他们 r they
她们 r they
我们 r we
我国 n China/our country
我 r I
你 r you
该 r the/this
其 r its
其中 d among them/of which
其他 b other
其它 b other
此 r this
这 r this
这个 r this
这些 r these
那 r that
那些 r those
该国 n the country
本 r this
各 b each
每 b each/every
每年 t every year/each year
所有 b all
任何 b any
许多 b many
大部分 b most of
部分 b part of
一些 b some
一 q a
一个 q a/one
一种 q a kind of/a
一名 q a
一位 q a
一座 q a
一家 q a
一次 q a/one
两 b two
两个 b two
等 u .
地 u .
得 u .
所 u .
呢 u .
啊 u .
呀 u .
一下 u .
请问 u .
您好 u .
麻烦问 u .
麻烦 u .
想知道 u .
多 b many/more
公司 n company
企业 n enterprise/company
工程 n project
项目 n project
建设 n construction
发展 n development
服务 n service
活动 n activity/event
地区 n region/area
城市 n city
国家 n country/state
政府 n government
学校 n school
大学 n university
年代 n decade/era
时间 n time
历史 n history
作品 n work
电影 n film/movie
小说 n novel
歌曲 n song
专辑 n album
队 n team
语 n language
人物 n figure/person
类型 n type
颜色 n color
部门 n department
机构 n institution/organization
组织 n organization
方式 n way/method
方法 n method/way
内容 n content
特点 n feature
领域 n field
行业 n industry
产业 n industry
接待 v receive
收治 v treat
抓获 v arrest
生产 v produce
新增 v add/newly add
累计 d in total/cumulatively
预计 v expect
计划 v plan
人均 b per capita
平均 b average
""".strip()

# What stands after a name and is translated, the name itself being spelt in pinyin.
PLACE_ENDINGS = {
    "街道": "Subdistrict",
    "社区": "Community",
    "自治区": "Autonomous Region",
    "自治县": "Autonomous County",
    "自治州": "Autonomous Prefecture",
    "开发区": "Development Zone",
    "新区": "New Area",
    "大学": "University",
    "学院": "College",
    "公园": "Park",
    "水库": "Reservoir",
    "机场": "Airport",
    "公司": "Company",
    "集团": "Group",
    "医院": "Hospital",
    "省": "Province",
    "市": "City",
    "区": "District",
    "县": "County",
    "镇": "Town",
    "乡": "Township",
    "村": "Village",
    "路": "Road",
    "街": "Street",
    "山": "Mountain",
    "河": "River",
    "江": "River",
    "湖": "Lake",
    "岛": "Island",
    "桥": "Bridge",
    "寺": "Temple",
    "站": "Station",
    "州": "Prefecture",
    "旗": "Banner",
    "港": "Port",
    "湾": "Bay",
    "队": "team",
    "人": "people",
    "语": "language",
    "族": "ethnic group",
    "国": "kingdom",
    "杯": "Cup",
}

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷"
    "詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司"
)

IRREGULAR = """
be was been|become became become|begin began begun|break broke broken|bring brought brought|build built built|buy bought bought
catch caught caught|choose chose chosen|come came come|cut cut cut|do did done|draw drew drawn|drink drank drunk|drive drove driven
eat ate eaten|fall fell fallen|feel felt felt|fight fought fought|find found found|fly flew flown|forget forgot forgotten
get got gotten|give gave given|go went gone|grow grew grown|have had had|hear heard heard|hit hit hit|hold held held|keep kept kept
know knew known|lead led led|leave left left|lend lent lent|let let let|lie lay lain|lose lost lost|make made made|mean meant meant
meet met met|pay paid paid|put put put|read read read|rise rose risen|run ran run|say said said|see saw seen|sell sold sold
send sent sent|set set set|shoot shot shot|show showed shown|shut shut shut|sing sang sung|sink sank sunk|sit sat sat|speak spoke spoken
spend spent spent|spread spread spread|stand stood stood|steal stole stolen|strike struck struck|swim swam swum|take took taken
teach taught taught|tell told told|think thought thought|throw threw thrown|understand understood understood|wear wore worn
win won won|write wrote written|die died died|tie tied tied|lay laid laid|bear bore born|defend defended defended|arise arose arisen
hurt hurt hurt|cost cost cost|cast cast cast|feed fed fed|hide hid hidden|ride rode ridden|seek sought sought|withdraw withdrew withdrawn
""".replace("\n", "|").strip("|")
