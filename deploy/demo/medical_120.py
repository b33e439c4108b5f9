"""120's own system: EVENT_INFO out; its status and the vehicles' states answer the EVENT_INFO that comes in."""
from hotline_side import DAY, HotlineSide, compact, now

LINK = "jj"
STATES = (("2", "EN_ROUTE"), ("3", "ON_SCENE"), ("4", "PROGRESS"), ("5", "COMPLETED"))


class Medical120(HotlineSide):
    party = "medical-120"

    def event(self, number, kind, complaint, place, division, flag="", serious=False, **more):
        sjh = f"120{DAY}{number:05d}"
        event = {"SJH": sjh, "STATUS": "已受理", "SCLDSJ": compact(now()), "SCLDHM": f"0199-555-{4000 + number % 5000}", "SCSLSJ": compact(now()),
                 "SCSLRPID": "203", "HCYY": complaint, "SJLX": kind, "SGLX": "1" if serious else "0", "XCDZ": place, "XZBM": division}
        if flag:
            event["FLAG"] = flag
        event.update(more)
        self.post(LINK, "/120/EVENT_INFO", event, native_id=sjh)
        return sjh

    def take(self, path, message):
        self.count("EVENT_INFO")
        number = message["SJH"]
        if message.get("STATUS") == "取消":
            self.cancelled.add(number)
        if message.get("STATUS") != "待受理":
            return None
        if not self.is_new_task(number):
            self.wake(number)  # the same task once more: newer, or late
            return None
        incident = int(message["FLAG"][2:])
        if number.startswith("LDX"):
            # An order, or word that the desk is late.
            self.later.after(self.random.uniform(0.6, 2), self._status, number, int(number[3:]), incident, "已受理", "ACCEPTED")
            self.wake(f"LD{incident}")
        else:
            mood = self.mood() if number.startswith("LD") else "work"
            self.take_up(mood, number, lambda: self._work(number, incident), lambda: self._status(number, 0, incident, "退回", "REFUSED"))
        return None

    def _work(self, number, incident):
        if number.startswith("LD"):
            # What goes under a number of its own: there the vehicles say it all.
            self._status(number, 0, incident, "已受理", "ACCEPTED")
        for index, (code, state) in enumerate(STATES):
            self.later.after(1.5 + 2.5 * index, self._vehicle, number, incident, code, state)

    def _status(self, number, delivery, incident, status, state):
        self.ledger.answer(self.party, state, delivery, incident)
        self.post(LINK, "/120/EVENT_INFO", {"SJH": number, "STATUS": status, "SCSLSJ": compact(now()), "SCDDY": "调度员",
                                            "HCYY": "无车可派" if state == "REFUSED" else ""})

    def _vehicle(self, number, incident, code, state):
        if number in self.cancelled:
            return
        self.ledger.answer(self.party, state, 0, incident)
        self.post(LINK, "/120/vehicle_state", {"SJH": number, "CLBH": "浙K救0120", "CLZT": code, "ZTSJ": compact(now())})
