"""Plays one typhoon night against the real programs. Started by deploy/demo.sh; see --help there."""
import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SETTLE_S = 16      # of a bounded night: nothing new is told any more, what was told is worked off
HOLD_LIMIT_S = 30  # how long the log may take afterwards until it holds everything
READY_LIMIT_S = 60


def say(zh, en):
    print(f"== {zh}  {en}", flush=True)


class Stopped:
    """The first signal ends the night in order, the second at once."""

    def __init__(self):
        self.asked = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, *_):
        self.asked += 1
        if self.asked > 1:
            raise KeyboardInterrupt

    def __call__(self):
        return self.asked > 0


def generate(folder):
    """The messages of the contract, for Python."""
    (folder / "proto").mkdir()
    protos = sorted(str(p.relative_to(ROOT / "protos")) for p in (ROOT / "protos/liandong/v1").glob("*.proto"))
    subprocess.run(["protoc", "-I", str(ROOT / "protos"), f"--python_out={folder / 'proto'}", *protos], check=True, stdin=subprocess.DEVNULL)
    sys.path.insert(0, str(folder / "proto"))


class Show:
    def __init__(self, folder, binaries, seconds, seed):
        import board
        import ledger
        import programs
        self._folder, self._bin, self._seconds, self._seed = folder, binaries, seconds, seed
        self._programs, self._to_close = [], []
        self.ledger = ledger.Ledger()
        self._later = programs.Later()
        self.view = board.View(folder / "site")
        self.board = board.Board(self.view, self.ledger, seconds)
        self._alarm_ids = {}

    def prepare_screen(self):
        """The people who may sign in are made before the hub runs. Without a built page the night goes on without."""
        import screen
        self._accounts = screen.prepare(self._folder, ROOT, self._bin) if screen.there(ROOT, self._bin) else None

    def _start_screen(self):
        import screen
        if self._accounts is None:
            say("没有编好的网页,不启动大屏", f"no page is built ({screen.PAGE}), so no screen is started")
            return
        say("启动大屏 liandong-screen", "starting the screen")
        program, address = screen.start(self._folder, ROOT, self._bin, self.address, READY_LIMIT_S)
        self._programs.append(program)
        self.board.notice = screen.notice(address, self._accounts, self._folder)
        print("\n".join(self.board.notice), flush=True)

    def start(self):
        """The hub, the hotlines' own systems, the four adapters; then everybody who speaks gRPC."""
        import agencies
        import centre
        import county
        import fire_119
        import hotline_12345
        import medical_120
        import police_110
        from programs import Program, read_if_there, wait_until
        folder = self._folder
        say("启动枢纽 liandong-hub", "starting the hub")
        hub = Program("liandong-hub", [self._bin / "liandong-hub", "--config", folder / "hub.textproto"], folder / "hub.log")
        self._programs.append(hub)
        address = wait_until(lambda: read_if_there(folder / "hub.port").strip(), "hub.port", READY_LIMIT_S, [hub])
        self.address = address if ":" in address else f"127.0.0.1:{address}"
        say(f"枢纽就绪 {self.address},启动四个适配器 liandong-adapter", "the hub is ready; starting the four adapters")
        kinds = (police_110.Police110, hotline_12345.Hotline12345, fire_119.Fire119, medical_120.Medical120)
        self.sides = [kind(folder, self.ledger, self._later, self._seed) for kind in kinds]
        for side in self.sides:
            settings = county.adapter_settings(folder, side.party, self.address, side.port)
            self._programs.append(Program(f"adapter {side.party}", [self._bin / "liandong-adapter", "--config", settings], folder / f"{side.party}.log"))
        for side, program in zip(self.sides, self._programs[1:]):
            text = wait_until(lambda s=side: read_if_there(folder / f"{s.party}.port"), f"{side.party}.port", READY_LIMIT_S, [program])
            for line in text.splitlines():
                name, _, where = line.split()
                host, port = where.rsplit(":", 1)
                side.adapter[name] = (host, int(port))
        say("接入七部门、十二乡镇和指挥中心", "connecting seven agencies, twelve townships and the command centre")
        make = lambda party: agencies.Agency(folder, party, self.address, self.ledger, self._later, self._seed)  # noqa: E731
        self._agencies = {party: make(party) for party in county.AGENCIES + county.TOWNSHIPS if party != agencies.CUT_OFF}
        self._later.after(agencies.CUT_OFF_S, lambda: self._agencies.setdefault(agencies.CUT_OFF, make(agencies.CUT_OFF)))
        telephone = lambda duty_id: any(agency.wake(duty_id) for agency in list(self._agencies.values()))  # noqa: E731
        self.centre = centre.Centre(folder, self.address, self.ledger, self._later, self.view, self.view.township_of, telephone)
        self.devices = {number: fire_119.Device(self.sides[2], number) for number in (889, 890, 891)}
        for device in self.devices.values():
            device.heartbeat()
        self._start_screen()

    def play(self, stopped):
        import story
        self.board.start()
        begin = time.monotonic()
        end = begin + self._seconds if self._seconds else float("inf")
        told_until = max(begin + self._seconds / 2, end - SETTLE_S) if self._seconds else end
        night = story.Night(*self.sides, self.devices, self._agencies["weather-bureau"], self.centre, self.view, self._later, self.ledger, self._seed)
        watch = lambda: stopped() or not all(p.running() for p in self._programs)  # noqa: E731
        night.play(told_until, watch)
        self.board.phase = "风雨渐歇 the storm abates"
        while time.monotonic() < end and not watch() and self._seconds:
            time.sleep(0.1)
        self.board.phase = "清点 counting"

    def hold(self):
        """Waits until the log holds what was sent; what it never holds is lost."""
        import count
        end = time.monotonic() + HOLD_LIMIT_S
        while time.monotonic() < end and self.ledger.unanswered():
            time.sleep(0.1)
        self._later.end()
        log = count.Log(self._folder / "hub" / "log.db")
        while self._programs[0].running():
            count.find_alarm_ids(log.read(), self.centre.show, self._alarm_ids)
            if not (log.missing_reports(self.ledger, self._alarm_ids) or log.missing_answers(self.ledger)):
                return
            if time.monotonic() > end or not all(p.running() for p in self._programs):
                return
            time.sleep(0.2)

    def stop(self):
        """Everything that was started, the hub last. Returns what did not end as it should."""
        self.board.end()
        self._later.end()
        for party in getattr(self, "_agencies", {}).values():
            party.close()
        for thing in (getattr(self, "centre", None), *getattr(self, "devices", {}).values()):
            if thing is not None:
                thing.close()
        faults = []
        for program in reversed(self._programs):
            ended = not program.running()
            code = program.stop()
            if ended or code != 0:
                faults.append(f"{program.name}: {'自行退出 ended by itself' if ended else '未能正常停止 did not stop in order'}, exit {code}\n{program.last_words()}")
        for side in getattr(self, "sides", []):
            side.close()
        return faults

    def kill(self):
        for program in self._programs:
            program.kill()

    def summary(self, faults):
        """Reads the log afresh, now that nobody writes it any more."""
        import count
        import county
        log = count.Log(self._folder / "hub" / "log.db").read()
        missing = log.missing_reports(self.ledger, self._alarm_ids)
        answers = log.missing_answers(self.ledger)
        contents, repeats = self.ledger.contents(), self.ledger.repeats()
        print("\n热线 hotline      报告 reports  版本 contents  重发 repeats  在库 in the log  丢失 lost")
        for party in county.HOTLINES:
            sent = {key: n for key, n in contents.items() if key[0] == party}
            held = {key: n for key, n in log.records_of.items() if key[0] == party}
            lost = sum(n for p, _, n in missing if p == party) + sum(p == party for p, _, _ in answers)
            print(f"{party:<17} {len(sent):>12}  {sum(sent.values()):>13}  {repeats.get(party, 0):>12}  {sum(held.values()):>15}  {lost:>9}")
            if not held:
                faults.append(f"{party}: 没有报告到达 no report arrived")
        for party, native_id, n in missing[:20]:
            print(f"丢失 lost: {party} {native_id} ×{n}")
        for party, incident_id, state in answers[:20]:
            print(f"丢失回执 lost acknowledgment: {party} 事件{incident_id} {state}")
        for key in log.surplus_reports(self.ledger, self._alarm_ids):
            faults.append(f"日志多出 the log holds more than was sent: {key}")
        if self.ledger.bad_sent != self.ledger.bad_refused:
            faults.append(f"坏报文 {self.ledger.bad_sent} 条,拒绝 {self.ledger.bad_refused} 条: malformed messages were not all refused")
        if log.gaps or log.untaken_purposes():
            faults.append(f"日志有缺口或用途混淆 the log has gaps {log.gaps} or mixed purposes {log.untaken_purposes()}")
        for party, native_id, _ in self.ledger.unanswered():
            faults.append(f"未获答复 never answered: {party} {native_id}")
        faults += self.ledger.troubles
        for fault in faults:
            print(f"异常 trouble: {fault}")
        totals = log.totals()
        lost = sum(n for _, _, n in missing) + len(answers)
        print("任务 duties: completed 办结, refused 退回, escalated 曾超时升级, unacknowledged 到结束时仍无人应答 (nobody had answered when the night ended)")
        print("demo: " + " ".join(f"{name}={value}" for name, value in totals.items()) + f" lost={lost}", flush=True)
        return lost == 0 and not faults


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    stopped = Stopped()
    sys.dont_write_bytecode = True
    folder = pathlib.Path(tempfile.mkdtemp(prefix="liandong-demo-"))
    show, good = None, False
    try:
        generate(folder)
        import county
        say("准备云溪县:协议、证书、密钥(时限缩短,一夜只有几十秒)", "preparing the county: agreements, certificates, secrets; deadlines are shortened")
        county.make(folder, ROOT, options.bin / "liandong")
        show = Show(folder, options.bin, options.seconds, options.seed)
        show.prepare_screen()
        show.start()
        show.play(stopped)
        show.hold()
        good = show.summary(show.stop())
    except KeyboardInterrupt:
        print("\n已中断 interrupted", flush=True)
    except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
        print(f"\n演示失败 the demo failed: {error}", flush=True)
    finally:
        if show is not None:
            show.kill()
        if options.keep:
            print(f"文件保留在 files are kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    # Threads of a call that is still under way must not hold up the end.
    sys.stdout.flush()
    os._exit(0 if good else 130 if stopped.asked > 1 else 1)


if __name__ == "__main__":
    main()
