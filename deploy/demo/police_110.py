"""110's own command system: 接警单 out; 派警单, 反馈单 and 退单 answer what comes in. HTTPS with certificates of the police."""
from hotline_side import DAY, HotlineSide, compact, now
from ledger import UNMAPPED

LINK = "jcj"


class Police110(HotlineSide):
    party = "police-110"

    def call(self, number, category, content, place, division, grade="", revision=None, secret=False, **more):
        """A 接警单. `number`: our own running number, so that the same call can be told again with more in it."""
        when = revision or now()
        jjdbh = f"{division[:6]}{DAY}{number:06d}"
        body = {
            "XZQHDM": division, "JJDBH": jjdbh, "JJDWDM": "339921000000", "JJDWMC": "云溪县公安局指挥中心", "JJLX": "01",
            "JJYBH": "011023", "BJSJ": compact(when), "JJSJ": compact(when), "RKSJ": compact(when), "GXSJ": compact(when),
            "BJDH": f"0199-555-{2000 + number % 7000}", "BJRMC": f"报警人{number}", "LXDH": f"0199-555-{2000 + number % 7000}",
            "JQDZ": place, "BJNR": content, "JQLBDM": category[:2] + "0000", "JQLXDM": category, "JQDJDM": grade,
            "FXDWJD": round(119.9 + number % 50 / 500, 6), "FXDWWD": round(28.4 + number % 37 / 500, 6), "SFBM": "1" if secret else "0",
            "GXDWMC": "云溪县公安局巡特警大队", "CDRYBZ": UNMAPPED,
        }
        body.update(more)
        message = {"header": {"type": "JJDB", "msgId": f"{jjdbh}-{body['GXSJ']}", "sender": "ICC"}, "body": body}
        self.post(LINK, "/110/jjd", message, native_id=jjdbh)
        return jjdbh

    def jjdbh(self, number, division):
        return f"{division[:6]}{DAY}{number:06d}"

    def broken_call(self):
        self.broken(LINK, "/110/jjd")

    def take(self, path, message):
        kind, body = message["header"]["type"], message["body"]
        self.count(kind)
        if kind == "JJDB":
            return self._task(message["header"], body)
        if kind == "PJDB" and "PJYJ" in body:
            # An order, or word that somebody is late: the shift leader signs.
            delivery = int(message["header"]["msgId"])
            self.later.after(self.random.uniform(0.8, 2), self._sign, body["JJDBH"], body["PJDBH"], delivery)
            self.wake(body["JJDBH"])
        elif kind == "PJDB":
            self.cancelled.add(body["JJDBH"])
        return None

    def _task(self, header, body):
        number, delivery = body["JJDBH"], int(header["msgId"])
        if not self.is_new_task(number):
            self.wake(number)  # the same task once more: newer, or late
            return None
        self.take_up(self.mood(), number, lambda: self._work(number, delivery), lambda: self._return(number, delivery))
        return None

    def _work(self, number, delivery):
        self._sign(number, f"P{number}", delivery)
        for index, state in enumerate(("EN_ROUTE", "ON_SCENE", "COMPLETED")):
            self.later.after(2 + 3 * index, self._feedback, number, delivery, state)

    def _sign(self, jjdbh, pjdbh, delivery):
        self.ledger.answer(self.party, "ACCEPTED", delivery)
        self.post(LINK, "/110/pjd", {"header": {"type": "PJDB"}, "body": {
            "PJDBH": pjdbh, "JJDBH": jjdbh, "CJDWDM": "339921010100", "PJSJ": compact(now()), "PDQSSJ": compact(now()), "QSRYXM": "值班民警"}})

    def _return(self, jjdbh, delivery):
        self.ledger.answer(self.party, "REFUSED", delivery)
        self.post(LINK, "/110/pjd", {"header": {"type": "TD"}, "body": {
            "PJDBH": f"P{jjdbh}", "JJDBH": jjdbh, "TDSJ": compact(now()), "CXYY": "力量不足"}})

    def _feedback(self, jjdbh, delivery, state):
        if jjdbh in self.cancelled:
            return
        self.ledger.answer(self.party, state, delivery)
        body = {"FKDBH": f"F{jjdbh}{self.next_number():04d}", "JJDBH": jjdbh, "PJDBH": f"P{jjdbh}", "FKSJ": compact(now()), "FKYXM": "出警民警",
                "FKDWDM": "339921010100", "CDCC": "浙K警0110"}
        field = {"EN_ROUTE": "CJSJ01", "ON_SCENE": "DDXCSJ", "COMPLETED": "XCCLWBSJ"}[state]
        body[field] = compact(now())
        if state == "COMPLETED":
            body.update({"CJCZQK": "现场已警戒,人员已转移", "JQCLJGSM": "处置完毕", "JZRS": self.random.randint(0, 3), "SSRS": 0, "SWRS": 0})
        self.post(LINK, "/110/fkd", {"header": {"type": "FKDB"}, "body": body})
