"""How Chinese names bodies: the endings of names, and what stands between and behind them.

Only words, and expressions made of them; names are read in `cuoshi.tasks.names`. The lists were
gathered from the authored sentences and speeches of the training data. Every expression is
matched at a given place and repeats within bounds, which keeps reading linear.
"""

from __future__ import annotations

import re
from typing import Final


def split_words(text: str) -> tuple[str, ...]:
    """The words of a list that is written with blanks between them."""
    return tuple(text.split())


def any_of(words: tuple[str, ...]) -> str:
    """An expression for any of `words`, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


QUOTATION: Final = "\u02ee"
"""Stands for a quotation mark that belongs to a name."""

OFFICES: Final = split_words(
    "局 委 办 厅 部 处 科 室 院 校 所 站 馆 园 中心 队 组 组织 专班 班子 机关 机构 部门 单位 政府"
    " 党总支 管委会 村委会 居委会 委员会 委员 村居 街道 镇街 镇 乡 村 网格 各地 各级 各方 各界"
    " 地方 县 市 区 省 省份 县域 属地 战线 系统 公司 企业 集团 协会 商会 学会 联合会 总会 理事会"
    " 董事会 业委会 工会 妇联 工商联 侨联 科协 文联 残联 红十字会 红会 慈善会 供销社 合作社"
    " 基金会 银行 机场 海关 口岸 港口 码头 铁路 门诊 药房 中小学 大学 培训班 监狱 媒体 中学 小学"
    " 初中 高中 报社 电视台 电台 广播台 平台 车间 班级 年级 物业 工地 厂家 厂 店 商场 商超 市场"
    " 民宿 食堂 网吧 酒吧 浴池 健身房 寺庙 教堂 商铺 商户 摊位 卡口 点 中心户 经营户 养殖户"
    " 个体户 工商户 运营商 旅行社 主体 行业 三级 四级 五级 两级 社团 联盟 队伍 家庭农场 KTV 省里"
    " 市里 县里 区里 镇里 村里 乡里 岗上 当地 窗口 大厅 热线 小广播 办方 广播站 总部 各方面 片区"
    " 前台 物资库 气象台 储备库 级库 防指 委会 团体 团 寺 庙 舞厅 超市 商家 厂商 养殖场 车队 船队"
    " 服务区 审计署 总署 公署 总关 空港 公墓 苏木 嘎查 寨 州 盟 旗 第三方 厅里 委里 局里 所里"
    " 院里 校里 厂里 矿里 站里 队里 公司里 县上 市上 镇上 乡上 村上 区上 省上 企 医共体 股 务会"
    " 粮库 浴场 施工方 管理方 经营方 运营方 供货商 供应商 开发商 经销商 承包商 服务商 代理商 作坊"
    " 商行 档口 牧场 渔场 茶场 林场 农场 联社 托管班 板块 执法力量 专业力量 救援力量 派出地"
    " 接收地 输入地 输出地 受援地 生源地 流出地 流入地 现住地 户籍地 目的地 居住地 所在地 来源地"
)
"""Endings of the names of organisations, places of government and venues."""

POSTS: Final = split_words(
    "干部 领导 领导班子 班子成员 书记 主任 主席 委员 常委 厅长 局长 院长 校长 园长 省长 市长 县长"
    " 区长 镇长 乡长 州长 部长 处长 科长 股长 组长 队长 站长 所长 社长 村长 楼长 栋长 路长 街长"
    " 片长 户长 店长 班长 会长 行长 药师 厨师 教练 司机 船员 乘务员 专人 师傅 厨工 护工 洁工 卫工"
    " 卸工 运工 修工 支书 导游 群主 店主 摊主 车主 船主 厂主 户主 厂长 关长 秘书长 董事长 总监"
    " 总经理 经理 法人 法人代表 老板 经营者 负责人 负责同志 一把手 责任人 工作者 党员 公务员"
    " 网格员 联络员 管理员 督导员 指导员 检查员 监督员 辅导员 保洁员 宣传员 信息员 安全员 护林员"
    " 服务员 专管员 协管员 快递员 值班员 观察员 调查员 接线员 讲解员 队员 成员 组员 志愿者 民警"
    " 干警 辅警 交警 警察 网警 医生 村医 校医 医师 护士 医护 专家 教师 老师 班主任 保安 门卫 记者"
    " 主持人 发言人 代表 长 组织者 同志 第一书记 工作队员 青年 团员 民兵 官兵 包保人 房东 校方"
    " 院方 员 会计 督学 机手 骑手 厂医 军医 船医 兽医 队医 狱医 政委 参谋 技工 教授 院士 法官"
    " 检察官 警官 园丁 船东 货主 专干 业务骨干 流调骨干 能人 乡贤 长老 政工 司仪 师 开办者 管理者"
    " 建设者 匠 阿訇 住持 方丈 正职 副职 助理 秘书 顾问 总工 出纳 经办人 承办人 举办人 联系人"
    " 法定代表人 主管"
)
"""Endings of posts, and of people as holders of a job."""

PUBLIC: Final = split_words(
    "个人 群众 民众 居民 村民 市民 公众 家长 学生 师生 旅客 乘客 患者 病人 会员 业主 顾客 人士"
    " 人群 人员 老人 儿童 公民 住户 农户 家庭 游客 师生员工 员工 职工 教职工 教职员工 民工 打工"
    " 学员 老乡 乡亲 亲属 家属 朋友"
)
"""Endings of the public: read in a list, never responsible."""

STAFF: Final = re.compile(
    "(?:工作|医务|医护|值班|值守|执勤|执法|管理|技术|专业|公职|检疫|服务|安保|保洁|驻村|从业"
    "|包保|流调|防疫|消杀|采样|疾控|检测|责任|分管|带班|包村|包组|下沉|党政|行政|主管|经办"
    "|办事|机关|在职|宣传|检查|督查|督导|相关|有关|物业|救治|施工|志愿|卫生|监考|装卸|维修|驾乘|加工|贩运|守点|督战|抢险|收运|清运|押运|分拣|报道|采编|分析)人员$|干部职工$"
)
"""Which 人员 are holders of a job; the others are the public."""

_NOT_ENDINGS: Final = split_words(
    "全部 内部 外部 局部 大部 到处 好处 用处 各处 四处 一处 深处 此处 该处 之处 开办 承办 举办"
    " 主办 督办 代办 交办 快办 特办 难办 照办 通办 缓办 简办 停办 补办 进厂 出厂"
    " 入厂 到厂 离厂 全员 动员 会委 城区 全区 的地方 好地方 么地方 个区 清点 盘点 试点 据点"
    " 支点 终点 起点 盲点 看点 冰点 指点 打点 有点 快点 光点 零点 一点 二点 两点 三点 四点 五点"
    " 六点 七点 八点 九点 十点 几点 半点 难点 重点 热点 特点 缺点 观点 要点 弱点 痛点 堵点 断点"
    " 焦点 亮点 早点 晚点 节点 疑点 地点 定点 进点 饭点 时点 驻点 蹲点 整点 站点 分点 农村医"
    " 分组 小组委 一部 分站 全村 进村 返乡 返校 离校 在校 到校 入校 回村 封村 村村 进院 出院"
    " 住院 入院 送院 到院 转院 带队 插队 排队 列队 增长 延长 生长 成长 特长 入村 全镇 全县 全市"
    " 全省 全乡 全社区 全局 大局 结局 布局 格局 厕所 教室 居室 下村 到村 返村 驻村 人站 复工"
    " 返工 停工 开工 施工 加工 动工 分工 用工 招工 务工 完工 手工 人工 入库 出库 仓库 数据库"
    " 题库 水库 人员 会员 学员 疫区 灾区 山区 隔离区 风险区 封控区 管控区 防范区 家园 一站 一个单位"
    " 在社区 包村 包组 包户 包片 包镇 包乡 包县 包乡镇 包社区"
)
"""Words that end like names of bodies and are none."""

_ENDINGS: Final = (*OFFICES, *POSTS, *PUBLIC)

STRONG: Final = re.compile(
    rf"(?:[局委办厅部处科队组团]|组织|专班|班子|机关|机构|部门|单位|政府|党总支|党支部|中心|公司|集团"
    rf"|各地|各级|各方面?|委员会|指挥部|三级|两级|院方|校方|[省市县区镇乡村]里|协会|专人"
    rf"|(?:工作|值班|值守|执法|医务|管理)人员|(?<!家)长|员|各[省市县区州乡镇村]|{any_of(POSTS)})们?$"
)
"""Endings that leave no doubt of a body: what follows them is an act unless it denies that."""


def ends_as_name(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` ends as names of bodies or of the public do."""
    if text.endswith("们", start, end):
        end -= 1
    if STAFF.search(text, start, end):
        return True
    return text.endswith(_ENDINGS, start, end) and not text.endswith(_NOT_ENDINGS, start, end)


