"""Promise 10 (one process of each kind): nothing that was acknowledged is lost when a process dies. The hub under agencies at work, an adapter
between its answer and its delivery, both at once; and a late retry after the incident has left memory. LIANDONG_KILLS: how often hub and adapter are
killed (default 4; tests/survive.sh --kills)."""
import os
import threading
import unittest

from adapter_harness import Adapter, Device, stamp
from harness import Site, ack_pb, common, delivery_pb, desk_pb, grpc, link_pb, report_pb, wait

QINGSHI = "339921100000"
KILLS = int(os.environ.get("LIANDONG_KILLS", "4"))


def jjdb(number, category="020200", text="半夜施工噪声", **fields):
    return {"header": {"type": "JJDB"}, "body": {"JJDBH": number, "JQLBDM": category, "XZQHDM": QINGSHI, "BJSJ": stamp(), "BJNR": text, **fields}}


def incidents(site, **filters):
    """All incidents, closed ones as well, with their reports."""
    out, before = [], 0
    while True:
        request = desk_pb.ListIncidentsRequest(include_closed=True, limit=500, before_incident_id=before, **filters)
        reply = site.party("command").desk("ListIncidents", request, desk_pb.ListIncidentsReply)
        out += [i.incident.incident_id for i in reply.incident]
        if not reply.more:
            return out
        before = out[-1]


def reports(site):
    """(party, external id) of every report that the hub knows, by incident."""
    out = []
    for number in incidents(site):
        out += [(r.party, r.external_id, number) for r in site.party("command").show(number).incident.reports]
    return out


