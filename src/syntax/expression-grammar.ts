import type { IToken } from 'chevrotain';
import type { Span } from '../source/span.ts';
import type { DataNode, ExpressionNode, NameNode, ObjectNode } from './ast.ts';
import { buildBinary, findTooDeep, parseNumber, type Tail } from './build-expression.ts';
import { maxNesting } from './lexer.ts';
import { RecoveringParser, spanOf } from './recovering-parser.ts';
import {
  BooleanLiteral,
  Colon,
  Comma,
  Dot,
  GroupReference,
  Has,
  Identifier,
  Key,
  LBracket,
  LParen,
  lexerModes,
  Not,
  Null,
  NumberLiteral,
  ObjectClose,
  ObjectOpen,
  Operator,
  RBracket,
  RParen,
  StringLiteral,
  TooDeep,
  Unless,
  When,
} from './tokens.ts';

/** The conditions of one rule or grant; the parts that were not written are absent. */
export interface Conditions {
  readonly when?: ExpressionNode;
  readonly unless?: ExpressionNode;
}

const noConditions: Conditions = {};
const objectTypes = new Set([...lexerModes.object!, TooDeep]);
const endOfList = { ERR_MSG: '`,` or `]`' };
const endOfArguments = { ERR_MSG: '`,` or `)`' };
const endOfParentheses = { ERR_MSG: '`)`' };
const endOfObject = { ERR_MSG: '`,` or `}`' };

