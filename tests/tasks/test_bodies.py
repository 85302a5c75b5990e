import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuoshi.tasks.bodies import find_bodies

from ..conftest import PROJECT


def mark(text: str) -> str:
    """`text` with its leading bodies in [ ] and its supporting ones in { }."""
    marked, position = "", 0
    for body in find_bodies(text):
        opening, closing = "[]" if body.role == "lead" else "{}"
        marked += text[position : body.start] + opening + body.text + closing
        position = body.end
    return marked + text[position:]


@pytest.mark.parametrize(
    "marked",
    [
        "[各乡镇办事处]要逐户排查，[公安部门]负责登记。",
        "[各级党组织]要发挥作用。",
        "物资由[行政处]统一购买，请[有关部门]将结果报来。",
        "会后[各督导组]明天出发。",
        "[市内旅行社]暂停经营活动。",
        "对工作不力的单位，[效能办]予以扣分。",
        "[生产口罩的企业]不能停工。",
        "[*副镇长]牵头，今晚落实。",
        "下一步[教体局]要安排值班。",
        "希望[各村]带头，无论是[医院]，都要执行。",
        "从今天开始[卫生院]要每天上报，这项工作[教体局]要抓紧。",
        "对落实不力的学校，[纪委]予以通报。",
        "[村“两委”]要逐户登记，[各片区负责人]主要抓好测温。",
        "[人手不足的单位]要提前报告，[社区工作人员]不得离岗。",
        "责任单位：[县疾控中心]、[各乡镇]。",
        "补足口罩（[县发改局]牵头，{县财政局}配合）。",
        "王长福：那口罩就不领了。",
        "张县长还要求[各乡镇]排查到户。",
        "县委书记王明强调，一要继续做好排查，[各村]要设卡。",
        "副县长李明提出三点要求：[各镇]要设卡。",
        "以上要求，望[各单位]认真落实。",
        "[各校]根据教育局安排错峰开学。",
        "督促{辖区企业}限期整改。",
        "[指挥部各工作专班]要马上到位，[市卫健委][各县区]要报数。",
        "[门卫]需严把进出关。",
        "隔离点由[卫健部门]管理，[公安部门]派人。",
        "[工信局]负责企业复工，[商务局]负责市场供应。",
        "[乡镇干部]包村、[村干部]包组、[组干部]包户。",
        "[在岗的每一名民警]都要上门。",
        "请[在座的各位镇长]回去就设卡。",
        "[各级疾病预防控制机构]要采样。",
        "[县委办]、[政府办]要把督查的担子挑起来。",
    ],
)
def test_who_acts_is_found_as_subject_and_behind_words_that_hand_over(marked: str) -> None:
    assert mark(marked.translate(str.maketrans("", "", "[]{}"))) == marked


@pytest.mark.parametrize(
    "marked",
    [
        "[公安]、[交通]、[卫健]要联合设卡。",
        "[财政]、[发改]、[人社]等部门要落实资金。",
        "[影院]、[网吧]和[棋牌室]等场所一律停业。",
        "[各地][各部门]要落实。",
        "[全县各级各部门]要落实。",
        "[任何单位]和个人不得截留。",
        "[乡镇、村(社区)干部]要上门。",
        "[县委、县政府主要领导]要带头。",
        "[市、县两级疾控机构]要采样。",
        "[各乡镇(街道)]、[村（社区）]要确定专人。",
        "[街道(镇)和社区(村)党支部]要带头。",
        "[市、区疾控中心]要采样。",
        "[教育局]、[网格员]要上门。",
        "[机关][企业]、[各级党委][政府]要值班。",
        "[公安]、[卫健]等部门和[各镇村]要联合设卡。",
        "[卫生健康]、[市场监管]等相关部门要检查。",
        "[餐饮]、[洗浴]等行业要每天消毒。",
        "[商务局]特别是[网格员]要上门。",
        "[教育局]和[各校]各派一人值守。",
        "[县文化和旅游局]、[市自然资源和规划局]要设卡。",
        "[县教育局]和[体育局]要设卡。",
        "[县城市管理和综合执法局]、[县农业农村和水利局]要设卡。",
        "由[街道]协调周边两所单位食堂保障。",
        "[公安]这边、[通信公司]这边要设卡。",
        "[镇平安建设和应急管理办公室]、[公安]和[综合执法局]要设卡。",
        "[各部门、各单位主要负责人]要带头。",
        "[各级党委、政府主要负责同志]要亲自抓。",
        "[医院、学校、养老院负责人]要带班。",
        "[公安、交通、卫生部门工作人员]要值守。",
        "[派出所]、[网格员]、[社区干部]要上门。",
        "[各区、县（市）人民政府]要设卡。",
        "[各镇]、[村委会]要登记。",
        "[各镇]、[街道]和[市直各部门]要设卡。",
        "[县委常委、常务副县长李强]负责采购。",
        "[县委书记王明]、[县长李强]任组长。",
        "[局长]马上安排采购。",
    ],
)
def test_names_of_a_list_are_one_each_unless_they_share_a_head(marked: str) -> None:
    assert mark(marked.translate(str.maketrans("", "", "[]{}"))) == marked


