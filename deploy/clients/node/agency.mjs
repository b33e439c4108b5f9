// An agency's side of a Liandong hub, whole: mutual TLS, resume, repeats, older revisions, storing, the three ladders.
//   npm ci && node agency.mjs HOST:PORT ca.crt me.crt me.key FOLDER
// FOLDER keeps one file a delivery and state.json. Put your own system in place of decide(); the rest may stay.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const [hub, ca, cert, key, folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: node agency.mjs HOST:PORT CA CERT KEY FOLDER');
const stepMs = Number(process.env.AGENCY_STEP_MS ?? 2000);
const includeDirs = [fileURLToPath(new URL('../../../protos', import.meta.url))];
const definition = loader.loadSync('liandong/v1/link.proto', { includeDirs, keepCase: true, longs: String, enums: String, defaults: true, oneofs: true });
const { Link } = grpc.loadPackageDefinition(definition).liandong.v1;
const link = new Link(hub, grpc.credentials.createSsl(...[ca, key, cert].map((file) => fs.readFileSync(file))),
  { 'grpc.keepalive_time_ms': 60000, 'grpc.max_receive_message_length': 20 << 20 });

function write(name, value) { // whole or not at all, and on the disk before we answer
  const file = path.join(folder, name);
  const fd = fs.openSync(file + '.tmp', 'w', 0o600);
  fs.writeSync(fd, JSON.stringify(value));
  fs.fsyncSync(fd);
  fs.closeSync(fd);
  fs.renameSync(file + '.tmp', file);
}
fs.mkdirSync(folder, { recursive: true });
const saved = path.join(folder, 'state.json');
const state = fs.existsSync(saved) ? JSON.parse(fs.readFileSync(saved)) : { cursors: {}, revisions: {}, todo: {} };

// What your people do: the rest of the ladders, one step after the other. INFORM asks for nothing beyond RECEIVED.
const decide = ({ envelope, body }) => ['TASK', 'ORDER'].includes(envelope.kind) && body?.duty?.role !== 'INFORM'
  ? ['ACCEPTED', 'EN_ROUTE', 'ON_SCENE', 'COMPLETED'] : [];

function store(delivery) {
  const { delivery_id: id, duty_id: duty, incident_id: incident, incident_revision: revision, lane, sequence, kind } = delivery.envelope;
  if (fs.existsSync(path.join(folder, `${id}.json`))) return; // a repeat: only RECEIVED is due, once more
  const older = BigInt(revision) < BigInt(state.revisions[incident] ?? 0); // overtaken by a newer one: keep, do nothing
  if (!older) state.revisions[incident] = revision;
  if (kind === 'CANCEL') for (const other in state.todo) if (state.todo[other].duty === duty) delete state.todo[other];
  const steps = older ? [] : decide(delivery);
  if (steps.length) state.todo[id] = { duty, steps };
  if (BigInt(sequence) > BigInt(state.cursors[lane] ?? 0)) state.cursors[lane] = sequence;
  write('state.json', state); // todo first, for the file below is what marks the delivery as stored
  write(`${id}.json`, delivery);
  console.log(`${kind} #${id} ${lane} ${sequence} ${delivery.envelope.purpose} incident ${incident} r${revision}`);
}

function connect(retryMs) {
  const stream = link.Connect();
  const acknowledge = (id, what) => stream.write({ acknowledge: { acknowledgment: [{ delivery_id: id, actor: { person: '值班员' }, ...what }] } });
  const next = (id) => state.todo[id] && setTimeout(() => state.todo[id] && acknowledge(id,
    { state: state.todo[id].steps[0], ...(state.todo[id].steps[0] === 'COMPLETED' && { counts: { injured: 0 } }) }), stepMs);
  stream.on('data', ({ welcome, deliveries, acknowledge: answer, error }) => {
    if (welcome) { retryMs = 200; console.log(`connected as ${welcome.party}`); Object.keys(state.todo).forEach(next); }
    for (const delivery of deliveries?.delivery ?? []) { store(delivery); acknowledge(delivery.envelope.delivery_id, { state: 'RECEIVED' }); }
    for (const { delivery_id: id, state: step, outcome, error: why, message } of answer?.reply ?? []) {
      const rejected = outcome === 'REJECTED';
      if (rejected) console.error(`#${id} ${step}: ${why.reason} ${message}`);
      if (state.todo[id] && step === state.todo[id].steps[0] && !(rejected && why.retry)) {
        if (rejected || !(state.todo[id].steps = state.todo[id].steps.slice(1)).length) delete state.todo[id];
        write('state.json', state);
      } else if (step !== 'RECEIVED' && !rejected) continue; // of a step that was answered already
      next(id);
    }
    if (error) console.error(`refused: ${error.error.reason} ${error.message}`);
  });
  stream.on('error', (why) => {
    console.error(`line lost: ${why.details || why.message}`);
    if (why.code === grpc.status.INVALID_ARGUMENT) process.exit(1); // CURSOR_AHEAD: a hub with another past; move FOLDER aside
  });
  stream.on('status', () => setTimeout(() => connect(Math.min(retryMs * 2, 30000)), retryMs * (0.5 + Math.random() / 2)));
  stream.write({ hello: { client: 'agency.mjs', resume: Object.entries(state.cursors).map(([lane, after_sequence]) => ({ lane, after_sequence })) } });
}
connect(200);
