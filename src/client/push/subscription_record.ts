/** What this browser remembers of its subscription. The page writes it, and the service worker renews by it. */

export interface SubscriptionRecord {
  /** The URL of the service. */
  readonly url: string;
  /** The public key of the service. */
  readonly key: string;
  /** The service's id of the subscription. */
  readonly id: string;
  /** The user whose pushes arrive; null: not known yet. */
  readonly target: string | null;
  readonly endpoint: string;
  /** The secret that proves to the service that a renewal comes from this browser. */
  readonly auth: string;
  /** The time of the last post, by this browser's clock. */
  readonly postedAt: number;
}

/*
 * It is in IndexedDB and not in the Cache API, because many service workers delete every cache that they do not know.
 * The key is the scope, because an origin may have several service workers.
 */
const DATABASE = "tidings", STORE = "push";

export async function loadRecord(scope: string): Promise<SubscriptionRecord | undefined> {
  return await transact("readonly", (store) => store.get(scope));
}

export async function saveRecord(scope: string, record: SubscriptionRecord): Promise<void> {
  await transact("readwrite", (store) => store.put(record, scope));
}

export async function deleteRecord(scope: string): Promise<void> {
  await transact("readwrite", (store) => store.delete(scope));
}

function transact<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction(STORE, mode);
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
      opening.result.close(); // takes effect after the transaction
    };
  });
}
