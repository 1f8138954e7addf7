/**
 * A pattern with variables as a program: count of elements, then four words each: kind │ code │ a │ b.
 *     TEXT      a = text, b = length
 *     GLOB      a = glob program
 *     VARIABLE, VARIABLE_MANY      a = number of the variable
 */
export const ELEMENT_ROOT = 0;
export const ELEMENT_TEXT = 1;
export const ELEMENT_GLOB = 2;
export const ELEMENT_ONE = 3;
export const ELEMENT_MANY = 4;
export const ELEMENT_VARIABLE = 5;
export const ELEMENT_VARIABLE_MANY = 6;
export const ELEMENT_SIZE = 4;
