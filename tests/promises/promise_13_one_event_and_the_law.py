"""One event, many calls; the law's clocks; and the year's figures: with the real programs, through the command line that a duty officer has."""
import json
import re
import unittest

from harness import Site, common, delivery_pb, desk_pb, wait

PLACE = "339921100000"


def point(lat, lng):
    return common.Point(has_wgs84=True, lat=lat, lng=lng, original_x=lng, original_y=lat, original_datum=common.WGS84)


class OneEvent(unittest.TestCase):
    def test_suggested_explained_confirmed_and_undone(self):
        with Site() as site:
            first = site.party("fire-119").report("F1", category="accident.fire.outdoor", division=PLACE, danger_to_life=common.NO,
                                                  description="老街菜场门口着火,烟很大", point=point(28.4561, 119.9217))
            second = site.party("police-110").report("P1", category="accident.fire.outdoor", division=PLACE, danger_to_life=common.NO,
                                                     description="老街菜场门口着火了,好大的烟", point=point(28.4564, 119.9219))
            self.assertNotEqual(first.incident_id, second.incident_id)
            _, out = site.cli("command", "suggestions")
            self.assertIn("两处相距不超过100米(40/40)", out)
            self.assertIn("the same category (20/20)", out)
            shown = site.party("command").show(second.incident_id)
            self.assertEqual(shown.suggestion[0].older, first.incident_id)
            site.cli("command", "merge", first.incident_id, second.incident_id, "--reason", "同一起火灾")
            merged = site.party("command").show(second.incident_id)
            self.assertEqual(merged.incident.merged_into, first.incident_id)
            self.assertTrue(any(e.what == "MERGED" and "40/40" in e.text for e in merged.timeline))
            site.cli("command", "split", second.incident_id, "--reason", "看错了")
            self.assertEqual(site.cli("command", "suggestions")[1].count("merge"), 0)

    def test_an_exercise_is_not_compared_with_what_is_actual(self):
        with Site() as site:
            text = dict(category="accident.fire.outdoor", division=PLACE, danger_to_life=common.NO, description="老街菜场门口着火,烟很大")
            site.party("fire-119").report("F1", **text)
            site.party("police-110").report("P1", purpose=common.EXERCISE, **text)
            self.assertIn("nothing is suggested", site.cli("command", "suggestions")[1])

    def test_a_flood_of_calls_is_one_incident_and_loses_none(self):
        with Site(settings={"storm_notice_s": 1}) as site:
            hotline, power = site.party("hotline-12345"), site.party("power-supply").connect()
            calls = [hotline.report(f"C{i}", category="service.power", division=PLACE, danger_to_life=common.NO, description=f"停电 {i}")
                     for i in range(40)]
            storm = calls[-1].incident_id
            self.assertEqual({c.incident_id for c in calls[9:]}, {storm})
            self.assertEqual(len({c.log_index for c in calls}), 40)  # each is a record of its own
            notice = wait(lambda: [d for d in power.of(storm, delivery_pb.UPDATE) if "40起" in d.body.text], "one notice with all the counts")
            self.assertEqual(notice[0].body.incident.report_count, 40)
            self.assertLess(len(power.of(storm, delivery_pb.UPDATE)), 30)
            danger = site.party("police-110").report("D1", category="service.power", division=PLACE, danger_to_life=common.YES,
                                                     description="呼吸机停电,有人昏迷")
            self.assertEqual(danger.incident_id, storm)
            self.assertEqual(danger.lane, common.URGENT)
            shown = site.party("command").show(storm)
            self.assertEqual(shown.incident.report_count, 41)
            self.assertTrue(any(e.what == "STORM" for e in shown.timeline))


