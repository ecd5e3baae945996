/** A mutation: an edit of the product that breaks one of its promises, which the simulation has to notice. */

export interface Mutation {
  /** The source, from `src/`. */
  readonly file: string;
  /** The text that is there exactly once. */
  readonly find: string;
  readonly replace: string;
  /** What goes wrong for whom. */
  readonly breaks: string;
}
