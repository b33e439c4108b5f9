#!/usr/bin/python3
"""An agency's side of a Liandong hub, whole: mutual TLS, resume, repeats, older revisions, storing, the three ladders.

    apt-get install python3-grpcio python3-protobuf protobuf-compiler
    python3 agency.py HOST:PORT ca.crt me.crt me.key FOLDER

FOLDER keeps one file a delivery and state.json. Put your own system in place of decide(); the rest may stay.
"""
import json, os, pathlib, queue, random, subprocess, sys, threading, time
import grpc

if len(sys.argv) != 6:
    sys.exit("usage: agency.py HOST:PORT CA CERT KEY FOLDER")
hub, folder = sys.argv[1], pathlib.Path(sys.argv[5])
ca, cert, key = (pathlib.Path(name).read_bytes() for name in sys.argv[2:5])
protos, generated = pathlib.Path(__file__).resolve().parents[3] / "protos", folder / "generated"
generated.mkdir(parents=True, exist_ok=True)
subprocess.run(["protoc", "-I", protos, "--python_out", generated.resolve(), "liandong/v1/common.proto",
                "liandong/v1/acknowledgment.proto", "liandong/v1/delivery.proto", "liandong/v1/link.proto"],
               check=True, cwd=protos)
sys.path.insert(0, str(generated))
from google.protobuf import json_format
from liandong.v1 import acknowledgment_pb2 as ack, common_pb2 as common, delivery_pb2 as box, link_pb2 as link

step_s = float(os.environ.get("AGENCY_STEP_MS", "2000")) / 1000
saved = folder / "state.json"
state = json.loads(saved.read_text()) if saved.exists() else {"cursors": {}, "revisions": {}, "todo": {}}


def write(name, text):  # whole or not at all, and on the disk before we answer
    with open(folder / (name + ".tmp"), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(folder / (name + ".tmp"), folder / name)


def decide(delivery):
    """What your people do: the rest of the ladders, one step after the other. INFORM asks for nothing more."""
    acts = delivery.envelope.kind in (box.TASK, box.ORDER) and delivery.body.duty.role != common.INFORM
    return [ack.ACCEPTED, ack.EN_ROUTE, ack.ON_SCENE, ack.COMPLETED] if acts else []


def store(delivery):
    e, incident = delivery.envelope, str(delivery.envelope.incident_id)
    if (folder / f"{e.delivery_id}.json").exists():  # a repeat: only RECEIVED is due, once more
        return
    older = e.incident_revision < state["revisions"].get(incident, 0)  # overtaken by a newer one: keep, do nothing
    if not older:
        state["revisions"][incident] = e.incident_revision
    if e.kind == box.CANCEL:
        state["todo"] = {other: todo for other, todo in state["todo"].items() if todo["duty"] != e.duty_id}
    elif not older and decide(delivery):
        state["todo"][str(e.delivery_id)] = {"duty": e.duty_id, "steps": decide(delivery)}
    lane = common.Lane.Name(e.lane)
    state["cursors"][lane] = max(state["cursors"].get(lane, 0), e.sequence)
    write("state.json", json.dumps(state))  # todo first, for the file below is what marks the delivery as stored
    write(f"{e.delivery_id}.json", json_format.MessageToJson(delivery, ensure_ascii=False))
    print(box.DeliveryKind.Name(e.kind), f"#{e.delivery_id}", lane, e.sequence, common.Purpose.Name(e.purpose),
          f"incident {incident} r{e.incident_revision}", flush=True)


def acknowledge(up, delivery_id, step):
    one = ack.Acknowledgment(delivery_id=delivery_id, state=step, actor=common.Actor(person="值班员"))
    if step == ack.COMPLETED:
        one.counts.injured = 0
    up.put(link.LinkUp(acknowledge=link.AcknowledgeRequest(acknowledgment=[one])))


def next_step(up, delivery_id):
    if todo := state["todo"].get(str(delivery_id)):
        threading.Timer(step_s, acknowledge, (up, int(delivery_id), todo["steps"][0])).start()


def answered(up, reply):
    todo, rejected = state["todo"].get(str(reply.delivery_id)), reply.outcome == ack.REJECTED
    if rejected:
        print(f"#{reply.delivery_id} {ack.AckState.Name(reply.state)}: {reply.error.reason} {reply.message}", flush=True)
    if todo and reply.state == todo["steps"][0] and not (rejected and reply.error.retry):
        todo["steps"] = [] if rejected else todo["steps"][1:]
        if not todo["steps"]:
            del state["todo"][str(reply.delivery_id)]
        write("state.json", json.dumps(state))
    elif reply.state != ack.RECEIVED and not rejected:
        return  # of a step that was answered already
    next_step(up, reply.delivery_id)


retry_s = 0.2
options = [("grpc.keepalive_time_ms", 60000), ("grpc.max_receive_message_length", 20 << 20)]
while True:
    up = queue.Queue()
    up.put(link.LinkUp(hello=link.Hello(client="agency.py", resume=[
        link.LaneCursor(lane=common.Lane.Value(lane), after_sequence=n) for lane, n in state["cursors"].items()])))
    with grpc.secure_channel(hub, grpc.ssl_channel_credentials(ca, key, cert), options) as channel:
        connect = channel.stream_stream("/liandong.v1.Link/Connect", link.LinkUp.SerializeToString, link.LinkDown.FromString)
        try:
            for message in connect(iter(up.get, None)):
                if message.HasField("welcome"):
                    retry_s = 0.1
                    print("connected as", message.welcome.party, flush=True)
                    for delivery_id in state["todo"]:
                        next_step(up, delivery_id)
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
