"""What the night looks like: a live board in a terminal, plain lines where there is none. Fed by Desk.Watch."""
import collections
import shutil
import sys
import threading
import time
import unicodedata

from google.protobuf import text_format
from liandong.v1 import acknowledgment_pb2 as ack_pb
from liandong.v1 import common_pb2 as common
from liandong.v1 import delivery_pb2 as delivery_pb
from liandong.v1 import site_pb2 as site_pb

import county

# Columns of the matrix: what stands above, Chinese and English, and the parties whose duties stand in it.
COLUMNS = (("110", "110", ("police-110",)), ("12345", "12345", ("hotline-12345",)), ("119", "119", ("fire-119",)), ("120", "120", ("medical-120",)),
           ("气象", "wthr", ("weather-bureau",)), ("经商", "supp", ("commerce-bureau",)), ("公路", "road", ("highway-bureau",)),
           ("农业", "agri", ("agriculture-bureau",)), ("自规", "land", ("resources-bureau",)), ("通信", "tele", ("telecom",)),
           ("供电", "powr", ("power-supply",)), ("乡镇", "town", county.TOWNSHIPS), ("指挥", "cmd", ("command",)))
COLUMN_WIDTH, NEWS = 6, 7
STATES = {  # sign, Chinese, English, colour
    ack_pb.ACK_STATE_UNSPECIFIED: ("派", "已派", "assigned", "37"), ack_pb.RECEIVED: ("收", "收到", "received", "37"),
    ack_pb.SEEN: ("阅", "已阅", "seen", "36"), ack_pb.ACCEPTED: ("接", "受理", "accepted", "33"),
    ack_pb.PARTIALLY_ACCEPTED: ("部", "部分受理", "accepted in part", "33"), ack_pb.REFUSED: ("退", "退回", "refused", "35"),
    ack_pb.DEFERRED: ("缓", "暂缓", "deferred", "36"), ack_pb.EN_ROUTE: ("途", "出发", "en route", "34"),
    ack_pb.ON_SCENE: ("场", "到场", "on scene", "34"), ack_pb.COMPLETED: ("结", "办结", "completed", "32")}
LEGEND = " ".join(f"{sign} {en}" for sign, _, en, _ in STATES.values())
ROLES = ((common.LEAD, "主责 lead"), (common.SUPPORT, "协办 support"), (common.INFORM, "告知 inform"))


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def fit(text, columns):
    """Cut or filled to exactly this many columns."""
    while width(text) > columns:
        text = text[:-1]
    return text + " " * (columns - width(text))


def stands_at(duty):
    return duty.field or duty.person or duty.transport


