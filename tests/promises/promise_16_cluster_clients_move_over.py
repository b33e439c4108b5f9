"""Promise 10 (one node), from the parties' side: adapters that name three hubs move over by themselves when the active one dies or hangs, and nobody
touches them. What a hotline's system was answered arrives once at the others, in the order in which it was told, and the feedback comes back.
"""
import signal
import unittest

from adapter_harness import Adapter, stamp
from cluster_harness import NODES, Cluster
from harness import wait

QINGSHI = "339921100000"


def accident(number):
    return {"header": {"type": "JJDB"}, "body": {"JJDBH": number, "JQLBDM": "030100", "XZQHDM": QINGSHI, "BJSJ": stamp(), "BJNR": "两车追尾",
                                                 "SSRYQKSM": "二人受伤"}}


class ClientsMoveOver(unittest.TestCase):
    def test_adapters_follow_the_active_hub(self):
        with Cluster() as cluster:
            def all_hubs(config, _):
                config.hub[:] = [f"127.0.0.1:{cluster.ports[node]}" for node in NODES]
            police, medical = (Adapter(cluster, party, edit=all_hubs).start() for party in ("police-110", "medical-120"))
            told = []

            def tell(what):
                """One accident more: 120's own system hears of it, and says so."""
                told.append(f"3399219{len(told):05d}")
                police.tell(accident(told[-1]))
                wait(lambda: len(self.events(medical)) == len(told), f"120 hears of it: {what}")
                print(f"{what}: reached 120's system", flush=True)

            tell("before")
            first = cluster.active()
            cluster.hubs[first].kill()
            tell("the active hub was killed")
            cluster.hubs[first].start()
            second = wait(cluster.active, "another hub leads")
            self.assertNotEqual(second, first)
            cluster.hubs[second].process.send_signal(signal.SIGSTOP)
            tell("the active hub hangs")
            cluster.hubs[second].process.send_signal(signal.SIGCONT)
            wait(lambda: not cluster.hubs[second].running(), "the replaced hub ends")
            cluster.hubs[second].start()
            cluster.settle()
            third = cluster.active()
            self.assertEqual(cluster.hubs[third].stop(), 0, "stopped on purpose")
            tell("the active hub was stopped")
            for adapter in (police, medical):
                wait(lambda: "to the hub 0 " in adapter.tool("status", check=False), "the spool is empty")
                self.assertIn("没有死信", adapter.dead())
            self.assertEqual(self.events(medical), sorted(self.events(medical), key=int), "in the order in which they were told")

    def events(self, medical):
        """Numbers of the incidents that 120's system was told of, each once, in their order."""
        return list(dict.fromkeys(call.record()["FLAG"].removeprefix("LD") for call in medical.native.taken("/120/EVENT_INFO")))


if __name__ == "__main__":
    unittest.main()
