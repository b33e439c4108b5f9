"""Promises 6 and 7 at the page: people sign in, see what is theirs as it happens, act in their own name as far as their roles go, and the page
says when it is not current. The real hub and the real screen; the browser is Python's.
"""
import json
import re
import unittest
import urllib.request

from harness import ROOT, common, wait
from screen_harness import Browser, Refused, ScreenSite

FIRE = dict(category="accident.fire", severity=common.LARGE, danger_to_life=common.YES, description="三楼冒烟，有人喊救命")
TOWN = "339921102000"


class PeopleSeeAndAct(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        people = {
            "duty": ("值班员甲", "command", ["duty_officer"]),
            "viewer": ("观摩员乙", "command", ["viewer"]),
            "clerk": ("电力值班丙", "power-supply", ["clerk"]),
            "auditor": ("审计员丁", "command", ["auditor"]),
        }
        cls.site = ScreenSite(people).__enter__()
        cls.duty, cls.viewer, cls.clerk = (cls.site.browser(name) for name in ("duty", "viewer", "clerk"))

    @classmethod
    def tearDownClass(cls):
        cls.site.__exit__(None, None, None)

    def report(self, external_id, **fields):
        return self.site.party("police-110").report(external_id, **{**FIRE, "division": TOWN, **fields}).incident_id

    def test_what_a_hotline_reports_is_in_the_view_and_on_the_stream_at_once(self):
        events = self.viewer.events(gzip=True)
        events.wait_for("status")
        incident = self.report("see-1")
        index, data = events.wait_for("incident", incident)
        self.assertEqual(data["incident"]["division"], TOWN)
        self.assertEqual(data["first_party"], "police-110")
        self.assertEqual(int(data["log_index"]), index)
        self.assertIn(incident, self.viewer.view())
        self.assertNotIn("冒烟", str(data), "nothing personal is on the feed")
        self.assertTrue(events.wait_for("status", that=lambda s: s["links"])[1]["feed"]["ok"])

    def test_an_officer_acts_in_the_own_name_and_a_viewer_is_refused(self):
        incident = self.report("act-1")
        request = {"incident_id": str(incident)}
        with self.assertRaises(Refused) as refused:
            self.viewer.post("/api/act/verify", request)
        self.assertEqual(refused.exception.status, 403)
        self.duty.post("/api/act/verify", request)
        self.duty.post("/api/act/note", {"incident_id": str(incident), "text": "已电话核实"})
        shown = self.duty.get(f"/api/incidents/{incident}")
        self.assertEqual(shown["incident"]["verification"], "VERIFIED")
        self.assertIn(("值班员甲", "BY_SCREEN"), [(one["actor"]["person"], one["actor"]["way"]) for one in shown["timeline"] if "actor" in one])
        self.assertIn("已电话核实", [one["note"] for one in shown["timeline"]])
        self.assertTrue(self.duty.get(f"/api/incidents/{incident}/explain")["decision"])
        made = self.duty.post("/api/act/report", {"report": {"open": {"purpose": "ACTUAL", "category": "accident.fire", "division": TOWN},
                                                             "sealed": {"description": "群众到大厅报告"}}})
        self.assertEqual(made["outcome"], "NEW_INCIDENT")

    def test_a_clerk_sees_and_answers_the_own_deliveries_only(self):
        events = self.clerk.events()
        events.wait_for("status")
        theirs = self.report("clerk-1", category="accident.power.line", description="电线断落")
        not_theirs = self.report("clerk-2", category="order.dispute.neighbour", severity=common.GENERAL, danger_to_life=common.NO, description="邻里纠纷")
        events.wait_for("delivery")
        _, data = events.wait_for("incident", theirs)
        self.assertEqual({duty["party"] for duty in data["duty"]}, {"power-supply"})
        seen = wait(lambda: self.duty.view() if {theirs, not_theirs} <= set(self.duty.view()) else None, "both are on the wall")
        own = self.clerk.view()
        self.assertIn(theirs, own)
        for number, one in seen.items():
            mine = any(duty["party"] == "power-supply" for duty in one["duty"])
            self.assertEqual(number in own, mine, f"incident {number}")
        self.assertNotIn("links", self.clerk.get("/api/view"))
        delivery = next(one for one in self.clerk.get("/api/deliveries")["delivery"] if int(one["envelope"]["incident_id"]) == theirs)
        number = delivery["envelope"]["delivery_id"]
        wall = self.duty.events()
        done = self.clerk.post("/api/ack", {"delivery_id": number, "state": "ACCEPTED"})
        self.assertEqual(done["outcome"], "APPLIED")
        wall.wait_for("incident", theirs, lambda d: any(x["party"] == "power-supply" and x["person"] == "ACCEPTED" for x in d["duty"]))
        with self.assertRaises(Refused) as refused:
            self.clerk.get(f"/api/incidents/{theirs}")
        self.assertEqual(refused.exception.status, 403)
        with self.assertRaises(Refused):
            self.clerk.post("/api/ack", {"delivery_id": "999999", "state": "ACCEPTED"})

    def test_by_telephone(self):
        incident = self.report("phone-1")
        duty = wait(lambda: self.duty.view().get(incident), "it is in the view")["duty"][0]
        done = self.duty.post("/api/act/ack-for", {"duty_id": duty["duty_id"], "state": "ACCEPTED", "told_by": "值班长老王"})
        self.assertEqual(done["outcome"], "APPLIED")
        shown = self.duty.get(f"/api/incidents/{incident}")
        self.assertIn("值班长老王", [one["actor"]["told_by"] for one in shown["timeline"] if "actor" in one])

    def test_nobody_gets_in_without_signing_in_nor_from_another_page(self):
        stranger = Browser(self.site)
        for path in ("/api/me", "/api/view", "/api/events", "/api/site", "/api/deliveries"):
            with self.assertRaises(Refused) as refused:
                stranger.get(path)
            self.assertEqual(refused.exception.status, 401, path)
        stranger.account = "duty"
        with self.assertRaises(Refused) as refused:
            stranger.sign_in("no such password")
        self.assertEqual((refused.exception.status, refused.exception.reason), (401, "BAD_CREDENTIALS"))
        incident = str(self.report("csrf-1"))
        for headers in ({"X-Liandong-CSRF": "0"}, {"Origin": "https://elsewhere.example"}, {"Content-Type": "text/plain"}):
            with self.assertRaises(Refused) as refused:
                self.duty.post("/api/act/verify", {"incident_id": incident}, **headers)
            self.assertEqual(refused.exception.status, 403, headers)
        status, headers, text = stranger.raw("GET", "/some/view")
        self.assertEqual((status, "联动" in text), (200, True))
        self.assertIn("default-src 'self'", headers["Content-Security-Policy"])
        for name, value in headers.items():
            self.assertFalse(name == "Access-Control-Allow-Origin", value)

    def test_a_stream_goes_on_where_it_was_and_one_that_is_too_old_begins_anew(self):
        events = self.viewer.events()
        first = self.report("resume-1")
        events.wait_for("incident", first)
        seen = events.last_id()
        events.close()
        missed = self.report("resume-2")
        wait(lambda: missed in self.viewer.view(), "the screen has it")
        again = self.viewer.events(after=seen)
        again.wait_for("incident", missed)
        again.wait_for("status")
        self.assertEqual(again.of("reset"), [])
        old = self.viewer.events(after=1)
        old.wait_for("reset")

    def test_the_page_says_when_it_is_not_current_and_is_right_again(self):
        events = self.viewer.events()
        before = self.report("stale-1")
        events.wait_for("incident", before)
        self.site.hub.kill()
        events.wait_for("status", that=lambda s: not s["feed"]["ok"])
        self.assertIn(before, self.viewer.view(), "what was known is still shown, to whom the hub had let in")
        with self.assertRaises(Refused) as refused:
            self.duty.post("/api/act/verify", {"incident_id": str(before)})
        self.assertEqual(refused.exception.reason, "HUB_UNREACHABLE")
        heard = len(events.heard)
        self.site.start_hub()
        wait(lambda: any(event == "status" and data["feed"]["ok"] for _, event, data in events.heard[heard:]), "the feed is current again")
        after = self.report("stale-2")
        events.wait_for("incident", after)
        self.assertIn(before, self.viewer.view())

    def test_who_signs_out_is_out_everywhere(self):
        browser = self.site.browser("viewer")
        events = browser.events()
        events.wait_for("status")
        token = browser.cookie.split("=", 1)[1]
        browser.call("DELETE", "/api/session")
        wait(lambda: events.ended, "the stream ended with its session")
        browser.cookie = "liandong_session=" + token
        with self.assertRaises(Refused) as refused:
            browser.get("/api/view")
        self.assertEqual(refused.exception.status, 401)
        self.assertNotIn(token, self.site.screen.output())

    def test_what_is_looked_at_and_printed_is_in_the_trail_with_the_browsers_address(self):
        self.site.browser("auditor")
        (self.site.dir / "auditor.txt").write_text(self.site.passwords["auditor"])
        incident = self.report("print-1")
        wait(lambda: incident in self.duty.view(), "it is on the wall")
        self.duty.get(f"/api/incidents/{incident}")
        self.duty.post("/api/act/printed", {"object": f"incident {incident}"})

        def trail():
            _, out = self.site.cli("command", "audit", "trail", "--as", "auditor", "--password-file", self.site.dir / "auditor.txt",
                                   "--object", f"incident {incident}", "--json")
            found = [json.loads(line)["record"]["entry"] for line in out.splitlines() if line.startswith("{")]
            return found if {"TRAIL_VIEW", "TRAIL_PRINT"} <= {one["kind"] for one in found} else None

        for one in wait(trail, "both are in the trail"):
            if one.get("account") == "duty":
                self.assertTrue(one["from"].endswith(" < 127.0.0.1"), one)

    def test_a_renewed_certificate_is_shown_without_a_restart(self):
        def shown():
            line = self.viewer.connect()
            try:
                line.connect()
                return line.sock.getpeercert()["serialNumber"]
            finally:
                line.close()

        before = shown()
        self.site.run("pki", "issue", self.site.pki, "screen", "--dns", "localhost", "--ip", "127.0.0.1", "--replace")
        wait(lambda: shown() != before, "the new certificate is shown")

    def test_metrics_are_there_to_be_scraped(self):
        self.duty.view()
        text = urllib.request.urlopen(f"http://{self.site.addresses['metrics']}/metrics", timeout=60).read().decode()
        self.assertIn("\nliandong_screen_feed_ok 1\n", text)
        served = set(re.findall(r"^(liandong_[a-z_]+)[{ ]", text, re.M))
        wanted = set(re.findall(r"liandong_screen_[a-z_]+", (ROOT / "deploy/monitoring/alerts.yml").read_text()))
        self.assertEqual(wanted - served, set(), "alert rules about metrics that no screen serves")
        self.assertIn('liandong_screen_requests_total{call="/api/view",status="200"}', text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