class View:
    """What the command centre sees, as the hub tells it. Thread-safe."""

    def __init__(self, site_dir):
        parse = lambda name, message: text_format.Parse((site_dir / name).read_text(), message)  # noqa: E731
        parties = parse("parties.textproto", site_pb.PartyFile()).party
        self.name_zh = {p.id: p.name_zh for p in parties}
        self.township_of = {p.division: p.id for p in parties if p.division}
        self.category_en = {c.code: c.name_en for c in parse("categories.textproto", site_pb.CategoryFile()).category}
        self._lock = threading.Lock()
        self._incidents = {}
        self.news = collections.deque(maxlen=200)
        self._told = 0
        self._cursor = 0

    def update(self, summary):
        one = summary.incident
        with self._lock:
            old = self._incidents.get(one.incident_id)
            if old is not None and one.revision < old.incident.revision:
                return
            if old is None:
                self._say(one, f"新事件 new, {self.short(one.holder)} 接报 took it")
            elif old.incident.status != one.status:
                self._say(one, {delivery_pb.CLOSED: "已办结 closed", delivery_pb.CANCELLED: "已撤销 cancelled"}.get(one.status, "状态变化 changed"))
            elif old.incident.holder != one.holder:
                self._say(one, f"由 {self.short(one.holder)} 负责 now holds it")
            before = {d.duty_id: d for d in old.duty} if old is not None else {}
            fresh = [d for d in summary.duty if d.duty_id not in before]
            parts = [f"{word}: {'、'.join(self.short(d.party) for d in fresh if d.role == role)}" for role, word in ROLES if any(d.role == role for d in fresh)]
            if parts:
                self._say(one, "→ " + "  ".join(parts))
            for duty in summary.duty:
                if duty.duty_id in before:
                    self._compare(one, before[duty.duty_id], duty)
            self._incidents[one.incident_id] = summary

    def _compare(self, incident, old, duty):
        who = self.short(duty.party)
        if duty.steps_climbed > old.steps_climbed:
            self._say(incident, f"▲ {who} 超时,升级第{duty.steps_climbed}步 late, escalation step {duty.steps_climbed}")
        state = stands_at(duty)
        if state != stands_at(old) and state not in (ack_pb.RECEIVED, ack_pb.SEEN):
            _, zh, en, _ = STATES[state]
            self._say(incident, f"{who} {zh} {en}" + (f": {duty.reason}" if state == ack_pb.REFUSED else ""))

    def short(self, party):
        for zh, en, parties in COLUMNS:
            if len(parties) == 1 and party in parties:
                return zh if zh == en else f"{zh} {en}"
        return f"{self.name_zh.get(party, party)} {party.removeprefix('town-')}"

    def title(self, incident):
        if not incident.category:
            return "涉密 secret" if incident.secret else "指挥中心指令 order"
        return f"{incident.category_zh}·{incident.division_zh}" if incident.division_zh else incident.category_zh

    def _say(self, incident, text):
        self._told += 1
        self.news.append((self._told, time.monotonic(), f"事件{incident.incident_id} {self.title(incident)}: {text}"))

    def fresh_news(self):
        with self._lock:
            lines = [entry for entry in self.news if entry[0] > self._cursor]
            self._cursor = self._told
            return lines

    def incidents(self):
        with self._lock:
            return list(self._incidents.values())

    def device_alarms(self):
        """Incidents that a machine reported and that nobody has looked after yet."""
        return [s.incident.incident_id for s in self.incidents()
                if s.incident.category.startswith("accident.fire") and s.incident.verification == delivery_pb.UNVERIFIED]


