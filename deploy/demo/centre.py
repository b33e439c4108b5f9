"""The command centre: follows every change (Desk.Watch), takes on what climbs up to it, verifies, orders and reassigns."""
import threading
import time

import grpc
from liandong.v1 import acknowledgment_pb2 as ack_pb
from liandong.v1 import common_pb2 as common
from liandong.v1 import delivery_pb2 as delivery_pb
from liandong.v1 import desk_pb2 as desk_pb
from liandong.v1 import link_pb2 as link_pb

import county
from link import Line

DESK = common.Actor(person="值班长", role="指挥中心值班", way=common.BY_TERMINAL)
REASSIGN_MOST = 2  # refused duties given to the township of the place; the others stay refused, and stay visible


class Centre:
    def __init__(self, folder, hub_address, ledger, later, view, townships, telephone):
        """townships: division -> party. telephone(duty id): calls the duty telephone of whoever is late with it."""
        self._telephone = telephone
        self._ledger, self._later, self._view, self._townships = ledger, later, view, townships
        self._reassigned, self._ended = set(), False
        self._line = Line(folder, "command", hub_address, self._take, ledger)
        self._call = None
        self._watch = threading.Thread(target=self._follow, daemon=True)
        self._watch.start()

    # ---- what the hub sends

    def _take(self, delivery):
        envelope = delivery.envelope
        if envelope.kind in (delivery_pb.TASK, delivery_pb.ORDER):
            states = (ack_pb.SEEN,) if delivery.body.duty.role == common.INFORM else (ack_pb.ACCEPTED, ack_pb.EN_ROUTE, ack_pb.ON_SCENE, ack_pb.COMPLETED)
            for index, state in enumerate(states):
                self._later.after(1 + 4 * index, self._say, envelope.delivery_id, state)
        elif envelope.kind in (delivery_pb.ESCALATION, delivery_pb.TRANSFER):
            self._later.after(1.5, self._say, envelope.delivery_id, ack_pb.ACCEPTED)
            # Every third telephone rings in an empty room.
            if envelope.kind == delivery_pb.ESCALATION and envelope.delivery_id % 3:
                self._later.after(3, self._telephone, envelope.duty_id)

    def _say(self, delivery_id, state):
        self._line.acknowledge(delivery_id, state, actor=DESK)

    def _follow(self):
        while not self._ended:
            try:
                self._call = self._line.watch("Desk/Watch", desk_pb.WatchRequest(), desk_pb.WatchEvent)
                for incident in self.list().incident:
                    self._view.update(incident)
                for event in self._call:
                    for incident in event.incident:
                        self._view.update(incident)
                        self._reassign(incident)
            except grpc.RpcError as error:
                if not self._ended and error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED):
                    self._ledger.trouble(f"command: Watch: {error.code().name} {error.details()}")
                time.sleep(0.5)

    def _reassign(self, incident):
        for duty in incident.duty:
            to = self._townships.get(incident.incident.division)
            if (duty.status == delivery_pb.DUTY_REFUSED and duty.party in county.AGENCIES and to and duty.duty_id not in self._reassigned
                    and all(other.party != to for other in incident.duty)):
                if len(self._reassigned) < REASSIGN_MOST:
                    self._reassigned.add(duty.duty_id)
                    self._later.after(2, self._desk, "Reassign", desk_pb.ReassignRequest(duty_id=duty.duty_id, to=to, reason="改由属地先行处置", actor=DESK),
                                      link_pb.ActionReply)

    # ---- what people at the desk do

    def _desk(self, method, request, reply_type):
        try:
            return self._line.call(f"Desk/{method}", request, reply_type)
        except grpc.RpcError as error:
            # What ended by itself a moment before is no fault.
            if error.code() != grpc.StatusCode.FAILED_PRECONDITION:
                self._ledger.trouble(f"command: {method}: {error.code().name} {error.details()}")
            return None

    def verify(self, incident_id):
        self._desk("VerifyIncident", desk_pb.VerifyIncidentRequest(incident_id=incident_id, actor=DESK), link_pb.ActionReply)

    def false_alarm(self, incident_id):
        self._desk("MarkFalseAlarm", desk_pb.MarkFalseAlarmRequest(incident_id=incident_id, reason="现场核实为烹饪油烟", actor=DESK), link_pb.ActionReply)

    def order_townships(self, text):
        self._desk("OrderParties", desk_pb.OrderPartiesRequest(
            all_townships=True, text=text, accept_within_s=12, given_by="县防指总指挥", purpose=common.ACTUAL, urgent=True, actor=DESK),
            desk_pb.OrderPartiesReply)

    def raise_severity(self, incident_id):
        self._desk("CorrectIncident", desk_pb.CorrectIncidentRequest(incident_id=incident_id, severity=common.LARGE, reason="现场续报", actor=DESK),
                   link_pb.ActionReply)

    def list(self):
        return self._line.call("Desk/ListIncidents", desk_pb.ListIncidentsRequest(include_closed=True, limit=500), desk_pb.ListIncidentsReply)

    def show(self, incident_id):
        return self._line.call("Desk/ShowIncident", desk_pb.ShowIncidentRequest(incident_id=incident_id), desk_pb.ShowIncidentReply)

    def status(self):
        return self._line.call("Desk/Status", desk_pb.StatusRequest(), desk_pb.StatusReply)

    def close(self):
        self._ended = True
        if self._call is not None:
            self._call.cancel()
        self._line.close()
        self._watch.join(10)