def is_plain(name: str) -> bool:
    """Whether a name is no more than an ending, or one that means certain bodies (各学校)."""
    return name in OFFICES or DETERMINER.match(name) is not None


def is_public(name: str) -> bool:
    """Whether a name means the public and not a body."""
    return name.removesuffix("们").endswith(PUBLIC) and not STAFF.search(name)


NAMED_LEADER: Final = re.compile(
    "(?:书记|主任|主席|委员|常委|局长|县长|市长|区长|镇长|乡长|州长|部长|院长|校长|所长|队长|组长|厅长|处长|科长)"
    "(?:[王李刘陈杨赵黄吴徐孙朱胡郭林罗郑梁谢宋唐韩冯邓曹彭萧田董袁潘蒋蔡杜叶苏魏吕丁沈姚卢姜崔谭汪廖韦贾夏邹邱侯孟薛郝龙陶贺龚邵钱覃戴莫]"
    "|周(?![一二三四五六日末密到全边])|张(?![贴罗榜])|马(?!上))[\u4e00-\u9fff]{1,2}$"
)
"""A post with the name of its holder behind it, by common surnames that seldom open other words."""

PERSON_LENGTHS: Final = range(2, 5)
"""How many characters the names of persons have."""


def is_with_post(person: str, name: str) -> bool:
    """Whether `name` is that of `person` with a post (李明, 李明主任)."""
    return (
        len(person) in PERSON_LENGTHS
        and name.startswith(person)
        and name[len(person) :] in POSTS
        # An office's leader (县医院院长) is not the office.
        and not ends_as_name(person, 0, len(person))
        and not FIELD.fullmatch(person)
    )


