"""The page as people use it, in a browser, against the real hub, adapter and screen. What a hotline's system, an agency's program and the clock do
is done here; what people see and click goes through driver.mjs. Screenshots are kept under build/<preset>/screenshots.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
PROMISES = HERE.parent / "promises"
WEB = HERE.parents[1] / "adapters/screen/web"
BUILD = pathlib.Path(os.environ.get("LIANDONG_BUILD", HERE.parents[1] / "build/dev"))
SKIP = 77


def what_is_missing():
    for path in (BUILD / "bin/liandong-screen", BUILD / "pygen", PROMISES / "screen_harness.py", WEB / "dist/index.html", WEB / "node_modules/playwright-core",
                 pathlib.Path(os.environ.get("LIANDONG_CHROMIUM", "/usr/bin/chromium"))):
        if not path.exists():
            return str(path)
    return "" if shutil.which("node") else "node"


if what_is_missing():
    print(f"SKIPPED: {what_is_missing()} is not there")
    sys.exit(SKIP)
sys.path.insert(0, str(PROMISES))

from harness import LIMIT_S, ack_pb, common, delivery_pb, desk_pb, wait  # noqa: E402
from adapter_harness import Adapter, stamp  # noqa: E402
from screen_harness import Refused, ScreenSite  # noqa: E402

SELECTS = ("severity", "category", "division", "danger", "duty", "state", "to", "level")
QINGSHI, BAISHA = "339921100000", "339921101000"
PEOPLE = {
    "duty": ("张岭云", "command", ["duty_officer"]),
    "viewer": ("李观", "command", ["viewer"]),
    "qingshi": ("沈源清", "town-qingshi", ["clerk"]),
    "baisha": ("韩岙平", "town-baisha", ["clerk"]),
    "fire": ("陆泽明", "fire-119", ["clerk"]),
}
FIRE = dict(category="accident.fire", severity=common.LARGE, danger_to_life=common.YES)


class Browsers:
    def __init__(self, url):
        self.url = url
        self.process = subprocess.Popen(["node", HERE / "driver.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def do(self, page, what, **options):
        self.process.stdin.write(json.dumps({"page": page, "do": what, **options}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise AssertionError(f"{page}: {what} {options}: {answer['error']}")
        return answer["value"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(LIMIT_S)


class Page:
    def __init__(self, browsers, name, **options):
        self.browsers, self.name = browsers, name
        self.do("open", url=browsers.url, wait_ms=LIMIT_S * 1000, **options)

    def do(self, what, **options):
        return self.browsers.do(self.name, what, **options)

    def sign_in(self, account, password):
        self.do("fill", at="[name=account]", value=account)
        self.do("fill", at="[name=password]", value=password)
        self.do("click", at=".sign-box .button.main")
        self.wait(".matrix, .clerk-tabs")

    def wait(self, at, state="visible"):
        self.do("wait", at=at, state=state)

    def accessible(self, what):
        found = self.do("axe", name=what)
        if found:
            raise AssertionError("\n".join(found))

    def act(self, opener, **fields):
        """One act: its form, its summary, the hub's answer; returns the log index."""
        self.do("click", at=opener)
        self.wait("dialog.act[open]")
        for name, value in fields.items():
            at = f'dialog.act [name="{name}"]'
            if isinstance(value, list):
                for one in value:
                    self.do("check", at=f'{at}[value="{one}"]')
            else:
                self.do("select" if name in SELECTS else "fill", at=at, value=value)
        if fields:
            self.do("click", at="dialog.act .button.main")
        self.wait("dialog.act .sure")
        self.do("click", at="dialog.act footer .button:last-child")
        self.wait('dialog.act [data-answer="log_index"]')
        answer = {name: self.do("text", at=f'dialog.act [data-answer="{name}"]') for name in ("incident_id", "response_id", "log_index")
                  if self.do("count", at=f'dialog.act [data-answer="{name}"]') == 1}
        self.do("click", at="dialog.act footer .button")
        self.wait("dialog.act", "detached")
        return answer

    def select(self, incident):
        self.do("press", key="Escape")
        self.do("fill", at=".matrix-find input", value=str(incident))
        self.do("click", at=f'[data-incident="{incident}"]')
        self.wait(".act-bar")


