"""Promise 8, for the inspector: one command proves a log, an incident's evidence needs no hub, and what people looked at is in the trail.

And what protects the record at the door: TLS 1.3 only, keys that others can read are refused, certificates end when they are revoked.
"""
import pathlib
import re
import shutil
import socket
import sqlite3
import ssl
import subprocess
import time
import unittest
import urllib.request

from harness import BIN, Site, common, free_port, grpc, reason_of, wait

SETTINGS = {"sign_in_lock_s": 1}


def account(site, name, party, role):
    """An account with the password "correct horse"; the hub is stopped before and after. Returns the arguments to sign in with."""
    made = subprocess.run([BIN / "liandong-hub", "--config", site.dir / "hub.textproto", "account", "create", "--account", name, "--person", "甲",
                           "--party", party, "--role", role], capture_output=True, text=True, timeout=90, check=True)
    (site.dir / f"{name}.first").write_text(made.stdout.split()[-1] + "\n")
    (site.dir / "password.txt").write_text("correct horse\n")
    return ["--as", name, "--password-file", site.dir / "password.txt"]


def first_sign_in(site, name):
    site.cli("command", "account", "password", "--as", name, "--password-file", site.dir / f"{name}.first", "--new-password-file",
             site.dir / "password.txt")


def noise(site, number):
    return site.party("police-110").report(f"p{number}", category="order.noise", division="339921100000", danger_to_life=common.NO,
                                           caller_name="张三丰", description=f"噪声 {number}")


class AnInspectorCanProveIt(unittest.TestCase):
    def test_log_and_evidence(self):
        with Site(hub_options="audit { checkpoint_every_records: 20 }") as site:
            receipts = [noise(site, number) for number in range(60)]
            incident = receipts[7].incident_id
            ca = ["--ca", site.pki / "ca.crt"]
            data = site.dir / "hub-data"
            wait(lambda: (data / "checkpoints").exists(), "the first checkpoint")
            _, live = site.run("audit", "verify", data, *ca)
            self.assertIn("校验通过 verified", live, "also while the hub runs")
            self.assertEqual(site.hub.stop(), 0)
            _, whole = site.run("audit", "verify", data, *ca)
            records = int(re.search(r"verified: (\d+)", whole).group(1))
            self.assertIn(f"signed up to record {records}\n", whole, "a hub that stops leaves nothing unsigned")
            self.assertNotIn("note:", whole)

            site.issue("command")
            who = [*ca, "--cert", site.pki / "command.crt", "--key", site.pki / "command.key"]
            site.run("audit", "evidence", incident, "--data", data, "--out", site.dir / "evidence.html", *who)
            page = (site.dir / "evidence.html").read_text()
            self.assertIn("收到报告 report_recorded", page)
            self.assertNotIn("张三丰", page, "personal fields stay sealed")
            self.assertNotIn("噪声", page)
            # On a machine that has nothing but the page and the CA.
            away = site.dir / "away"
            away.mkdir()
            shutil.copy(site.dir / "evidence.html", away)
            shutil.move(data, site.dir / "gone")
            _, checked = site.run("audit", "check", away / "evidence.html", *ca)
            self.assertIn(f"事件 incident {incident}", checked)
            self.assertIn("made by command", checked)
            changed = page.replace("police-110", "police-119", 1)
            self.assertNotEqual(changed, page)
            (away / "changed.html").write_text(changed)
            code, said = site.run("audit", "check", away / "changed.html", *ca, "--out", away / "again.html", check=False)
            self.assertEqual(code, 1, said)
            self.assertIn("NOT PROVEN", said)
            self.assertEqual((away / "again.html").read_text(), page, "what the evidence says itself")
            begin = page.index("x-liandong-evidence") + 200
            for place in range(begin, begin + 4000, 397):
                flipped = page[:place] + ("A" if page[place] != "A" else "B") + page[place + 1:]
                (away / "changed.html").write_text(flipped)
                code, said = site.run("audit", "check", away / "changed.html", *ca, check=False)
                self.assertEqual(code, 1, f"byte {place}: {said}")

            # A record is changed behind the hub's back.
            shutil.move(site.dir / "gone", data)
            with sqlite3.connect(data / "log.db") as db:
                first, stored = db.execute("SELECT first_index, bytes FROM batch ORDER BY first_index LIMIT 1 OFFSET 9").fetchone()
                db.execute("UPDATE batch SET bytes = ? WHERE first_index = ?", (stored[:-1] + bytes([stored[-1] ^ 1]), first))
            db.close()
            code, said = site.run("audit", "verify", data, *ca, check=False)
            self.assertEqual(code, 1)
            self.assertIn(f"record {first}:", said)

    def test_the_trail_survives_a_kill(self):
        with Site(settings=SETTINGS) as site:
            self.assertEqual(site.hub.stop(), 0)
            auditor, officer = account(site, "auditor", "command", "auditor"), account(site, "officer", "command", "duty_officer")
            site.start_hub()
            first_sign_in(site, "auditor")
            first_sign_in(site, "officer")
            for kill in range(3):
                incident = noise(site, kill).incident_id
                site.party("command").show(incident)
                site.hub.kill()
                site.start_hub()
                _, shown = site.cli("command", "audit", "trail", *auditor, "--object", f"incident {incident}")
                self.assertIn("/liandong.v1.Desk/ShowIncident", shown, "who was shown something was noted first")
            self.assertEqual(site.cli("command", "audit", "trail", *officer, check=False)[0], 1, "only the auditor reads it")
            (site.dir / "wrong.txt").write_text("wrong\n")
            site.cli("command", "audit", "trail", "--as", "officer", "--password-file", site.dir / "wrong.txt", check=False)
            _, shown = site.cli("command", "audit", "trail", *auditor, "--limit", "1000")
            for word in ("BAD_CREDENTIALS", "NOT_YOUR_ROLE", "site set", "settings", "account create"):
                self.assertIn(word, shown)
            self.assertEqual(site.hub.stop(), 0)
            _, proven = site.run("audit", "verify", site.dir / "hub-data", "--ca", site.pki / "ca.crt")
            self.assertRegex(proven, r"trail: 1 段 segments, \d+ 条")
            segment = next((site.dir / "hub-data" / "trail").iterdir()) / "log.db"
            with sqlite3.connect(segment) as db:
                last = db.execute("SELECT max(first_index) FROM batch").fetchone()[0]
                db.execute("DELETE FROM batch WHERE first_index = ?", (last,))
            db.close()
            code, said = site.run("audit", "verify", site.dir / "hub-data", "--ca", site.pki / "ca.crt", check=False)
            self.assertEqual(code, 1)
            self.assertIn(f"record {last}:", said)

    def test_kept_as_long_as_the_law_asks(self):
        site = Site(hub_options="audit { trail_days: 179 }")
        site.hub.start()
        wait(lambda: not site.hub.running(), "the hub refuses to start")
        self.assertIn("audit.trail_days", site.hub.output())
        shutil.rmtree(site.dir)