FIELDS: Final = split_words(
    "公安 卫健 卫计 卫生健康 财政 发改 工信 商务 民政 人社 市监 市管 城管 文旅 文广 网信 纪检"
    " 监察 纪委 监委 纪检监察 审计 疾控 交警 海关 边检 工会 妇联 政法 统战 人行 市场监管"
    " 市场监督 住建 药监 省级 市级 县级 区级 乡级 村级 供销 人大 政协 检察 农业农村 自然资源"
    " 生态环境 应急管理 交通运输 共青团 教体 经信 国资 民宗 政府 党委"
)
"""Fields of administration that stand for their offices even alone (公安要……)."""

LISTED_FIELDS: Final = split_words(
    "交通 教育 宣传 组织 铁路 民航 公路 水路 航空 水运 通信 通讯 电信 电力 供电 供水 农业 畜牧"
    " 水利 林业 应急 医保 金融 邮政 旅游 文化 体育 卫生 医疗 司法 信访 气象 环保 统计 税务 粮食"
    " 司法行政 物价 质检 食药监 工商 规划 国土 移民 民族宗教 建设 物流 餐饮 客运 港航 团 党 群"
    " 社会 街道 学校 法院 新闻 广电 安监 运管 路政 交管 劳动保障 人力资源 科技 能源 水务 园林"
    " 房管 执法 综合执法 电 水 气 省 市 县 区 乡 镇 村 组 单位 家庭 企业 地 州 校 厂 矿 属地"
    " 政工 后勤 保卫 医务 护理 院感 药剂 检验 宗教 大数据 工业和信息化"
)
"""Words that name a body only beside others in a list (交通、公安、卫健要……)."""

FIELD: Final = re.compile(
    rf"(?:各级?|全?[省市县区镇]级?|街道|乡镇|中央|属地|当地)*(?P<sure>{any_of(FIELDS)})"
    rf"|(?P<listed>{any_of(LISTED_FIELDS)})"
)
"""A field of administration, with or without its level: 公安, 市财政, 街道城管."""

OURS: Final = re.compile("我[省市县区州镇乡村]")
"""A place where the speaker stands for all of it (我市), nobody in particular."""

LEVELS: Final = re.compile(
    r"(?:乡镇|社区|县区|市县|县市区|国家|中央|街道|[省市县区乡镇村组州]|[（(][^（）()]{1,6}[)）])+"
)
"""Levels of government without a head of their own."""

CONTINUATION: Final = re.compile(
    any_of(tuple(word for word in (*OFFICES, *POSTS) if len(word) > 1 and word != "组织"))
)
"""What goes on with a name that seems to end before it (党员|干部)."""

BROKEN: Final = ("主要", "门口", "部门")
"""Words in whose middle no name ends (各酒店主|要, 部门|口, 卫健部|门)."""

LEVEL: Final = re.compile(r"[省市县区州乡镇村](?:[（(][^（）()]{1,6}[)）])?")
"""One level, which names nobody where the name after it goes on from a level (市、县医院)."""

_LEVEL_OFFICE = re.compile(rf"{LEVEL.pattern}(?:人民政府|政府|党委|[^村居]{{2,10}}[局委])")
"""An office that every level has (各区、县（市）人民政府)."""

SHARED_POST: Final = re.compile(
    rf"(?:{any_of(POSTS)}|主要领导|党支部|党组织|基层组织|(?:工作|值班|医务)人员|各部门|班子|[两三四五]级[^、]*)$"
)
"""Endings that the levels or owners before them in a list share (乡镇、村干部)."""