class AProcessMayDie(unittest.TestCase):
    def test_the_hub_dies_under_agencies_at_work(self):
        with Site() as site:
            parties = ["hotline-12345", "power-supply"]
            lock, done, taken = threading.Lock(), threading.Event(), {}

            def agency(name):
                """Reconnects with its last numbers, drops repeats, accepts and completes each task."""
                # Both lanes named from the start: a lane not named begins with what is not yet RECEIVED, and what was RECEIVED when the hub died would not come again.
                last, mine = {common.URGENT: 0, common.ORDINARY: 0}, set()
                while not done.is_set():
                    cursors = [link_pb.LaneCursor(lane=lane, after_sequence=sequence) for lane, sequence in last.items()]
                    line = site.party(name).connect(resume=cursors, receive=False)
                    try:
                        handled = 0
                        while not done.is_set() and line.error is None:
                            if len(line.deliveries) == handled:
                                done.wait(0.02)
                                continue
                            one = line.deliveries[handled]
                            handled += 1
                            number = one.envelope.delivery_id
                            if one.envelope.kind == delivery_pb.TASK and number not in mine:
                                for state in (ack_pb.RECEIVED, ack_pb.ACCEPTED, ack_pb.COMPLETED):
                                    outcome = site.party(name).acknowledge(number, state).outcome
                                    if outcome not in (ack_pb.APPLIED, ack_pb.ALREADY_DONE):
                                        raise AssertionError(f"{name}: {ack_pb.AckState.Name(state)} of {number}: {outcome}")
                                mine.add(number)
                                with lock:
                                    taken.setdefault(name, set()).add(one.envelope.incident_id)
                            else:
                                site.party(name).acknowledge(number, ack_pb.RECEIVED)
                            last[one.envelope.lane] = max(last.get(one.envelope.lane, 0), one.envelope.sequence)
                    except grpc.RpcError:
                        pass  # the hub is gone: again, from where we are
                    finally:
                        line.close()

            threads = [threading.Thread(target=agency, args=(name,)) for name in parties]
            for thread in threads:
                thread.start()
            told = []
            try:
                for kill in range(KILLS):
                    for number in range(15):
                        told.append(site.party("police-110").report(f"k{kill}-{number}", category="service.streetlight", division=QINGSHI).incident_id)
                    site.hub.kill()
                    site.start_hub()
                wait(lambda: all(taken.get(p, set()) >= set(told) for p in parties), "both agencies have done all of it")
            finally:
                done.set()
                for thread in threads:
                    thread.join()
            for number in told:
                for duty in site.party("command").show(number).duty:
                    if duty.status == delivery_pb.DUTY_MERGED_INTO:
                        continue  # so many calls from one township are a storm: the older incident's duty counts, and is looked at itself
                    self.assertEqual((duty.status, duty.field), (delivery_pb.DUTY_DONE, ack_pb.COMPLETED), f"{number} {duty.party}")
            print(f"hub killed {KILLS} times: {len(told)} of {len(told)} receipts and {len(parties)} agencies' work on each of them kept")

    def test_an_adapter_dies_between_its_answer_and_its_delivery(self):
        with Site() as site:
            police, fire = Adapter(site, "police-110").start(), Adapter(site, "fire-119").start()
            site.hub.kill()
            told, lock = [], threading.Lock()
            stop = threading.Event()

            def native(worker):
                """Sends each record until it is told that it was stored: what was not answered is sent again."""
                number = 0
                while not stop.is_set():
                    external_id = f"3399219{worker}{number:04d}"
                    police.tell(jjdb(external_id, text=f"噪声{worker}-{number}"))
                    with lock:
                        told.append(external_id)
                    number += 1

            threads = [threading.Thread(target=native, args=(worker,)) for worker in range(3)]
            for thread in threads:
                thread.start()
            device = Device(fire.port("alarms"))
            alarms = [device.frame(device.fire(1, number)) for number in range(10)]
            for frame in alarms:
                device.send(frame)
                self.assertEqual(device.answer()[0], Device.ACK)
            fire.kill()
            try:
                for _ in range(KILLS - 1):
                    before = len(told)
                    wait(lambda: len(told) >= before + 20, "twenty more answered, none of them delivered")
                    police.kill()
                    police.start()
                site.start_hub()
                before = len(told)
                wait(lambda: len(told) >= before + 20, "the hub is there again")
                police.kill()
                site.hub.kill()
                police.start()
                site.start_hub()
            finally:
                stop.set()
                for thread in threads:
                    thread.join()
            fire.start()
            # The device did not hear of the crash: it sends its last alarms again, byte for byte.
            again = Device(fire.port("alarms"))
            for frame in alarms:
                again.send(frame)
                self.assertEqual(again.answer()[0], Device.ACK)
            wanted = set(told)
            wait(lambda: {e for p, e, _ in reports(site) if p == "police-110"} >= wanted and
                 len([1 for p, _, _ in reports(site) if p == "fire-119"]) >= 10, "everything that was answered arrives")
            known = reports(site)
            self.assertEqual(sorted(e for p, e, _ in known if p == "police-110"), sorted(wanted), "each once, and nothing else")
            self.assertEqual(len({n for _, _, n in known}), len(known), "no second incident, and none shared by accident")
            self.assertEqual(len([1 for p, _, _ in known if p == "fire-119"]), 10)
            for adapter in (police, fire):
                wait(lambda: "to the hub 0 " in adapter.tool("status", check=False), "the spool is empty")
                self.assertIn("没有死信", adapter.dead())
            print(f"adapters killed {KILLS + 1} times, hub twice: answered and arrived once: {len(known)} of {len(known)}")

    def test_looking_at_a_running_adapter_costs_nothing(self):
        """The operator's tools open the same spool beside the running adapter, and leave; then the adapter is killed."""
        with Site() as site:
            police = Adapter(site, "police-110").start()
            site.hub.kill()
            wanted = set()
            for number in range(30):
                external_id = f"33992180{number:04d}"
                police.tell(jjdb(external_id))
                wanted.add(external_id)
                if number % 3 == 0:
                    police.dead()
                    police.tool("status", check=False)
            police.kill()
            police.start()
            site.start_hub()
            wait(lambda: {e for _, e, _ in reports(site)} >= wanted, "everything that was answered arrives")

    def test_a_late_retry_after_the_incident_has_left_memory(self):
        with Site(settings={"evict_after_s": 1, "quiet_close_s": 1}) as site:
            desk, police = site.party("command"), site.party("police-110")
            fields = dict(category="order.noise", division=QINGSHI, danger_to_life=common.NO, description="施工噪声")
            for name in ("hotline-12345", "town-qingshi", "police-110", "command"):
                site.party(name).connect()  # what is not yet RECEIVED keeps an incident in memory
            first = police.report("J1", revision=1, **fields)
            desk.desk("Close", link_pb.CloseRequest(incident_id=first.incident_id, reason="已处理"), link_pb.ActionReply)
            wait(lambda: desk.status().incidents_in_memory == 0, "the incident has left memory")
            for restarted in (False, True):
                if restarted:
                    site.hub.kill()
                    site.start_hub()
                again = police.report("J1", revision=1, **fields)
                self.assertEqual((again.outcome, again.incident_id, again.log_index, again.recorded_at_ms),
                                 (report_pb.REPEATED, first.incident_id, first.log_index, first.recorded_at_ms))
                wait(lambda: desk.status().incidents_in_memory == 0, "it has left memory again")
            self.assertEqual(incidents(site), [first.incident_id])
            amended = police.report("J1", revision=2, **{**fields, "category": "security.fight", "danger_to_life": common.YES, "description": "打起来了"})
            self.assertEqual((amended.outcome, amended.incident_id), (report_pb.REVISED, first.incident_id))
            shown = desk.show(first.incident_id)
            self.assertEqual(shown.incident.status, delivery_pb.OPEN, "an amendment of something closed needs somebody again")
            self.assertTrue(shown.incident.holder)
            self.assertIn("medical-120", {d.party for d in shown.duty}, "and routes again")

    def test_a_revised_record_adds_casualties_and_tasks(self):
        with Site() as site:
            police, medical, fire = (Adapter(site, party).start() for party in ("police-110", "medical-120", "fire-119"))
            record = jjdb("33992170001", "030200", "两车追尾", GXSJ=stamp())
            police.tell(record)
            number = wait(lambda: incidents(site), "the incident")[0]
            self.assertFalse({d.party for d in site.party("command").show(number).duty} & {"medical-120", "fire-119"}, "nobody is hurt yet")
            site.hub.kill()
            revised = jjdb("33992170001", "030100", "两车追尾,一人被困", GXSJ=stamp(offset_s=60), BKRYQKSM="1人被困", SSRYQKSM="二人受伤", SWRYQKSM="1人死亡")
            police.tell(revised)
            police.tell(revised)  # their system retries
            police.kill()
            police.start()
            site.start_hub()
            told = medical.native.wait_for("/120/EVENT_INFO", f"120 is told of {number}", FLAG=f"LD{number}")
            wait(lambda: any("受伤2人" in c.record()["HCYY"] and "死亡1人" in c.record()["HCYY"] for c in medical.native.taken("/120/EVENT_INFO")),
                 "with the casualties")
            wait(lambda: any(c.record()["trappedPerson"] == "1人" for c in fire.native.taken("/119/incident")), "and so is 119")
            self.assertEqual(told.record()["SJH"], f"LD{number}")
            self.assertEqual(incidents(site), [number], "one incident")
            shown = site.party("command").show(number).incident
            self.assertEqual((shown.counts.dead, shown.counts.injured, shown.counts.trapped), (1, 2, 1))
            # An older revision that was late changes nothing.
            police.tell(record | {"header": {"type": "JJDB", "note": "late"}})
            wait(lambda: "to the hub 0 " in police.tool("status", check=False), "the late one has arrived")
            self.assertEqual(site.party("command").show(number).incident.counts.injured, 2)


if __name__ == "__main__":
    unittest.main()
