import { createHook } from 'node:async_hooks';

/**
 * One object of those that `process.nextTick` makes, kept for ever so that the platform keeps their shape.
 *
 * Node makes such an object several times for each HTTP request, by a literal with computed keys. The compiled code for it
 * holds the shape weakly: if the heap is collected while no tick waits, which happens at the start of the service and when it
 * is idle, the shape is gone, and from then on the platform makes each of these objects by the slowest of its ways, as long
 * as the thread lives. That took 3 to 4 µs of each request, as much as the decision and the JSON together (bench/service.ts).
 *
 * It has to be kept before that happens: what starts to serve imports this first of all.
 */
export const keptTick: object | undefined = catchTick();

/** The hook is gone before anything else runs, so nothing is observed for longer. */
function catchTick(): object | undefined {
  let caught: object | undefined;
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'TickObject') caught = resource;
    },
  });
  hook.enable();
  process.nextTick(() => {});
  hook.disable();
  return caught;
}
