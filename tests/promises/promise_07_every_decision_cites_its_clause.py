"""Promise 7: every duty says which agreement, clause and version it follows from, in the words that were signed; and the desk can ask why, and
why others did not match. What was decided under one version of the site set keeps it."""
import unittest

from google.protobuf import text_format

from harness import ROOT, Site, common, delivery_pb, desk_pb, grpc, reason_of
from liandong.v1 import agreement_pb2


def agreements(folder):
    out = {}
    for path in (folder / "agreements").glob("*.textproto"):
        one = text_format.Parse(path.read_text(), agreement_pb2.Agreement())
        out[one.id] = one
    return out


class EveryDecisionCitesItsClause(unittest.TestCase):
    def explain(self, site, incident_id):
        return site.party("command").desk("ExplainIncident", desk_pb.ExplainIncidentRequest(incident_id=incident_id), desk_pb.ExplainIncidentReply)

    def report(self, site, name, **more):
        fields = dict(category="natural.landslide", severity=common.GENERAL, division="339921100000", danger_to_life=common.YES,
                      description="山体滑坡,有人被埋")
        return site.party("police-110").report(name, **{**fields, **more})

    def check_cited(self, clauses, signed, version):
        for cited in clauses:
            self.assertEqual(cited.ref.site_version, version)
            agreement = signed[cited.ref.agreement]
            self.assertEqual(cited.title, agreement.title)
            self.assertEqual(cited.text, next(c.text for c in agreement.clause if c.id == cited.ref.clause))

    def test_tasks_and_explanations(self):
        signed = agreements(ROOT / "deploy/county/site")
        with Site() as site:
            version = site.party("command").status().site_version
            receipt = self.report(site, "r1")
            shown = site.party("command").show(receipt.incident_id)
            tasked = {d.party for d in shown.duty}
            self.assertGreaterEqual(len(tasked), 3)
            cited = set()
            for name in sorted(tasked):
                task = site.party(name).connect().wait_for(receipt.incident_id, delivery_pb.TASK)
                self.assertTrue(task.body.duty.clauses, f"{name}'s duty follows from a clause")
                self.check_cited(task.body.duty.clauses, signed, version)
                cited |= {(c.ref.agreement, c.ref.clause) for c in task.body.duty.clauses}
            explained = self.explain(site, receipt.incident_id)
            self.assertEqual(len(explained.decision), 1)
            decision = explained.decision[0]
            self.assertEqual((decision.log_index, decision.decision.site_version), (receipt.log_index, version))
            self.check_cited(decision.clause, signed, version)
            fired = {(f.clause.agreement, f.clause.clause) for f in decision.decision.fired}
            self.assertLessEqual(cited, fired, "every cited clause fired")
            for key in fired - cited:  # it fired for the reporter itself, which needs no task
                parties = {d.party for c in signed[key[0]].clause if c.id == key[1] for d in c.duty}
                self.assertTrue(parties & {"police-110", "command"}, key)
            # One clause asks for a graver incident, and says so; what it asks and what was found are in words a person can read.
            misses = {(m.clause.agreement, m.clause.clause): m for m in decision.decision.near_miss}
            self.assertFalse(set(misses) & fired)
            graver = misses[("linkage-centre-2022", "4.3")]
            self.assertEqual((graver.condition, graver.wanted, graver.found), ("severity_at_least", "MAJOR", "GENERAL"))
            for miss in misses.values():
                self.assertTrue(miss.condition and miss.wanted, miss)
            for words in ("clause 4.3: severity at least", "wanted major", "found general"):
                self.assertIn(words, decision.text_en)
            self.assertIn("滑坡", decision.text)

    def test_a_revision_that_meets_the_condition(self):
        with Site() as site:
            self.report(site, "r1", revision=1)
            receipt = self.report(site, "r1", revision=2, severity=common.MAJOR)
            first, second = self.explain(site, receipt.incident_id).decision
            fired = [{(f.clause.agreement, f.clause.clause) for f in d.decision.fired} for d in (first, second)]
            self.assertNotIn(("highway-2022", "4.6"), fired[0])
            self.assertIn(("highway-2022", "4.6"), fired[1])

    def test_each_keeps_the_version_it_was_decided_under(self):
        with Site() as site:
            desk = site.party("command")
            old = self.report(site, "r1")
            before = desk.desk("ShowSiteSet", desk_pb.ShowSiteSetRequest(), desk_pb.ShowSiteSetReply).site
            changed = type(before)()
            changed.CopyFrom(before)
            clause = next(c for a in changed.agreement if a.id == "linkage-centre-2022" for c in a.clause if c.id == "4.1")
            was, clause.text = clause.text, "自然灾害发生后,属地乡镇五分钟内响应(修订)。"
            clause.duty[0].accept_within_s = 300
            adopted = desk.desk("AdoptSiteSet", desk_pb.AdoptSiteSetRequest(site=changed), desk_pb.AdoptSiteSetReply)
            self.assertEqual(adopted.version, before.version + 1)
            again = desk.desk("AdoptSiteSet", desk_pb.AdoptSiteSetRequest(site=changed), desk_pb.AdoptSiteSetReply)
            self.assertTrue(again.unchanged)
            # A bad set is refused whole.
            bad = type(before)()
            bad.CopyFrom(changed)
            bad.agreement[0].clause[0].duty[0].party = "nobody"
            with self.assertRaises(grpc.RpcError) as refused:
                desk.desk("AdoptSiteSet", desk_pb.AdoptSiteSetRequest(site=bad), desk_pb.AdoptSiteSetReply)
            self.assertEqual((refused.exception.code(), reason_of(refused.exception)), (grpc.StatusCode.INVALID_ARGUMENT, "BAD_SITE_SET"))
            new = self.report(site, "r2")
            for restarted in (False, True):
                if restarted:
                    site.hub.kill()
                    site.start_hub()
                self.assertEqual(desk.status().site_version, adopted.version)
                for receipt, version, text in ((old, before.version, was), (new, adopted.version, clause.text)):
                    decision = self.explain(site, receipt.incident_id).decision[0]
                    self.assertEqual(decision.decision.site_version, version)
                    cited = {(c.ref.agreement, c.ref.clause): c for c in decision.clause}[("linkage-centre-2022", "4.1")]
                    self.assertEqual((cited.ref.site_version, cited.text), (version, text), f"restarted: {restarted}")
                    self.assertEqual({f.clause.site_version for f in decision.decision.fired}, {version})
                # What was not yet RECEIVED is sent under the version that it was decided under, in its words.
                line = site.party("town-qingshi").connect(receive=False)
                for receipt, version, text in ((old, before.version, was), (new, adopted.version, clause.text)):
                    task = line.wait_for(receipt.incident_id, delivery_pb.TASK)
                    cited = next(c for c in task.body.duty.clauses if c.ref.clause == "4.1" and c.ref.agreement == "linkage-centre-2022")
                    self.assertEqual((cited.ref.site_version, cited.text), (version, text), f"restarted: {restarted}")
                line.close()


if __name__ == "__main__":
    unittest.main()
