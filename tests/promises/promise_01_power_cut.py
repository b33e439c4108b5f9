"""Promises 1 and 10 with the plug pulled: hub and adapter run on a disk that is copied under full load, and start again from the copy. Every
receipt that had come, and every record that the adapter had answered, must be there. The control does the same with syncs switched off, and must
lose something: it shows that the method bites. LIANDONG_POWER_CUTS: how many cuts of each kind (default 1; tests/survive.sh does 20).
"""
import os
import threading
import unittest

import power
from adapter_harness import Adapter, stamp
from harness import Site, common, desk_pb, grpc, wait

CUTS = int(os.environ.get("LIANDONG_POWER_CUTS", "1"))
QINGSHI = "339921100000"
REPEATED = 4
RECEIPTS_BEFORE_A_CUT = 60


class Load:
    """Four hotlines that report as fast as they are answered; `receipts` is what they were promised."""

    def __init__(self, site, name):
        self.site, self.name, self.receipts, self.lock, self.ended = site, name, {}, threading.Lock(), threading.Event()
        self.threads = [threading.Thread(target=self._work, args=(site.party(party), f"{name}-{worker}")) for worker, party in enumerate(
            ["police-110", "hotline-12345", "medical-120", "fire-119"])]
        for thread in self.threads:
            thread.start()

    def _work(self, party, worker):
        number = 0
        while not self.ended.is_set():
            external_id = f"{worker}-{number}"
            try:
                receipt = report(party, external_id, timeout=20)
            except grpc.RpcError:
                continue
            with self.lock:
                self.receipts[party.name, external_id] = (receipt.incident_id, receipt.log_index)
            number += 1

    def promised(self):
        with self.lock:
            return dict(self.receipts)

    def end(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()


def report(party, external_id, **options):
    return party.report(external_id, category="order.noise", division=QINGSHI, danger_to_life=common.NO, description=f"噪声 {external_id}", **options)


def put_on_a_disk(site):
    """The hub's data folder moves onto a disk of its own; the sealing key stays where an operator keeps it."""
    disk = power.Disk(site.dir / "disk", site.stack)
    config = site.dir / "hub.textproto"
    config.write_text(config.read_text().replace('data_dir: "hub-data"', 'data_dir: "disk/hub-data"'))
    return disk


def cut_under_load(site, disk, name):
    load = Load(site, name)
    try:
        wait(lambda: len(load.promised()) >= RECEIPTS_BEFORE_A_CUT, f"{RECEIPTS_BEFORE_A_CUT} receipts")
        promised = load.promised()
        disk.cut(site.hub)
    finally:
        load.end()
    return promised


def lost(site, promised):
    """Receipts that the hub does not honour."""
    out = []
    for (party, external_id), (incident_id, log_index) in promised.items():
        again = report(site.party(party), external_id)
        if (again.outcome, again.incident_id, again.log_index) != (REPEATED, incident_id, log_index):
            out.append(external_id)
    return out


@unittest.skipIf(power.why_not(), f"SKIPPED: no power can be cut here: {power.why_not()}")
class PowerCut(unittest.TestCase):
    def test_every_receipt_of_the_hub_is_honoured(self):
        site = Site()
        disk = put_on_a_disk(site)
        with site:
            total = 0
            for number in range(CUTS):
                promised = cut_under_load(site, disk, f"cut{number}")
                site.start_hub()  # reads the whole log against its chain
                self.assertEqual(lost(site, promised), [])
                total += len(promised)
            print(f"power cuts under the hub: {CUTS}, receipts honoured: {total} of {total}")

    def test_every_record_that_the_adapter_answered_arrives(self):
        with Site() as site:
            adapter = Adapter(site, "police-110")
            (adapter.folder / "data").rmdir()
            disk = power.Disk(adapter.folder / "data", site.stack)
            total = 0
            for number in range(CUTS):
                adapter.start()
                site.hub.kill()  # so that all of it waits in the spool
                answered, lock, ended = set(), threading.Lock(), threading.Event()

                def native(worker, number=number):
                    count = 0
                    while not ended.is_set():
                        external_id = f"3399219{number:03d}{worker}{count:05d}"
                        body = {"JJDBH": external_id, "JQLBDM": "020200", "XZQHDM": QINGSHI, "BJSJ": stamp(), "BJNR": "半夜施工噪声"}
                        try:
                            status, _ = adapter.post("/110/jjd", {"header": {"type": "JJDB"}, "body": body})
                        except OSError:
                            return  # the power is off
                        if status == 200:
                            with lock:
                                answered.add(external_id)
                            count += 1

                threads = [threading.Thread(target=native, args=(worker,)) for worker in range(3)]
                for thread in threads:
                    thread.start()
                try:
                    wait(lambda: len(answered) >= RECEIPTS_BEFORE_A_CUT, f"{RECEIPTS_BEFORE_A_CUT} answers")
                    with lock:
                        promised = set(answered)
                    disk.cut(adapter.program)
                finally:
                    ended.set()
                    for thread in threads:
                        thread.join()
                adapter.start()
                site.start_hub()
                wait(lambda: promised <= self._known(site), "everything that was answered is at the hub")
                total += len(promised)
                adapter.program.stop()
            print(f"power cuts under the adapter: {CUTS}, answered records that arrived: {total} of {total}")

    @staticmethod
    def _known(site):
        """External ids that the hub has, as far as the newest incidents tell."""
        listed = site.party("command").desk("ListIncidents", desk_pb.ListIncidentsRequest(limit=500), desk_pb.ListIncidentsReply)
        return {one.external_id for incident in listed.incident for one in site.party("command").show(incident.incident.incident_id).incident.reports}

    def test_control_without_sync_something_is_lost(self):
        # The system may have written by itself when the machine stalled for half a minute: then once more.
        for attempt in range(5):
            site = Site()
            disk = put_on_a_disk(site)
            site.hub.env = power.without_sync(site.dir)
            with site:
                promised = cut_under_load(site, disk, f"control{attempt}")
                try:
                    site.start_hub()
                    gone = len(lost(site, promised))
                except AssertionError:
                    gone = len(promised)  # not even a log to start from
                if gone:
                    print(f"control, syncs switched off: {gone} of {len(promised)} receipts lost")
                    return
        self.fail("nothing was lost without a sync: cutting the power shows nothing on this machine")


if __name__ == "__main__":
    unittest.main()