LEADERS: Final = re.compile(
    f"(?:主要|分管)?[“{QUOTATION}]?(?:领导|负责(?:人|同志)|干部|书记|班子(?:成员)?|一把手|工作人员)[”{QUOTATION}]?$"
)
"""Posts that every office has, which offices before them in a list share."""

SHARED_OFFICE: Final = re.compile("(?<=政府)(?:督查室|督查局|办公室|研究室)$")
"""Offices that a party committee and its government share (县委、县政府督查室)."""

COMMITTEE: Final = re.compile("[省市县区州镇]?(?:党?委|党工委)")

DETERMINER: Final = re.compile(
    r"[\d一二两三四五六七八九十]+[个支家名]|各|全[国省市县区镇乡村街校院局体]|所有|有关|相关|任何|每个"
    "|其他|其它|有条件|本[市县区镇]|我[市县区镇局院]"
)
"""What a name begins with that means certain bodies, not a thing called so."""

AND: Final = (
    "和(?:(?<=[厅局委部]和)|(?<=公安和|财政和|卫健和|城管和)"
    "|(?!平|信息化|改革|社会保障|城乡建设|物资储备"
    "|(?:旅游|规划|自然资源|体育|宗教|科技|科学技术|工业信息化|经济信息化|工信|统计|粮食|水利|水务|草原"
    "|投资促进|医疗保障|知识产权|文物|大数据|(?:综合)?(?:行政)?执法)[厅局委]"
    "|(?<=社会事务和|经济发展和|平安建设和|公共服务和|规划建设和|党群工作和|综合治理和|应急管理和)"
    "[\u4e00-\u9fff]{2,8}办))"
)
"""和 that parts names, not one within (文化和旅游局; but 教育局和体育局)."""

SEPARATOR: Final = re.compile(
    rf"、?(?:以及|特别是|尤其是|或者|包括)|、|{AND}|与|跟(?!踪|进|着|班|岗|上)|及(?!时)|或|[/／]"
    "|(?=各(?!级|方面|项|类|种))|(?<=机关)(?=事业|企)|(?<=部门)(?=单位)"
    "|(?<=[省市县区州]委)(?=[省市县区州]政府)|(?<=党委)(?=政府)"
)
"""What parts the names of a list; bodies set side by side have nothing between them."""

CLOSING: Final = re.compile(
    r"(?:[这那][边块头]|等(?:重点)?|[这之]类|[两二三四五六七八九十\d]+(?:家|方|支力量|个?部门|个?单位))[^，,。；;：:、]{0,3}?"
    rf"(?:[^，,。；;：:、要须应由对把将]{{0,8}}?(?:{any_of((*OFFICES, *POSTS))}|人员|方面))?"
)
"""What closes a list: 等, 等部门, 三家."""

LOOSE_FIELD: Final = re.compile(
    r"(?:(?![百千万])[\u4e00-\u9fff]){2,8}?(?=[、和与及]|等|[这之]类|[两三四五六]家)"
)
"""Any words before a separator, which may name a field beside known ones."""

OFFICE_CLOSING: Final = re.compile(
    r"(?:等|[这之]类)?.{0,4}(?:部门|场所|单位|机关|机构|专家|行业|企业|系统|工地|[家方])"
)
"""The end of a list that makes bodies of all it holds (等部门)."""

SINGLED_OUT: Final = re.compile("、?(?:特别|尤其|包括|以及)")
"""What sets a name off from those before it."""

DAMAGED: Final = re.compile(r"[*＊×X]{2,}")
"""A name that was blotted out."""


def shares_head(owner: str, name: str) -> bool:
    """Whether `owner` alone would be half a name beside `name`."""
    if SHARED_OFFICE.search(name):
        return COMMITTEE.fullmatch(owner) is not None
    if LEVEL.fullmatch(owner) and (level := LEVEL.match(name)) and level.end() < len(name):
        return True
    if owner.startswith("各") and LEVEL.fullmatch(owner, 1) and _LEVEL_OFFICE.fullmatch(name):
        return True
    if NAMED_LEADER.search(name) and owner.endswith(POSTS):
        return True
    head = SHARED_POST.search(name)
    if not head or head.start() == 0 or name[: head.start()].endswith("直"):
        return False
    if LEVELS.fullmatch(owner):
        return True
    leaders = LEADERS.search(name)
    if not leaders or not ends_as_name(name, 0, leaders.start()):
        return False
    if owner.removesuffix("们").endswith((*POSTS, *PUBLIC)):
        return False
    # 公安、社区干部 are two, 公安、卫生部门负责人 is one.
    return ends_as_name(owner, 0, len(owner)) or name.endswith(
        ("部门", "单位", "机构"), 0, leaders.start()
    )
