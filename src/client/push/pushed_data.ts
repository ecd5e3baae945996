/** The data of a notification that a push has shown. */

export interface PushedData {
  readonly id: string;
  /** The user that the push was for. */
  readonly target?: string;
  readonly position?: string;
  /** Where a click leads. Its presence tells the notification from those of the application. */
  readonly tidingsNavigate: string;
}

export function isPushed({ data }: { readonly data: unknown }): boolean {
  return typeof Object(data).tidingsNavigate === "string";
}
