/** The part of the package that gen-diagram.ts uses; it has no types of its own. */
declare module 'railroad-diagrams' {
  export interface Item {
    toString(): string;
  }
  const api: {
    Diagram(...items: Item[]): Item;
    Sequence(...items: Item[]): Item;
    Choice(normal: number, ...items: Item[]): Item;
    Optional(item: Item): Item;
    OneOrMore(item: Item): Item;
    ZeroOrMore(item: Item): Item;
    Terminal(text: string): Item;
    NonTerminal(text: string): Item;
  };
  export default api;
}
