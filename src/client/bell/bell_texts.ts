/** The texts of the bell. A page replaces them to speak another language. */

export interface BellTexts {
  /** The name of the button and of the panel, and the panel's heading. */
  readonly title: string;
  /** The name of the button while something is unread. */
  readonly titleUnread: string;
  readonly readAll: string;
  readonly more: string;
  readonly moreFailed: string;
  readonly unread: string;
  readonly markRead: string;
  readonly markUnread: string;
  /** A notification without anything to show. */
  readonly untitled: string;
  /** What a screen reader says when one notification, or several, have arrived. */
  readonly arrived: string;
  readonly arrivedMany: string;
  readonly loading: string;
  readonly empty: string;
  readonly offline: string;
  readonly unreachable: string;
  readonly signedOut: string;
  readonly failed: string;
}
