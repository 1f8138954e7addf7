import type { Span } from '../source/span.ts';
import type {
  EntityStatement,
  GroupStatement,
  ImportStatement,
  ModeStatement,
  RequirementNode,
  RouteStatement,
  Statement,
  SubjectNode,
  TestCaseNode,
  TestStatement,
} from './ast.ts';
import { NamespaceGrammar } from './namespace-grammar.ts';
import type { ItemKind } from './recovering-parser.ts';
import { type Decorations, undecorated } from './rule-grammar.ts';
import {
  Allow,
  Comma,
  Deny,
  Effect,
  Entity,
  Group,
  Id,
  Import,
  LCurly,
  Mode,
  Name,
  On,
  Open,
  RCurly,
  Requires,
  Route,
  StringLiteral,
  Test,
  To,
  With,
} from './tokens.ts';

const testItem: ItemKind = {
  expected: '`allow` or `deny`',
  begins: (first) => first.tokenType === Allow || first.tokenType === Deny,
};
const memberItem: ItemKind = { expected: '`,` or `}`', isList: true, begins: () => false };

/** The whole language: what may stand in a file. */
export class PolicyGrammar extends NamespaceGrammar {
  constructor() {
    super();
    this.performSelfAnalysis();
  }

  /** `{ statement }`: a mistake costs one statement and not the file. */
  readonly policy = this.RULE('policy', (): Statement[] => {
    const statements: Statement[] = [];
    do {
      this.MANY(() => {
        const statement = this.recovering(() => this.SUBRULE(this.statement), this.skipStatement);
        if (statement !== undefined) statements.push(statement);
      });
    } while (this.ACTION(() => this.skipToStatement()) === true);
    return statements;
  });

  protected readonly statement = this.RULE('statement', (): Statement => {
    const decorations = this.SUBRULE(this.decorations);
    const ARGS: [Decorations] = [decorations];
    return this.OR({
      DEF: [
        { ALT: () => this.SUBRULE(this.rule, { ARGS }) },
        { ALT: () => this.SUBRULE(this.grant, { ARGS }) },
        { ALT: () => this.SUBRULE(this.group, { ARGS }) },
        { ALT: () => this.SUBRULE(this.role, { ARGS }) },
        { ALT: () => this.SUBRULE(this.import, { ARGS }) },
        { ALT: () => this.SUBRULE(this.mode, { ARGS }) },
        { ALT: () => this.SUBRULE(this.ruleset, { ARGS }) },
        { ALT: () => this.SUBRULE(this.namespace, { ARGS }) },
        { ALT: () => this.SUBRULE(this.action, { ARGS }) },
        { ALT: () => this.SUBRULE(this.route, { ARGS }) },
        { ALT: () => this.SUBRULE(this.entity, { ARGS }) },
        { ALT: () => this.SUBRULE(this.test, { ARGS }) },
      ],
      ERR_MSG: 'a statement',
    });
  });

  protected readonly import = this.RULE(
    'import',
    (decorations: Decorations = undecorated): ImportStatement => {
      const keyword = this.CONSUME(Import);
      const path = this.stringOf(this.CONSUME(StringLiteral, { ERR_MSG: 'a quoted path' }));
      return { kind: 'import', ...decorations, path, span: this.spanFrom(keyword.startOffset) };
    },
  );

  protected readonly mode = this.RULE('mode', (decorations: Decorations = undecorated): ModeStatement => {
    const keyword = this.CONSUME(Mode);
    this.refuseStatement('the name of a mode');
    const name = this.nameOf(this.CONSUME(Name, { ERR_MSG: 'the name of a mode' }));
    return { kind: 'mode', ...decorations, name, span: this.spanFrom(keyword.startOffset) };
  });

  /** `"group" name "{" [ subject { "," subject } [ "," ] ] "}"` */
  protected readonly group = this.RULE('group', (decorations: Decorations = undecorated): GroupStatement => {
    const keyword = this.CONSUME(Group);
    this.refuseStatement('the name of the group');
    const name = this.nameOf(this.CONSUME(Name, { ERR_MSG: 'the name of the group' }));
    const open = this.CONSUME(LCurly);
    const members: SubjectNode[] = [];
    this.OPTION({
      GATE: () => !this.endsBlock(memberItem, open),
      DEF: () =>
        this.recovering(
          () => this.SUBRULE(this.members, { ARGS: [members] }),
          () => this.skipItem(memberItem, open),
        ),
    });
    this.ACTION(() => this.skipToItem(memberItem, open));
    this.closeBlock(open);
    return { kind: 'group', ...decorations, name, members, span: this.spanFrom(keyword.startOffset) };
  });

