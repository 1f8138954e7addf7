/**
 * A pattern with variables as a program: count of elements │ count of those up to the last variable, then four words for
 * each element: kind │ code │ a │ b.
 *     TEXT      a = text, b = length
 *     GLOB      a = glob program
 *     VARIABLE, VARIABLE_MANY      a = where the variable stood before: 0 for the one that stood first most recently, 1 for
 *                                  the one before it, …; FIRST_PLACE where it has not stood before
 */
export const ELEMENT_ROOT = 0;
export const ELEMENT_TEXT = 1;
export const ELEMENT_GLOB = 2;
export const ELEMENT_ONE = 3;
export const ELEMENT_MANY = 4;
export const ELEMENT_VARIABLE = 5;
export const ELEMENT_VARIABLE_MANY = 6;
export const ELEMENT_SIZE = 4;
export const FIRST_ELEMENT = 2;
export const FIRST_PLACE = -1;
