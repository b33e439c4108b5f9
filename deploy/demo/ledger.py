"""What the hotlines sent: written down on the sending side, before anything is sent, and compared with the log in the end."""
import hashlib
import threading


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
