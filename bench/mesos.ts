/**
 * Does a verdict on Mesos ACLs cost more where a list has more entries? Lists of several kinds, each short and long,
 * interleaved in one process, beside a loop that reads the entries one after the other as Mesos does.
 *
 *     node bench/mesos.ts [--sizes 10,10000] [--rounds 9]
 */
import { parseArgs } from 'node:util';
import { MesosAuthorizer, type MesosRequest } from '../src/mesos.ts';

const { values } = parseArgs({
  options: { sizes: { type: 'string', default: '10,10000' }, rounds: { type: 'string', default: '9' } },
});
const sizes = values.sizes.split(',').map(Number);
const REQUESTS = 20_000;
/** The loop takes so long on a long list that it gets fewer. */
const REQUESTS_OF_LOOP = 500;

interface Entry {
  readonly principals: { readonly type?: string; readonly values?: readonly string[] };
  readonly users: { readonly type?: string; readonly values?: readonly string[] };
}

/** What entry `i` says, and what the request about it asks. */
interface Kind {
  readonly name: string;
  entry(i: number): Entry;
  request(i: number): readonly [principal: string, user: string];
}

const kinds: readonly Kind[] = [
  {
    name: 'one principal, one user',
    entry: (i) => ({ principals: { values: [`p${i}`] }, users: { values: [`u${i}`] } }),
    request: (i) => [`p${i}`, `u${i + (i % 2)}`],
  },
  {
    name: 'one principal, all users',
    entry: (i) => ({ principals: { values: [`p${i}`] }, users: { type: i % 2 === 0 ? 'ANY' : 'NONE' } }),
    request: (i) => [`p${i}`, `u${i}`],
  },
  {
    name: 'everybody, one user',
    entry: (i) => ({ principals: { type: i % 2 === 0 ? 'ANY' : 'NONE' }, users: { values: [`u${i}`] } }),
    request: (i) => [`p${i}`, `u${i}`],
  },
  {
    name: 'few names, again and again',
    entry: (i) => ({ principals: { values: [`p${i % 7}`] }, users: { values: [`u${i % 5}`] } }),
    request: (i) => [`p${i % 7}`, `u${i % 6}`],
  },
];

interface Entrant {
  readonly kind: string;
  readonly engine: string;
  readonly size: number;
  readonly requests: readonly MesosRequest[];
  readonly allows: (request: MesosRequest) => boolean;
  readonly nanoseconds: number[];
}

const entrants = kinds.flatMap((kind) => sizes.flatMap((size) => prepare(kind, size)));
for (let round = 0; round < Number(values.rounds); round++) for (const entrant of entrants) measure(entrant);
for (const { kind, engine, size, nanoseconds } of entrants) {
  const shortest = entrants.find((other) => other.kind === kind && other.engine === engine)!;
  const ns = median(nanoseconds);
  const ratio = ns / median(shortest.nanoseconds);
  console.log(
    `${kind.padEnd(28)} ${engine.padEnd(8)} ${String(size).padStart(7)} entries ${ns.toFixed(0).padStart(9)} ns ${ratio.toFixed(2).padStart(8)} times that at ${shortest.size}`,
  );
}

function prepare(kind: Kind, size: number): Entrant[] {
  const entries = Array.from({ length: size }, (_, i) => kind.entry(i));
  const authorizer = MesosAuthorizer.fromAcls({ permissive: false, run_tasks: entries });
  const requests = Array.from({ length: REQUESTS }, (_, i): MesosRequest => {
    const [principal, user] = kind.request((i * 7919) % size);
    return { action: 'RUN_TASK', subject: { value: principal }, object: { framework_info: { user } } };
  });
  const common = { kind: kind.name, size };
  const loop = (request: MesosRequest): boolean => readThrough(entries, request);
  for (const request of requests.slice(0, REQUESTS_OF_LOOP)) {
    if (authorizer.authorized(request) !== loop(request)) throw new Error('the loop decides otherwise');
  }
  return [
    {
      ...common,
      engine: 'Postern',
      requests,
      allows: (request) => authorizer.authorized(request),
      nanoseconds: [],
    },
    {
      ...common,
      engine: 'loop',
      requests: requests.slice(0, REQUESTS_OF_LOOP),
      allows: loop,
      nanoseconds: [],
    },
  ];
}

/** The first entry that applies allows unless one of its sides is NONE. */
function readThrough(entries: readonly Entry[], { subject, object }: MesosRequest): boolean {
  const [principal, user] = [subject!.value!, object!.framework_info!.user!];
  for (const { principals, users } of entries) {
    if (principals.values !== undefined && !principals.values.includes(principal)) continue;
    if (users.values !== undefined && !users.values.includes(user)) continue;
    return principals.type !== 'NONE' && users.type !== 'NONE';
  }
  return false;
}

function measure({ requests, allows, nanoseconds }: Entrant): void {
  let allowed = 0;
  const start = process.hrtime.bigint();
  for (const request of requests) if (allows(request)) allowed++;
  nanoseconds.push(Number(process.hrtime.bigint() - start) / requests.length);
  if (allowed === 0) throw new Error('no request was allowed');
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}
