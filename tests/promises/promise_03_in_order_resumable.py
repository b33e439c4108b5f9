"""Promise 3: at least once, in order, resumable. A party and lane have a gap-free sequence; a client that reconnects says where it stopped; a
delivery keeps its id however often it is sent."""
import unittest

from harness import Site, common, delivery_pb, link_pb, wait


def sequences(deliveries, lane):
    return [d.envelope.sequence for d in deliveries if d.envelope.lane == lane]


class InOrderResumable(unittest.TestCase):
    def report(self, site, number, urgent):
        fields = dict(category="health.illness") if urgent else dict(category="health.transfer", danger_to_life=common.NO)
        return site.party("fire-119").report(f"r{number}", division="339921100000", description=f"第{number}号", **fields)

    def test_reconnects_with_its_last_numbers(self):
        with Site() as site:
            agency = site.party("medical-120")
            first = agency.connect()
            for number in range(30):
                self.report(site, number, number % 3 == 0)
            wait(lambda: len(first.deliveries) >= 30, "thirty deliveries")
            first.close()
            seen, cursors = list(first.deliveries), first.cursors()
            for number in range(30, 60):
                self.report(site, number, number % 3 == 0)
            site.hub.kill()
            site.start_hub()
            second = agency.connect(resume=cursors)
            wait(lambda: len({d.envelope.delivery_id for d in seen + second.deliveries}) >= 60, "the other thirty")
            everything = {}
            for d in seen + second.deliveries:
                key = (d.envelope.lane, d.envelope.sequence)
                self.assertEqual(everything.setdefault(key, d.envelope.delivery_id), d.envelope.delivery_id, "an id never changes")
            for lane in (common.URGENT, common.ORDINARY):
                numbers = sorted(sequence for one, sequence in everything if one == lane)
                self.assertEqual(numbers, list(range(1, len(numbers) + 1)), "no gap")
                for line in (first, second):
                    fresh = [d for d in line.deliveries if not d.envelope.resent]
                    self.assertEqual(sequences(fresh, lane), sorted(sequences(fresh, lane)), "in order")

    def test_not_received_comes_again(self):
        with Site() as site:
            agency = site.party("medical-120")
            line = agency.connect(receive=False)
            receipt = self.report(site, 1, True)
            task = line.wait_for(receipt.incident_id, delivery_pb.TASK)
            line.close()
            # It says that it has stored this one, but it never said RECEIVED: it comes again.
            again = agency.connect(resume=[link_pb.LaneCursor(lane=common.URGENT, after_sequence=task.envelope.sequence)], receive=True)
            repeat = again.wait_for(receipt.incident_id, delivery_pb.TASK)
            self.assertEqual(repeat.envelope.delivery_id, task.envelope.delivery_id)
            self.assertTrue(repeat.envelope.resent)
            wait(lambda: again.replies, "the answer to RECEIVED")
            again.close()
            third = agency.connect()
            later = self.report(site, 2, True)
            third.wait_for(later.incident_id, delivery_pb.TASK)
            self.assertEqual(third.of(receipt.incident_id, delivery_pb.TASK), [], "what was RECEIVED does not come again by itself")

    def test_a_slow_reader_holds_nobody_up(self):
        with Site() as site:
            stuck = site.party("medical-120").connect(window=4, receive=False)
            other = site.party("police-110").connect()
            for number in range(40):
                site.party("fire-119").report(f"s{number}", category="security.violence", division="339921100000", description="伤者")
            wait(lambda: len([d for d in other.deliveries if d.envelope.kind == delivery_pb.TASK]) >= 40, "the others get theirs")
            self.assertLessEqual(len(stuck.deliveries), 4, "no more is sent than the window")


if __name__ == "__main__":
    unittest.main()
