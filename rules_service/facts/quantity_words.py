"""The words of the quantity grammar: operators, units to look for, and phrases that only look like numbers.

These belong to the parser and its version.  What a unit means (dimension, factor) is data: ``units.csv``.
"""

from __future__ import annotations

import re

from rules_service.facts.chinese_numbers import CHINESE_NUMERALS

__all__ = [
    "FAR_OPERATOR",
    "FAR_UNCERTAIN",
    "LEFT",
    "LEFT_ENDINGS",
    "MEASURES",
    "MULTIPLIERS",
    "NOT_NUMBERS",
    "OPERATORS",
    "PER",
    "RANKS",
    "RATE_SIGNS",
    "TAIL",
    "TAIL_OPERATORS",
    "TIME_UNITS",
    "UNKNOWN_UNIT",
    "measure_end",
    "unit_end",
]

# Printed before the number.  Longest first where one begins like another.
_SYMBOLS = {
    "≥": "GE", "≧": "GE", "⩾": "GE", "≮": "GE", ">=": "GE", "> =": "GE", "=>": "GE",
    "≤": "LE", "≦": "LE", "⩽": "LE", "≯": "LE", "<=": "LE", "< =": "LE", "=<": "LE",
    ">": "GT", "<": "LT", "=": "EQ", "==": "EQ", "≠": "NE",
}  # fmt: skip
_NEGATED_LOW = "低于|少于|小于|短于|早于|下于"  # 不低于: at least
_NEGATED_HIGH = "超过|高于|多于|大于|超出|长于|晚于|迟于|突破|超"  # 不超过: at most
_WORDS = {
    "大于或等于": "GE", "大于等于": "GE", "高于或等于": "GE", "高于等于": "GE", "至少": "GE", "最少": "GE",
    "最低": "GE", "达到": "GE", "达": "GE",
    "小于或等于": "LE", "小于等于": "LE", "低于或等于": "LE", "低于等于": "LE", "至多": "LE", "最多": "LE",
    "最高": "LE",
    "大于": "GT", "超过": "GT", "高于": "GT", "多于": "GT", "超出": "GT", "长于": "GT", "超": "GT",
    "逾": "GT",
    "小于": "LT", "低于": "LT", "少于": "LT", "不足": "LT", "不到": "LT", "不满": "LT", "短于": "LT",
    "未达": "LT", "未达到": "LT", "不达": "LT", "不达到": "LT", "没达到": "LT", "没有达到": "LT",
    "等于": "EQ", "不等于": "NE", "不为": "NE", "不是": "NE",
}  # fmt: skip
# NE is read, but is no operator of ours: the number behind it has no value.
_NOT = "不得|不能|不应|不会|没有|不|未"
OPERATORS: dict[str, str] = {
    **_SYMBOLS,
    **_WORDS,
    **{no + word: "GE" for no in _NOT.split("|") for word in _NEGATED_LOW.split("|")},
    **{no + word: "LE" for no in _NOT.split("|") for word in _NEGATED_HIGH.split("|")},
}
_APPROXIMATE = ("大约", "大概", "大致", "将近", "接近", "约", "近", "≈")


def _either(words: object) -> str:
    return "|".join(re.escape(str(word)) for word in sorted(words, key=len, reverse=True))  # type: ignore[call-overload]


# What may stand directly before a number, read backwards from it.
LEFT = re.compile(
    rf"(?P<op>{_either(OPERATORS)})?\s?(?:至|到|为|是)?\s?(?P<approx>{_either(_APPROXIMATE)})?\s?"
    r"(?P<currency>¥|人民币)?(?P<sign>[-+−±$])?\s?$"
)
LEFT_ENDINGS = frozenset(word[-1] for word in [*OPERATORS, *_APPROXIMATE]) | set(" ¥币-+−±$至到为是")

MULTIPLIERS = {
    "万亿": 10**12, "千亿": 10**11, "百亿": 10**10, "亿": 10**8, "千万": 10**7, "百万": 10**6,
    "万": 10**4, "千": 10**3, "百": 10**2,
}  # fmt: skip

# Printed after the number and its unit.
TAIL = re.compile(
    r"\s?(?P<before>\((?:含|不含)(?:本数)?\))?\s?(?:及其|及|或)?"
    r"(?P<op>以上|以下|以内|之内|以外|内(?![部容设控审外涵河地科业部])|封顶|为限)?"
    r"(?P<approx>左右(?!两)|上下(?![班游级联同学])|前后)?(?P<after>\((?:含|不含)(?:本数)?\))?"
    r"(?P<time>之?前|以前|之?后|以后)?"
)
TAIL_OPERATORS = {
    "以上": "GE", "以下": "LE", "以内": "LE", "之内": "LE", "内": "LE", "封顶": "LE", "为限": "LE",
    "以外": "GT",
}  # fmt: skip
# 至少培训100人: the adverb may stand away from its number.  不低于上年的95%: the number is no bound.
FAR_OPERATOR = re.compile(r"(至少|最少|至多|最多)[一-鿿]{1,6}$")
FAR_UNCERTAIN = re.compile(r"(?:低于|少于|小于|超过|高于|多于|大于)(?!等于)[^,;。、:]+$")
# 二级以上 may mean a better one, with a lower figure.
RANKS = frozenset({"级", "等", "档"})
TIME_UNITS = frozenset(
    {"天", "日", "年", "个月", "月", "周", "星期", "小时", "分钟", "季度", "个工作日", "工作日", "号"}
)
RATE_SIGNS = frozenset({"%", "‰", "‱"})

