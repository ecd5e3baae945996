/** What a notification asks of Web Push. */
export interface PushRequest {
  /** Seconds from the notification to the push, which is not sent if the target has acked or read it by then. */
  readonly after: number;
  /** Null: the string of the same name in `data`, else the name of the site. */
  readonly title: string | null;
  /** Null: the string of the same name in `data`, else none. */
  readonly body: string | null;
  /** Where a click leads, an absolute or relative URL. Null: the string of the same name in `data`, else the site. */
  readonly navigate: string | null;
}
