"""The typhoon night: what happens when, told in the hotlines' own formats. Town, person and storm are invented."""
import datetime
import random
import time

from hotline_side import DAY, now
from liandong.v1 import common_pb2 as common
from liandong.v1 import intake_pb2 as intake_pb

TOWNS = {"云城街道": "339921001000", "东溪街道": "339921002000", "青石镇": "339921100000", "白沙滩镇": "339921101000", "龙井潭镇": "339921102000",
         "石梁桥镇": "339921103000", "枫坪头镇": "339921104000", "竹源里乡": "339921200000", "高岙背乡": "339921201000", "大湾坑乡": "339921202000",
         "松岭头乡": "339921203000", "梅垟坳乡": "339921204000"}
WAVE_S = 34        # how long the scripted hour takes
EXTRA_EVERY_S = 1.1  # between two further calls, told in between


class Night:
    def __init__(self, police, service, fire, medical, devices, weather, centre, view, later, ledger, seed):
        self.police, self.service, self.fire, self.medical = police, service, fire, medical
        self.devices, self.weather, self.centre, self.view, self.later = devices, weather, centre, view, later
        self._ledger = ledger
        self._random = random.Random(f"night-{seed}")
        self._numbers = {}
        self._towns = list(TOWNS.items())
        self._extras = [self._wire, self._water, self._light, self._ill, self._tree, self._dispute, self._detector, self._crash, self._outage, self._slope]

    def number(self, who, kept=1):
        """Running numbers of each hotline; `kept` of them at once."""
        first = self._numbers.get(who, 0) + 1
        self._numbers[who] = first + kept - 1
        return first

    def play(self, until, stopped):
        """Until the monotonic time or until stopped() says so; what is told later than that is not told at all."""
        wave = 0
        while time.monotonic() < until and not stopped():
            start = time.monotonic()
            events = self._wave(wave)
            extra = start + 3
            while (events or time.monotonic() < start + WAVE_S) and time.monotonic() < until and not stopped():
                if events and time.monotonic() >= start + events[0][0]:
                    _, tell = events.pop(0)
                    self.later.after(0, self._tell, tell)
                elif time.monotonic() >= extra:
                    extra += EXTRA_EVERY_S
                    self.later.after(0, self._tell, self._random.choice(self._extras))
                else:
                    time.sleep(0.05)
            wave += 1

    def _tell(self, tell):
        try:
            tell()
        except Exception as error:  # one call that goes wrong must be seen, and must not end the night
            self._ledger.trouble(f"演出 player: {type(error).__name__}: {error}")

    # ---- the scripted hour

    def _wave(self, wave):
        p, s, f, m = self.police, self.service, self.fire, self.medical
        flood, slide, secret = self.number("110", 3), self.number("119"), self.number("110")
        village, hill = self._towns[(4 + wave) % 12], self._towns[(8 + wave) % 12]
        light, road = self._towns[wave % 12], self._towns[(3 + wave) % 12]
        ids, told = {}, revision_times()
        zone = 10 + wave

        def keep(name, value):
            ids[name] = value

        events = [
            (0.0, lambda: self._warning()),
            (0.6, lambda: keep("flood", p.call(flood, "060101", "山洪进屋,三个人被困在二楼,水还在涨", f"{village[0]}上村12号", village[1], "4",
                                               revision=told(0), JQXLDM="060101", BKRYQKSM="3人被困"))),
            (1.6, lambda: s.order(self.number("12345"), "路灯", "整条街路灯不亮,天黑风大看不清路", f"{light[0]}人民路", light[1])),
            (2.2, lambda: m.event(self.number("120"), "突发疾病", "男,71岁,胸痛出汗", f"{road[0]}学前路5号", road[1])),
            (2.8, lambda: self.devices[889].alarm(zone, 2, "三楼走廊", "split")),
            (3.6, lambda: f.incident(slide, "20800", "3", "后山滑坡压到两间房,有人被埋", f"{hill[0]}坑口自然村", hill[1], trappedPerson="2人",
                                     longitude=119.95, latitude=28.47)),
            (4.6, lambda: p.call(flood, "060101", "山洪进屋,三个人被困在二楼,水还在涨", f"{village[0]}上村12号", village[1], "3",
                                 revision=told(60), JQXLDM="060101", BKRYQKSM="3人被困", SSRYQKSM="2人受伤", BCJJNR="续报:两人受伤,其中一人骨折")),
            (5.4, lambda: s.order(self.number("12345"), "内涝", "地下车库进水,车里有人被困出不来,快来人", f"{light[0]}河滨花园", light[1])),
            (6.2, lambda: m.event(self.number("120"), "滑坡掩埋", "被埋人员救出后需要急救", f"{hill[0]}坑口自然村", hill[1], serious=True,
                                  flag=f"119-3399{DAY}{slide:05d}")),
            (7.0, lambda: self._twice(flood + 1, road)),
            (7.8, lambda: p.call(secret, "010100", "涉密警情,只限专班", f"{light[0]}某处", light[1], "2", secret=True)),
            (8.4, lambda: self.devices[890].alarm(zone, 5, "成品仓库", "joined")),
            (9.2, lambda: s.order(self.number("12345"), "举报", "要求保密:反映有人趁停电聚众拿刀威胁商户", f"{light[0]}老街", light[1], secret=True)),
            (10.0, lambda: p.call(flood + 2, "060501", "电线杆倒了,高压线断在路上冒火花", f"{road[0]}省道边", road[1], "4", JQXLDM="060501")),
            (10.6, lambda: p.broken_call()),
            (11.2, lambda: f.incident(self.number("119"), "20901", "3", "110转来:山洪围困群众,已派舟艇", f"{village[0]}上村", village[1], source="110转警",
                                      other_number=p.jjdbh(flood, village[1]), trappedPerson="3人")),
            (12.0, lambda: s.order(self.number("12345"), "停电", "全村停电,手机也没有信号", f"{hill[0]}里垟村", hill[1], channel="微信小程序", gbk=True)),
            (12.8, lambda: self._verify(889, zone, 2, True)),
            (13.4, lambda: self.centre.order_townships("今夜22时前转移危险区全部人员,逐户核对,完成后报人数")),
            (14.4, lambda: self.devices[891].alarm(zone, 7, "食堂", "spoiled")),
            (15.2, lambda: f.incident(self.number("119"), "10000", "1", "【演练】学校疏散演练,模拟教学楼起火", f"{light[0]}县第一中学", light[1])),
            (16.0, lambda: m.event(self.number("120"), "孕产妇", "孕39周,破水,道路积水出不来", f"{village[0]}下村", village[1])),
            # Delayed on a bad line: older than what is known already.
            (17.0, lambda: p.call(flood, "060101", "山洪进屋,有人被困", f"{village[0]}上村", village[1], "4", revision=told(-60), JQXLDM="060101",
                                  BKRYQKSM="人数不明")),
            (18.0, lambda: self.devices[890].alarm(zone, 9, "", "twice")),
            (19.0, lambda: s.order(self.number("12345"), "道路塌方", "省道塌方,公路中断,堵着三辆车", f"{road[0]}岭脚段", road[1])),
            (20.5, lambda: self._raise(p.party, p.jjdbh(flood, village[1]))),
            (22.0, lambda: self._verify(891, zone, 7, False)),
            (24.0, lambda: f.incident(self.number("119"), "20400", "1", "餐馆燃气泄漏,气味很大", f"{road[0]}农贸市场旁", road[1])),
            (26.0, lambda: m.event(self.number("120"), "交通事故", "两车相撞,三人受伤", f"{hill[0]}县道弯道", hill[1], serious=True, SGDJ="3")),
        ]
        return events

    def _warning(self):
        request = intake_pb.ReportRequest()
        report = request.report
        report.external_id = f"33992141600000_{time.strftime('%Y%m%d%H%M%S')}_{self.number('weather')}"
        report.open.purpose, report.open.category, report.open.severity = common.ACTUAL, "natural.weather.typhoon", common.EXTREME
        report.open.division, report.open.danger_to_life = "339921000000", common.NO
        report.sealed.description = "台风红色预警:今夜起全县过程雨量200毫米以上,阵风12级"
        self.weather.report(request, intake_pb.ReportReply)

    def _twice(self, number, town):
        """A call that 110's own system sends again, since the first answer got lost: the same bytes."""
        when = revision_times()(0)
        for _ in range(2):
            self.police.call(number, "060400", "路面塌陷,货车掉进坑里", f"{town[0]}工业路", town[1], "4", revision=when, JQXLDM="060400")

    def _incident_of_alarm(self, device, zone, number):
        text = f"{zone}区{number}号"
        for incident_id in self.view.device_alarms():
            for report in self.centre.show(incident_id).incident.reports:
                if text in report.description and any(d.value == str(device) for d in report.details):
                    return incident_id
        return None

    def _verify(self, device, zone, number, real):
        incident_id = self._incident_of_alarm(device, zone, number)
        if incident_id is None:
            self._ledger.trouble(f"未见火警 the alarm of {device} is not on the desk")
        elif real:
            self.centre.verify(incident_id)
        else:
            self.centre.false_alarm(incident_id)

    def _raise(self, party, external_id):
        for incident in self.centre.list().incident:
            if any(r.party == party and r.external_id == external_id for r in self.centre.show(incident.incident.incident_id).incident.reports):
                return self.centre.raise_severity(incident.incident.incident_id)

    # ---- what else people call about

    def _town(self):
        return self._random.choice(self._towns)

    def _wire(self):
        town, code = self._town()
        self.police.call(self.number("110"), "060501", "电线掉在水里,不敢出门", f"{town}桥头", code, "4", JQXLDM="060501")

    def _water(self):
        town, code = self._town()
        self.service.order(self.number("12345"), "积水", "门口积水半米深,沙袋不够用", f"{town}溪边巷", code)

    def _light(self):
        town, code = self._town()
        self.service.order(self.number("12345"), self._random.choice(("路灯", "井盖", "水管", "垃圾")), "被风刮坏了,请来修", f"{town}老街", code)

    def _ill(self):
        town, code = self._town()
        self.medical.event(self.number("120"), self._random.choice(("突发疾病", "外伤", "危重")), "老人摔倒,叫不醒", f"{town}后垟", code)

    def _tree(self):
        town, code = self._town()
        self.police.call(self.number("110"), "060400", "大树倒了,公路中断", f"{town}县道", code, "4", JQXLDM="060400")

    def _dispute(self):
        town, code = self._town()
        self.police.call(self.number("110"), "070200", "邻居为排水沟吵起来了", f"{town}里弄", code, "4", JQXLDM="070200")

    def _detector(self):
        device = self._random.choice(list(self.devices.values()))
        device.heartbeat()
        device.alarm(200 + self.number("zone"), self._random.randint(1, 90), "", self._random.choice(("whole", "split", "joined")))

    def _crash(self):
        town, code = self._town()
        self.police.call(self.number("110"), "030100", "摩托车撞上倒树,一人受伤流血", f"{town}省道", code, "4", SSRYQKSM="1人受伤")

    def _outage(self):
        town, code = self._town()
        self.service.order(self.number("12345"), "停电", "停电两个小时了,家里有人用呼吸机", f"{town}新村", code, channel="网站")

    def _slope(self):
        town, code = self._town()
        self.fire.incident(self.number("119"), "20901", "1", "水漫过桥面,需要转移群众", f"{town}溪口", code)


def revision_times():
    """Times of one call's revisions: seconds after a fixed moment."""
    start = now()
    return lambda seconds: start + datetime.timedelta(seconds=seconds)

