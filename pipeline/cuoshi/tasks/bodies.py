"""Find the bodies that a sentence makes responsible (data/annotation/TASKS.md).

Chinese marks who acts by place, not by form: a name of a body counts where an act follows it
(各镇要排查) and it opens a part of the sentence, or where it stands behind a word that hands an
act over (由, 请, 督促). Reading the names themselves is left to `cuoshi.tasks.names`; what becomes
of a body that the model reads otherwise, to `cuoshi.tasks.agreement`; who is to act where a
sentence names nobody, to `cuoshi.tasks.inherit`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from cuoshi.tagging import Tagging
from cuoshi.tags import Role
from cuoshi.tasks import act_words, name_words
from cuoshi.tasks.agreement import settle_bodies
from cuoshi.tasks.names import Name, NameReader
from cuoshi.tasks.offsets import without_blanks
from cuoshi.tasks.task import Body

_PART = re.compile(r"[^，,。；;：:！!？?“”\"…—]+")
_QUOTED = re.compile(r"“([\u4e00-\u9fff]{0,4}(?:委|手|员|[^成增生]长))”")
"""A post or office in quotation marks (村“两委”), which belong to its name."""
ASSIGNMENT: Final = (
    r"[^（）()]{2,80}(?:牵头|负责|配合|协助|参与|落实)"
    r"(?:[，,；;][^（）()，,；;]{2,16}(?:完成|办结|到位|落实|上报))?[）)]"
)
"""What a bracket holds that says who does what stands before it, and its end."""
_ASSIGNED = re.compile(rf"[（(](?={ASSIGNMENT})")
"""A bracket that says who does what stands before it (……（县卫健局牵头，各镇配合）)."""
_PARTS = re.compile(
    r"各.{0,4}(?:部门|单位|科室|处室|股室|站所|组|专班|中队|支部|分局|班子|协会)(?:负责人|主要领导)?"
)
"""What a body has several of."""
_SPEAKER = re.compile(r"[\u4e00-\u9fff]{2,4}(?=[：:])")
"""Who speaks, in minutes (王长福：……), or who is spoken to (各镇：……): no part of it is a body."""
_NUMERAL = r"[一二三四五六七八九十\d]{1,3}"
_ORDINAL = re.compile(
    rf"\s*(?:[（(]{_NUMERAL}[)）]|{_NUMERAL}[、.．](?!\d)|{_NUMERAL}(?:是|要(?=[各全由]))"
    rf"|第{_NUMERAL}[、是]?)\s*"
)
_LEADS_IN = re.compile(
    r"同时|另外|此外|其次|首先|最后|因此|所以|为此|下一步|接下来|特别是|尤其是|并且|而且|但是?|还有|以及"
    r"|今后|当前|目前|现在|总之|必要时|原则上|重点是|请?我们|请?大家|请|再次?|由(?!于|此)|凡是|即|并|而"
    r"|今天|明天|今晚|今夜|今年|明年|近期|节[前后]|也?希望|[希望盼](?=[各全])|无论是?|不论是?|不管是?"
)
"""Words that open a part and no name."""
_OPENING = re.compile(
    r"[^，要]{0,12}?(?:强调|要求|指出|决定|希望|明确|提出|表示)"
    r"|[^，、对把由将向给]{1,14}?(?:起|(?<![及随按同准临])时|前(?![面线端沿])|后(?!勤)|[日天时周月以之]内|期间|以来|开始)"
    r"|(?:这|此|该|各[项类种]|具体)[^，、的由对把将向给要]{0,6}?(?:工作|任务|问题|方面|物资|[事点])"
)
"""When, on whose word and about what: this may as well begin a name."""
_HAND_OVER = re.compile(
    r"(?P<agent>(?<![自理缘经])由(?!于|此|来)|归(?=[^，]{2,10}(?:管|负责))|(?<![申邀聘提报])请(?!示|假|求|大家|注意))"
    r"|(?P<caused>指示|叮嘱|(?<!听到)(?<!呼)叫(?!停|做|到)|(?<!得)让(?!位|利|步))"
    r"|(?P<founded>派出(?!所)|组成|成立|组建|选派|(?:有|设|安排|指定|明确|确定|落实|派)(?=专人))"
    r"|(?P<drawn>抽调)"
    r"|(?P<barred>(?:严禁|禁止|不准|不许|不允许)(?!在))"
    r"|(?P<members>(?<![可得予加])以(?![上下及来外内后前]))"
    r"|(?P<ally>会同|协同(?!组|小组|办|作战|机制|推进|配合)|(?<!组成)(?<!开展)(?<!成立)(?<!组建)联合(?!会|社(?!区)|体|国|执法))"
    r"|(?P<partner>(?<=[要须应并])[与同]|(?<=[要须应并，,])[跟和](?=[^，,]{2,16}(?:一起|一道|共同)))"
    r"|(?P<aide>在(?=[^，,]{2,24}(?:配合|协助|支持|帮助)之?下))"
    r"|(?P<helped>(?:配合|协助)(?:好|做好)?)"
    r"|(?P<approver>经(?![营费济常验过手由办理]))"
    r"|(?P<told>(?:(?<![党团会级])组织(?!部(?!门)|处|科|者|实施|开展)|发动|动员|督促|责成|责令|要求|指导"
    r"|依托|依靠|推动|(?<!统筹)协调(?![组办]|小组|中心|专班|机[构制]|部门|解决)|敦促|安排|指派|委托|授权|调动|提请|邀请|聘请|领着|带着){1,3})"
)
_AIDED = re.compile("[^，,]{2,20}?(?=的?(?:积极|大力|全力|密切)?(?:配合|协助|支持|帮助)之?下)")
"""With whose help an act is done, behind 在 (在村医的协助下)."""
_HELPS = re.compile(
    r"(?:要|应当?|须|必须|积极|主动|密切|紧密|全力|切实|予以|给予|共同|依法|大力|做好|也|都)*"
    r"(?:配合|协助|参与|支持|(?:派[员人])?(?:一并|一同|一起)?参加(?!会议))"
)
_MUTUAL = re.compile(
    r"(?:要|应|须|必须|加强|密切|紧密|相互|互相|主动|通力){1,4}"
    rf"(?:协作|沟通|衔接|配合(?:(?![\u4e00-\u9fff])|(?={act_words.PREDICATE.pattern})))"
)
_EXPECTED = {
    "agent": re.compile(r"(?![的等、和与及或])."),
    "members": re.compile("为?(?:组成|组建|成立|成员)"),
    "partner": re.compile(
        "(?:密切|紧密|积极|主动|加强|共同|一道|一起|联合)*(?:配合|协作|合作|联动|协同|联合|共同|一道|一起)"
    ),
    "approver": re.compile(
        "(?:集体)?(?:审定|评估|论证|查验|初核|复核|核验|评审|研判|鉴定|确认|签批|批准|同意|审批|审核|研究|核准|许可|授权|审查|签字|签章|会签)"
    ),
}
"""What must follow names behind such a word, where that is not any act."""

_PUNISHED = re.compile(
    "(?:就地|一律|一并|立即|当场|先行?|也|都|同时|全部|依法|依规)*"
    "(?:免职|停职|撤职|降职|革职|降级|摘帽|下课|开除|处分|待岗|调离)"
)
"""What befalls whoever is named before it (校长就地免职)."""
_FAILS = re.compile(r"(?!对|把)[^，]{0,40}[的者]")
_DETERMINER = re.compile(
    r"(?<![对把由将向给为让请使在照据托靠])(?:全[省市县区镇]各|(?:[省市县区镇乡]直|(?<!直))各(?!项|类|种|界|方)|任何|所有)"
)
RESPONSIBLE: Final = (
    "(?:(?P<lead>责任|牵头|主办|承办|主责|落实)|(?P<support>配合|协办|协助))"
    "(?:单位|部门|领导|科室|处室|人员?)"
)
"""What a list of those responsible is headed by, before a colon (责任单位：……)."""
_TITLE = re.compile(rf"{RESPONSIBLE}[：:]\Z")
_PREPOSITION = re.compile("(?:要|应当?|必?须)?[对把将为向给]")
# 由 makes whatever stands between it and an act the one who acts, known as a body or not.
_AGENT = re.compile(
    rf"(?:(?!{act_words.STOP.pattern}|{act_words.ACT.pattern})[\u4e00-\u9fff]){{2,10}}"
    rf"(?={act_words.ACT.pattern})(?!转|延伸)"
)
_FAILING = re.compile(
    r"(?:不(?!得|准|许|能|可|要)|没|未|失|违|漏|瞒|拒|推诿)[^，、]{1,14}的(?!.{0,6}要)"
)


def find_bodies(text: str, tagging: Tagging | None = None) -> list[Body]:
    """The bodies that a sentence names as those to act, in order, without overlap.

    Args:
        text: a sentence, cleaned of layout.
        tagging: what the model says of its tokens; without it the rules decide alone.

    Returns:
        Bodies with offsets into `text`; none is inherited.
    """
    bodies = _find_by_rules(text)
    return bodies if tagging is None else settle_bodies(text, bodies, tagging)


@without_blanks
def _find_by_rules(text: str) -> list[Body]:
    found: dict[tuple[int, int], Role] = {}
    founded: dict[tuple[int, int], Role] = {}
    unquoted = _QUOTED.sub(name_words.QUOTATION + r"\1" + name_words.QUOTATION, text)
    unquoted = _ASSIGNED.sub("，", unquoted)
    for part in _PART.finditer(unquoted):
        _PartReader(unquoted, part.start(), part.end(), found, founded).read()
    speaker = _SPEAKER.match(text)
    bodies: list[Body] = []
    for (start, end), role in sorted((founded | found).items()):
        if speaker and end < speaker.end():
            continue
        if bodies and start == bodies[-1].end and _is_part(text[start:end], bodies[-1].text):
            start = bodies.pop().start
        if not bodies or start >= bodies[-1].end:
            bodies.append(Body(start=start, end=end, text=text[start:end], role=role))
    return bodies


def _is_part(name: str, owner: str) -> bool:
    """Whether what stands right behind a body names its parts (指挥部 | 各工作组)."""
    return _PARTS.fullmatch(name) is not None and not owner.startswith(("各", "全"))


class _PartReader(NameReader):
    """Reads one part of a sentence, between two commas.

    Args:
        found: takes the bodies and their roles.
        founded: takes those that the sentence sets up, which count where it named no other before.
    """

    def __init__(
        self,
        text: str,
        start: int,
        end: int,
        found: dict[tuple[int, int], Role],
        founded: dict[tuple[int, int], Role],
    ) -> None:
        super().__init__(text, end)
        self.start = self.position = start
        self.found, self.founded = found, founded
        self._parallel = False  # 专家讲、村干部讲: whether each 、 may open a subject and its act

    def read(self) -> None:
        """Read the subject that the part opens with, then every act that is handed over."""
        if _TITLE.search(self.text, self.start, min(self.end + 1, len(self.text))):
            return
        self._read_subject()
        while match := _HAND_OVER.search(self.text, self.position, self.end):
            self.position = match.end()
            self._read_handed_over(str(match.lastgroup))
        self._read_inner_subjects()

    def _read_subject(self) -> None:
        if title := _TITLE.search(self.text, max(0, self.start - 6), self.start):
            names, self.position = self.read_list(self.start, may_end=True)
            self._keep(names, "support" if title["support"] else "lead")
            return
        for start in self._openings():
            names, end = self.read_list(start)
            if names and not self._is_report(end) and not self._is_speaker(names):
                self._keep(names, self._role(names, end))
                self.position = end
                self._parallel = _PREPOSITION.match(self.text, end) is None
                return
        determiners = _DETERMINER.finditer(self.text, self.start, self.end)
        for inner in islice(determiners, 3):
            names, end = self.read_list(inner.start(), act_words.MODAL)
            if names and not self._is_report(end):
                self._keep(names, self._role(names, end))
                self.position = end
                return

    def _openings(self) -> Iterator[int]:
        """Where the subject may begin: at the start, behind an ordinal, behind an opening."""
        position = self.start
        if match := _ORDINAL.match(self.text, position, self.end):
            yield match.end()
            position = match.end()
        for _ in range(4):
            while match := _LEADS_IN.match(self.text, position, self.end):
                position = match.end()
            yield position
            match = _OPENING.match(self.text, position, self.end)
            if match is None:
                break
            position = match.end()

    def _is_report(self, end: int) -> bool:
        if act_words.REPORT.match(self.text, end, self.end):
            return True
        if _FAILING.match(self.text, end, self.end):
            return True
        if _PUNISHED.match(self.text, end, self.end):
            return True
        if act_words.RELATIVE.match(self.text, end, self.end):
            return True
        if act_words.OWNED.match(self.text, end, self.end):
            return True
        if act_words.MODAL.match(self.text, end, self.end):
            return False
        return _FAILS.fullmatch(self.text, end, self.end) is not None

    def _is_speaker(self, names: list[Name]) -> bool:
        return len(names) == 1 and act_words.speaks(self.text, names[0].start, names[0].end)

    def _role(self, names: list[Name], end: int) -> Role:
        if len(names) > 1 and _MUTUAL.match(self.text, end, self.end):
            return "lead"
        return "support" if _HELPS.match(self.text, end, self.end) else "lead"

    def _read_handed_over(self, kind: str) -> None:
        start = self.position
        may_end = kind == "ally"
        names, end = self.read_list(
            start,
            _EXPECTED.get(kind, act_words.PREDICATE),
            may_end=may_end,
            is_handed=kind not in ("told", "founded", "drawn"),
        )
        if kind == "agent":
            sure, sure_end = self.read_list(start, is_handed=True)
            names, end = (sure, sure_end) if sure else (names, end)
            if not names and (agent := _AGENT.match(self.text, start, self.end)):
                names, end = [Name(start, agent.end(), "loose")], agent.end()
        if kind == "aide" and (aided := _AIDED.match(self.text, start, self.end)):
            names, end = NameReader(self.text, aided.end()).read_list(start, may_end=True)
        if not names and self.text.startswith(("依托", "依靠"), start - 2):
            names, end = self._read_relied_on(start)
        if not names:
            return
        self.position = end
        if kind == "drawn":
            kind = "told" if self.found else "founded"
        if kind == "founded":
            if not self.found:
                self.founded.update({(name.start, name.end): "lead" for name in names})
        elif kind == "agent":
            self._parallel = True
            self._keep(names, self._role(names, end))
        else:
            self._keep(
                names, "lead" if kind in ("helped", "members", "barred", "caused") else "support"
            )

    def _read_relied_on(self, start: int) -> tuple[list[Name], int]:
        """Bodies with whose help the next part is done (依托各级党组织，开展排查)."""
        names, end = self.read_list(start, may_end=True)
        is_certain = all(name_words.STRONG.search(self.text, n.start, n.end) for n in names)
        is_done = act_words.PREDICATE.match(self.text, self.end + 1)
        return (names, end) if is_certain and is_done and end == self.end else ([], start)

    def _read_inner_subjects(self) -> None:
        """A second subject behind a 、 that closes an act: 由卫健局牵头、公安局配合."""
        if not self.found:
            return
        position = self.start
        while (position := self.text.find("、", position, self.end)) >= 0:
            before, position = position, position + 1
            if name_words.ends_as_name(self.text, max(self.start, before - 8), before):
                continue
            names, end = self.read_list(
                position, act_words.SHORT if self._parallel else act_words.MODAL
            )
            if names and not self._is_report(end):
                self._keep(names, self._role(names, end))
                position = end

    def _keep(self, names: list[Name], role: Role) -> None:
        for name in names:
            if not name_words.is_public(self.text[name.start : name.end]):
                self.found.setdefault((name.start, name.end), role)
