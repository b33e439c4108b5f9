"""Promises 6 and 9 at screens: a wall's program gets the areas of its key and nothing else, whatever it asks for; it is right again after any
break; a screen acts only in the name of a person who has signed in, as far as that person's roles go, and the record names the person.

The wall is the sample of deploy/clients/node, the keys are made as an installation makes them (deploy/feed_keys.sh).
"""
import json
import re
import shutil
import subprocess
import unittest

from google.protobuf import text_format

from harness import BIN, ROOT, Site, ack_pb, common, desk_pb, free_port, grpc, link_pb, reason_of, wait
from liandong.v1 import account_pb2 as account_pb
from liandong.v1 import site_pb2

NODE = ROOT / "deploy/clients/node"


def with_feed(*readers):
    """A site that is not yet started, whose feed the parties named may read."""
    site = Site(hub_options=f'feed {{ listen: "127.0.0.1:{free_port()}" key: "keys/feed.curve" }}')
    subprocess.run([ROOT / "deploy/feed_keys.sh", BIN / "liandong", site.site_dir, site.dir / "keys", *readers], check=True)
    return site


def set_area(site, party, areas):
    path = site.site_dir / "parties.textproto"
    parties = text_format.Parse(path.read_text(), site_pb2.PartyFile())
    for one in parties.party:
        if one.id == party:
            one.ClearField("feed_area")
            one.feed_area.extend(areas)
    path.write_text(text_format.MessageToString(parties, as_utf8=True))


class Wall:
    """deploy/clients/node/feed.mjs with what it has said so far."""

    def __init__(self, site, party, division=""):
        site.issue(party)
        pki = site.pki
        self.program = site.program(["node", NODE / "feed.mjs", f"127.0.0.1:{site.port}", pki / "ca.crt", pki / f"{party}.crt", pki / f"{party}.key",
                                     site.dir / "keys" / f"{party}.curve", *([division] if division else [])], f"wall-{party}")

    def said(self, what):
        lines = [json.loads(line) for line in self.program.output().splitlines() if line.startswith("{")]
        return [line["value"] for line in lines if line["what"] == what]

    def shown(self):
        """The incidents that stand on it now."""
        held = set()
        for line in self.program.output().splitlines():
            if not line.startswith("{"):
                continue
            one = json.loads(line)
            if one["what"] == "snapshot":
                held = {int(i) for i in one["value"]["incidents"]}
            elif one["what"] == "gone":
                held.discard(int(one["value"]))
            elif one["value"]["status"] == "OPEN":
                held.add(int(one["value"]["id"]))
            else:
                held.discard(int(one["value"]["id"]))
        return held


@unittest.skipUnless((NODE / "node_modules/zeromq").exists() and shutil.which("node"), f"the sample wall: npm ci --prefix {NODE}")
class TheFeed(unittest.TestCase):
    def report(self, site, number, division, **fields):
        return site.party("police-110").report(number, category="service.streetlight", division=division, danger_to_life=common.NO, **fields).incident_id

    def test_a_wall_of_one_township_that_asks_for_everything_sees_its_own(self):
        site = with_feed("town-qingshi", "screen")
        parties = text_format.Parse((site.site_dir / "parties.textproto").read_text(), site_pb2.PartyFile())
        qingshi, dongxi = ({p.id: p.division for p in parties.party}[town] for town in ("town-qingshi", "town-dongxi"))
        set_area(site, "town-qingshi", [qingshi[:9]])
        with site:
            town, county = Wall(site, "town-qingshi"), Wall(site, "screen")
            wait(lambda: town.said("snapshot") and county.said("snapshot"), "both have begun")
            mine = {self.report(site, "r1", qingshi, caller_name="张三丰", address="暗巷七号")}
            others = {self.report(site, "r2", dongxi), self.report(site, "r3", "")}
            wait(lambda: town.shown() == mine, "the town shows its own")
            wait(lambda: county.shown() == mine | others, "the county shows all")
            # It moves away, and the town sees it leave.
            site.party("command").desk("CorrectIncident", desk_pb.CorrectIncidentRequest(incident_id=min(mine), division=dongxi, reason="地址核实"),
                                       link_pb.ActionReply)
            wait(lambda: town.shown() == set(), "the town sees it leave")
            # A hub that dies and comes back: both are right again.
            site.hub.kill()
            site.start_hub()
            again = self.report(site, "r4", qingshi)
            wait(lambda: town.shown() == {again}, "the town is right again")
            wait(lambda: county.shown() == mine | others | {again}, "the county is right again")
            self.assertGreaterEqual(len(town.said("snapshot")), 2, "by a snapshot")
            for one in town.said("incident"):
                self.assertEqual(one["division"], qingshi)
            for wall in (town, county):
                for hidden in ("张三丰", "暗巷七号", "r1"):
                    self.assertNotIn(hidden, wall.program.output())

    def test_a_key_that_the_site_set_does_not_have_gets_nothing(self):
        site = with_feed("screen")
        with site:
            county = Wall(site, "screen")
            wait(lambda: county.said("snapshot"), "the county has begun")
            site.run("pki", "feed-key", site.dir / "keys" / "telecom.curve")
            stranger = Wall(site, "telecom")
            wait(lambda: not stranger.program.running(), "it has no area, so that its snapshot is refused")
            self.assertEqual(county.shown(), set())


