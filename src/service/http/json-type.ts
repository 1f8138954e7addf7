/** The media type of our answers. */
export const jsonType = 'application/json; charset=utf-8';