  /** Fills the list it is given, so that a mistake in the middle keeps what came before. */
  protected readonly members = this.RULE('members', (members: SubjectNode[] = []): void => {
    members.push(this.SUBRULE(this.subject));
    this.MANY({
      GATE: () => this.LA(2).tokenType !== RCurly && !this.isStatementStartAt(2),
      DEF: () => {
        this.CONSUME(Comma);
        members.push(this.SUBRULE2(this.subject));
      },
    });
    this.OPTION(() => this.CONSUME2(Comma));
  });

  // -------------------------------------------------------------- routes, entities, tests

  /** `"route" method path ( "open" | "requires" requirement { "," requirement } )` */
  protected readonly route = this.RULE('route', (decorations: Decorations = undecorated): RouteStatement => {
    const keyword = this.CONSUME(Route);
    this.refuseStatement('`any` or a method');
    const method = this.nameOf(this.CONSUME(Name, { ERR_MSG: '`any` or a method' }));
    const path = this.stringOf(this.CONSUME(StringLiteral, { ERR_MSG: 'a quoted path' }));
    const requirements = this.OR({
      DEF: [
        {
          ALT: () => {
            this.CONSUME(Requires);
            return this.SUBRULE(this.requirements);
          },
        },
        {
          ALT: () => {
            this.CONSUME(Open);
            return [];
          },
        },
      ],
      ERR_MSG: '`requires` or `open`',
    });
    const span = this.spanFrom(keyword.startOffset);
    return { kind: 'route', ...decorations, method, path, requirements, span };
  });

  protected readonly requirements = this.RULE('requirements', (): RequirementNode[] => {
    const requirements = [this.SUBRULE(this.requirement)];
    this.MANY({
      GATE: () => this.LA(3).tokenType === On || !this.isStatementStartAt(2),
      DEF: () => {
        this.CONSUME(Comma);
        requirements.push(this.SUBRULE2(this.requirement));
      },
    });
    this.OPTION(() => this.CONSUME2(Comma));
    return requirements;
  });

  protected readonly requirement = this.RULE('requirement', (): RequirementNode => {
    const token = this.CONSUME(Name, { ERR_MSG: 'an action' });
    const action = this.nameOf(token);
    this.CONSUME(On);
    const resource = this.SUBRULE(this.resourceId);
    return { action, resource, span: this.spanFrom(token.startOffset) };
  });

  protected readonly entity = this.RULE(
    'entity',
    (decorations: Decorations = undecorated): EntityStatement => {
      const keyword = this.CONSUME(Entity);
      this.refuseStatement('an id');
      const id = this.patternOf(this.CONSUME(Id, { ERR_MSG: 'an id' }));
      const attributes = this.recovering(() => this.SUBRULE(this.object), this.skipObject);
      const span = this.spanFrom(keyword.startOffset);
      return { kind: 'entity', ...decorations, id, attributes: attributes ?? emptyObject(span), span };
    },
  );

  /** `"test" string "{" { case } "}"` */
  protected readonly test = this.RULE('test', (decorations: Decorations = undecorated): TestStatement => {
    const keyword = this.CONSUME(Test);
    const title = this.stringOf(this.CONSUME(StringLiteral, { ERR_MSG: 'a quoted title' }));
    const open = this.CONSUME(LCurly);
    const cases: TestCaseNode[] = [];
    const skip = (): void => this.skipItem(testItem, open);
    do {
      this.MANY({
        GATE: () => !this.endsBlock(testItem, open),
        DEF: () => {
          const found = this.recovering(() => this.SUBRULE(this.testCase), skip);
          if (found !== undefined) cases.push(found);
        },
      });
    } while (this.ACTION(() => this.skipToItem(testItem, open)) === true);
    this.closeBlock(open);
    return { kind: 'test', ...decorations, title, cases, span: this.spanFrom(keyword.startOffset) };
  });

  /** `( "allow" | "deny" ) subject "to" action "on" id [ "with" object ]` */
  protected readonly testCase = this.RULE('testCase', (): TestCaseNode => {
    const effect = this.CONSUME(Effect);
    const subject = this.SUBRULE(this.subject);
    this.CONSUME(To);
    const action = this.nameOf(this.CONSUME(Name, { ERR_MSG: 'an action' }));
    this.CONSUME(On);
    const resource = this.SUBRULE(this.resourceId);
    const attributes = this.OPTION(() => {
      this.CONSUME(With);
      return this.recovering(() => this.SUBRULE(this.object), this.skipObject);
    });
    return {
      expected: effect.tokenType === Allow ? 'allow' : 'deny',
      subject,
      action,
      resource,
      ...(attributes !== undefined ? { with: attributes } : {}),
      span: this.spanFrom(effect.startOffset),
    };
  });
}

function emptyObject(span: Span): EntityStatement['attributes'] {
  return { kind: 'object', entries: [], span };
}
