/** A history at the SDK's inbox: how the service answers each request for a page, and what happens meanwhile, as JSON. */

export interface InboxHistory {
  readonly seed: number;
  /** How each request for a page is answered, in order. After the last, all are answered rightly. */
  readonly answers: readonly PageAnswer[];
  readonly steps: readonly InboxStep[];
}

/** `again`: the newest page, whatever was asked for. `empty`: nothing, and more behind it. */
export type PageAnswer =
  | { readonly do: "right" | "empty" | "fail" | "never"; readonly ms: number }
  | { readonly do: "text"; readonly ms: number; readonly status: number; readonly text: string };

export type InboxStep =
  & { readonly afterMs: number }
  & (
    /** The service accepts another notification, and sends it. */
    | { readonly do: "notify"; readonly count: number }
    /** A frame with any text. */
    | { readonly do: "text"; readonly text: string }
    | { readonly do: "missed" | "cut" | "read all" | "load more" | "scroll" }
    /** The page marks the item at this index. */
    | { readonly do: "read" | "unread"; readonly at: number }
  );
