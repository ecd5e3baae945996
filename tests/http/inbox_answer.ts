/** The parts of an answer of `GET /v1/inbox` that tests read. */
export interface InboxAnswer {
  readonly target: string;
  readonly unread: number;
  readonly position: string;
  readonly through: string | null;
  readonly notifications: readonly {
    readonly id: string;
    readonly position: string;
    readonly read: boolean;
  }[];
  readonly more: boolean;
}
