"""119's own system (警情 and vehicle states as JSON), and buildings' fire-alarm devices that speak GB/T 26875.3 over TCP."""
import socket
import struct
import threading
import time

from hotline_side import DAY, HotlineSide, now, spaced

LINK = "jq"
DEVICE_LINK = "xf"
PACKET_GAP_S = 0.03  # so that the pieces of a frame really travel one by one
STATES = (("20", "EN_ROUTE"), ("22", "ON_SCENE"), ("23", "PROGRESS"), ("25", "COMPLETED"))


class Fire119(HotlineSide):
    party = "fire-119"

    def incident(self, number, kind, level, info, place, division, source="电话", other_number="", **more):
        code = f"3399{DAY}{number:05d}"
        record = {"warningCode": code, "warningDate": spaced(now()), "warningType": kind, "warningLevel": level, "warningAddr": place,
                  "warningTel": f"0199-555-{5000 + number % 4000}", "warningInfo": info, "warningSource": source, "warningDealStatus": "已接收",
                  "divisionCode": division, "mainGroup": "云城消防救援站", "weather": "暴雨", "wind": "9级"}
        if other_number:
            record["warningCodeYyj"] = other_number
        record.update(more)
        self.post(LINK, "/119/incident", record, native_id=code)
        return code

    def take(self, path, message):
        self.count("incident")
        number = message["warningCode"]
        if message.get("warningDealStatus") == "取消":
            self.cancelled.add(number)
        if message.get("warningDealStatus") != "待处理":
            return None
        if not self.is_new_task(number):
            self.wake(number)  # the same task once more: newer, or late
            return None
        incident = int(message["warningCodeYyj"][2:])
        if number.startswith("LDX"):
            # An order, or word that the desk is late.
            self.later.after(self.random.uniform(0.6, 2), self._deal, number, int(number[3:]), incident, "已接收", "ACCEPTED")
            self.wake(f"LD{incident}")
        else:
            mood = self.mood() if number.startswith("LD") else "work"
            self.take_up(mood, number, lambda: self._work(number, incident), lambda: self._deal(number, 0, incident, "退回", "REFUSED"))
        return None

    def _work(self, number, incident):
        if number.startswith("LD"):
            # An alarm of its own devices goes under their number: there the engines say it all.
            self._deal(number, 0, incident, "已接收", "ACCEPTED")
        for index, (code, state) in enumerate(STATES):
            self.later.after(2 + 2.5 * index, self._vehicle, number, incident, code, state)

    def _deal(self, number, delivery, incident, status, state):
        self.ledger.answer(self.party, state, delivery, incident)
        self.post(LINK, "/119/incident", {"warningCode": number, "warningDealStatus": status, "mainGroup": "云城消防救援站",
                                          "warningStatus": "无车可派" if state == "REFUSED" else ""})

    def _vehicle(self, number, incident, code, state):
        if number in self.cancelled:
            return
        self.ledger.answer(self.party, state, 0, incident)
        self.post(LINK, "/119/vehicle_state", {"warningCode": number, "vehicleCode": "浙K消0119", "vehicleState": code, "stateTime": spaced(now())})


def time_tag(when):
    return bytes((when.second, when.minute, when.hour, when.day, when.month, when.year % 100))


def frame(serial, device, adu, command=2, spoil=False):
    """GB/T 26875.3 5.1: everything little-endian; the sum covers bytes 3 to 27 and the content."""
    middle = struct.pack("<HBB", serial, 1, 1) + time_tag(now()) + device.to_bytes(6, "little") + (88888).to_bytes(6, "little")
    middle += struct.pack("<HB", len(adu), command) + adu
    total = (sum(middle) + (1 if spoil else 0)) & 0xFF
    return b"@@" + middle + bytes((total,)) + b"##"


def component_state(zone, number, state, text="", component=40):
    """Type 2: one detector. state bit 1: fire. Bit 0 is left clear, as real devices do."""
    note = text.encode("gb18030")[:31].ljust(31, b"\0")
    return bytes((2, 1, 1, 1, component)) + struct.pack("<HHH", zone, number, state) + note + time_tag(now())


class Device:
    """One building's transmission device: keeps its connection, repeats what is not acknowledged."""

    ANSWER_S, TRIES = 5, 4

    def __init__(self, fire, number):
        self._fire, self.number = fire, number
        self._serial, self._lock = -1, threading.Lock()
        self._socket, self._buffer = None, b""

    def _connected(self):
        if self._socket is None:
            self._socket = socket.create_connection(self._fire.adapter[DEVICE_LINK], timeout=self.ANSWER_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._buffer = b""
        return self._socket

    def _answer(self, serial):
        """The command byte that answers this serial: 3 acknowledged, 6 denied."""
        while True:
            while len(self._buffer) >= 30:
                length = 30 + struct.unpack_from("<H", self._buffer, 24)[0]
                if len(self._buffer) < length:
                    break
                one, self._buffer = self._buffer[:length], self._buffer[length:]
                if struct.unpack_from("<H", one, 2)[0] == serial and one[26] in (3, 6):
                    return one[26]
            part = self._connected().recv(4096)
            if not part:
                raise ConnectionError("closed")
            self._buffer += part

    def _exchange(self, packets, serial):
        """Sends the packets, then waits for the answer to `serial`; the whole again when none comes."""
        for _ in range(self.TRIES):
            try:
                for packet in packets:
                    self._connected().sendall(packet)
                    time.sleep(PACKET_GAP_S if len(packets) > 1 else 0)
                return self._answer(serial)
            except OSError:
                if self._socket is not None:
                    self._socket.close()
                self._socket = None
        return 0

    def _next(self):
        self._serial += 1
        return self._serial & 0xFFFF

    def heartbeat(self):
        with self._lock:
            serial = self._next()
            self._want(3, self._exchange([frame(serial, self.number, b"")], serial), "心跳 heartbeat")

    def alarm(self, zone, number, text="", how="whole", state=2):
        """how: whole; split into odd pieces; joined with a heartbeat in one packet; spoiled first, which must be denied; twice."""
        name = f"gb:{self.number}:{zone}:{number}"
        with self._lock:
            serial = self._next()
            adu = component_state(zone, number, state, text)
            bytes_ = frame(serial, self.number, adu)
            ticket = self._fire.ledger.report(self._fire.party, name, adu)
            packets = [bytes_]
            if how == "split":
                packets = [bytes_[:7], bytes_[7:29], bytes_[29:61], bytes_[61:]]
            elif how == "joined":
                packets = [frame(self._next(), self.number, b"") + bytes_]
            elif how == "spoiled":
                self._fire.ledger.bad_sent += 1
                self._want(6, self._exchange([frame(serial, self.number, adu, spoil=True)], serial), "坏帧 spoiled frame")
                self._fire.ledger.bad_refused += 1
            self._tell(packets, serial, ticket, f"火警 alarm {name}")
            if how == "twice":
                # Its acknowledgment got lost on the way: the device says it again, byte for byte.
                again = self._fire.ledger.report(self._fire.party, name, adu)
                self._tell(packets, serial, again, f"重发 repeat {name}")

    def _tell(self, packets, serial, ticket, what):
        answer = self._exchange(packets, serial)
        if answer == 3:
            self._fire.ledger.stored(ticket)
        self._want(3, answer, what)

    def _want(self, wanted, got, what):
        if got != wanted:
            self._fire.ledger.trouble(f"fire-119 {self.number} {what}: 应答 answer {got}, wanted {wanted}")

    def close(self):
        if self._socket is not None:
            self._socket.close()