class Board:
    """run() draws until end() is called."""

    def __init__(self, view, ledger, seconds, stream=sys.stdout):
        self._view, self._ledger, self._seconds, self._stream = view, ledger, seconds, stream
        self.live = stream.isatty()
        self._start, self._ended = time.monotonic(), threading.Event()
        self.phase = "风雨最急 at the height of the storm"
        self.notice = []  # lines that stand above the incidents while the board is live
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        if self.live:
            self._stream.write("\033[?1049h\033[?25l")
        self._thread.start()

    def _run(self):
        while not self._ended.wait(0.25 if self.live else 0.5):
            self.draw()

    def draw(self):
        if self.live:
            size = shutil.get_terminal_size((120, 40))
            lines = self.lines(size.columns, size.lines)
            self._stream.write("\033[H" + "\033[K\n".join(lines) + "\033[K\033[J")
        else:
            for _, when, text in self._view.fresh_news():
                self._stream.write(f"[{when - self._start:6.1f} s] {text}\n")
        self._stream.flush()

    def end(self):
        self._ended.set()
        self._thread.join(10)
        if self.live:
            # Back to the ordinary screen, with the last picture left standing on it.
            size = shutil.get_terminal_size((120, 40))
            self._stream.write("\033[?25h\033[?1049l" + "\n".join(self.lines(size.columns, size.lines)) + "\n")
        else:
            self.draw()
        self._stream.flush()

    # ---- one picture

    def _paint(self, text, colour):
        return f"\033[{colour}m{text}\033[0m" if self.live else text

    def _cell(self, duties, now_ms):
        """The duty that needs looking at most: late before waiting before done."""
        if not duties:
            return self._paint(fit("  ·", COLUMN_WIDTH), "90")
        duty = min(duties, key=lambda d: (d.status != delivery_pb.DUTY_OPEN, -d.steps_climbed, stands_at(d)))
        sign, _, _, colour = STATES[stands_at(duty)]
        if duty.status in (delivery_pb.DUTY_CANCELLED, delivery_pb.DUTY_REASSIGNED, delivery_pb.DUTY_MERGED_INTO):
            sign, colour = {delivery_pb.DUTY_CANCELLED: "消", delivery_pb.DUTY_REASSIGNED: "改"}.get(duty.status, "并"), "90"
        elif duty.role == common.INFORM and duty.transport:
            sign, colour = "知", "90"
        text = sign + ("▲" * min(duty.steps_climbed, 2))
        if len(duties) > 2:
            text = f"{sum(d.field == ack_pb.COMPLETED for d in duties)}/{len(duties)}"
        elif duty.status == delivery_pb.DUTY_OPEN and duty.next_deadline_ms:
            text += str(max(0, min(99, (duty.next_deadline_ms - now_ms) // 1000)))
        return self._paint(fit(text, COLUMN_WIDTH), "1;31" if duty.steps_climbed and duty.status == delivery_pb.DUTY_OPEN else colour)

    def lines(self, columns, rows):
        now_ms = int(time.time() * 1000)
        incidents = sorted(self._view.incidents(), key=lambda s: (s.incident.status != delivery_pb.OPEN, -s.incident.incident_id))
        open_ = [s for s in incidents if s.incident.status == delivery_pb.OPEN]
        duties = [d for s in incidents for d in s.duty if d.role != common.INFORM]
        passed = int(time.monotonic() - self._start)
        clock = f"{passed}/{self._seconds} s" if self._seconds else f"{passed} s (ctrl-C 结束 ends it)"
        count = lambda test: sum(map(test, duties))  # noqa: E731
        head = [
            self._paint(fit(f" 云溪县社会应急联动·台风夜  Yunxi County, typhoon night   {clock}   {self.phase}", columns), "1;44;97"),
            f" 报告 reports {len(self._ledger.contents())}  事件 incidents {len(incidents)} (未结 open {len(open_)})  任务 duties {len(duties)}"
            f"  受理 accepted {count(lambda d: d.person in (ack_pb.ACCEPTED, ack_pb.PARTIALLY_ACCEPTED))}"
            f"  办结 completed {count(lambda d: d.field == ack_pb.COMPLETED)}  退回 refused {count(lambda d: d.person == ack_pb.REFUSED)}"
            f"  升级 escalated {count(lambda d: d.steps_climbed > 0)}",
            *(fit(f" {line}", columns) for line in (self.notice if self.live else ())),
            "",
        ]
        shown = COLUMNS[: max(4, (columns - 40) // COLUMN_WIDTH)]
        label = columns - COLUMN_WIDTH * len(shown) - 17
        for index, (left, holder) in enumerate((("事件", "负责"), ("incident", "holder"))):
            head.append(self._paint(fit(f"  {left}", label) + fit(holder, 17) + "".join(fit(c[index], COLUMN_WIDTH) for c in shown), "1"))
        space = rows - len(head) - NEWS - 4
        body = [self._row(s, shown, label, now_ms) for s in incidents[:max(3, space)]]
        news = [fit(f" {when - self._start:5.0f}s {text}", columns) for _, when, text in list(self._view.news)[-NEWS:]]
        legend = [self._paint(fit(" " + LEGEND, columns), "90"),
                  self._paint(fit(" 知 informed 改 reassigned 消 cancelled  数字 seconds to the next deadline  ▲ 已升级 escalated  ! 急 urgent  密 secret  演 exercise", columns), "90")]
        return head + body + [""] + legend + [""] + news

    def _row(self, summary, shown, label, now_ms):
        one = summary.incident
        mark = {common.EXERCISE: "演", common.TEST: "测"}.get(one.purpose, "密" if one.secret else "!" if one.lane == common.URGENT else " ")
        ended = {delivery_pb.CLOSED: "√", delivery_pb.CANCELLED: "×"}.get(one.status, "")
        name = f"{ended}{one.incident_id:>3} {fit(mark, 2)} {self._view.title(one)} {self._view.category_en.get(one.category, '')}"
        cells = "".join(self._cell([d for d in summary.duty if d.party in parties], now_ms) for _, _, parties in shown)
        text = fit(name, label - 1) + " " + fit(one.holder, 16) + " "
        return (self._paint(text, "90") if ended else text) + cells
