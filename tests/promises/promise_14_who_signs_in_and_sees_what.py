"""Promises 6 and 7 at the page's door: a second factor counts once and only when it is right, a wall signs in by its device's certificate and can
do nothing but look, and the pages of two townships have nothing of each other. The real hub and the real screen; the browsers are Python's.
"""
import base64
import hashlib
import hmac
import struct
import time
import unittest

from harness import common, wait
from screen_harness import Browser, Refused, ScreenSite

QINGSHI, DONGXI = "town-qingshi", "town-dongxi"
HOME = {QINGSHI: "339921100000", DONGXI: "339921002000"}


def code_at(secret, step):
    """RFC 6238 with its defaults."""
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def step_now():
    return int(time.time()) // 30


class WhoSignsInAndSeesWhat(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        people = {
            "duty": ("值班员甲", "command", ["duty_officer"]),
            "careful": ("值班员丁", "command", ["duty_officer"]),
            "qingshi": ("青石值班", QINGSHI, ["clerk"]),
            "dongxi": ("东溪值班", DONGXI, ["clerk"]),
        }
        cls.site = ScreenSite(people, walls=["wall-hall", "wall-other"]).__enter__()
        cls.duty = cls.site.browser("duty")

    @classmethod
    def tearDownClass(cls):
        cls.site.__exit__(None, None, None)

    def report(self, external_id, division):
        return self.site.party("police-110").report(external_id, purpose=common.ACTUAL, category="service.streetlight", severity=common.GENERAL,
                                                    danger_to_life=common.NO, division=division, description="路灯不亮").incident_id

    def refused(self, call):
        with self.assertRaises(Refused) as refused:
            call()
        return refused.exception.status, refused.exception.reason

    def test_a_code_is_asked_for_must_be_right_and_counts_once(self):
        enrolled = self.site.browser("careful")
        password = self.site.passwords["careful"]
        secret = enrolled.post("/api/totp", {})["secret"]
        # Not confirmed yet: nobody is locked out by a telephone that did not take the secret.
        Browser(self.site, "careful").sign_in(password)
        began = step_now()
        good = {code_at(secret, step) for step in range(began - 2, began + 6)}
        wrong = next(code for code in (f"{n:06d}" for n in range(1_000_000)) if code not in good)
        self.assertEqual(self.refused(lambda: enrolled.post("/api/totp/confirm", {"code": wrong})), (400, "BAD_CODE"))
        step = step_now()
        enrolled.post("/api/totp/confirm", {"code": code_at(secret, step)})

        def sign_in(**more):
            return Browser(self.site, "careful").sign_in(password, **more)

        self.assertEqual(self.refused(sign_in), (401, "TOTP_REQUIRED"))
        self.assertEqual(self.refused(lambda: sign_in(totp=wrong)), (401, "BAD_CREDENTIALS"))
        self.assertEqual(self.refused(lambda: sign_in(totp=code_at(secret, step))), (401, "BAD_CREDENTIALS"), "confirming used it up")
        # The next one, up to 30 s early, as a telephone whose clock is ahead would show it.
        inside = sign_in(totp=code_at(secret, step + 1))
        self.assertEqual(inside.get("/api/me")["second_factor"], "SECOND_FACTOR_TOTP")
        incident = self.report("totp-1", HOME[QINGSHI])
        inside.post("/api/act/verify", {"incident_id": str(incident)})
        self.assertEqual(self.refused(lambda: sign_in(totp=code_at(secret, step + 1))), (401, "BAD_CREDENTIALS"), "a code counts once")
        self.assertEqual(self.refused(lambda: Browser(self.site, "careful").sign_in("not the password", totp=code_at(secret, step + 2))),
                         (401, "BAD_CREDENTIALS"))

    def test_a_wall_signs_in_by_its_certificate_and_can_only_look(self):
        incident = self.report("wall-1", HOME[QINGSHI])
        wall = Browser(self.site, certificate="wall-hall")
        wall.me = wall.get("/api/me")
        self.assertEqual((wall.me["account"], wall.me["second_factor"], wall.me["may"]), ("wall-hall", "SECOND_FACTOR_CERTIFICATE", ["look"]))
        wait(lambda: incident in wall.view(), "the wall shows it")
        events = wall.events()
        events.wait_for("status")
        events.wait_for("incident", self.report("wall-2", HOME[DONGXI]))
        one = str(incident)
        for path, request in (("/api/act/verify", {"incident_id": one}), ("/api/act/note", {"incident_id": one, "text": "墙上写字"}),
                              ("/api/act/order", {"incident_id": one, "party": [QINGSHI], "text": "立即巡查"}),
                              ("/api/ack", {"delivery_id": "1", "state": "ACCEPTED"})):
            self.assertEqual(self.refused(lambda: wall.post(path, request))[0], 403, path)
        self.assertEqual(self.duty.get(f"/api/incidents/{one}")["incident"]["verification"], "UNVERIFIED")

    def test_a_wall_is_nobody_without_its_certificate(self):
        self.assertEqual(self.refused(lambda: Browser(self.site).get("/api/me"))[0], 401)
        self.site.issue("telecom")
        self.assertEqual(self.refused(lambda: Browser(self.site, certificate="telecom").get("/api/me"))[0], 401, "of the site, but no wall's")
        for certificate in ("", "telecom", "wall-other"):
            browser = Browser(self.site, "wall-hall", certificate=certificate)
            self.assertEqual(self.refused(lambda: browser.sign_in("")), (401, "BAD_CREDENTIALS"), certificate)

    def test_the_pages_of_two_townships_have_nothing_of_each_other(self):
        clerks = {QINGSHI: self.site.browser("qingshi"), DONGXI: self.site.browser("dongxi")}
        streams = {town: clerk.events() for town, clerk in clerks.items()}
        for events in streams.values():
            events.wait_for("status")
        given = {}
        for town, home in HOME.items():
            given[town] = self.report(f"two-{town}", home)
            self.duty.post("/api/act/order", {"incident_id": str(given[town]), "party": [town], "text": "立即巡查", "given_by": "李主任"})
        for town, other in ((QINGSHI, DONGXI), (DONGXI, QINGSHI)):
            mine, clerk = given[town], clerks[town]
            streams[town].wait_for("incident", mine, lambda d, town=town: any(duty["party"] == town for duty in d["duty"]))
            wait(lambda: mine in clerk.view(), "it is on the own page")
            for incident, one in clerk.view().items():
                self.assertEqual({duty["party"] for duty in one["duty"]}, {town}, f"incident {incident} on the page of {town}")
            self.assertNotIn(given[other], clerk.view())
            delivered = {int(one["envelope"]["incident_id"]) for one in clerk.get("/api/deliveries")["delivery"]}
            self.assertIn(mine, delivered)
            self.assertNotIn(given[other], delivered)
            for path in (f"/api/incidents/{given[other]}", f"/api/incidents/{given[other]}/explain"):
                self.assertEqual(self.refused(lambda: clerk.get(path))[0], 403, path)
            theirs = next(int(one["envelope"]["delivery_id"]) for one in clerks[other].get("/api/deliveries")["delivery"]
                          if int(one["envelope"]["incident_id"]) == given[other])
            self.refused(lambda: clerk.post("/api/ack", {"delivery_id": str(theirs), "state": "ACCEPTED"}))
        # Both streams have gone on beyond both incidents by now.
        for town, other in ((QINGSHI, DONGXI), (DONGXI, QINGSHI)):
            reached = max(streams[t].of("incident", given[t])[-1][0] for t in HOME)
            wait(lambda: streams[town].last_id() >= reached, "the stream has gone on")
            self.assertEqual(streams[town].of("incident", given[other]), [])
            self.assertNotIn(other, str([data for _, data in streams[town].of("incident")]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