@pytest.mark.parametrize(
    "marked",
    [
        "[审计局]秋后查账，[各支部书记]注意。",
        "[县里]代管，[各市]比照执行。",
        "泵由[临江石化]准备。",
        "[图书馆]、[展览厅]、[游泳馆]闭馆。",
        "[食堂]、[剧本杀]、[浴池]要停业。",
        "[信访]、[司法]、[金融监管]等部门要前移关口。",
        "未经批准[任何学校]和[培训机构]不得开学。",
        "严禁[个体诊所]私自接诊。",
        "[专家]讲、[村干部]讲。",
        "现场要设[专人]维持间隔。",
        "[全市所有大排档]一律暂停营业。",
        "[流调溯源组]要上门。",
        "由[审计厅]和[督查办]抽查。",
        "[棋牌室]、[影剧院]等场所，今晚打烊。",
    ],
)
def test_neither_every_name_nor_every_act_need_be_known(marked: str) -> None:
    assert mark(marked.translate(str.maketrans("", "", "[]{}"))) == marked


@pytest.mark.parametrize(
    "marked",
    [
        "[教育局]牵头，{学校}配合。",
        "由[卫健局]牵头、{公安局}配合。",
        "[卫健委]要与{财政部门}配合。",
        "[宣传部]会同{网信办}发布。",
        "积极配合[有关部门]做好追踪。",
        "督促{企业}落实整改。",
        "[各市县]要组织{村干部}实施排摸。",
        "依托{基层医疗机构}实行居家隔离。",
        "[商务局]要会同{财政局}储备物资。",
        "督促指导{定点医院}落实消毒。",
        "牵头单位：[卫健局]，配合单位：{教育局}。",
        "[物资组]、[宣传组]要紧密配合。",
        "指导{企业}做好消毒，协调{运营商}发送短信。",
        "依托{各级党组织}，开展排查；依托信息平台，开展排查。",
        "协同{公安机关}设卡，商请[铁路部门]加强测温。",
        "{小区物业}、{业委会}要密切配合[社区]做好登记。",
        "经{指挥部}批准后发放。",
        "由[指挥部]授权{党群工作部}发布。",
        "逾期不改的提请{县政府}关闭，叫[村医]也去。",
        "[宣传部]跟[卫生局]今晚拿出稿子。",
        "成立专班，派出[督导组]进行督查。",
        "[区政府]派出督导组进行督查。",
        "由[分管副市长]带队，{住建局}派员参加，{商务局}一并参加。",
        "[县里]抽调{机关干部}包村督查。",
        "抽调[机关干部]包村督查。",
        "[派出所]要和{村干部}一道，挨家登记。",
        "[包片领导]要沉下去，跟{村干部}一起守卡点。",
        "[采样队]在{物业公司}的协助下上门，[各村]要登记。",
        "请[民政局]协调{爱心企业}捐赠口罩。",
    ],
)
def test_those_who_help_or_are_got_to_act_support(marked: str) -> None:
    assert mark(marked.translate(str.maketrans("", "", "[]{}"))) == marked


@pytest.mark.parametrize(
    "text",
    [
        "对乡镇进行督导，向指挥部报告，给社区配备口罩。",
        "认真学习市委常委会会议精神，做好社区卫生服务和学校食堂管理。",
        "坚决关闭影院、网吧。",
        "省委已组成专班。",
        "干部脱岗、卡点空转的，通报批评。",
        "火车站、机场是重要关口。",
        "返乡人员要登记，群众要少出门，大家要戴口罩。",
        "我市要加大宣传力度。",
        "教育引导群众，加强应急力量，宣传要跟上。",
        "非法培训机构，坚决取缔。",
        "院长撤职，县委书记到会上作检查。",
        "校长就地免职，村支书一律停职。",
        "（督办字〔2026〕第9号）：",
        "各单位自存的口罩全部上交。",
        "镇干部不到场的记旷工一次。",
        "小区大门必须锁死，学校防疫工作纳入督学。",
        "居民们要登记，员工分批返岗。",
        "落实“菜篮子”市长负责制，进一步明确各村职责。",
        "检查学校是否消毒，宣传各级机构需要履行的义务。",
        "在全省人民的支持下开展工作，在一线的医务人员，要帮助解决困难。",
        "在各村统一领导下，按照各部门统一部署做好排查。",
        "火车站是重要关口，指挥部门口要消毒。",
        "景区接待量不得超过一半，学校复课要报批，热线坐席加到百个。",
        "加密航空、铁路、公路、水运口岸联合查控网络。",
        "",
    ],
)
def test_objects_places_the_public_and_parts_of_names_are_not_responsible(text: str) -> None:
    assert mark(text) == text


SOUP = st.lists(
    st.sampled_from([*"各要由对的、，（）的等和与县", "公安", "部门", "社区", "负责", "有条件的"]),
    max_size=60,
).map("".join)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=80), SOUP))
def test_spans_of_any_text_are_in_order_disjoint_and_cut_out_their_words(text: str) -> None:
    position = 0
    for body in find_bodies(text):
        assert position <= body.start < body.end
        assert text[body.start : body.end] == body.text
        assert not body.is_inherited
        position = body.end


def test_about_half_of_the_authored_directives_name_a_body() -> None:
    path = PROJECT / "data" / "annotation" / "authored.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    texts = [row["text"] for row in rows if row["labels"]]
    share = sum(bool(find_bodies(text)) for text in texts) / len(texts)
    assert 0.4 < share < 0.7


@pytest.mark.parametrize(
    "piece",
    ["各乡镇要对、和社区、由", "各", "（", "公安、", "社区和", "有的", "缺码、少", "[县里]每"],
)
def test_time_grows_no_faster_than_the_text(piece: str) -> None:
    def seconds(characters: int) -> float:
        text = piece * (characters // len(piece))
        start = time.process_time()
        find_bodies(text)
        return time.process_time() - start

    assert min(seconds(24_000) for _ in range(2)) < 40 * max(
        min(seconds(3_000) for _ in range(3)), 0.005
    )
