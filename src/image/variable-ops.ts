/**
 * A pattern with variables as a program: count of elements, then four words each: kind │ code │ a │ b.
 *     TEXT      a = text, b = length
 *     GLOB      a = glob program
 *     VARIABLE, VARIABLE_MANY      a = number of the variable
 */
export const ELEMENT = {
  root: 0,
  text: 1,
  glob: 2,
  one: 3,
  many: 4,
  variable: 5,
  variableMany: 6,
  size: 4,
} as const;