class TheDoor(unittest.TestCase):
    def handshake(self, site, version):
        site.issue("power-supply")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(site.pki / "ca.crt")
        context.load_cert_chain(site.pki / "power-supply.crt", site.pki / "power-supply.key")
        context.set_alpn_protocols(["h2"])
        context.minimum_version = context.maximum_version = version
        with socket.create_connection(("127.0.0.1", site.port), timeout=60) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as line:
                return line.version()

    def test_nothing_older_than_tls_1_3(self):
        with Site() as site:
            self.assertEqual(self.handshake(site, ssl.TLSVersion.TLSv1_3), "TLSv1.3")
            with self.assertRaises(ssl.SSLError):
                self.handshake(site, ssl.TLSVersion.TLSv1_2)
            noise(site, 1)

    def test_a_key_that_others_can_read_is_refused(self):
        for key in ("pki/hub.key", "hub-master.key"):
            site = Site()
            with self.subTest(key):
                if key == "hub-master.key":
                    with site:
                        noise(site, 1)
                        self.assertEqual(site.hub.stop(), 0)
                        (site.dir / key).chmod(0o640)
                        site.hub.start()
                        wait(lambda: not site.hub.running(), "the hub refuses to start")
                        self.assertIn("chmod", site.hub.output())
                else:
                    (site.dir / key).chmod(0o644)
                    site.hub.start()
                    wait(lambda: not site.hub.running(), "the hub refuses to start")
                    self.assertNotEqual(site.hub.process.returncode, 0)
                    self.assertIn("chmod", site.hub.output())
                    shutil.rmtree(site.dir)

    def test_a_revoked_certificate_holds_nothing_open(self):
        site = Site(hub_options='crl: "pki/ca.crl"')
        site.run("pki", "revoke", site.pki)
        with site:
            line = site.party("power-supply").connect()
            other = site.party("telecom").connect()
            began = time.monotonic()
            site.run("pki", "revoke", site.pki, site.pki / "power-supply.crt")
            wait(lambda: line.error, "the stream of the revoked certificate ends")
            print(f"a revoked certificate's stream ended {time.monotonic() - began:.2f} s after `pki revoke` was begun")
            self.assertEqual(reason_of(line.error), "REVOKED")
            with self.assertRaises(grpc.RpcError) as refused:
                site.party("power-supply").fetch()
            self.assertEqual(reason_of(refused.exception), "REVOKED")
            code, said = site.cli("power-supply", "status", check=False)
            self.assertEqual(code, 1, said)
            self.assertIn("证书已被吊销", said)
            self.assertIsNone(other.error)
            site.run("pki", "issue", site.pki, "power-supply", "--replace")
            code, said = site.cli("power-supply", "status", check=False)
            self.assertEqual(code, 0, said)

    def test_a_certificate_that_ends_soon_is_told_30_days_ahead_and_renewed_while_the_hub_runs(self):
        site = Site(hub_options='metrics_listen: "127.0.0.1:%d"' % (port := free_port()))
        names = ["--dns", "localhost", "--ip", "127.0.0.1", "--replace"]
        site.run("pki", "issue", site.pki, "hub", *names, "--days", "29")

        def left():
            text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60).read().decode()
            return float(re.search(r"^liandong_hub_certificate_expiry_seconds (\S+)", text, re.M).group(1)) / 86400

        def shown():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(site.pki / "ca.crt")
            with socket.create_connection(("127.0.0.1", site.port), timeout=60) as plain:
                with context.wrap_socket(plain, server_hostname="localhost") as line:
                    return line.getpeercert(binary_form=True)

        with site:
            line = site.party("power-supply").connect()
            _, status = site.cli("command", "status")
            self.assertRegex(status, r"! 证书:枢纽证书 2[89] 天后到期")
            self.assertLess(left(), 30)
            site.run("pki", "issue", site.pki, "hub", *names)
            renewed = ssl.PEM_cert_to_DER_cert((site.pki / "hub.crt").read_text())
            wait(lambda: shown() == renewed, "new connections are shown the new certificate")
            _, status = site.cli("command", "status")
            self.assertNotIn("! 证书:枢纽证书", status)
            self.assertGreater(left(), 30)
            site.party("police-110").report("flood", category="natural.flood", division="339921100000", danger_to_life=common.YES)
            self.assertIsNone(line.error, "the line that was open stays")


if __name__ == "__main__":
    unittest.main()
