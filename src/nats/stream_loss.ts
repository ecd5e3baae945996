/** The loss of what a stream held. */

/** Why something that a stream held is lost. */
export interface StreamLoss {
  readonly stream: string;
  readonly reason: "missing" | "replaced" | "rolled back";
}