class People(unittest.TestCase):
    def session_call(self, site, method, request, reply_type, session=None, party="screen"):
        rpc = site.party(party).channel.unary_unary(method, request_serializer=type(request).SerializeToString, response_deserializer=reply_type.FromString)
        return rpc(request, timeout=90, wait_for_ready=True, metadata=[("liandong-session", session)] if session else None)

    def account(self, site, method, request, reply_type, session=None):
        return self.session_call(site, f"/liandong.v1.Account/{method}", request, reply_type, session)

    def first_sign_in(self, site, name, password):
        session = self.account(site, "SignIn", account_pb.SignInRequest(account=name, password=password), account_pb.SignInReply).session
        self.account(site, "ChangePassword", account_pb.ChangePasswordRequest(old_password=password, new_password="correct horse"),
                     account_pb.ChangePasswordReply, session)
        return session

    def refused(self, call):
        with self.assertRaises(grpc.RpcError) as error:
            call()
        return reason_of(error.exception)

    def test_people_act_in_their_own_names_and_as_far_as_their_roles_go(self):
        site = Site()
        made = subprocess.run([BIN / "liandong-hub", "--config", site.dir / "hub.textproto", "account", "create", "--account", "keeper", "--person", "管账",
                               "--party", "command", "--role", "account_keeper"], capture_output=True, text=True, timeout=60)
        self.assertEqual(made.returncode, 0, made.stderr)
        password = re.search(r": (\S{23})$", made.stdout, re.M).group(1)
        with site:
            keeper = self.first_sign_in(site, "keeper", password)

            def person(name, party, role):
                reply = self.account(site, "Create", account_pb.CreateAccountRequest(account=name, person=f"{name}先生", party=party, role=[role]),
                                     account_pb.CreateAccountReply, keeper)
                return self.first_sign_in(site, name, reply.password)

            viewer, officer, clerk = person("zhao", "command", "viewer"), person("qian", "command", "duty_officer"), person("sun", "town-qingshi", "clerk")
            incident = site.party("police-110").report("r1", category="service.streetlight", danger_to_life=common.NO).incident_id
            order = desk_pb.OrderPartiesRequest(incident_id=incident, party=["town-qingshi"], text="立即巡查", given_by="李主任")

            def give(session):
                return self.session_call(site, "/liandong.v1.Desk/OrderParties", order, desk_pb.OrderPartiesReply, session)

            self.assertEqual(self.refused(lambda: give(viewer)), "NOT_YOUR_ROLE")
            self.assertEqual(self.refused(lambda: give(keeper)), "NOT_YOUR_ROLE")
            self.assertEqual(self.refused(lambda: give(clerk)), "NOT_ALLOWED")
            self.assertEqual(self.refused(lambda: give(None)), "NOT_ALLOWED", "the screen alone")
            delivery = give(officer).delivery_id[0]
            ack = link_pb.AcknowledgeRequest(acknowledgment=[ack_pb.Acknowledgment(delivery_id=delivery, state=ack_pb.ACCEPTED)])
            reply = self.session_call(site, "/liandong.v1.Link/Acknowledge", ack, link_pb.AcknowledgeReply, clerk).reply[0]
            self.assertEqual(reply.outcome, ack_pb.APPLIED)
            timeline = [(e.what, e.actor.party, e.actor.person, e.actor.way) for e in site.party("command").show(incident).timeline]
            self.assertIn(("ORDER", "command", "qian先生", common.BY_SCREEN), timeline)
            self.assertIn(("ACKNOWLEDGED", "town-qingshi", "sun先生", common.BY_SCREEN), timeline)
            # Wrong passwords lock; the session that is open goes on, also when the hub was killed meanwhile.
            for _ in range(5):
                self.refused(lambda: self.account(site, "SignIn", account_pb.SignInRequest(account="qian", password="wrong horse"), account_pb.SignInReply))
            site.hub.kill()
            site.start_hub()
            self.assertEqual(self.refused(lambda: self.account(site, "SignIn", account_pb.SignInRequest(account="qian", password="correct horse"),
                                                               account_pb.SignInReply)), "LOCKED")
            self.assertEqual(self.account(site, "Check", account_pb.CheckSessionRequest(), account_pb.SessionView, officer).person, "qian先生")
            self.account(site, "Disable", account_pb.DisableAccountRequest(account="qian"), account_pb.AccountView, keeper)
            self.assertEqual(self.refused(lambda: self.account(site, "Check", account_pb.CheckSessionRequest(), account_pb.SessionView, officer)), "SESSION_ENDED")
            # Neither passwords nor sessions stand anywhere.
            for path, content in site.files(site.dir / "hub-data"):
                for hidden in ("correct horse", password, officer, clerk):
                    self.assertNotIn(hidden.encode(), content, path)

    def test_an_account_keeper_works_at_a_terminal_too(self):
        site = Site()
        made = subprocess.run([BIN / "liandong-hub", "--config", site.dir / "hub.textproto", "account", "create", "--account", "keeper", "--person", "管账",
                               "--party", "command", "--role", "account_keeper"], capture_output=True, text=True, timeout=60)
        (site.dir / "first.txt").write_text(re.search(r": (\S{23})$", made.stdout, re.M).group(1))
        (site.dir / "mine.txt").write_text("correct horse\n")
        keeper = ("--as", "keeper", "--password-file", site.dir / "mine.txt")
        with site:
            site.cli("command", "account", "password", "--as", "keeper", "--password-file", site.dir / "first.txt", "--new-password-file",
                     site.dir / "mine.txt")
            _, made = site.cli("command", "account", "create", "zhang.san", "--name", "张三", "--party", "command", "--role", "duty_officer", *keeper)
            password = re.search(r": (\S{23})$", made, re.M).group(1)
            session = self.first_sign_in(site, "zhang.san", password)
            code, refused = site.cli("command", "account", "create", "li.si", "--name", "李四", "--party", "command", "--role", "auditor", "--role", "viewer",
                                     *keeper, check=False)
            self.assertEqual(code, 1, refused)
            site.cli("command", "account", "disable", "zhang.san", *keeper)
            self.assertEqual(self.refused(lambda: self.account(site, "Check", account_pb.CheckSessionRequest(), account_pb.SessionView, session)),
                             "SESSION_ENDED")
            site.cli("command", "account", "enable", "zhang.san", *keeper)
            site.cli("command", "account", "roles", "zhang.san", "--role", "viewer", *keeper)
            _, listed = site.cli("command", "account", "list", *keeper)
            self.assertRegex(listed, r"(?m)^zhang.san\t张三\tcommand\tviewer")
            self.assertNotIn("correct horse", listed)


if __name__ == "__main__":
    unittest.main()
