"""The seven agencies and twelve townships: real gRPC clients whose people mostly work, sometimes refuse and sometimes stay silent."""
import random

from liandong.v1 import acknowledgment_pb2 as ack_pb
from liandong.v1 import common_pb2 as common
from liandong.v1 import delivery_pb2 as delivery_pb

import county
from ledger import DRILL_MARK
from link import Line

MOODS = (("work", 66), ("refuse", 8), ("silent", 14), ("defer", 6), ("partly", 6))
# So that every night shows each of them, whatever the dice say: what a party does with its first tasks.
FIRST = {"highway-bureau": ["refuse", "work"], "telecom": ["silent", "work"], "power-supply": ["work", "partly"], "town-yuncheng": ["silent"],
         "agriculture-bureau": ["work"], "town-gaoao": ["defer"]}
REASONS = ("属地不符", "力量不足", "道路中断")  # words that the site lists: others are sealed in the log
# Its line is cut by the storm at first: nothing is even received until it is back.
CUT_OFF, CUT_OFF_S = "town-longtan", 14


class Agency:
    def __init__(self, folder, party, hub_address, ledger, later, seed):
        self.party, self._later, self._ledger = party, later, ledger
        self._random = random.Random(f"{party}-{seed}")
        self._first = list(FIRST.get(party, ()))
        self._open = {}     # duty id -> its delivery, as long as nobody has looked after it
        self._ended = set()  # duties that were cancelled
        self._line = Line(folder, party, hub_address, self._take, ledger)

    def _mood(self):
        if self._first:
            return self._first.pop(0)
        return self._random.choices([m for m, _ in MOODS], [w for _, w in MOODS])[0]

    def _take(self, delivery):
        kind, envelope = delivery.envelope.kind, delivery.envelope
        for report in delivery.body.incident.reports:
            mark = "" if envelope.purpose == common.ACTUAL else DRILL_MARK
            self._ledger.read_by(self.party, mark + report.description + "".join(d.value for d in report.details))
        if kind in (delivery_pb.TASK, delivery_pb.ORDER):
            self._task(delivery)
        elif kind == delivery_pb.CANCEL:
            self._ended.add(envelope.duty_id)
            self._open.pop(envelope.duty_id, None)
        elif kind == delivery_pb.ESCALATION:
            self._later.after(self._random.uniform(0.8, 2), self._hurry, envelope.delivery_id, envelope.duty_id)
        elif kind == delivery_pb.TRANSFER:
            self._later.after(1, self._say, envelope, ack_pb.ACCEPTED)

    def _task(self, delivery):
        envelope = delivery.envelope
        if envelope.purpose != common.ACTUAL or delivery.body.duty.role == common.INFORM:
            # An exercise is answered like the real thing, but no unit moves.
            return self._later.after(1, self._say, envelope, ack_pb.SEEN)
        mood = self._mood()
        start = self._random.uniform(0.5, 2.5)
        if mood == "silent":
            self._open[envelope.duty_id] = delivery
        elif mood == "refuse":
            self._later.after(start, self._say, envelope, ack_pb.SEEN)
            self._later.after(start + 1, self._say, envelope, ack_pb.REFUSED, {"reason": self._random.choice(REASONS)})
        elif mood == "defer":
            self._later.after(start, self._say, envelope, ack_pb.DEFERRED, {"deferred_until_ms": envelope.queued_at_ms + 15_000})
            self._work(envelope, start + 5, ack_pb.ACCEPTED)
        else:
            self._later.after(start, self._say, envelope, ack_pb.SEEN)
            self._work(envelope, start + 1, ack_pb.PARTIALLY_ACCEPTED if mood == "partly" else ack_pb.ACCEPTED)

    def _work(self, envelope, start, answer):
        unit = f"{self.party}-1"
        self._later.after(start, self._say, envelope, answer, {"note": "人员正在集结"})
        self._later.after(start + self._random.uniform(1, 3), self._say, envelope, ack_pb.EN_ROUTE, {"unit": unit})
        self._later.after(start + self._random.uniform(4, 6), self._say, envelope, ack_pb.ON_SCENE, {"unit": unit})
        evacuated = self._random.randint(0, 30) if self.party in county.TOWNSHIPS else 0
        self._later.after(start + self._random.uniform(8, 14), self._say, envelope, ack_pb.COMPLETED,
                          {"unit": unit, "counts": common.Counts(evacuated=evacuated), "note": "险情已排除"})

    def _hurry(self, escalation_id, duty_id):
        """The leader on duty is told that his own desk is late, or (rarely) does not answer either."""
        if self._random.random() < 0.25:
            return
        self._line.acknowledge(escalation_id, ack_pb.ACCEPTED, actor=common.Actor(person="带班领导", role="带班", way=common.BY_CLIENT))
        self.wake(duty_id)

    def wake(self, duty_id):
        """Somebody stands beside the silent desk, or telephones it. False: it is not this party's duty."""
        late = self._open.pop(duty_id, None)
        if late is not None:
            self._work(late.envelope, 0.5, ack_pb.ACCEPTED)
        return late is not None

    def _say(self, envelope, state, fields=None):
        if envelope.duty_id not in self._ended:
            self._line.acknowledge(envelope.delivery_id, state, actor=common.Actor(person="值班员", role="值班", way=common.BY_CLIENT), **(fields or {}))

    def report(self, request, reply_type):
        return self._line.call("Intake/Report", request, reply_type)

    def close(self):
        self._line.close()
