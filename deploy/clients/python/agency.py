#!/usr/bin/python3
"""An agency's side of a Liandong hub, whole: mutual TLS, resume, repeats, older revisions, storing, the three ladders.

    apt-get install python3-grpcio python3-protobuf protobuf-compiler
    python3 agency.py HOST:PORT ca.crt me.crt me.key FOLDER

FOLDER keeps agency.db (SQLite): one row a delivery. Put your own system in place of decide(); the rest may stay.
"""
import json, os, pathlib, queue, random, sqlite3, subprocess, sys, threading, time
import grpc

if len(sys.argv) != 6:
    sys.exit("usage: agency.py HOST:PORT CA CERT KEY FOLDER")
hub, folder = sys.argv[1], pathlib.Path(sys.argv[5]).resolve()
ca, cert, key = (pathlib.Path(name).read_bytes() for name in sys.argv[2:5])
(folder / "generated").mkdir(parents=True, exist_ok=True)
protos = pathlib.Path(__file__).resolve().parents[3] / "protos"
subprocess.run(["protoc", "-I", protos, "--python_out", folder / "generated", *protos.glob("liandong/v1/*.proto")], check=True)
sys.path.insert(0, str(folder / "generated"))
from google.protobuf import json_format
from liandong.v1 import acknowledgment_pb2 as ack, common_pb2 as common, delivery_pb2 as box, link_pb2 as link

step_s = float(os.environ.get("AGENCY_STEP_MS", "2000")) / 1000
db = sqlite3.connect(folder / "agency.db")  # every commit is on the disk: SQLite's default is synchronous=FULL
db.execute("CREATE TABLE IF NOT EXISTS delivery (id PRIMARY KEY, lane, sequence, incident, revision, duty, body, todo)")


def decide(delivery):
    """What your people do: the rest of the ladders, one step after the other. INFORM asks for nothing more."""
    acts = delivery.envelope.kind in (box.TASK, box.ORDER) and delivery.body.duty.role != common.INFORM
    return [ack.ACCEPTED, ack.EN_ROUTE, ack.ON_SCENE, ack.COMPLETED] if acts else []


def store(delivery):
    e = delivery.envelope
    newest, = db.execute("SELECT MAX(revision) FROM delivery WHERE incident = ?", (e.incident_id,)).fetchone()
    todo = decide(delivery) if e.incident_revision >= (newest or 0) else []  # overtaken by a newer one: keep, do nothing
    with db:
        if e.kind == box.CANCEL:
            db.execute("UPDATE delivery SET todo = '[]' WHERE duty = ?", (e.duty_id,))
        new = db.execute("INSERT OR IGNORE INTO delivery VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (  # a repeat is ignored
            e.delivery_id, e.lane, e.sequence, e.incident_id, e.incident_revision, e.duty_id,
            json_format.MessageToJson(delivery, ensure_ascii=False), json.dumps(todo))).rowcount
    if new:
        print(box.DeliveryKind.Name(e.kind), f"#{e.delivery_id}", common.Lane.Name(e.lane), e.sequence,
              common.Purpose.Name(e.purpose), f"incident {e.incident_id} r{e.incident_revision}", flush=True)


def acknowledge(up, delivery_id, step):
    counts = common.Counts(injured=0) if step == ack.COMPLETED else None
    up.put(link.LinkUp(acknowledge=link.AcknowledgeRequest(acknowledgment=[ack.Acknowledgment(
        delivery_id=delivery_id, state=step, counts=counts, actor=common.Actor(person="值班员"))])))


def next_steps(up, which="1", *values):
    for delivery_id, todo in db.execute(f"SELECT id, todo FROM delivery WHERE todo != '[]' AND {which}", values):
        threading.Timer(step_s, acknowledge, (up, delivery_id, json.loads(todo)[0])).start()


def answered(up, reply):
    rejected = reply.outcome == ack.REJECTED
    if rejected:
        print(f"#{reply.delivery_id} {ack.AckState.Name(reply.state)}: {reply.error.reason} {reply.message}", flush=True)
    todo = json.loads(db.execute("SELECT todo FROM delivery WHERE id = ?", (reply.delivery_id,)).fetchone()[0])
    if reply.state in todo[:1] and not (rejected and reply.error.retry):
        with db:
            db.execute("UPDATE delivery SET todo = ? WHERE id = ?",
                       (json.dumps([] if rejected else todo[1:]), reply.delivery_id))
    elif reply.state != ack.RECEIVED and not rejected:
        return  # of a step that was answered already
    next_steps(up, "id = ?", reply.delivery_id)


retry_s = 0.2
options = [("grpc.keepalive_time_ms", 60000), ("grpc.max_receive_message_length", 20 << 20)]
while True:
    up, resume = queue.Queue(), db.execute("SELECT lane, MAX(sequence) FROM delivery GROUP BY lane").fetchall()
    up.put(link.LinkUp(hello=link.Hello(client="agency.py", resume=[
        link.LaneCursor(lane=lane, after_sequence=sequence) for lane, sequence in resume])))
    with grpc.secure_channel(hub, grpc.ssl_channel_credentials(ca, key, cert), options) as channel:
        connect = channel.stream_stream("/liandong.v1.Link/Connect", link.LinkUp.SerializeToString, link.LinkDown.FromString)
        try:
            for message in connect(iter(up.get, None)):
                if message.HasField("welcome"):
                    retry_s = 0.1
                    print("connected as", message.welcome.party, flush=True)
                    next_steps(up)
                for delivery in message.deliveries.delivery:
                    store(delivery)
                    acknowledge(up, delivery.envelope.delivery_id, ack.RECEIVED)
                for reply in message.acknowledge.reply:
                    answered(up, reply)
                if message.HasField("error"):
                    print("refused:", message.error.error.reason, message.error.message, flush=True)
        except grpc.RpcError as why:
            print("line lost:", why.details(), flush=True)
            if why.code() == grpc.StatusCode.INVALID_ARGUMENT:
                sys.exit(1)  # CURSOR_AHEAD: a hub with another past; move FOLDER aside
        up.put(None)
    retry_s = min(retry_s * 2, 30)
    time.sleep(retry_s * random.uniform(0.5, 1))