/** Conditions and data. */
export abstract class ExpressionGrammar extends RecoveringParser {
  /** `( "when" E | "unless" E )*`, each at most once, in either order. */
  protected readonly conditions = this.RULE('conditions', (): Conditions => {
    let conditions = noConditions;
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            const keyword = this.CONSUME(When);
            const when = this.SUBRULE(this.condition);
            if (conditions.when !== undefined) this.reportRepeated(keyword);
            conditions = { ...conditions, when };
          },
        },
        {
          ALT: () => {
            const keyword = this.CONSUME(Unless);
            const unless = this.SUBRULE2(this.condition);
            if (conditions.unless !== undefined) this.reportRepeated(keyword);
            conditions = { ...conditions, unless };
          },
        },
      ]);
    });
    return conditions;
  });

  /** A whole condition: an expression whose tree is not deeper than whoever walks it can bear. */
  readonly condition = this.RULE('condition', (): ExpressionNode => {
    const expression = this.SUBRULE(this.expression);
    return this.ACTION(() => this.refuseTooDeep(expression));
  });

  /** `operand ( operator operand | "has" name )*`; `buildBinary` knows the precedence. */
  protected readonly expression = this.RULE('expression', (): ExpressionNode => {
    const first = this.SUBRULE(this.operand);
    const tails: Tail[] = [];
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            const operator = this.CONSUME(Has);
            tails.push({ operator, name: this.nameOf(this.CONSUME(Key)) });
          },
        },
        {
          ALT: () => {
            const operator = this.CONSUME(Operator);
            tails.push({ operator, right: this.SUBRULE2(this.operand) });
          },
        },
      ]);
    });
    return this.ACTION(() => (tails.length === 0 ? first : buildBinary(first, tails, this.report)));
  });

  /** `"!"* primary ( "." name )*` */
  protected readonly operand = this.RULE('operand', (): ExpressionNode => {
    const nots: IToken[] = [];
    this.MANY(() => {
      nots.push(this.CONSUME(Not));
    });
    let node = this.SUBRULE(this.primary);
    this.MANY2(() => {
      this.CONSUME(Dot);
      const name = this.nameOf(this.CONSUME(Key));
      node = this.ACTION(() => attributeOf(node, name));
    });
    return this.ACTION(() => nots.reduceRight(negate, node));
  });

  protected readonly primary = this.RULE(
    'primary',
    (): ExpressionNode =>
      this.OR({
        DEF: [
          { ALT: () => this.SUBRULE(this.rootOrCall) },
          { ALT: () => this.stringValueOf(this.CONSUME(StringLiteral)) },
          { ALT: () => this.numberOf(this.CONSUME(NumberLiteral)) },
          { ALT: () => booleanOf(this.CONSUME(BooleanLiteral)) },
          { ALT: () => this.groupOf(this.CONSUME(GroupReference)) },
          { ALT: () => this.SUBRULE(this.list) },
          { ALT: () => this.SUBRULE(this.parenthesis) },
        ],
        ERR_MSG: 'a condition',
      }),
  );

  /** A root such as `context`, or a constant such as `cidr("10.0.0.0/8")`. */
  protected readonly rootOrCall = this.RULE('rootOrCall', (): ExpressionNode => {
    const token = this.CONSUME(Identifier);
    const items: ExpressionNode[] = [];
    let isCall = false;
    this.OPTION(() => {
      isCall = true;
      this.CONSUME(LParen);
      this.OPTION2(() => {
        items.push(this.SUBRULE(this.expression));
        this.MANY({
          GATE: () => this.LA(2).tokenType !== RParen,
          DEF: () => {
            this.CONSUME(Comma);
            items.push(this.SUBRULE2(this.expression));
          },
        });
        this.OPTION3(() => this.CONSUME2(Comma));
      });
      this.CONSUME(RParen, endOfArguments);
    });
    if (!isCall) return { kind: 'root', name: token.image, span: spanOf(token) };
    const callee: NameNode = { text: token.image, span: spanOf(token) };
    return { kind: 'call', callee, arguments: items, span: this.spanFrom(token.startOffset) };
  });

  protected readonly list = this.RULE('list', (): ExpressionNode => {
    const open = this.CONSUME(LBracket);
    const items: ExpressionNode[] = [];
    this.OPTION(() => {
      items.push(this.SUBRULE(this.expression));
      this.MANY({
        GATE: () => this.LA(2).tokenType !== RBracket,
        DEF: () => {
          this.CONSUME(Comma);
          items.push(this.SUBRULE2(this.expression));
        },
      });
      this.OPTION2(() => this.CONSUME2(Comma));
    });
    this.CONSUME(RBracket, endOfList);
    return { kind: 'list', items, span: this.spanFrom(open.startOffset) };
  });

  protected readonly parenthesis = this.RULE('parenthesis', (): ExpressionNode => {
    this.CONSUME(LParen);
    const inner = this.SUBRULE(this.expression);
    this.CONSUME(RParen, endOfParentheses);
    return inner;
  });

  // -------------------------------------------------------------- data

  /** `{ key: value, … }` */
  readonly object = this.RULE('object', (): ObjectNode => {
    const open = this.CONSUME(ObjectOpen);
    const entries: ObjectNode['entries'][number][] = [];
    this.OPTION(() => {
      entries.push(this.SUBRULE(this.entry));
      this.MANY({
        GATE: () => this.LA(2).tokenType !== ObjectClose,
        DEF: () => {
          this.CONSUME(Comma);
          entries.push(this.SUBRULE2(this.entry));
        },
      });
      this.OPTION2(() => this.CONSUME2(Comma));
    });
    this.CONSUME(ObjectClose, endOfObject);
    return { kind: 'object', entries, span: this.spanFrom(open.startOffset) };
  });

  protected readonly entry = this.RULE('entry', (): ObjectNode['entries'][number] => {
    const key = this.nameOf(this.CONSUME(Key));
    this.CONSUME(Colon);
    return { key, value: this.SUBRULE(this.data) };
  });

  protected readonly data = this.RULE(
    'data',
    (): DataNode =>
      this.OR({
        DEF: [
          { ALT: () => this.stringValueOf(this.CONSUME(StringLiteral)) },
          { ALT: () => this.numberOf(this.CONSUME(NumberLiteral)) },
          { ALT: () => booleanOf(this.CONSUME(BooleanLiteral)) },
          { ALT: () => nullOf(this.CONSUME(Null)) },
          { ALT: () => this.SUBRULE(this.dataList) },
          { ALT: () => this.SUBRULE(this.object) },
        ],
        ERR_MSG: 'a value',
      }),
  );

  protected readonly dataList = this.RULE('dataList', (): DataNode => {
    const open = this.CONSUME(LBracket);
    const items: DataNode[] = [];
    this.OPTION(() => {
      items.push(this.SUBRULE(this.data));
      this.MANY({
        GATE: () => this.LA(2).tokenType !== RBracket,
        DEF: () => {
          this.CONSUME(Comma);
          items.push(this.SUBRULE2(this.data));
        },
      });
      this.OPTION2(() => this.CONSUME2(Comma));
    });
    this.CONSUME(RBracket, endOfList);
    return { kind: 'list', items, span: this.spanFrom(open.startOffset) };
  });

  // -------------------------------------------------------------- actions

  /** Skips the rest of an object with a mistake: whatever the lexer read in its mode. */
  protected readonly skipObject = (): void => {
    while (this.LA(1).payload === undefined && objectTypes.has(this.LA(1).tokenType)) this.SKIP_TOKEN();
  };

  private stringValueOf(token: IToken): { kind: 'string'; value: string; span: Span } {
    return { kind: 'string', ...this.stringOf(token) };
  }

  private numberOf(token: IToken): { kind: 'number'; value: number; span: Span } {
    const span = spanOf(token);
    const value = this.RECORDING_PHASE ? 0 : parseNumber(token.image, span, this.report);
    return { kind: 'number', value, span };
  }

  private groupOf(token: IToken): ExpressionNode {
    const prefix = 'group:'.length;
    const name = this.nameOf({
      ...token,
      image: token.image.slice(prefix),
      startOffset: token.startOffset + prefix,
    });
    return { kind: 'group', name: name.text, span: spanOf(token) };
  }

  private reportRepeated(keyword: IToken): void {
    if (this.RECORDING_PHASE) return;
    this.report({
      code: 'P0004',
      span: spanOf(keyword),
      message: `second \`${keyword.image}\` in one rule`,
      help: 'join the conditions with `&&` or `||`',
    });
  }

  /** Replaces a tree deeper than the limit (S51) by a constant: the file is refused, but later stages still see it. */
  private refuseTooDeep(expression: ExpressionNode): ExpressionNode {
    // A tree is no deeper than it has units of text, and nearly every condition is shorter than the limit.
    const { start, end } = expression.span;
    if (end - start <= maxNesting) return expression;
    const deep = findTooDeep(expression, maxNesting);
    if (deep === undefined) return expression;
    this.report({
      code: 'P3003',
      span: deep.span,
      message: `condition nested more than ${maxNesting} deep`,
      help: 'a chain of operators nests too: write several rules, or a list behind `in`',
    });
    return { kind: 'boolean', value: false, span: expression.span };
  }
}

function nullOf(token: IToken): DataNode {
  return { kind: 'null', span: spanOf(token) };
}

function booleanOf(token: IToken): { kind: 'boolean'; value: boolean; span: Span } {
  return { kind: 'boolean', value: token.image === 'true', span: spanOf(token) };
}

function attributeOf(target: ExpressionNode, name: NameNode): ExpressionNode {
  return { kind: 'attribute', target, name, span: { start: target.span.start, end: name.span.end } };
}

function negate(operand: ExpressionNode, not: IToken): ExpressionNode {
  return { kind: 'not', operand, span: { start: not.startOffset, end: operand.span.end } };
}
