import { LineSplitter } from '../../../src/files/line-splitter.ts';
import { Authorizer, build, readTestTable, runTests } from '../../../src/index.ts';
import { Replayer } from '../../../src/replay/replayer.ts';
import { Broken, type FuzzTarget } from '../target.ts';
import { filesIn, fixturesOf, textOf } from '../texts.ts';

const policy = `
group ops { user:bob }
route GET "/pages/{page**}" requires read on doc:/{page**}
allow user:alice to read on doc:/**
deny group:ops to read on doc:/secret/** when context.hour > 8 || subject.level < 3
`;

/** Decision logs, and tables of requests with what is expected. */

const tokens = [
  ...[
    '{"subject":"user:alice","action":"read","resource":"doc:/a","decision":"allow"}\n',
    '"request":',
    '"decision":',
    '"expected":',
  ],
  ...[
    '"rule":{"id":"x"}',
    '"reason":"rule"',
    '"http":{"method":"GET","path":"/pages/a"}',
    '"groups":["ops"]',
    '"context":{"hour":9}',
  ],
  ...[
    '"attributes":{"subject":{"level":1}}',
    '"mode":"strict"',
    '"time":"2026-01-01T00:00:00Z"',
    '"title":"x"',
    '"***"',
    '"[masked]"',
  ],
];

export const replayTarget: FuzzTarget = {
  name: 'replay',
  title: 'lines of a decision log are replayed, or each is a fault that says why',
  seeds: () => [
    ...filesIn(['test/fixtures', 'policies'], /\.(jsonl|log)$/),
    ...filesIn(['test/fixtures/replay'], /\.json$/),
    ...fixturesOf('replay').map(({ input }) => input),
  ],
  tokens,
  open: () => {
    const { authorizer: engine } = open();
    return { run: (input) => replay(engine, input) };
  },
};

function replay(engine: Authorizer, input: Buffer): void {
  const replayer = new Replayer({ engine, engineIn: () => engine });
  const splitter = new LineSplitter();
  const half = input.length >> 1;
  const lines = [
    ...splitter.push(input.subarray(0, half)),
    ...splitter.push(input.subarray(half)),
    ...splitter.end(),
  ];
  const { flips, faults } = replayer.replay('fuzz.jsonl', 1, lines);
  if (flips.length + faults.length > lines.length) throw new Broken('more faults than lines');
}

export const tablesTarget: FuzzTarget = {
  name: 'tables',
  title: 'a table of requests is run, or each of its lines is a fault with a place',
  seeds: () => [
    ...filesIn(['policies', 'test/fixtures'], /\.jsonl$/),
    ...fixturesOf('tables').map(({ input }) => input),
  ],
  tokens,
  open: () => {
    const { image } = open();
    return { run: (input) => runTable(image, textOf(input)) };
  },
};

function runTable(image: Uint8Array, text: string): void {
  const { cases, faults } = readTestTable({ file: 'fuzz.requests.jsonl', text }, []);
  const lines = text.split('\n').length;
  for (const { line, column } of faults)
    if (!(line >= 1 && line <= lines && column >= 1)) throw new Broken('a fault outside of the table');
  runTests(cases, image);
}

function open(): { readonly image: Uint8Array; readonly authorizer: Authorizer } {
  const result = build([{ file: 'fuzz.acl', text: policy }]);
  if (!result.ok) throw new Error(result.diagnostics[0]?.message);
  return { image: result.image, authorizer: Authorizer.fromImage(result.image) };
}
