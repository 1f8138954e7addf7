import { createHook } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { keptTick } from '../src/service/http/steady-ticks.ts';

/** What `process.nextTick` makes now. */
function makeTick(): object | undefined {
  let made: object | undefined;
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'TickObject') made = resource;
    },
  }).enable();
  process.nextTick(() => {});
  hook.disable();
  return made;
}

test('ticks keep the shape of the one that is kept, though the heap is collected while none waits', async () => {
  setFlagsFromString('--expose-gc');
  setFlagsFromString('--allow-natives-syntax');
  const collect = runInNewContext('gc') as () => void;
  const haveSameShape = new Function('a', 'b', 'return %HaveSameMap(a, b)') as (
    a: unknown,
    b: unknown,
  ) => boolean;
  expect(keptTick).toMatchObject({ callback: expect.any(Function) });
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 1000; i++) process.nextTick(() => {});
    await sleep(1);
    collect();
    expect(haveSameShape(keptTick, makeTick())).toBe(true);
  }
});
