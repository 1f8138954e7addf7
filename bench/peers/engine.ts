import type { Policy, Requests } from './workload.ts';

/** One way to answer the requests. Each runs in a process of its own. */
export interface Engine {
  readonly name: string;
  readonly version: string;
  /** How the grants are expressed, and what this way of expressing them leaves out. */
  readonly note: string;
  build(policy: Policy): Decider | Promise<Decider>;
}

/** An engine that knows the grants. */
export interface Decider {
  /** Decisions made by one call: one, or the size of a batch. */
  readonly decisionsPerCall: number;
  /** Puts requests into the form in which a caller of this engine has them. Not part of what is measured. */
  bind(requests: Requests): Round;
  /** What else it knows about itself. */
  readonly figures?: Figures;
}

/** Decides requests `first` to `end` and writes 1 for each that is allowed, else 0, at the same places of `answers`. */
export type Round = (first: number, end: number, answers: Uint8Array) => void;

/** Figures that only Postern has, since only it compiles to an image. */
export interface Figures {
  readonly compileMs: number;
  readonly loadMs: number;
  readonly imageBytes: number;
  readonly decisionIndexBytes: number;
}

/** The decider of an engine that answers one request a call, in strings. */
export function oneByOne(isAllowed: (subject: string, action: string, resource: string) => boolean): Decider {
  return {
    decisionsPerCall: 1,
    bind: ({ subjects, actions, resources }) => {
      return (first, end, answers) => {
        for (let i = first; i < end; i++)
          answers[i] = isAllowed(subjects[i]!, actions[i]!, resources[i]!) ? 1 : 0;
      };
    },
  };
}