def cell(duty, state):
    return f'.cell[data-duty="{duty}"][data-state="{state}"]'


class ThePageIsReal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = ScreenSite(PEOPLE)
        shutil.copytree(WEB / "dist", cls.site.dir / "page", dirs_exist_ok=True)
        cls.site.__enter__()
        for account in PEOPLE:  # each changes the first password, as a person must
            cls.site.browser(account)
        cls.browsers = Browsers(f"https://{cls.site.addresses['https']}")
        cls.wall = cls.page("duty", "wall")
        cls.numbers = iter(range(1, 1000))

    @classmethod
    def tearDownClass(cls):
        cls.browsers.close()
        cls.site.__exit__(None, None, None)

    @classmethod
    def page(cls, account, name=None, **options):
        page = Page(cls.browsers, name or account, **options)
        page.sign_in(account, cls.site.passwords[account])
        return page

    def tearDown(self):
        self.assertEqual(self.browsers.do("wall", "complaints"), [])
        self.wall.do("press", key="Escape")
        self.wall.do("fill", at=".matrix-find input", value="")

    def report(self, division=QINGSHI, **fields):
        receipt = self.site.party("police-110").report(f"page-{next(self.numbers)}", **{**FIRE, "division": division, "description": "三楼冒烟", **fields})
        return receipt.incident_id

    def duties(self, incident):
        return {duty.party: duty for duty in self.site.party("command").show(incident).duty}

    def test_a_call_in_the_polices_own_format_is_on_the_map_the_board_and_in_the_matrix_and_an_agencys_answer_changes_its_cell(self):
        adapter = Adapter(self.site, "police-110").start()
        number = "33992190001"
        adapter.tell({"header": {"type": "JJDB"}, "body": {"JJDBH": number, "JQLBDM": "060101", "XZQHDM": QINGSHI, "BJSJ": stamp(), "BJNR": "山洪进屋，三人被困"}})
        incident = wait(lambda: next((i for i in self.open_incidents() if self.names(i, number)), None), "the hub has the call")
        self.wall.wait(f'[data-incident="{incident}"]')
        self.wall.wait(f'[data-mark="{incident}"], .mark.many', "attached")
        duties = self.duties(incident)
        party, duty = next((name, one) for name, one in duties.items() if one.person == 0 and one.role != common.INFORM)
        self.wall.wait(f'.due-row[data-due="{duty.duty_id}"]', "attached")
        self.site.party(party).acknowledge(duty.delivery_id, ack_pb.ACCEPTED)
        self.wall.wait(cell(duty.duty_id, "ACCEPTED"))
        self.wall.do("shot", name="real-wall")
        self.wall.accessible("wall")

    def open_incidents(self):
        reply = self.site.party("command").desk("ListIncidents", desk_pb.ListIncidentsRequest(), desk_pb.ListIncidentsReply)
        return [one.incident.incident_id for one in reply.incident]

    def names(self, incident, external_id):
        return any(one.external_id == external_id for one in self.site.party("command").show(incident).incident.reports)

    def test_a_township_clerk_accepts_on_a_telephone_and_sees_only_its_own(self):
        here, there = self.report(QINGSHI), self.report(BAISHA)
        duty = wait(lambda: self.duties(here).get("town-qingshi"), "the township has a duty")
        phone = self.page("qingshi", width=360, height=800, phone=True)
        other = self.page("baisha", width=360, height=800, phone=True)
        card = f'[data-task="duty:{duty.duty_id}"]'
        phone.wait(card)
        self.wall.wait(cell(duty.duty_id, "RECEIVED"))
        phone.do("click", at=f"{card} .task-head")
        phone.do("click", at=f"{card} [data-step=ACCEPTED]")
        phone.do("click", at="dialog[open] .button.main")
        self.wall.wait(cell(duty.duty_id, "ACCEPTED"))
        phone.wait(f"{card} [data-step=EN_ROUTE]")
        phone.do("shot", name="clerk")
        phone.accessible("clerk")
        self.assertEqual(other.do("count", at=card), 0)
        theirs = self.duties(there).get("town-qingshi")
        if theirs is not None:
            self.assertEqual(phone.do("count", at=f'[data-task="duty:{theirs.duty_id}"]'), 1)

    def test_a_clerk_files_the_report_upward_that_the_law_asks_for(self):
        incident = self.report(category="accident.fire.factory")
        def owed():
            reply = self.site.party("command").desk("ListUpwardReports", desk_pb.ListUpwardReportsRequest(incident_id=incident), desk_pb.ListUpwardReportsReply)
            return next(one for one in reply.report if one.party == "fire-119")
        duty = owed().duty_id
        phone = self.page("fire", width=360, height=800, phone=True)
        card = f'[data-task="duty:{duty}"]'
        phone.wait(card)
        self.assertEqual(phone.do("count", at=f"{card} [data-step=EN_ROUTE]"), 0)
        # The hub refuses what is not whole, in words, and nothing is filed.
        phone.do("click", at=f"{card} [data-file]")
        phone.wait("dialog.act[open]")
        phone.do("click", at="dialog.act .button.main")
        phone.wait("dialog.act .sure")
        phone.do("click", at="dialog.act footer .button:last-child")
        phone.wait("dialog.act .error")
        self.assertEqual(owed().rule.made_at_ms, 0)
        phone.do("press", key="Escape")
        phone.wait("dialog.act", "detached")
        phone.act(f"{card} [data-file]", unit_profile="某厂", place="厂区", happened="2026-01-02T08:00", scene="有烟", course="起火", measures="扑救", other="无",
                  dead="0", missing="0", injured="0", loss_yuan="0")
        phone.wait(card, "detached")
        made = owed()
        self.assertGreater(made.rule.made_at_ms, 0)
        self.assertEqual((made.fields.unit_profile, made.fields.scene, made.fields.counts.dead), ("某厂", "有烟", 0))
        timeline = self.site.party("command").show(incident).timeline
        self.assertIn("陆泽明", [one.actor.person for one in timeline])

    def test_two_townships_see_only_their_own_also_when_their_program_asks_for_everything(self):
        made = [self.report(QINGSHI), self.report(BAISHA)]
        for incident, party in zip(made, ("town-qingshi", "town-baisha")):
            wait(lambda i=incident, p=party: self.duties(i).get(p), "the township has a duty")
        for account, party in (("qingshi", "town-qingshi"), ("baisha", "town-baisha")):
            page = self.page(account, f"{account}-limited", width=360, height=800, phone=True)
            duties = {incident: self.duties(incident) for incident in made}
            foreign = [incident for incident in made if party not in duties[incident]]
            self.assertEqual(len(foreign), 1)
            own = next(one[party] for one in duties.values() if party in one)
            page.wait(f'[data-task="duty:{own.duty_id}"]')
            for duty in duties[foreign[0]].values():
                self.assertEqual(page.do("count", at=f'[data-task="duty:{duty.duty_id}"]'), 0)
            program = self.site.browser(account)
            view = program.get("/api/view")["incidents"]
            self.assertTrue(view)
            self.assertEqual({duty["party"] for one in view for duty in one["duty"]}, {party})
            self.assertNotIn(str(foreign[0]), [one["incident"]["incident_id"] for one in view])
            for path in (f"/api/incidents/{foreign[0]}", f"/api/incidents/{foreign[0]}/explain", "/api/incidents?closed=1", "/api/upward"):
                with self.assertRaises(Refused, msg=path):
                    program.get(path)
            self.assertEqual({post["party"] for post in program.get("/api/posts")["post"]}, {party})

    def test_a_response_starts_and_ends_and_a_post_is_handed_over(self):
        self.wall.do("click", at="[data-go=procedure]")
        made = self.wall.act("[data-response-start]", level="LEVEL_III", category="natural.flood", hours="6", matters="强降雨", measures="巡查山洪沟")
        line = f'[data-response="{made["response_id"]}"]'
        self.wall.wait(line)
        command = self.site.party("command")
        self.assertEqual([(one.category, one.matters) for one in command.status().response], [("natural.flood", "强降雨")])
        self.wall.act('[data-post="command-duty-leader"] button', person="钱新")
        self.wall.wait('[data-post="command-duty-leader"] >> text=钱新')
        posts = command.desk("ListPosts", desk_pb.ListPostsRequest(), desk_pb.ListPostsReply).post
        self.assertIn(("command-duty-leader", "钱新", True), [(one.post, one.person, one.handed_over) for one in posts])
        self.wall.do("shot", name="real-procedure")
        self.wall.accessible("procedure")
        self.wall.act(f"{line} [data-response-end]", reason="雨停")
        self.wall.wait(line, "detached")
        self.assertEqual(len(command.status().response), 0)
        self.wall.do("click", at=".top-bar > .button >> nth=0")
        self.wall.wait(".matrix")

    def test_an_officer_reports_corrects_and_orders_and_a_viewer_cannot(self):
        made = self.wall.act("text=＋ 新建事件", description="后山落石", category="natural.rockfall", severity="GENERAL", division=QINGSHI, danger="YES")
        incident = int(made["incident_id"])
        self.wall.wait(f'[data-incident="{incident}"]')
        self.wall.select(incident)
        self.wall.act("[data-act=correct]", severity="MAJOR", reason="现场复核")
        self.wall.wait(f'[data-incident="{incident}"] .level-mark.MAJOR')
        self.assertEqual(self.site.party("command").show(incident).incident.severity, common.MAJOR)
        self.wall.act("[data-act=order]", text="转移坡下住户", parties=["town-longtan"], given_by="曹湾海", accept="10")
        order = wait(lambda: next((d for d in self.site.party("town-longtan").fetch().delivery
                                   if d.envelope.incident_id == incident and d.envelope.kind == delivery_pb.ORDER), None), "the order goes out")
        self.assertIn("转移坡下住户", order.body.text)
        self.site.party("town-longtan").acknowledge(order.envelope.delivery_id, ack_pb.ACCEPTED)
        self.wall.wait(cell(order.envelope.duty_id, "ACCEPTED"))
        self.assertIn("张岭云", [one.actor.person for one in self.site.party("command").show(incident).timeline])
        self.wall.do("shot", name="real-incident")
        self.wall.accessible("incident")
        viewer = self.page("viewer")
        viewer.do("click", at=f'[data-incident="{incident}"]')
        viewer.wait(".look-only")
        self.assertEqual(viewer.do("count", at="[data-act]"), 0)

    def test_a_deadline_runs_out_and_the_escalation_shows(self):
        incident = self.report()
        self.site.party("command").desk("OrderParties", desk_pb.OrderPartiesRequest(
            incident_id=incident, party=["town-dawan"], text="清点人数", given_by="值班长", accept_within_s=1), desk_pb.OrderPartiesReply)
        duty = wait(lambda: self.duties(incident).get("town-dawan"), "the order is a duty")
        self.wall.do("fill", at=".matrix-find input", value=str(incident))
        self.wall.wait(f'.cell.late[data-duty="{duty.duty_id}"]')
        self.wall.wait(f'.due-row.late[data-due="{duty.duty_id}"]', "attached")
        self.wall.do("shot", name="real-overdue")

    def test_when_the_hub_is_away_the_page_says_so_and_is_right_again(self):
        before = self.report()
        self.wall.wait(f'[data-incident="{before}"]', "attached")
        self.site.hub.kill()
        self.wall.wait(".stale")
        self.wall.do("shot", name="real-stale")
        self.wall.accessible("stale")
        self.site.start_hub()
        after = self.report(BAISHA)
        self.wall.wait(".stale", "detached")
        self.wall.do("fill", at=".matrix-find input", value=str(after))
        self.wall.wait(f'[data-incident="{after}"]')


if __name__ == "__main__":
    unittest.main(verbosity=2)