# Units that may follow digits.  Latin units are read by form (km, kWh, ㎡).
UNITS = frozenset(
    """
    个 岁 周岁 个季度 个小时 个年度 个星期 个学期 个自然日
    个月 个工作日 个百分点 个点 百分点 百分比 比例 名 人 人次 人天 人日 人年 人月 位
    户 户次 家 家次 次 次数 回 场 场次 期 期次 项 件 件次 套 台 台次 台班 台套 辆 辆次 辆份 座
    条 处 间 栋 幢 份 篇 册 册次 部 本 张 只 头 羽 尾 匹 株 棵 丛 亩 亩次 公顷 公里 千米 米 厘米
    毫米 分米 微米 海里 里 平方 平方米 平米 平方公里 平方千米 平方厘米 立方 立方米 方 升 毫升 吨
    吨公里 公斤 千克 克 毫克 微克 斤 担 元 圆 角 美元 欧元 港元 天 日 月 年 年度 周 星期 季度 小时
    工时 学时 课时 分钟 秒 工作日 日历天 自然日 批 批次 轮 轮次 遍 届 支 块 片 眼 口 盏 根 对 组
    队 班 班次 节 门 门次 卷 艘 架 枚 颗 幅 床 床位 张床位 席 宗 起 例 笔 单 车 车次 航次 架次
    箱 桶 袋 瓶 盒 包 标段 段 种 类 村 镇 乡 乡镇 社区 街道 县 区 市 省 县区 小区 校 所 院 站 点
    点位 站点 网点 级 星 星级 档 等 分 倍 倍数 度 千瓦 千瓦时 瓦 兆瓦 兆 千伏 千伏安 平台 系统
    模块 孔 樘 盘 圈 层 幕 集 期刊 字 页 行 列 栏 版 版面 条次 项次 宗次 处次 例次 人份 剂 剂次
    针 针次 粒 号 章 个次 机柜 面 帧 尊 副 双 堂 顶 台(件) 授权(许可) 村(社区) 人(次) 个(次)
    件(套) 台(套) 机位 车位 泊位 蹲位 厕位 摊位 师生 学生 站次 户年 生年 公顷次
    勒克斯 分贝 摄氏度 兆帕 千帕 帕
    """.split()  # noqa: SIM905 - a list of words is read more easily without its quotes
)
_LONGEST_UNIT = max(map(len, UNITS))
# Units that make a Chinese numeral a number: 三所 is one, 三级 and 一般 are not.
_RANKS_AND_OTHERS = frozenset(
    """
    方 里 分 级 星 星级 档 等 度 类 号 村 镇 乡 县 区 市 省 校 院 点 行 列 层 面 段 口 对 单 字 师生 学生
    系统 平台 模块 双 堂 顶 回 版 栏 站 届 章 副 圈 盘 包 队 克 平方 立方 帕 兆 瓦 个点 倍数
    """.split()  # noqa: SIM905 - as above
)
MEASURES = UNITS - _RANKS_AND_OTHERS
# … unless the phrase goes on like this.
_AFTER_MEASURE = re.compile(
    r"次性|期(?=工程|项目|建设|改造)|部(?=分|门|署|队)|条(?=龙|心|线)|家(?=人|子)|年(?=级|度)|本(?=正|书记)"
    r"|批(?!次)|点|生|起(?!事|案)|面|角(?=形|度|洲)"
)
_LATIN_UNIT = re.compile(
    r"(?:[kKcdμ]?[mM][23]|A{1,5}级|[°℃]?[A-Za-zμΩ]{1,5}[²³]?|[㍱-㏟][²³]?)(?![A-Za-z0-9])"
)
_HAN = re.compile(r"[一-鿿]{1,8}(?:\([一-鿿]{1,3}\))?")
# A unit nobody listed: one or two characters that end the phrase.
UNKNOWN_UNIT = re.compile(
    rf"(?!折|成|以|之|内|左右|上下|完成|达|合格|及|或|和|与|前|后|的|为|是|至|到|年|月|日|万|亿|多|余)"
    rf"(?:(?![{CHINESE_NUMERALS}])[一-鿿]){{1,2}}(?=$|[\s,;:。、)])"
)
_UNKNOWN_PER = re.compile(r"[一-鿿]{1,4}(?=$|[\s,;:。、)])")
_PER_JOIN = re.compile(r"\s?(?:/|每|·|\*(?=[^\d\s]))\s?")


