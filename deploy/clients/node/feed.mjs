// A wall's side of the live feed, whole: ZeroMQ over CURVE, snapshot over gRPC, gaps seen and mended.
//   npm ci && node feed.mjs HOST:PORT ca.crt me.crt me.key me.curve [DIVISION]
// me.curve is made by `liandong pki feed-key me.curve`; its public key stands in the site set as feed_key. hub/feed/README.md says the rest.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import protobuf from 'protobufjs';
import { Subscriber } from 'zeromq';

const [hub, ca, cert, key, curve, division = ''] = process.argv.slice(2);
if (!curve) throw new Error('usage: node feed.mjs HOST:PORT CA CERT KEY CURVE-KEY [DIVISION]');
const protos = fileURLToPath(new URL('../../../protos', import.meta.url));
const definition = loader.loadSync('liandong/v1/feed.proto', { includeDirs: [protos], keepCase: true, longs: String, enums: String, defaults: true });
const feed = new (grpc.loadPackageDefinition(definition).liandong.v1.Feed)(hub,
  grpc.credentials.createSsl(...[ca, key, cert].map((file) => fs.readFileSync(file))), { 'grpc.max_receive_message_length': 64 << 20 });
const root = new protobuf.Root();
root.resolvePath = (from, name) => path.join(protos, name);
root.loadSync('liandong/v1/feed.proto', { keepCase: true });
const decode = (type, bytes) => {
  const message = root.lookupType(`liandong.v1.${type}`);
  return message.toObject(message.decode(bytes), { longs: String, enums: String, defaults: true, arrays: true });
};
const keyOf = (name) => fs.readFileSync(curve, 'utf8').match(new RegExp(`^${name} = (.{40})$`, 'm'))[1];

const incidents = new Map(); // what the wall shows, by id
const show = (what, value) => console.log(JSON.stringify({ what, value }));
let areas = [];              // [{prefix, have: [index, part]}]: up to where nothing is missing, for each prefix that we read
let started = '', mending = null, waiting = [];
const before = (a, b) => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
const at = (index, part) => [BigInt(index), Number(part ?? 0)];
const areaOf = (topic) => areas.find(({ prefix }) => topic.startsWith(prefix));
const level = (prefix) => [2, 4, 6, 9, 12].indexOf(prefix.length);

async function mend(why) { // at the start, and whenever something is missing; frames that come meanwhile wait
  mending ??= new Promise((done, fail) => feed.Snapshot({ division }, (error, reply) => (error ? fail(error) : done(reply))));
  const reply = await mending.finally(() => { mending = null; });
  incidents.clear();
  for (const summary of reply.incident) incidents.set(summary.incident.incident_id, summary);
  areas = reply.area.map((prefix) => ({ prefix, have: at(reply.log_index, 2 ** 31) })); // all parts of that record
  started = reply.started_ms;
  show('snapshot', { why, log_index: reply.log_index, incidents: [...incidents.keys()] });
  for (const parts of waiting.splice(0)) await take(parts);
}

async function take([topic, header, body]) {
  if (mending) return void waiting.push([topic, header, body]);
  const { index, part, previous, previous_part, started_ms } = decode('FeedHeader', header);
  if (started_ms !== started) return mend('the hub has started anew');
  if (`${topic}`.startsWith('heartbeat/')) { // nothing newer may stand there than what we have
    const { latest } = decode('FeedHeartbeat', body);
    const missed = areas.find(({ prefix, have }) => latest.some((one) => one.prefix === prefix && before(have, at(one.index, one.part))));
    return missed && mend(`frames of ${missed.prefix} were lost`);
  }
  const area = areaOf(`${topic}`);
  if (!area || !before(area.have, at(index, part))) return; // in the snapshot already
  const i = level(area.prefix);
  if (before(area.have, at(previous[i], previous_part[i]))) return mend(`frames before ${index} were lost`);
  area.have = at(index, part);
  const frame = decode('FeedFrame', body);
  for (const id of frame.gone) if (incidents.delete(id)) show('gone', id);
  for (const summary of frame.incident) {
    const { incident_id: id, status } = summary.incident;
    if (status === 'OPEN') incidents.set(id, summary); else incidents.delete(id);
    show('incident', { id, status, division: summary.incident.division, topic: `${topic}`, index });
  }
}

const where = await new Promise((done, fail) => feed.Where({}, (error, reply) => (error ? fail(error) : done(reply))));
const socket = new Subscriber({ curveServerKey: where.server_key, curvePublicKey: keyOf('public'), curveSecretKey: keyOf('secret') });
socket.connect(where.endpoint);
socket.subscribe(division, 'heartbeat');
mend('start').catch((error) => { console.error(error.message); process.exit(1); }); // after subscribing: nothing falls between
for await (const parts of socket) take(parts).catch((error) => console.error(error.message));