class TheLaw(unittest.TestCase):
    def test_counts_only_with_what_the_law_asks_for_and_prints(self):
        with Site() as site:
            incident = site.party("fire-119").report("M1", category="accident.mine", division=PLACE, danger_to_life=common.YES,
                                                     description="采石场边坡垮塌,两人被埋", address="青石镇采石场").incident_id
            command = site.party("command")
            due = {r.rule.rule: r for r in command.desk("ListUpwardReports", desk_pb.ListUpwardReportsRequest(), desk_pb.ListUpwardReportsReply).report}
            self.assertEqual(set(due), {"cn-493-9", "cn-493-11"})
            self.assertEqual(due["cn-493-11"].fields.course, "采石场边坡垮塌,两人被埋")
            common_options = ("upward", "file", incident, "--rule", "cn-493-11", "--form", "phone", "--place", "青石镇采石场", "--happened", "-5m",
                              "--scene", "仍有落石", "--course", "爆破后边坡失稳", "--measures", "封路搜救", "--other", "无")
            code, out = site.cli("command", *common_options, "--dead", "1", "--injured", "2", check=False)
            self.assertEqual(code, 1)
            for missing in ("事故发生单位概况", "伤亡人数", "直接经济损失", "UPWARD_UNIT_PROFILE"):
                self.assertIn(missing, out)
            _, page = site.cli("command", "upward", "print", incident, "--rule", "cn-493-11")
            self.assertIn("法定内容,待填", page)
            site.cli("command", *common_options, "--unit", "云溪砂石厂<张三>", "--dead", "1", "--missing", "0", "--injured", "2", "--loss-yuan", "300000",
                     "--progress", "正在搜救")
            _, page = site.cli("command", "upward", "print", incident, "--rule", "cn-493-11")
            self.assertIn("青石镇矿山事故,1人死亡2人受伤,正在搜救", page)  # 地点+类型+伤亡+进展
            self.assertIn("云溪砂石厂&lt;张三&gt;", page)
            self.assertNotIn("待填", page)
            self.assertFalse(re.search(r"(src|href)=", page))  # self-contained
            code, out = site.cli("command", "close", incident, "--reason", "处置完毕", check=False)
            self.assertNotEqual(code, 0)  # the unit's own report is still due
            self.assertIn("cn-493-9", out)
            for path, content in site.files(site.dir / "hub-data"):
                self.assertNotIn("云溪砂石厂".encode(), content, path)

    def test_an_agency_files_what_is_its_own_and_no_more(self):
        with Site() as site:
            incident = site.party("police-110").report("M2", category="accident.fire.factory", division=PLACE, danger_to_life=common.YES,
                                                       description="厂房起火").incident_id
            reports = site.party("command").desk("ListUpwardReports", desk_pb.ListUpwardReportsRequest(incident_id=incident),
                                                 desk_pb.ListUpwardReportsReply).report
            own = next(r for r in reports if r.rule.rule == "cn-493-9")
            full = ("--form", "phone", "--unit", "某厂", "--place", "厂区", "--happened", "-5m", "--scene", "有烟", "--course", "起火", "--measures", "扑救",
                    "--other", "无", "--dead", "0", "--missing", "0", "--injured", "0", "--loss-yuan", "0")
            code, out = site.cli("weather-bureau", "upward", "file", incident, "--rule", "cn-493-9", *full, check=False)
            self.assertEqual(code, 1)
            self.assertIn("NOT_ALLOWED", out)
            site.cli(own.party, "upward", "file", incident, "--rule", "cn-493-9", *full)


class TheYear(unittest.TestCase):
    def test_figures_with_definitions_and_incidents_and_no_exercise(self):
        with Site() as site:
            text = dict(category="accident.traffic.injury", division=PLACE, danger_to_life=common.YES, description="两车相撞",
                        counts=common.Counts(injured=2))
            actual = site.party("police-110").report("T1", **text).incident_id
            site.party("police-110").report("T2", purpose=common.EXERCISE, **text)
            period = ("stats", "--from", "2000-01-01", "--to", "2999-12-31")
            _, out = site.cli("command", *period, "--json")
            reply = json.loads(out)
            total = {f["figure"]: f for f in next(g for g in reply["group"] if g["by"] == "total")["figure"]}
            self.assertEqual(total["incidents"]["value"], "1")
            self.assertEqual(total["incidents"]["incidentId"], [str(actual)])
            self.assertEqual(total["injured"]["value"], "2")
            _, page = site.cli("command", *period, "--html")
            self.assertIn("演练、测试一律不计", page)
            _, table = site.cli("command", *period, "--csv")
            self.assertIn('"class","accident.traffic"', table)
            self.assertIn('"hotline","police-110"', table)


if __name__ == "__main__":
    unittest.main()
