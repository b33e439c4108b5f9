"""12345's own system: work orders out; CONFIRM, pushFkd and DYYY answer the pushJjd that comes in."""
import json

from hotline_side import DAY, HotlineSide, now, spaced

LINK = "gd"


class Hotline12345(HotlineSide):
    party = "hotline-12345"

    def order(self, number, category, content, place, division, channel="电话", secret=False, gbk=False, **more):
        order_no = f"YX{DAY}{number:05d}"
        order = {
            "order_no": order_no, "acceptor_no": "8017", "raise_name": f"来电人{number}", "classification": "求助", "raise_category": category,
            "raise_channel": channel, "content": content, "raise_time": spaced(now()), "is_secrecy": "1" if secret else "0",
            "callerName": f"来电人{number}", "callerPhone": f"0199-555-{3000 + number % 6000}", "address": place, "division_code": division,
            "status": "待派遣", "internal_score": 7,
        }
        order.update(more)
        text = json.dumps(order, ensure_ascii=False)
        self.post(LINK, "/work_order", text.encode("gbk" if gbk else "utf-8"), native_id=order_no)
        return order_no

    def take(self, path, message):
        kind = path.rsplit("/", 1)[-1]
        self.count(kind)
        if kind != "pushJjd":
            return None
        number, delivery = message["JJDBH"], int(message["LSH"])
        if not self.is_new_task(number):
            self.wake(number)  # the same task once more: newer, or late
            return None
        flow = f"FL{DAY}{self.next_number():05d}"
        if number.startswith("LDX"):
            # An order, or word that the desk is late with something.
            self.later.after(self.random.uniform(0.8, 2), self._confirm, number, delivery)
            for late in list(self.silent):
                self.wake(late)
        else:
            self.take_up(self.mood(), number, lambda: self._work(number, flow, delivery), lambda: self._refuse(number, delivery))
        return {"FLOWID": flow}

    def _work(self, number, flow, delivery):
        self._confirm(number, delivery)
        self.later.after(3, self._feedback, number, flow, delivery, "PROGRESS")
        self.later.after(7, self._feedback, number, flow, delivery, "COMPLETED")

    def _confirm(self, jjdbh, delivery):
        self.ledger.answer(self.party, "ACCEPTED", delivery)
        self.post(LINK, "/deal12345/CONFIRM", {"CONFIRM": {"JJDBH": jjdbh, "RECEIVE": "1", "RECEIVETIME": spaced(now())}})

    def _refuse(self, jjdbh, delivery):
        self.ledger.answer(self.party, "REFUSED", delivery)
        self.post(LINK, "/deal12345/DYYY", {"DYYY": "2", "JJDBH": jjdbh, "HFSJ": spaced(now()), "HANDLEOPINION": "职能交叉"})

    def _feedback(self, jjdbh, flow, delivery, state):
        self.ledger.answer(self.party, state, delivery)
        # No PROGRESS with a number of its own: FLOWID alone must find the task.
        body = {"FLOWID": flow, "FKDWMC": "县综合服务中心", "FKSJ": spaced(now()), "FKYXM": "承办人", "CJCZQK": "已联系承办单位并答复来电人"}
        if state == "COMPLETED":
            body["JQCLJGSM"] = "已办结"
        self.post(LINK, "/deal12345/pushFkd", body)
