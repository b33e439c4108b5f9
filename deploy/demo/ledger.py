"""What the hotlines sent: written down on the sending side, before anything is sent, and compared with the log in the end."""
import hashlib
import threading

# Words that the player puts into records to see who reads them.
UNMAPPED = "本系统自用字段"    # in a field that no profile names: must never leave the adapter
SECRET = {"police-110": "涉密警情", "hotline-12345": "要求保密"}  # by who marks it; both are the police's to handle
DRILL, DRILL_MARK = "模拟教学楼", "【演练】"


class Ledger:
    """Thread-safe. A report is named by (party, native id); a fire-alarm frame has no id and is named by what it is about."""

    def __init__(self):
        self._lock = threading.Lock()
        self._contents = {}     # (party, native id) -> digests of the distinct contents, in order of sending
        self._repeats = {}      # party -> how often the same content was sent again
        self._answers = []      # (party, delivery id or 0, incident id or 0, state name)
        self._unanswered = {}   # (party, native id, digest) -> why the hotline was not told that it is stored
        self.bad_sent = 0       # messages that no format allows: they must be refused and never reach the log
        self.bad_refused = 0
        self.troubles = []      # what a part did that it should not have done

    def report(self, party, native_id, content):
        """Before each sending; the caller says `stored` when the answer says so."""
        digest = hashlib.sha256(content).hexdigest()
        with self._lock:
            known = self._contents.setdefault((party, native_id), [])
            if digest in known:
                self._repeats[party] = self._repeats.get(party, 0) + 1
            else:
                known.append(digest)
            self._unanswered[(party, native_id, digest)] = "no answer"
        return (party, native_id, digest)

    def stored(self, ticket):
        with self._lock:
            self._unanswered.pop(ticket, None)

    def answer(self, party, state, delivery_id=0, incident_id=0):
        """A hotline's own paper that acknowledges a task of ours."""
        with self._lock:
            self._answers.append((party, delivery_id, incident_id, state))

    def trouble(self, text):
        with self._lock:
            if len(self.troubles) < 50:
                self.troubles.append(text)

    def read_by(self, party, text):
        """Everything that reaches a party, as text: what must not be there is seen at once."""
        if UNMAPPED in text:
            self.trouble(f"{party} 收到未映射字段 got a field that no profile names")
        if party != "police-110" and any(word in text for source, word in SECRET.items() if source != party):
            self.trouble(f"{party} 收到涉密内容 got what is secret")
        if DRILL in text and DRILL_MARK not in text:
            self.trouble(f"{party} 收到未标明的演练 got an exercise that does not say so")

    def contents(self):
        with self._lock:
            return {key: len(digests) for key, digests in self._contents.items()}

    def repeats(self):
        with self._lock:
            return dict(self._repeats)

    def answers(self):
        with self._lock:
            return list(self._answers)

    def unanswered(self):
        with self._lock:
            return list(self._unanswered)
