"""Bad input of fire-alarm transmission devices (GB/T 26875.3 over TCP): what is wrong is denied, what is right is acknowledged, whatever stands
around it; and the adapter keeps serving."""
import socket
import struct
import unittest

from adapter_harness import Adapter, Device
from harness import Site, desk_pb, wait

UNKNOWN_COMMAND, REQUEST, HEARTBEAT = 9, 4, b""


def broken(frame, place, value):
    """The frame with one byte changed; the checksum stays as it was."""
    return frame[:place] + bytes([value]) + frame[place + 1:]


def relengthed(frame, length):
    """The frame with another length field and a sum that fits it."""
    inner = frame[2:24] + struct.pack("<H", length) + frame[26:-3]
    return b"@@" + inner + bytes([sum(inner) % 256]) + b"##"


class BadFrames(unittest.TestCase):
    def site(self):
        site = Site()
        site.adapter = Adapter(site, "fire-119")
        return site

    def alarms(self, site):
        return site.party("command").desk("ListIncidents", desk_pb.ListIncidentsRequest(limit=500), desk_pb.ListIncidentsReply).incident

    def answers(self, device, count):
        return [device.answer() for _ in range(count)]

    def test_denied_and_acknowledged(self):
        with self.site() as site:
            adapter = site.adapter.start()
            port = adapter.port("alarms")
            device = Device(port)
            good = lambda number: device.frame(device.fire(1, number))  # noqa: E731
            number = 0
            for what, change in (("a bad checksum", lambda f: broken(f, len(f) - 3, f[-3] ^ 1)),
                                 ("a changed byte", lambda f: broken(f, 40, f[40] ^ 1)),
                                 ("a bad end", lambda f: f[:-2] + b"##"[:1] + b"\0"),
                                 ("a length beyond 1024", lambda f: relengthed(f, 1025)),
                                 ("a hostile length", lambda f: relengthed(f, 65535))):
                with self.subTest(what):
                    number += 1
                    bad = good(number)
                    serial = device.serial - 1
                    device.send(change(bad))
                    self.assertEqual(device.answer(), (Device.DENY, serial))
                    device.send(good(number))
                    self.assertEqual(device.answer(), (Device.ACK, serial + 1), "the same connection goes on")
            for what, command in (("an unknown command", UNKNOWN_COMMAND), ("a request, which devices have none of", REQUEST)):
                with self.subTest(what):
                    device.send(device.frame(device.fire(1, 99), command))
                    self.assertEqual(device.answer()[0], Device.DENY)
            wait(lambda: len(self.alarms(site)) == number, "the good ones arrive, and only they")
            self.assertTrue(adapter.program.running())

    def test_split_joined_and_among_garbage(self):
        with self.site() as site:
            adapter = site.adapter.start()
            device = Device(adapter.port("alarms"))
            frames = [device.frame(device.fire(2, number, f"烟感{number}")) for number in range(6)]
            for byte in frames[0]:
                device.send(bytes([byte]))
            self.assertEqual(device.answer(), (Device.ACK, 0))
            device.send(frames[1] + frames[2])
            self.assertEqual(self.answers(device, 2), [(Device.ACK, 1), (Device.ACK, 2)])
            device.send(b"noise @ # @@" * 50 + frames[3][:11] + frames[3] + b"##@@##" + frames[4])
            got = []
            while (Device.ACK, 3) not in got or (Device.ACK, 4) not in got:
                got.append(device.answer())
                device.send(device.frame(HEARTBEAT))  # pushes along what waits behind a start that was none
            device.send(b"\0" * 1_000_000 + frames[5])
            while (Device.ACK, 5) not in got:
                got.append(device.answer())
            wait(lambda: len(self.alarms(site)) == 6, "all six")

    def test_cut_off(self):
        with self.site() as site:
            adapter = site.adapter.start()
            cut = Device(adapter.port("alarms"))
            whole = cut.frame(cut.fire(3, 1))
            cut.send(whole[:30])
            cut.close()
            # The length says more than comes; what stood behind it gets out when the device has no more to say.
            device = Device(adapter.port("alarms"))
            device.send(relengthed(device.frame(device.fire(3, 2)), 1000) + device.frame(device.fire(3, 3)))
            device.socket.shutdown(socket.SHUT_WR)
            self.assertEqual(self.answers(device, 2), [(Device.DENY, 0), (Device.ACK, 1)])
            self.assertIsNone(device.answer(), "then the connection ends")
            wait(lambda: len(self.alarms(site)) == 1, "the good one")

    def test_repeats_and_broken_answers(self):
        with self.site() as site:
            adapter = site.adapter.start()
            device = Device(adapter.port("alarms"))
            frame = device.frame(device.fire(4, 1))
            for _ in range(3):
                device.send(frame)
                self.assertEqual(device.answer(), (Device.ACK, 0), "a retry is answered like the first")
            # A broken denial gets no denial, or the two would go on for ever; the next answer is the heartbeat's.
            denial = device.frame(b"", Device.DENY)
            device.send(broken(denial, len(denial) - 3, denial[-3] ^ 1))
            heartbeat = device.frame(HEARTBEAT)
            device.send(heartbeat)
            self.assertEqual(device.answer(), (Device.ACK, 2))
            # After a reconnection serials begin at 0 again: another alarm is no repeat.
            again = Device(adapter.port("alarms"))
            again.send(again.frame(again.fire(4, 2)))
            self.assertEqual(again.answer(), (Device.ACK, 0))
            wait(lambda: len(self.alarms(site)) == 2, "two alarms")

    def test_bad_contents(self):
        with self.site() as site:
            adapter = site.adapter.start()
            device = Device(adapter.port("alarms"))
            fire = device.fire(5, 1)
            for what, adu in (("a reserved type", bytes([9, 1]) + fire[2:]), ("cut short", fire[:20]), ("no objects", bytes([2, 0])),
                              ("a type alone", bytes([2])), ("an object too many for its type", bytes([21, 200]) + b"\x02" * 200)):
                with self.subTest(what):
                    before = len([line for line in adapter.dead().splitlines() if "bad_adu" in line])
                    device.send(device.frame(adu))
                    answer = device.answer()[0]
                    listed = [line for line in adapter.dead().splitlines() if "bad_adu" in line]
                    self.assertEqual(len(listed), before + 1, "kept for the operator")
                    self.assertIn(answer, (Device.DENY, Device.ACK))
                    if what != "an object too many for its type":
                        self.assertEqual(answer, Device.DENY)
            # Two objects announced, one there: the fire in it must not wait for the second.
            device.send(device.frame(bytes([2, 2]) + fire[2:]))
            self.assertEqual(device.answer()[0], Device.ACK)
            # Bytes that are no GB18030 in the text cost nothing but themselves.
            odd = bytearray(device.fire(5, 2))
            odd[11:16] = b"\xff\xff\x81\xd1\xcc"
            device.send(device.frame(bytes(odd)))
            self.assertEqual(device.answer()[0], Device.ACK)
            wait(lambda: len([i for i in self.alarms(site) if i.incident.category == "accident.fire"]) >= 2, "both fires")

    def test_many_at_once(self):
        with self.site() as site:
            adapter = site.adapter.start()
            idle = [Device(adapter.port("alarms"), source=1000 + number) for number in range(200)]
            for device in idle[::2]:
                device.send(b"@@\0\0")  # and never goes on
            last = Device(adapter.port("alarms"))
            last.send(last.frame(last.fire(6, 1)))
            self.assertEqual(last.answer(), (Device.ACK, 0))
            for device in idle:
                device.close()
            wait(lambda: len(self.alarms(site)) == 1, "the alarm")


if __name__ == "__main__":
    unittest.main()
