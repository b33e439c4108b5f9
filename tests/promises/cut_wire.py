"""A wire that can be cut: what connects to `port` is connected to another port, until somebody cuts it. Then no byte passes and nobody is told, as when a
switch dies; connections made meanwhile are silent too. Mended, those connections end and new ones pass."""
import contextlib
import socket
import threading

PIECE = 65536


class Wire:
    def __init__(self, to_port):
        self.to_port = to_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.whole, self.ended, self.sockets = threading.Event(), False, []
        self.whole.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        self.whole.clear()

    def mend(self):
        sockets, self.sockets = self.sockets, []
        self.whole.set()
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def end(self):
        self.ended = True
        self.listener.close()
        self.mend()

    def _accept(self):
        while not self.ended:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            self.sockets.append(near)
            threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near):
        with near, contextlib.suppress(OSError):
            if not self.whole.is_set():
                self.whole.wait()  # then this connection has ended
                return
            with socket.create_connection(("127.0.0.1", self.to_port)) as far:
                self.sockets.append(far)
                back = threading.Thread(target=self._pass, args=(far, near), daemon=True)
                back.start()
                self._pass(near, far)
                back.join()

    def _pass(self, source, sink):
        with contextlib.suppress(OSError):
            while piece := source.recv(PIECE):
                self.whole.wait()
                sink.sendall(piece)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
