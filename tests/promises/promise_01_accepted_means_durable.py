"""Promise 1: an answer leaves only when everything it rests on is on stable storage.

The hub is killed with SIGKILL under load, again and again. Every receipt that any client ever got must be honoured afterwards: the same report
is a repeat, of the same incident, at the same log index, and so is a receipt that was itself an answer to a repeat.
"""
import threading
import unittest

from harness import Site, common, grpc, wait


class AcceptedMeansDurable(unittest.TestCase):
    def test_killed_under_load(self):
        with Site() as site:
            receipts, lock, stop, offset = {}, threading.Lock(), threading.Event(), 0
            mismatches = []

            def load(party, worker):
                number = 0
                while not stop.is_set():
                    external_id = f"{worker}-{number}"
                    try:
                        receipt = party.report(external_id, category="order.noise", division="339921100000", danger_to_life=common.NO,
                                               description=f"噪声 {external_id}", timeout=20)
                    except grpc.RpcError:
                        continue  # killed meanwhile: not answered, so not promised; the same report again
                    with lock:
                        known = receipts.setdefault((party.name, external_id), (receipt.incident_id, receipt.log_index))
                        if known != (receipt.incident_id, receipt.log_index):
                            mismatches.append((external_id, known, receipt))
                    # Every third one is told twice at once: the answer to the repeat is a receipt too.
                    number += 0 if number % 3 == 0 and receipt.outcome != 4 else 1

            threads = [threading.Thread(target=load, args=(site.party(p), f"w{i}")) for i, p in enumerate(
                ["police-110", "hotline-12345", "medical-120", "fire-119"])]
            for thread in threads:
                thread.start()
            try:
                for _ in range(5):
                    wait(lambda: len(receipts) >= offset + 40, "forty more receipts")
                    offset = len(receipts)
                    site.hub.kill()
                    site.start_hub()
                wait(lambda: len(receipts) >= offset + 40, "forty more receipts after the last kill")
            finally:
                stop.set()
                for thread in threads:
                    thread.join()
            site.hub.kill()
            site.start_hub()
            self.assertEqual(mismatches, [])
            for (party, external_id), (incident_id, log_index) in receipts.items():
                again = site.party(party).report(external_id, category="order.noise", division="339921100000", danger_to_life=common.NO,
                                                 description=f"噪声 {external_id}")
                self.assertEqual((again.outcome, again.incident_id, again.log_index), (4, incident_id, log_index), external_id)
            incidents = [incident for incident, _ in receipts.values()]
            self.assertEqual(len(set(incidents)), len(incidents), "no two reports share an incident by accident")
            print(f"receipts honoured after 6 kills: {len(receipts)} of {len(receipts)}")


if __name__ == "__main__":
    unittest.main()
