import type { Authorizer } from '../authorizer.ts';
import type { Effect } from '../decision/decision.ts';
import type { HttpDecision } from '../decision/http.ts';
import type { Request } from '../decision/request.ts';
import type { Answer, Flip, Place } from './flip.ts';
import { mayHoldMask } from './masks.ts';
import { readAnswer } from './read-answer.ts';
import { type Question, type QuestionResult, readQuestion } from './read-question.ts';
import { type Recorded, readRecorded } from './read-recorded.ts';
import { Tally } from './tally.ts';

export type Engine = Pick<Authorizer, 'areAllowed' | 'decide' | 'authorizeHttp'>;

export interface ReplayerOptions {
  readonly engine: Engine;
  /** For decisions that were asked for in a mode of their own: undefined if the policy does not know it. */
  readonly engineIn: (mode: unknown) => Engine | undefined;
}

/** A line, or what keeps it from being one, as `LineSplitter` gives them. */
export type LogLine = string | { readonly fault: string };

export interface LineFault {
  readonly place: Place;
  readonly message: string;
}

/** What came of some lines: each list in their order. */
export interface Replay {
  readonly flips: readonly Flip[];
  readonly faults: readonly LineFault[];
}

/** A recorded request, with all that is needed if its answer differs. */
interface Pending {
  readonly recorded: Recorded;
  readonly place: Place;
  readonly request: Request;
}

interface Batch {
  readonly pending: Pending[];
  readonly flips: Flip[];
}

/**
 * Decides recorded decisions again by another policy. Keeps counts and no line: what it is given at once is decided at once,
 * and only answers that differ are asked for their reasons.
 */
export class Replayer {
  readonly tally = new Tally();
  readonly #options: ReplayerOptions;

  constructor(options: ReplayerOptions) {
    this.#options = options;
  }

  /** @param firstLine  the number of the first of these lines in its file, from 1 */
  replay(file: string, firstLine: number, lines: readonly LogLine[]): Replay {
    const batch: Batch = { pending: [], flips: [] };
    const faults: LineFault[] = [];
    for (const [i, text] of lines.entries()) {
      const place = { file, line: firstLine + i };
      const message = typeof text === 'string' ? this.#take(text, place, batch) : text.fault;
      if (message !== undefined) faults.push({ place, message });
    }
    this.tally.lines += lines.length;
    this.tally.faults += faults.length;
    this.#replayMany(batch);
    // Those that could not wait for the others came first.
    return { flips: batch.flips.sort((a, b) => a.place.line - b.place.line), faults };
  }

  /** Returns what is wrong with the line, if anything. */
  #take(text: string, place: Place, batch: Batch): string | undefined {
    const result = readRecorded(text);
    if (!result.ok) return result.message;
    const { recorded } = result;
    this.tally.countRecorded(recorded);
    const question = readQuestion(recorded, mayHoldMask(text));
    if (question.kind === 'fault') return question.message;
    if (question.kind === 'request' && recorded.members.mode === undefined)
      batch.pending.push({ recorded, place, request: question.request });
    else this.#replayOne(recorded, question, place, batch.flips);
    return undefined;
  }

  #replayMany({ pending, flips }: Batch): void {
    const { engine } = this.#options;
    const answers = engine.areAllowed(pending.map(({ request }) => request));
    for (const [i, { recorded, place, request }] of pending.entries()) {
      this.#count(recorded);
      if (answers[i] === (recorded.effect === 'allow')) continue;
      this.#add(recorded, place, request, engine.decide(request), flips);
    }
  }

  /** What cannot be decided with many others. */
  #replayOne(
    recorded: Recorded,
    question: Exclude<QuestionResult, { readonly kind: 'fault' }>,
    place: Place,
    flips: Flip[],
  ): void {
    const { tally } = this;
    if (question.kind === 'obstacle') {
      tally.obstacles[question.obstacle]++;
      return;
    }
    const { mode } = recorded.members;
    const engine = mode === undefined ? this.#options.engine : this.#options.engineIn(mode);
    if (engine === undefined) {
      tally.obstacles['unknown-mode']++;
      return;
    }
    const answer = ask(engine, question);
    if (question.kind === 'masked-request' && question.isRead()) {
      tally.obstacles.masked++;
      return;
    }
    this.#count(recorded);
    if (answer.decision !== recorded.effect) this.#add(recorded, place, question.request, answer, flips);
  }

  #count({ members: { sample } }: Recorded): void {
    this.tally.replayed++;
    if (isShare(sample)) this.tally.sampled++;
  }

  #add(recorded: Recorded, place: Place, request: Flip['request'], after: Answer, flips: Flip[]): void {
    const { effect, members, timeMs } = recorded;
    const { requestId, sample } = members;
    const flip: Flip = {
      direction: directionFrom(effect),
      place,
      timeMs,
      requestId: typeof requestId === 'string' ? requestId : undefined,
      weight: isShare(sample) ? 1 / sample : 1,
      request,
      before: readAnswer(recorded),
      after,
    };
    this.tally.countFlip(flip);
    flips.push(flip);
  }
}

function ask(engine: Engine, question: Question): Answer {
  return question.kind === 'http'
    ? answerOf(engine.authorizeHttp(question.request))
    : engine.decide(question.request);
}

/** The answer of the routes with the rule of the requirement that decided, if one did. */
function answerOf({ decision, reason, requirements }: HttpDecision): Answer {
  const deciding = requirements.find((one) => one.decision.decision === 'deny') ?? requirements.at(-1);
  return deciding?.decision ?? { decision, reason };
}

function directionFrom(effect: Effect): Flip['direction'] {
  return effect === 'allow' ? 'allow-to-deny' : 'deny-to-allow';
}

/** Of a log that holds one decision in so many. */
function isShare(sample: unknown): sample is number {
  return typeof sample === 'number' && sample > 0 && sample < 1;
}