def unit_end(text: str, at: int) -> int:
    """Where the unit that begins at ``at`` ends, its denominators (元/人·天) included; ``at`` if none."""
    end = at if text.startswith("/", at) else _single_unit(text, at)
    while end < len(text):
        join = _PER_JOIN.match(text, end)
        if join is None or (end == at and join.group().strip() != "/"):
            break
        following = _single_unit(text, join.end())
        if following == join.end():
            unknown = _UNKNOWN_PER.match(text, following) if "/" in join.group() else None
            return unknown.end() if unknown else end
        end = following
    return end


def _single_unit(text: str, at: int) -> int:
    char = text[at : at + 1]
    if char in RATE_SIGNS:
        return at + 1
    if char > "一":
        han = _HAN.match(text, at)
        if han is not None:
            known = han.group()
            for length in range(min(len(known), _LONGEST_UNIT), 0, -1):
                if known[:length] in UNITS:
                    return at + length
            return at
    latin = _LATIN_UNIT.match(text, at)
    return latin.end() if latin else at


def measure_end(text: str, at: int) -> int:
    """As ``unit_end``, for the units that make a Chinese numeral a number."""
    if _AFTER_MEASURE.match(text, at):
        return at
    end = _single_unit(text, at)
    if end == at or (text[at:end] not in MEASURES and text[at] > "一"):
        return at
    return unit_end(text, at)


# 每亩补助475元, 每人每天100元: a price per something, said before the number.
PER = re.compile(
    r"每\s?(?:个)?(?P<unit>人|户|亩|天|日|年|月|季度|周|次|个|台|辆|村|所|家|场|期|件|套|公里|平方米|吨|生|班|名|株|头)"
)

_ITEM = "(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})"
# Masked before numbers are looked for.
NOT_NUMBERS = re.compile(
    "|".join(
        [
            r"一体化?|三公(?:经费)?|双百(?:行动)?|双一流|[三五七]位一体|百年|千方百计|成千上万|成百上千|千家万户|千村万户",
            r"十[一二三四五六七八九]五|[一二三四五六七八九]五(?=普法|规划|计划)",
            r"第\s?[0-9]{1,4}|第[零一二三四五六七八九十百]{1,5}",
            r"(?:统|唯|单|同|逐|专|如|划|归|不|(?<!分)之)一(?![份个张套件次家名项本])|万(?:一|众|物|能)|千万(?=别|不|要|工程)|百姓|百货|百分(?!之|点|比|百)",
            r"一(?:般|批(?!次)|定|致|律|系列|次性|带一路|站式|卡通|线|起(?!事|案|火|安)|切|直|些|旦|方面|流|样|味|再|时|如既往)",
            r"一(?:把手|张网|张图|网通办|件事|码通|窗|对一|举|揽子|刀切|共|向|贯|心|手|经|岗双责|票否决|条龙|家人|部分)",
            rf"一(?:(?![{CHINESE_NUMERALS}])[一-鿿]){{1,2}}一(?![次个家名台{CHINESE_NUMERALS}])[一-鿿]",
            r"四个(?:意识|自信|全面)|两个(?:维护|确立|责任|清单)|三个(?:代表|清单|一批)|八项规定|五项监督",
            r"两(?:会|委|岸|侧|不愁)|三(?:农|保|重一大|支一扶|资|务|品一标|甲)|五(?:保|险一金|老)|六(?:稳|保)|九三学社",
            r"(?:五一|六一|七一|八一)(?=[^一-鿿]|劳动|儿童|建|勋|节|表彰|慰问|活动|期间|$)|十一(?=黄金|假期|长假|期间)",
            r"十[八九]大|二十大(?!型|件|项)|十九届|二十届",
            r"[一二三四五1-5]年(?=行动|规划|计划|滚动|攻坚)|[一二三四五六]期(?=工程|项目|建设|改造)",
            r"队伍|大陆|陆[地续]|收拾|半(?:导体|径|封闭|成品)",
            # 3号楼; 财预〔2015〕88号; 5G基站; 12345热线
            r"(?:[0-9]{1,5}[-~、至到])*[0-9]{1,5}号(?!召|前|之前|以前)",
            r"[〔\[(【]\s?(?:19|20)[0-9]{2}\s?[〕\])】]\s?(?:第\s?)?[0-9]{1,4}\s?号",
            r"(?<![0-9])[345]G(?=基站|网络|信号|通信|覆盖|技术|应用|用户)",
            r"(?<![0-9])1(?:2345|10|19|20|22)(?=[一-鿿]{0,6}(?:热线|报警|急救|平台))",
            # Numbering of a list: 目标1: , 1、, (二), 三、
            r"(?:目标|任务|指标|措施|要求)\s?[0-9一二三四五六七八九十]{1,2}\s?(?:[:、]|\.(?![0-9]))",
            (
                rf"(?:^|(?<=[\s;。,:]))(?:\({_ITEM}\)|{_ITEM}(?:[)、]|\.(?![0-9])))"
                r"(?=\s?[^0-9\s一二三四五六七八九十%;,.])"
            ),
        ]
    )
)
