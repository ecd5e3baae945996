/** What sources ask of a publisher's allowance, before they accept what it sends. */

/** Counts notifications. */
export interface NotificationAllowance {
  /**
   * Takes so many notifications, each target counted.
   *
   * @throws {Problem} `quota-exceeded`, or `does-not-fit` if there can never be as many at once
   */
  takeNotifications(count: number): void;
}

/** Counts what comes over a connection that was authorized as a whole: its frames or messages are requests too. */
export interface PublisherAllowance extends NotificationAllowance {
  /** @throws {Problem} `quota-exceeded` */
  takeRequest(): void;
  /** Refuses what would publish although nothing can be published now. @throws {Problem} `quota-exceeded` */
  requireNotifications(): void;
}

/** Has lines wait instead of refusing them. */
export interface LineAllowance {
  /** As many notifications as should wait together. */
  readonly notificationsAtATime: number;
  /** @throws {Problem} `does-not-fit` if there can never be as many at once */
  requireFit(count: number): void;
  /** Takes so many when there are as many. Resolves with false, and takes none, if the node begins to stop. */
  waitForNotifications(count: number): Promise<boolean>;
}
