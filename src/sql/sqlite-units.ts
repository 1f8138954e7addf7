import { FIRST_UNIT } from './code-points.ts';
import { type SqlText, sql } from './sql-condition.ts';

/** The first bytes of four: of characters that have two UTF-16 units, and of no others. Functions on text replace bytes. */
const LEADS = ['F0', 'F1', 'F2', 'F3', 'F4'].map((byte) => `CAST(x'${byte}' AS TEXT)`);

/** How many UTF-16 units a text in UTF-8 has. */
export function unitsOf(id: SqlText): SqlText {
  const others = LEADS.reduce<SqlText>((text, lead) => sql`replace(${text}, ${[lead]}, '')`, id);
  return sql`length(${id}) + length(CAST(${id} AS BLOB)) - length(CAST(${others} AS BLOB))`;
}

/** The text with as many characters as it has UTF-16 units: as `spreadUnits` writes it. */
export function spreadText(id: SqlText): SqlText {
  const unit = [`char(${FIRST_UNIT.charCodeAt(0)})`];
  return LEADS.reduce<SqlText>((text, lead) => sql`replace(${text}, ${[lead]}, ${unit} || ${[lead]})`, id);
}
