"""Reads the hub's log itself (log.db) and compares it with what the hotlines sent."""
import sqlite3

from liandong.v1 import acknowledgment_pb2 as ack_pb
from liandong.v1 import common_pb2 as common
from liandong.v1 import delivery_pb2 as delivery_pb
from liandong.v1 import record_pb2 as record_pb


class Log:
    """What the records say, folded as far as `read` has come. The log has one writer; reading beside it is harmless."""

    def __init__(self, path):
        self._path = path
        self.last_index = 0
        self.records_of = {}     # (party, external id) -> how many records hold a content of it
        self.incident_of = {}    # (party, external id) -> incident id
        self.acknowledged = set()  # (party, incident id, state name)
        self.deliveries, self.duties, self.incidents = {}, {}, {}
        self.escalated = set()   # duty ids
        self.secret_seen, self.gaps = set(), []

    def read(self):
        with sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=10) as db:
            rows = db.execute("SELECT bytes FROM batch WHERE first_index > ? ORDER BY first_index", (self.last_index,)).fetchall()
        for (bytes_,) in rows:
            for record in record_pb.Batch.FromString(bytes_).record:
                if record.index != self.last_index + 1:
                    self.gaps.append(record.index)
                self.last_index = record.index
                self._fold(record)
        return self

    def _fold(self, record):
        for incident in record.changes.incident:
            self.incidents[incident.id] = incident
        for duty in record.changes.duty:
            self.duties[duty.id] = duty
        for delivery in record.changes.delivery:
            self.deliveries[delivery.id] = delivery
        what = record.WhichOneof("what")
        if what == "report_recorded":
            key = (record.report_recorded.key.party, record.report_recorded.key.external_id)
            self.records_of[key] = self.records_of.get(key, 0) + 1
            if record.incident_id:
                self.incident_of[key] = record.incident_id[0]
        elif what == "acknowledged":
            for incident_id in record.incident_id:
                self.acknowledged.add((record.actor.party, incident_id, ack_pb.AckState.Name(record.acknowledged.state)))
        elif what == "deadlines_missed":
            self.escalated.update(missed.duty_id for missed in record.deadlines_missed.missed if missed.duty_id and missed.step)

    # ---- the comparison

    def missing_reports(self, ledger, alarm_ids):
        """(party, native id, how many of its contents) that were sent and that the log does not hold. alarm_ids: a fire alarm's name ->
        the id that the adapter gave it."""
        missing = []
        for (party, native_id), contents in ledger.contents().items():
            held = self.records_of.get((party, alarm_ids.get(native_id, native_id)), 0)
            if held < contents:
                missing.append((party, native_id, contents - held))
        return missing

    def surplus_reports(self, ledger, alarm_ids):
        """What the log holds more often than it was sent, or under an id that nobody sent."""
        sent = {(party, alarm_ids.get(native_id, native_id)): n for (party, native_id), n in ledger.contents().items()}
        parties = {party for party, _ in sent}
        return [key for key, held in self.records_of.items() if key[0] in parties and held > sent.get(key, 0)]

    def missing_answers(self, ledger):
        """Acknowledgments that a hotline wrote and that the log does not hold, though the duty was still there to take them."""
        # Who is only informed has nothing to accept, and a refusal ends a duty: the hub says so, and the adapter shows it to its operator.
        ended = {(duty.party, duty.incident_id) for duty in self.duties.values()
                 if duty.role == common.INFORM or duty.status not in (delivery_pb.DUTY_OPEN, delivery_pb.DUTY_DONE)}
        missing = []
        for party, delivery_id, incident_id, state in ledger.answers():
            if delivery_id in self.deliveries:
                incident_id = self.deliveries[delivery_id].incident_id
            if (party, incident_id, state) in self.acknowledged:
                continue
            if (party, incident_id) not in ended:
                missing.append((party, incident_id, state))
        return missing

    def untaken_purposes(self):
        """Deliveries whose purpose is not that of their incident: promise 9 says there is none."""
        return [d.id for d in self.deliveries.values()
                if d.incident_id in self.incidents and d.purpose and d.purpose != self.incidents[d.incident_id].purpose]

    def totals(self):
        duties = self.duties.values()
        asked = [d for d in duties if d.role != common.INFORM]
        return {
            "reports": len(self.records_of), "incidents": len(self.incidents), "deliveries": len(self.deliveries),
            "completed": sum(d.field == ack_pb.COMPLETED for d in asked),
            "refused": sum(d.person == ack_pb.REFUSED for d in asked),
            "escalated": len(self.escalated),
            "unacknowledged": sum(d.status == delivery_pb.DUTY_OPEN and d.person in (ack_pb.ACK_STATE_UNSPECIFIED, ack_pb.SEEN)
                                  and d.field == ack_pb.ACK_STATE_UNSPECIFIED for d in asked),
        }


def find_alarm_ids(log, show, known):
    """Fire-alarm frames have no ids: finds by content which report of the log each became. `show`: Desk.ShowIncident."""
    wanted = {incident for (party, external_id), incident in log.incident_of.items() if party == "fire-119" and external_id not in known.values()}
    for incident_id in wanted:
        for report in show(incident_id).incident.reports:
            device = next((d.value for d in report.details if d.name == "传输装置"), "")
            if report.party != "fire-119" or not device:
                continue
            zone, _, rest = report.description.partition("区")
            known[f"gb:{device}:{zone.split()[-1]}:{rest.partition('号')[0]}"] = report.external_id
    return known
