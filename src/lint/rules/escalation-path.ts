import type { RelatedLocation } from '../../diagnostics/diagnostic.ts';
import type { Rule, SubjectPattern } from '../../model/model.ts';
import { accountKeys } from '../facts/account-keys.ts';
import { describeSubjects } from '../facts/describe-subjects.ts';
import { factsOf, type PolicyFacts } from '../facts/policy-facts.ts';
import { RulePlaces } from '../facts/rule-places.ts';
import { type SecretAccess, SecretAccesses } from '../facts/secret-access.ts';
import { witness } from '../facts/witness.ts';
import { certificateReader, type Power, powers, superuserId } from '../knowledge/dcos.ts';
import { reportOnce } from '../report-once.ts';
import { defineRule, type PolicyContext, type Reported } from '../rule.ts';

export const escalationPath = defineRule({
  id: 'escalation-path',
  summary: 'a grant by which its holder comes to more than was granted',
  category: 'security',
  presets: { dcos: 'warning', strict: 'warning' },
  isProved: true,
  check: {
    of: 'policy',
    run(context) {
      new Escalation(context).report();
    },
  },
});

/** Every key of a strong account is held against all rules. */
const maxKeys = 500;

/** How an account is strong: the last step of a path, and whose strength it is from there on. */
interface Step {
  readonly text: string;
  readonly from?: string;
}

class Escalation {
  readonly #context: PolicyContext;
  readonly #facts: PolicyFacts;
  readonly #places: RulePlaces;
  readonly #report: (finding: Reported) => void;
  readonly #secrets: SecretAccesses;
  /** Single accounts that can come to everything, in the order found. */
  readonly #strong = new Map<string, Step>();

  constructor(context: PolicyContext) {
    this.#context = context;
    this.#facts = factsOf(context.model);
    this.#places = new RulePlaces(context);
    this.#report = reportOnce(context);
    this.#secrets = new SecretAccesses(this.#facts);
  }

  report(): void {
    this.#findSuperusers();
    for (const power of powers) {
      for (const rule of this.#facts.rulesOn(power.action, power.id)) {
        if (rule.effect === 'allow') this.#findPower(rule, power);
      }
    }
    this.#followKeys();
  }

  /** They are told by `superuser-grant`; here they are whose keys must be kept. */
  #findSuperusers(): void {
    const actions = this.#facts.schema.templateOf(superuserId)?.actions ?? ['full'];
    for (const action of actions) {
      for (const { effect, subjects } of this.#facts.rulesOn(action, superuserId)) {
        if (effect === 'deny') continue;
        this.#add(subjects, { text: `\`${action}\` on \`${superuserId}\` opens everything` });
      }
    }
  }

  #add(subjects: readonly SubjectPattern[], step: Step): void {
    for (const subject of subjects) {
      if (subject.kind === 'subject' && !this.#strong.has(subject.id)) this.#strong.set(subject.id, step);
    }
  }

  // -------------------------------------------------------------- power over accounts, certificates and state

  #findPower(rule: Rule, { id, action, means, kind }: Power): void {
    if (rule.resources.some((resource) => this.#facts.covers(resource, superuserId))) return;
    const holders = this.#facts.allowedSubjects(rule, action, id);
    const told = kind === 'ca' ? holders.filter((holder) => !this.#isServiceWithTls(holder)) : holders;
    this.#add(told, { text: `who has \`${action}\` on \`${id}\` may ${means}` });
    const place = told.length === 0 ? undefined : this.#places.ofGrant(rule);
    if (place === undefined) return;
    this.#report({
      file: place.file,
      span: place.resource,
      message: `${describeSubjects(told)} may ${means}`,
      related: [...place.related, ...this.#membersOf(told)],
      help: 'grant it like `dcos:superuser`, to those alone who are trusted with everything',
      proof: witness(told[0]!, action, id, `who is allowed this may ${means}`),
    });
  }

  /**
   * The account of a service that makes its own certificates and keeps them among its secrets: that much every guide asks for,
   * and DC/OS has nothing narrower to grant.
   */
  #isServiceWithTls(subject: SubjectPattern): boolean {
    const options = this.#context.settings.options.get('escalation-path');
    if (subject.kind !== 'subject' || options?.servicesWithTls === true) return false;
    const holdsReader = this.#facts
      .rulesOn('full', certificateReader)
      .some(({ effect, subjects }) => effect === 'allow' && subjects.some((each) => isSame(each, subject)));
    return holdsReader && this.#secrets.stores(subject.id);
  }

  #membersOf(subjects: readonly SubjectPattern[]): readonly RelatedLocation[] {
    return subjects.flatMap((subject) => {
      if (subject.kind !== 'group') return [];
      const group = this.#context.model.groups.find(({ name }) => name === subject.name);
      return group === undefined ? [] : [{ ...group.location, text: 'through this group' }];
    });
  }

  // -------------------------------------------------------------- keys of strong accounts

  /** Who reads the key of a strong account is as strong, and so is who reads theirs: breadth first. */
  #followKeys(): void {
    const keys = accountKeys(this.#facts, this.#context.settings);
    let left = maxKeys;
    // What is added on the way is reached too.
    for (const account of this.#strong.keys()) {
      for (const secret of keys.get(account) ?? []) {
        if (left-- <= 0) return;
        for (const access of this.#secrets.to(secret)) this.#findReader(access, secret, account);
      }
    }
  }

  #findReader({ rule, subjects, verb, request }: SecretAccess, secret: string, account: string): void {
    const others = subjects.filter(
      ({ kind, ...rest }) => kind !== 'subject' || !this.#strong.has((rest as { id: string }).id),
    );
    const place = others.length === 0 ? undefined : this.#places.ofGrant(rule);
    const text = `${verb} \`${secret}\`, the key of \`${account}\``;
    this.#add(others, { text, from: account });
    if (place === undefined) return;
    this.#report({
      file: place.file,
      span: place.resource,
      message: `${describeSubjects(others)} ${text}, and so become that account`,
      related: [...place.related, ...this.#membersOf(others)],
      help: 'keep the key of an account where only those come to it who may do as much',
      proof: witness(others[0]!, request.action, request.resource, `${text}; ${this.#pathOf(account)}`),
    });
  }

  #pathOf(account: string): string {
    const texts: string[] = [];
    let step = this.#strong.get(account);
    while (step !== undefined) {
      texts.push(step.text);
      step = step.from === undefined ? undefined : this.#strong.get(step.from);
    }
    return texts.join('; ');
  }
}

function isSame(a: SubjectPattern, b: SubjectPattern): boolean {
  return a.kind === 'subject' && b.kind === 'subject' && a.id === b.id;
}
