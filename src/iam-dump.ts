export { writeDump } from './interop/dcos/grants/write-dump.ts';
export { dumpOfState } from './interop/dcos/iam/dump-of-state.ts';
export { operationsOfDump } from './interop/dcos/iam/operations-of-dump.ts';
export { readStateDump, type StateDump } from './interop/dcos/iam/read-state-dump.ts';
