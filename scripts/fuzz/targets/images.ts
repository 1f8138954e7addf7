import { contentHash } from '../../../src/image/content-hash.ts';
import { knownIds } from '../../../src/image/known-ids.ts';
import { FIRST_HASH_WORD, FIRST_HASHED_WORD, LAYOUT_VERSION, MAGIC } from '../../../src/image/layout.ts';
import {
  Authorizer,
  build,
  ConfigurationError,
  ImageError,
  inspectImage,
  printTrie,
  readImage,
} from '../../../src/index.ts';
import { Broken, type FuzzTarget, orDocumented } from '../target.ts';
import { filesIn, fixturesOf } from '../texts.ts';
import { generatePolicyInput } from './parse.ts';

export const imageTarget: FuzzTarget = {
  name: 'image',
  title: 'an altered image is refused; one that is hashed again too, or it decides without an exception',
  seeds: imageSeeds,
  generate: (random) => imageOf(generatePolicyInput(random).toString()) ?? new Uint8Array(),
  isBinary: true,
  maxLength: 128 * 1024,
  open: () => ({ run: (input) => decideWith(input) }),
};

function imageSeeds(): readonly Uint8Array[] {
  const texts = filesIn(['policies/examples', 'test/fixtures/decide'], /\.acl$/).map(String);
  const images = texts.flatMap((text) => imageOf(text) ?? []).filter(({ length }) => length < 16 * 1024);
  return [...images, ...fixturesOf('image').map(({ input }) => input)];
}

function imageOf(text: string): Uint8Array | undefined {
  const result = build([{ file: 'fuzz.acl', text }]);
  return result.ok ? result.image : undefined;
}

function decideWith(input: Buffer): void {
  const asIs = orDocumented([ImageError], () => readImage(new Uint8Array(input)));
  const bytes = forge(input);
  const forged = orDocumented([ImageError], () => readImage(bytes));
  if (forged === undefined) {
    if (asIs !== undefined) throw new Broken('hashing again makes a fault');
    return;
  }
  inspectImage(bytes);
  printTrie(bytes);
  knownIds(forged);
  const authorizer = orDocumented([ImageError, ConfigurationError], () => Authorizer.fromImage(forged));
  if (authorizer === undefined) return;
  for (const request of requests) {
    const decision = authorizer.decide(request as never);
    const { subject, action, resource } = request;
    const isAllowed = authorizer.isAllowed(subject, action, resource);
    if (!('context' in request) && isAllowed !== (decision.decision === 'allow'))
      throw new Broken('a forged image decides in two ways', JSON.stringify(request));
    authorizer.explain(request as never);
    authorizer.approver(subject, action).allows(resource);
  }
  authorizer.areAllowed(requests as never);
  for (const path of paths)
    orDocumented([ImageError], () =>
      authorizer.authorizeHttp({ method: 'GET', path, subject: 'user:alice' }),
    );
}

/** Head and hash as they would be written: what is behind them has to stand for itself. */
function forge(input: Buffer): Uint8Array {
  const bytes = new Uint8Array(input.length & ~7);
  bytes.set(input.subarray(0, bytes.length));
  const words = new Int32Array(bytes.buffer);
  if (words.length <= FIRST_HASHED_WORD) return bytes;
  words.set([MAGIC, LAYOUT_VERSION, bytes.length]);
  words.set(contentHash(words, FIRST_HASHED_WORD), FIRST_HASH_WORD);
  return bytes;
}

const ids = [
  'doc:/a',
  'doc:/a/b/c',
  'home:/bob/x',
  'dcos:secrets:default:/a/b',
  'a',
  '/a',
  'doc:',
  'x:y:z/1',
];
const requests = ['user:alice', 'user:bob', 'service:/a/b', undefined].flatMap((subject) =>
  ids.flatMap((resource) =>
    ['read', 'full'].map((action, i) => ({
      subject,
      action,
      resource: resource as string | undefined,
      ...(i === 0 ? {} : { groups: ['ops', 'staff'], context: { ip: '10.0.0.1', hour: 9, list: ['a'] } }),
    })),
  ),
);
const paths = ['/', '/pages/a', '/service/marathon/v2/apps', '/marathon/v2/apps/a/b', '/healthz'];
